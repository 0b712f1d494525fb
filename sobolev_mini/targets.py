"""First-order Bellman targets: y and its slopes, by differentiating the backup (paper, section 3.1)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from sobolev_mini import validate


@dataclass(frozen=True)
class Target:
    """The target and its slopes: y (..., B), y_s (..., B, n_s), y_a (..., B, n_a), all detached."""

    y: torch.Tensor
    y_s: torch.Tensor | None
    y_a: torch.Tensor | None


def td_target(transition, next_value, discount, slopes=True):
    """Return y = r + discount * V(s') (eq-03-target) and its slopes (eq-03-slopes).

    At termination V(s') and its slope are dropped. Without ``slopes`` they are None, and nothing is
    differentiated.

    Parameters
    ----------
    transition : Transition, live from a simulator or cached
    next_value : callable s' (..., B, n_s) -> V_targ(s') (..., B), differentiable in s' along the
        paths the method keeps and frozen along the others
    discount : in [0, 1)

    Notes
    -----
    The slopes are ``transition.pullback(v)`` with v = discount * (1 - terminated) * grad V(s'):
    the chain rule through reward and dynamics (Schramm et al. 2025, section 3.1).
    """
    discount = validate.real("discount", discount, low=0.0, below=1.0)
    goes_on = discount * (~transition.terminated).to(transition.r.dtype)
    with torch.set_grad_enabled(slopes):
        s_next = transition.s_next.detach().requires_grad_(slopes)
        value = next_value(s_next)
        if value.shape != transition.r.shape:
            raise ValueError(
                f"next_value: got shape {tuple(value.shape)}, wanted that of r, {tuple(transition.r.shape)}"
            )
        # The batch's values do not touch one another, so the gradient of their sum is each one's own.
        total = value.sum()
    y = (transition.r + goes_on * value).detach()
    if not slopes:
        return Target(y, None, None)
    (slope,) = torch.autograd.grad(total, s_next)
    y_s, y_a = transition.pullback(goes_on[..., None] * slope)
    return Target(y, y_s.detach(), y_a.detach())


def max_value(critic: Callable, actions):
    """Return next_value(s') = critic(s', b) at the b of ``actions`` (A, n_a) where it is greatest.

    b is a stop-gradient variable (paper, section 3): the slope flows through s' alone. At a
    maximum that is no approximation (envelope theorem; see chapter 03).
    """

    def next_value(s_next):
        with torch.no_grad():
            every = s_next.unsqueeze(-2).expand(*s_next.shape[:-1], len(actions), s_next.shape[-1])
            best = critic(every, actions.expand(*every.shape[:-1], actions.shape[-1])).argmax(dim=-1)
        return critic(s_next, actions[best])

    return next_value


def actor_value(critics, actor, *, actor_path=True, twins="min"):
    """Return next_value(s') = min over critics of Q(s', mu(s')): DDPG's target (eq-06-actor), TD3's with two.

    Parameters
    ----------
    critics : callable (s (S, B, n_s), a (S, B, n_a)) -> (C, S, B), all critics at once, or a list of C
        callables -> (S, B); targets, held still by the caller
    actor : callable s -> a; smoothing noise, where wanted, is its business
    actor_path : whether the slope flows through mu (paper, section 3.1); False freezes a', for ablation
    twins : "min", whose slope is that of the chosen critic, or "mean"
    """
    combine = _combined(twins)

    def next_value(s_next):
        a = actor(s_next) if actor_path else actor(s_next).detach()
        return combine(critics, s_next, a)

    return next_value


def soft_value(critics, policy, temperature, *, actor_path=True, entropy_path=True, twins="min"):
    """Return next_value(s') = min over critics of Q(s', a') - alpha log pi(a' | s'): SAC's (eq-06-soft).

    Parameters
    ----------
    critics, actor_path, twins : as in ``actor_value``
    policy : callable s -> (a, log pi(a | s)), reparameterised: its noise fixed, differentiable in s
    temperature : alpha, >= 0, a number or one a seed (S, 1)
    entropy_path : whether the slope of the entropy's term counts; False leaves it out, for ablation

    Notes
    -----
    The paper takes a' from the target policy, Haarnoja et al. 2018 from the current one: the caller chooses.
    """
    combine = _combined(twins)

    def next_value(s_next):
        a, log_prob = policy(s_next)
        if not actor_path:
            a = a.detach()
        if not entropy_path:
            log_prob = log_prob.detach()
        return combine(critics, s_next, a) - temperature * log_prob

    return next_value


def _combined(twins):
    validate.one_of("twins", twins, ("min", "mean"))

    def combine(critics, s, a):
        values = critics(s, a) if callable(critics) else torch.stack([critic(s, a) for critic in critics])
        # The minimum's slope is the chosen critic's alone.
        return values.mean(dim=0) if twins == "mean" else values.min(dim=0).values

    return combine
