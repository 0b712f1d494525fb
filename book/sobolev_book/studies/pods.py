"""PODS (Mora et al. 2021): improve whole trajectories by the simulator's slopes, then imitate them.

A relative of the book's methods, and a control; no critic at all. First-order form of the paper.
"""

from dataclasses import dataclass

import torch

from sobolev_mini.actors import DeterministicActor
from sobolev_mini.networks import descend
from sobolev_mini.recording import evaluate
from sobolev_mini.validate import real, setting, settings, whole


@dataclass(frozen=True)
class PODSConfig:
    """Settings; steps count every rollout, those that a line search rejects too.

    Parameters
    ----------
    steps : environment steps a seed
    seeds : one run each, all trained together
    n_envs, horizon : trajectories an iteration and their length, at most the time limit; None for that
    sizes : tried along the slope, in units of the action's limit or scale; the best is taken
    fits, lr : Adam steps of imitation an iteration and their rate
    hidden, activation : of the actor
    record : steps at which the policy is evaluated, by default 21 even ones; at the next iteration's end
    episodes : evaluated each time
    """

    steps: int = setting(5000, whole, low=1)
    seeds: tuple = (0, 1, 2, 3, 4)
    n_envs: int = setting(2, whole, low=1)
    horizon: int | None = 50
    sizes: tuple = (0.3, 0.1, 0.03)
    fits: int = setting(50, whole, low=1)
    lr: float = setting(1e-3, real, above=0)
    hidden: tuple = (64, 64)
    activation: str = "silu"
    record: tuple | None = None
    episodes: int = setting(10, whole, low=1)

    def __post_init__(self):
        settings(self)
        if not self.sizes:
            raise ValueError("sizes: got none, wanted at least one")
        for size in self.sizes:
            real("sizes", size, above=0)


def train_pods(env, config, progress=None):
    """Return (steps (R,), returns (R, S)) of PODS on ``env``; all seeds at once."""
    seeds, horizon = config.seeds, min(config.horizon or env.time_limit, env.time_limit)
    actor = DeterministicActor(env, seeds, config.hidden, config.activation)
    adam = torch.optim.Adam(actor.parameters, lr=config.lr)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    unit = env.action_range
    due = sorted(
        config.record if config.record is not None else range(0, config.steps + 1, max(1, config.steps // 20))
    )
    s, done, rows, used = None, 0, {}, 0
    while True:
        while due and due[0] <= done:
            rows[due.pop(0)] = evaluate(env, actor, config.episodes).cpu()
        if done >= config.steps:
            break
        if s is None or used + horizon > env.time_limit:  # trajectories go on where the last ended
            s, used = torch.stack([env.reset(config.n_envs, g) for g in generators]), 0
        with torch.no_grad():
            _, plan, _ = roll(env, s, horizon, policy=actor)
        plan.requires_grad_()
        total, _, _ = roll(env, s, horizon, plan=plan)
        (slope,) = torch.autograd.grad(total.sum(), plan)
        size = slope.abs().amax(dim=(0, 3), keepdim=True)
        slope = torch.where(size.isfinite() & (size > 0), slope / size, 0.0)
        with torch.no_grad():
            best, chosen, states = roll(env, s, horizon, plan=plan)
            for length in config.sizes:
                tried = env.within(plan + length * unit * slope)
                found, tried, seen = roll(env, s, horizon, plan=tried)
                better = found > best
                best = torch.where(better, found, best)
                chosen = torch.where(better[None, ..., None], tried, chosen)
                states = torch.where(better[None, ..., None], seen, states)
        _imitate(actor, adam, states[:-1], chosen, unit, config.fits)
        s, used = states[-1], used + horizon
        spent = config.n_envs * horizon * (1 + len(config.sizes))
        done += spent
        if progress:
            progress(spent)
    steps = sorted(rows)
    return steps, torch.stack([rows[k] for k in steps]).double().numpy()


def roll(env, s, horizon, policy=None, plan=None):
    """Return (return (S, B), actions (T, S, B, n_a), states (T + 1, S, B, n_s)); what ended stays."""
    total, actions, states = torch.zeros(s.shape[:-1], dtype=env.dtype, device=env.device), [], [s]
    alive = torch.ones_like(total, dtype=torch.bool)
    for k in range(horizon):
        a = policy(s) if plan is None else plan[k]
        step = env.step(s, a)
        total = total + torch.where(alive, step.r, 0.0)
        alive = alive & ~step.terminated
        s = torch.where(alive[..., None], step.s_next, s.detach())
        actions.append(a), states.append(s)
    return total, torch.stack(actions), torch.stack(states)


def _imitate(actor, optimizer, states, actions, unit, fits):
    """Fit the actor to ``actions`` (T, S, B, n_a) at ``states`` by full-batch steps."""
    s, a = (x.detach().movedim(0, 1).flatten(1, 2) for x in (states, actions))
    for _ in range(fits):
        descend((((actor(s) - a) / unit) ** 2).sum(dim=-1).mean(dim=1).sum(), actor.parameters, optimizer)
