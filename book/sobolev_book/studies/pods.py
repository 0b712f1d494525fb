"""PODS (Mora et al. 2021): improve whole trajectories by the simulator's slopes, then imitate them.

A relative of the book's methods, and a control; no critic at all. First-order form of the paper.
"""

import torch

from sobolev_book.studies.on_policy import judged
from sobolev_mini.actors import DeterministicActor
from sobolev_mini.networks import descend

N_ENVS, HORIZON = 2, 50  # trajectories an iteration and their length, at most the time limit
SIZES = (0.3, 0.1, 0.03)  # tried along the slope, in units of the action's limit or scale; the best is taken
FITS, RATE = 50, 1e-3  # Adam steps of imitation an iteration and their rate


def train_pods(env, config, progress=None):
    """Return (steps (R,), returns (R, S)) of PODS on a ``DifferentiableEnv``; all seeds at once.

    Units, errors and ``progress`` are ``judged``'s; ``config`` is an ``OnPolicyConfig``. Steps that a line
    search rejects count too.
    """
    horizon = min(HORIZON, env.time_limit)
    actor = DeterministicActor(env, config.seeds, config.hidden, config.activation)
    adam = torch.optim.Adam(actor.parameters, lr=RATE)
    generators = [torch.Generator().manual_seed(seed) for seed in config.seeds]
    s, used = None, env.time_limit

    def improve():
        nonlocal s, used
        if used + horizon > env.time_limit:  # trajectories go on where the last ended
            s, used = torch.stack([env.reset(N_ENVS, g) for g in generators]), 0
        states, actions = _improved(env, actor, s, horizon)
        _imitate(actor, adam, states[:-1], actions, env.action_range, FITS)
        s, used = states[-1], used + horizon
        return N_ENVS * horizon * (1 + len(SIZES))

    return judged(env, actor, config, improve, progress)


def _improved(env, actor, s, horizon):
    """Return the best trajectory's states and actions: the actor's own, or one up its slope by ``SIZES``."""
    with torch.no_grad():
        plan = roll(env, s, actor, horizon)[1]
    best, actions, states = roll(env, s, plan.requires_grad_(), horizon)
    (slope,) = torch.autograd.grad(best.sum(), plan)
    largest = slope.abs().amax(dim=(0, 3), keepdim=True)
    slope = torch.where(largest.isfinite() & (largest > 0), slope / largest, 0.0)
    with torch.no_grad():
        for size in SIZES:
            tried = env.within(plan + size * env.action_range * slope)
            total, tried, visited = roll(env, s, tried, horizon)
            better = total > best
            best = torch.where(better, total, best)
            actions = torch.where(better[..., None], tried, actions)
            states = torch.where(better[..., None], visited, states)
    return states.detach(), actions.detach()


def roll(env, s, policy, horizon):
    """Return (return (S, B), actions (T, S, B, n_a), states (T + 1, S, B, n_s)); what ended stays.

    ``policy`` is a callable or a plan, as in ``envs.rollout``.
    """
    total, actions, states = torch.zeros(s.shape[:-1], dtype=env.dtype, device=env.device), [], [s]
    alive = torch.ones_like(total, dtype=torch.bool)
    for k in range(horizon):
        a = policy(s) if callable(policy) else policy[k]
        step = env.step(s, a)
        total = total + torch.where(alive, step.r, 0.0)
        alive = alive & ~step.terminated
        s = torch.where(alive[..., None], step.s_next, s.detach())
        actions.append(a), states.append(s)
    return total, torch.stack(actions), torch.stack(states)


def _imitate(actor, optimizer, states, actions, unit, fits):
    """Fit the actor to ``actions`` (T, S, B, n_a) at ``states`` by full-batch steps."""
    s, a = (x.movedim(0, 1).flatten(1, 2) for x in (states, actions))
    for _ in range(fits):
        descend((((actor(s) - a) / unit) ** 2).sum(dim=-1).mean(dim=1).sum(), actor.parameters, optimizer)
