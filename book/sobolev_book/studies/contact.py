"""Chapter 08's measurements: one policy of an Ant evaluated, under stiff and soft contacts."""

import functools

import numpy as np
import pandas as pd
import torch

from sobolev_book.evaluation import TESTED, EvaluationConfig, fitted_evaluation
from sobolev_book.records.sweep import all_kept, kept, place
from sobolev_book.records.tables import labelled, long
from sobolev_mini import envs
from sobolev_mini.envs.gate import gate
from sobolev_mini.envs.protocol import jacobian_size
from sobolev_mini.envs.robots import physics
from sobolev_mini.envs.rollout import uniform
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant
from sobolev_mini.networks import MLPCritic, descend

TIME_CONSTANTS = (0.02, 0.04, 0.08, 0.16, 0.32)  # seconds; the model's own comes first
BOUNDS = (None, 30.0, 10.0, 3.0, 1.0)
SAMPLES = (100, 200, 500, 1000, 2000)
SEEDS = tuple(range(10, 15))  # 0 to 2 served to choose the settings
MANY = tuple(range(10, 30))
RECORD = tuple(range(0, 1001, 125))
DISCOUNT = 0.8  # a horizon of five steps, within which slopes mean something
RULES = {"value_only": VALUE_ONLY, "paper": Constant(1.0, 0.1, bare=True), "balanced": Balanced()}
STANDARD = {"time_constant": 0.02, "bound": None, "samples": 200}


class Scene:
    """A robot and a fixed policy a = tanh(W s / scales + b) with drawn weights.

    Parameters
    ----------
    env : DifferentiableEnv
    """

    def __init__(self, env):
        generator = torch.Generator().manual_seed(7)
        self.env, self._known = env, {}
        self._W = (torch.randn(env.n_s, env.n_a, generator=generator) / env.n_s**0.5).to(env.dtype)
        self._b = (0.3 * torch.randn(env.n_a, generator=generator)).to(env.dtype)

    def policy(self, s):
        """Return the policy's actions (..., B, 8)."""
        return torch.tanh((s / self.env.state_scale) @ self._W + self._b)

    def visited(self, n, generator, steps=60):
        """Return n states (n, n_s), each after fewer than ``steps`` uniform actions from a start.

        Kept for a generator in the same state, since rules are compared on the same ones.
        """
        key = n, steps, generator.get_state().numpy().tobytes()
        if key not in self._known:
            self._known[key] = self._behaved(n, generator, steps), generator.get_state()
        s, after = self._known[key]
        generator.set_state(after)
        return s.clone()

    def _behaved(self, n, generator, steps):
        s = self.env.reset(n, generator)
        when = torch.randint(0, steps, (n,), generator=generator)
        for t in range(steps):
            step = self.env.step(s, self.uniform(n, generator))
            s = torch.where(((t < when) & ~step.terminated)[:, None], step.s_next, s)
        return s

    def touching(self, s, a):
        """Return which (B,) touch the ground during the step: two metres up they would go otherwise."""
        lifted = s.clone()
        lifted[:, 0] += 2
        moved = [self.env.step(x, a).s_next[:, 1:] for x in (s, lifted)]
        return (moved[0] - moved[1]).abs().amax(dim=1) > 1e-3

    def uniform(self, n, generator):
        """Return n uniform actions (n, 8)."""
        return uniform(self.env, n, generator)

    @torch.no_grad()
    def truth(self, s, a):
        """Return (Q of the policy by a rollout (..., B), None, None)."""
        key = s.numpy().tobytes(), a.numpy().tobytes()
        if key not in self._known:
            self._known[key] = sum(self.rewards(s, a))
        return self._known[key], None, None

    def rewards(self, s, a):
        """Yield the discounted rewards (..., B) of the way from s under a, as long as they count."""
        weight, alive = 1.0, torch.ones(s.shape[:-1], dtype=torch.bool)
        while weight > 1e-4:
            step = self.env.step(s, a)
            yield weight * torch.where(alive, step.r, 0)
            alive, weight = alive & ~step.terminated, weight * DISCOUNT
            s = torch.where(alive[..., None], step.s_next, s)  # what has ended goes no further
            a = self.policy(s)


@functools.cache
def ant(time_constant=None, dtype=torch.float32):
    """Return the ``Scene`` of MuJoCo's Ant."""
    return Scene(envs.make("mujoco_ant", time_constant=time_constant, dtype=dtype))


def fit(scene, rule, bound=None, samples=200, seeds=SEEDS, record=RECORD):
    """Return the rows of ``fitted_evaluation`` of the scene's policy under a rule of ``RULES``."""
    config = EvaluationConfig(samples=samples, updates=max(record), weighting=RULES[rule], noise=0.3, lr=1e-3,
                              jacobian_clip=bound, discount=DISCOUNT, seeds=seeds, record=record)  # fmt: skip
    return fitted_evaluation(scene.env, scene.policy, scene.truth, config, starts=scene.visited)[1]


def settings():
    """Return the record's settings, dicts: every time constant and bound, then every number of samples."""
    places = [STANDARD | {"time_constant": x, "bound": y} for x in TIME_CONSTANTS for y in BOUNDS]
    places += [STANDARD | {"samples": n} for n in SAMPLES]
    no_slopes = {"rule": "value_only", "bound": None}
    grid = [place | rule for place in places for rule in (no_slopes, {"rule": "paper"}, {"rule": "balanced"})]
    return [setting for i, setting in enumerate(grid) if setting not in grid[:i]]


def seeded():
    """Return the settings that ask for ``MANY`` seeds: where some run away, and chapter 09's bound."""
    bounds = [{"rule": "balanced", "bound": x} for x in (None, 15.0)]
    paper = [{"rule": "paper", "time_constant": x} for x in TIME_CONSTANTS[:2]]
    return [STANDARD | x for x in (*bounds, *paper)]


def tidy(errors, seeds, **labels):
    """Return a row a seed and update of what ``fit`` returned, under its labels."""
    frame = long(errors["update"], seeds, {name: errors[name] for name in ("value", "centred")})
    frame = frame.sort_values("seed", kind="stable", ignore_index=True).rename(columns={"step": "update"})
    return labelled(frame, **labels, seed=frame.seed)


def contact(folder, planned=None, seeds=SEEDS, record=RECORD, jobs=1, progress=None):
    """Return a row a setting, seed and recorded update: the errors of ``fitted_evaluation``.

    What ``folder`` holds is not run again. Every simulator is held against the gate first: ``ValueError``
    where one fails.
    """
    planned = settings() if planned is None else planned
    for time_constant in dict.fromkeys(setting["time_constant"] for setting in planned):
        gate(ant(time_constant, torch.float64).env)
    runs = [(setting, seeds, record) for setting in planned]
    pieces = [(place(folder, (*run, DISCOUNT)), *run) for run in runs]
    return all_kept(_keep, pieces, jobs, progress).astype({"bound": float})


def _keep(path, setting, seeds, record):
    def make(_):
        told = {name: setting[name] for name in ("rule", "bound", "samples")}
        errors = fit(ant(setting["time_constant"]), **told, seeds=seeds, record=record)
        return tidy(errors, seeds, **setting)

    kept(path, make)


@torch.no_grad()
def returns(n=2000, seeds=SEEDS):
    """Return states (S, n + TESTED, n_s), actions and returns after 1, 2, ... steps (T, S, n + TESTED)."""
    scene, drawn = ant(), []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        s = scene.visited(n + TESTED, generator)
        drawn.append((s, scene.policy(s) + 0.3 * torch.randn(len(s), 8, generator=generator)))
    s, a = (torch.stack(x) for x in zip(*drawn, strict=True))
    return s, a, torch.stack(list(scene.rewards(s, a))).cumsum(dim=0)


def regressed(s, a, y, hidden=(64, 64), updates=1000):
    """Return the centred errors (S,) on the last ``TESTED`` of critics fitted to the others' returns y."""
    scales = torch.cat([ant().env.state_scale, ant().env.action_scale])
    critic = MLPCritic(s.shape[-1], a.shape[-1], SEEDS[: len(s)], hidden, "silu", s.dtype, s.device, scales)
    optimizer = torch.optim.Adam(critic.parameters, lr=1e-3, fused=True)
    generator, n = torch.Generator().manual_seed(0), s.shape[1] - TESTED
    for _ in range(updates):
        i = torch.randint(0, n, (128,), generator=generator)
        loss = (critic(s[:, i], a[:, i]) - y[:, i]).square().mean(dim=1).sum()
        descend(loss, critic.parameters, optimizer)
    with torch.no_grad():
        gap = critic(s[:, n:], a[:, n:]) - y[:, n:]
    return (gap.std(dim=1) / y[:, n:].std(dim=1)).numpy()


def floor(ahead=(1, 2, 3, 5, 42), progress=None):
    """Return a row a number of steps ahead, width and seed: "centred" errors of fits to true returns."""
    s, a, totals = returns()
    plan, frames = [(t, 64) for t in ahead] + [(ahead[-1], 256)], []
    for t, width in plan:
        centred = regressed(s, a, totals[t - 1], (width, width))
        told = {"ahead": t, "width": width, "seed": SEEDS, "centred": centred}
        frames.append(pd.DataFrame(told))
        if progress:
            progress(1)
    return pd.concat(frames, ignore_index=True)


def remeasured(env, s, a, steps):
    """Return the sizes (K, B) of the Jacobians by MuJoCo's differences over ``steps``, and lengths of r_s.

    In typical states' units. A slope is the same for every small step; what a jump makes grows as the step
    shrinks, and is gone once the step no longer reaches the jump.
    """
    found, own = [], physics.EPS
    try:
        for physics.EPS in steps:
            slopes = env.linearize(s, a)
            found.append((jacobian_size(slopes, env), (slopes.r_s * env.state_scale).norm(dim=-1)))
    finally:
        physics.EPS = own
    return tuple(torch.stack(x) for x in zip(*found, strict=True))


def sizes(n=2000, time_constants=TIME_CONSTANTS):
    """Return a row a state and time constant: ``size`` of its Jacobians, and ``shift``.

    Shift is what softness changes: the root mean square over states of the gap between the policy's
    values here and under the model's own contacts, over the latter's spread.
    """
    frames, stiff = [], ant()
    for x in time_constants:
        scene, generator = ant(x, torch.float64), torch.Generator().manual_seed(1)
        s = scene.visited(n, generator)
        size = jacobian_size(scene.env.linearize(s, scene.uniform(n, generator)), scene.env)
        s = stiff.visited(512, generator.manual_seed(2))
        own, here = (scene.truth(s, scene.policy(s))[0] for scene in (stiff, ant(x)))
        shift = float((own - here).square().mean().sqrt() / own.std())
        frames.append(pd.DataFrame({"time_constant": x, "size": np.sort(size.numpy()), "shift": shift}))
    return pd.concat(frames, ignore_index=True)
