"""A rollout of a policy or a plan, until it terminates. And actions that know nothing."""

import torch

from sobolev_mini.envs.protocol import checked


def rollout(env, s, policy, steps, watch=None):
    """Return the undiscounted returns (..., B) of ``policy`` from states s (..., B, n_s), up to termination.

    Parameters
    ----------
    policy : callable s -> a (..., B, n_a), or a plan: actions (T, ..., B, n_a), T >= steps
    steps : at most so many; a first one that is not as promised raises ``ValueError``
    watch : callable (step, a, alive), optional: a ``Step``, the actions taken, whose episodes they belong to
    """
    total = torch.zeros(s.shape[:-1], dtype=env.dtype, device=env.device)
    alive = torch.ones_like(total, dtype=torch.bool)
    for k in range(steps):
        a = policy(s) if callable(policy) else policy[k]
        step = env.step(s, a) if k else checked(env, env.step(s, a), s)
        if watch:
            watch(step, a, alive)
        total = total + torch.where(alive, step.r, 0.0)
        alive = alive & ~step.terminated
        s = torch.where(alive[..., None], step.s_next, s)
        if not alive.any():
            break
    return total


def uniform(env, n, generator):
    """Return n actions ``(n, n_a)``, even within the limits or, without any, the scale; drawn on the CPU."""
    drawn = torch.rand(n, env.n_a, generator=generator, dtype=env.dtype).to(env.device)
    return (2 * drawn - 1) * env.action_range
