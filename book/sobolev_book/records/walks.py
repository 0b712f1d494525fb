"""What a robot does in evaluated episodes, and whether it earns what its critics claim."""

import math

import numpy as np
import torch

from sobolev_book import rewarped
from sobolev_book.records.atomic import written
from sobolev_mini.envs import MuJoCo
from sobolev_mini.envs.rollout import rollout
from sobolev_mini.recording import starts

WORTHLESS = 1e-3  # a claim is followed until what comes after is worth so little of the return


def posture(env, s):
    """Return the torso's height (...) in metres and its tilt (...) in degrees, at s (..., n_s)."""
    if not isinstance(env, MuJoCo):
        up = rewarped.upright(s)
    elif env.quaternion is None:  # planar: height, pitch
        return s[..., 0], s[..., 1].abs().rad2deg()
    else:
        _, x, y, _ = s[..., env.quaternion : env.quaternion + 4].unbind(dim=-1)
        up = 1 - 2 * (x**2 + y**2)
    return s[..., 0], up.clamp(-1, 1).acos().rad2deg()


def _ahead(env, step, effort):
    """Return the speed ahead (...) of a step, metres a second."""
    if not isinstance(env, MuJoCo):
        return step.s_next[..., rewarped.SPEEDS][..., 0]
    return step.r - env.robot.alive * ~step.terminated + env.robot.cost * effort


@torch.no_grad()
def walks(run):
    """Return what the greedy policy of ``run`` does, name -> (S,): a probe, means over evaluated episodes.

    "return", "length" (steps), "high" and "low" (shares of the episodes that end above the allowed height, or
    otherwise before the time limit), "distance" (metres), "height" (metres), "tilt" (degrees) and "effort"
    (sum of the squared actions), the last three as means over a step.
    """
    env = run.env
    s = starts(env, run.config.episodes).expand(run.n_seeds, -1, -1)
    names = ("length", "high", "low", "distance", "height", "tilt", "effort")
    sums = {name: torch.zeros(s.shape[:-1], dtype=env.dtype, device=env.device) for name in names}
    bounds = env.robot.within if isinstance(env, MuJoCo) else {}
    ceiling = max((high for i, (_, high) in bounds.items() if i < 3), default=math.inf)

    def watch(step, a, alive):
        height, tilt = posture(env, step.s_next)
        effort, over = (env.within(a) ** 2).sum(dim=-1), height > ceiling
        new = {"length": 1.0, "high": (step.terminated & over).to(env.dtype), "height": height, "tilt": tilt,
               "low": (step.terminated & ~over).to(env.dtype), "effort": effort,
               "distance": env.dt * _ahead(env, step, effort)}  # fmt: skip
        for name, x in new.items():
            sums[name] += torch.where(alive, x, 0.0)

    sums["return"] = rollout(env, s, run.actor, env.time_limit, watch)
    for name in ("height", "tilt", "effort"):
        sums[name] /= sums["length"]
    return {name: x.mean(dim=1) for name, x in sums.items()}


def claims(run, s):
    """Return what critics claim and what the policy earns from states s (N, n_s), name -> (S, N) NumPy.

    "claimed" is the critics' mean value of the greedy action. "earned" is what SAC's critics estimate: the
    discounted return that follows it under the policy with its noise, entropy included. "greedy" is that of
    the policy without noise, entropy left out.
    """
    s = s.expand(run.n_seeds, -1, -1)
    with torch.no_grad():
        values = {"claimed": run.critic(s, run.actor(s)).mean(dim=0)}
        values |= {name: _followed(run, s, noisy) for name, noisy in (("earned", True), ("greedy", False))}
    return {name: x.cpu().numpy().astype(np.float32) for name, x in values.items()}


def _followed(run, s, noisy):
    """Return the discounted return (S, n) from s (S, n, n_s): greedy, or noisy from its second step on."""
    config, alpha, worth = run.config, run.log_alpha.exp(), 1.0
    generators = [torch.Generator().manual_seed(seed) for seed in config.seeds]
    total, alive = torch.zeros_like(s[..., 0]), torch.ones_like(s[..., 0], dtype=torch.bool)
    while worth > WORTHLESS and alive.any():
        a, bonus = run.actor(s), 0.0
        if noisy and worth < 1:
            a, log_prob = run.actor.sample(s, *run.actor.noise(generators, s.shape[1]))
            bonus = -alpha * log_prob
        step = run.env.step(s, a)
        total += torch.where(alive, worth * (step.r + bonus), 0.0)
        alive = alive & ~step.terminated
        s, worth = torch.where(alive[..., None], step.s_next, s), worth * config.discount
    return total


class Kept:
    """A callback of training that keeps actors: at ``path``, in the end, the last, the best and ``claims``.

    A file of NumPy's, name -> array with a first axis of seeds: "last_w0", "last_b0", ... and "best_w0", ...,
    weights in float16, the best of the recorded steps; and what ``claims`` returns. ``draft`` is a path that
    holds the best until then; ``s`` (N, n_s) are the states of the claims.
    """

    def __init__(self, path, draft, s):
        self.path, self.draft, self.s = path, draft, s

    def __call__(self, run, recorder):
        """Look at a recorded step whether it is the best yet; write everything at the last."""
        if run.step not in recorder.rows:
            return
        returns = [row["return"] for step, row in recorder.rows.items() if step <= run.step]
        better = returns[-1] >= np.nanmax(np.nan_to_num(returns, nan=-np.inf), axis=0)
        now = halved(run.actor)
        best = dict(np.load(self.draft)) if self.draft.exists() else now
        for name, x in now.items():
            best[name] = np.where(better.reshape(-1, 1, 1), x, best[name])
        _save(self.draft, best)
        if run.done:
            weights = {f"{kind}_{name}": x[name] for kind, x in (("last", now), ("best", best)) for name in x}
            _save(self.path, weights | claims(run, self.s))


def halved(actor):
    """Return the actor's weights (S, n_in, n_out) and (S, 1, n_out) as float16: "w0", "b0", "w1", ..."""
    weights = (x.detach().cpu().numpy().astype(np.float16) for x in actor.parameters)
    return {f"{'wb'[i % 2]}{i // 2}": x for i, x in enumerate(weights)}


def _save(path, arrays):
    def write(part):
        with open(part, "wb") as file:
            np.savez_compressed(file, **arrays)

    written(path, write)
