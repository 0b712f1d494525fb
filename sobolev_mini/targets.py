"""First-order Bellman targets: y and its slopes, by differentiating the backup (paper, section 3.1).

A ``Transition`` brings its own pull-back, so that one function serves every simulator, live or cached.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from sobolev_mini import validate


@dataclass(frozen=True)
class Step:
    """An environment step: s_next (..., B, n_s), r (..., B), terminated (..., B) bool.

    ``terminated`` means that no reward follows. A time limit is no termination: bootstrap through it.
    """

    s_next: torch.Tensor
    r: torch.Tensor
    terminated: torch.Tensor


@dataclass(frozen=True)
class Transition(Step):
    """An environment step together with where it came from and how slopes flow back through it.

    ``pullback(v)`` takes v (..., B, n_s), a slope in s', and returns
    (r_s + f_s^T v (..., B, n_s), r_a + f_a^T v (..., B, n_a)): with v = discount * grad V(s') this
    is the first-order Bellman target (eq-03-pullback; Schramm et al. 2025, section 3.1).
    """

    s: torch.Tensor
    a: torch.Tensor
    pullback: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]

    def linearization(self):
        """Return the ``Linearization`` read off the pull-back, a component of s' at a time."""
        zero = torch.zeros_like(self.s_next)
        r_s, r_a = self.pullback(zero)
        rows = []
        for i in range(zero.shape[-1]):
            v = zero.clone()
            v[..., i] = 1
            g_s, g_a = self.pullback(v)
            rows.append((g_s - r_s, g_a - r_a))
        f_s, f_a = (torch.stack(x, dim=-2) for x in zip(*rows, strict=True))
        return Linearization(f_s, f_a, r_s, r_a)


@dataclass(frozen=True)
class Linearization:
    """Jacobians f_s (..., B, n_s, n_s), f_a (..., B, n_s, n_a) and gradients r_s, r_a (..., B, n)."""

    f_s: torch.Tensor
    f_a: torch.Tensor
    r_s: torch.Tensor
    r_a: torch.Tensor

    def pullback(self, v):
        """Return (r_s + f_s^T v, r_a + f_a^T v) for v (..., B, n_s)."""
        column = v[..., None]
        return self.r_s + (self.f_s.mT @ column)[..., 0], self.r_a + (self.f_a.mT @ column)[..., 0]


@dataclass(frozen=True)
class Target:
    """The target and its slopes: y (..., B), y_s (..., m, n), y_a (..., m, n_a), all detached.

    The slopes are those of the batch's first m samples, m = B unless a share was asked for; None for m = 0.
    y_s lies along the state's components, or along its minimal coordinates where ``td_target`` was given the
    environment's ``tangent``.
    """

    y: torch.Tensor
    y_s: torch.Tensor | None
    y_a: torch.Tensor | None


def td_target(transition, next_value, discount, slopes=True, tangent=None):
    """Return y = r + discount * V(s') (eq-03-target) and its slopes (eq-03-slopes).

    At termination V(s') and its slope are dropped.

    Parameters
    ----------
    transition : Transition, live from a simulator or cached
    next_value : callable s' (..., B, n_s) -> V_targ(s') (..., B), differentiable in s' along the
        paths the method keeps and frozen along the others; another shape raises ``ValueError``
    discount : in [0, 1) an environment step, else ``ValueError``
    slopes : True for those of every sample, False for none, or m for those of the first m: nothing is
        differentiated for the others. ``next_value`` takes a shorter batch as the first of the whole one
    tangent : callable (s, y_s) -> the slope in minimal coordinates (..., B, n), an environment's; or None

    Notes
    -----
    The slopes are ``transition.pullback(v)`` with v = discount * (1 - terminated) * grad V(s'):
    the chain rule through reward and dynamics (Schramm et al. 2025, section 3.1).
    """
    if not (isinstance(discount, float) and 0 <= discount < 1):
        discount = validate.real("discount", discount, low=0.0, below=1.0)
    goes_on = discount * (~transition.terminated).to(transition.r.dtype)
    m = transition.r.shape[-1] if slopes is True else int(slopes)
    whole = m == transition.r.shape[-1]
    with torch.set_grad_enabled(whole):
        s_next = transition.s_next.detach().requires_grad_(whole)
        value = next_value(s_next)
        if value.shape != transition.r.shape:
            got, expected = tuple(value.shape), tuple(transition.r.shape)
            raise ValueError(f"next_value: got shape {got}, wanted that of r, {expected}")
        # A sample's value hangs on its own s' alone, so the gradient of the sum is every sample's own.
        total = value.sum()
    y = (transition.r + goes_on * value).detach()
    if not m:
        return Target(y, None, None)
    if not whole:
        with torch.enable_grad():
            s_next = s_next[..., :m, :].requires_grad_()
            total = next_value(s_next).sum()
    (slope,) = torch.autograd.grad(total, s_next)
    y_s, y_a = transition.pullback(goes_on[..., :m, None] * slope)
    y_s = y_s.detach() if tangent is None else tangent(transition.s[..., :m, :], y_s.detach())
    return Target(y, y_s, y_a.detach())


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
    actor : callable s -> a; smoothing noise is its business
    actor_path : whether the slope flows through mu (paper, section 3.1); False freezes a', for ablation
    twins : "min", whose slope is that of the lesser critic, or "mean"; else ``ValueError``
    """
    return soft_value(critics, lambda s: (actor(s), None), None, actor_path=actor_path, twins=twins)


def soft_value(critics, policy, temperature, *, actor_path=True, entropy_path=True, twins="min"):
    """Return next_value(s') = min over critics of Q(s', a') - alpha log pi(a' | s'): SAC's (eq-06-soft).

    Parameters
    ----------
    critics, actor_path, twins : as in ``actor_value``, ``ValueError`` too
    policy : callable s -> (a, log pi(a | s)), reparameterised: its noise fixed, differentiable in s
    temperature : alpha, >= 0, a number or a seed's own (S, 1); None leaves entropy out
    entropy_path : whether the slope of the entropy's term counts; False leaves it out, for ablation

    Notes
    -----
    The paper takes a' from the target policy, Haarnoja et al. 2018 from the current one: the caller chooses.
    """
    if twins not in ("min", "mean"):
        validate.one_of("twins", twins, ("min", "mean"))

    def next_value(s_next):
        a, log_prob = policy(s_next)
        a = a if actor_path else a.detach()
        values = critics(s_next, a) if callable(critics) else torch.stack([q(s_next, a) for q in critics])
        # The minimum's slope is the lesser critic's alone.
        value = values.mean(dim=0) if twins == "mean" else values.min(dim=0).values
        if temperature is None:
            return value
        return value - temperature * (log_prob if entropy_path else log_prob.detach())

    return next_value
