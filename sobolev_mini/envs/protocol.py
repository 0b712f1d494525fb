"""What every differentiable environment offers, and the shapes it speaks in.

Batch first: s (..., B, n_s), a (..., B, n_a), r (..., B). Leading axes may hold seeds.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Step:
    """One step of physics: s_next (..., B, n_s), r (..., B), terminated (..., B) bool.

    ``terminated`` means that no reward follows. A time limit is no termination: bootstrap through it.
    """

    s_next: torch.Tensor
    r: torch.Tensor
    terminated: torch.Tensor


@dataclass(frozen=True)
class Transition(Step):
    """A step together with where it came from and how slopes flow back through it.

    ``pullback(v)`` takes v (..., B, n_s), a slope in s', and returns
    (r_s + f_s^T v (..., B, n_s), r_a + f_a^T v (..., B, n_a)): with v = discount * grad V(s') this
    is the first-order Bellman target (eq-03-pullback; Schramm et al. 2025, section 3.1).
    """

    s: torch.Tensor
    a: torch.Tensor
    pullback: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


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
        return (
            self.r_s + (self.f_s.mT @ column)[..., 0],
            self.r_a + (self.f_a.mT @ column)[..., 0],
        )


@dataclass(frozen=True)
class Tolerance:
    """How the finite-difference gate is to measure an environment, and what it lets pass.

    ``eps`` is half the difference step, ``p50`` and ``p90`` bound the relative errors of each block at the
    two quantiles, ``digits`` is the precision the physics computes in.
    """

    eps: float = 1e-6
    p50: float = 1e-3
    p90: float = 1e-1
    digits: torch.dtype = torch.float64


class DifferentiableEnv(ABC):
    """Stateless, batched physics. Write ``step``; derivatives come by autograd.

    Attributes
    ----------
    n_s, n_a : sizes of state and action, at least these are to be set
    state_scale, action_scale : typical magnitudes, (n_s,) and (n_a,), in the state's own units; ones at first
    action_limit : (n_a,), actions are cut off at plus and minus this; None where they are unbounded
    time_limit : steps of an episode; then it is truncated, which is no termination
    dtype, device : of every tensor that goes in and comes out
    tolerance : ``Tolerance`` of the finite-difference gate
    """

    n_s: int
    n_a: int
    state_scale: torch.Tensor
    action_scale: torch.Tensor
    action_limit: torch.Tensor | None = None
    time_limit: int = 200
    dtype: torch.dtype = torch.float32
    device: torch.device = torch.device("cpu")
    tolerance: Tolerance = Tolerance()

    def __init__(self, dtype=None, device=None):
        self.dtype = self.dtype if dtype is None else dtype
        self.device = self.device if device is None else torch.device(device)
        for name, n in (("state_scale", self.n_s), ("action_scale", self.n_a)):
            if not hasattr(self, name):
                setattr(self, name, torch.ones(n, dtype=self.dtype, device=self.device))

    def reset(self, n, generator):
        """Return n start states (n, n_s), drawn with a ``torch.Generator`` of the CPU: normal."""
        draw = torch.randn(n, self.n_s, generator=generator, dtype=self.dtype)
        return draw.to(self.device) * self.state_scale

    @abstractmethod
    def step(self, s, a):
        """Return the ``Step`` from states s (..., B, n_s) under actions a (..., B, n_a)."""

    def transition(self, s, a):
        """Return the ``Transition`` from s under a; its pull-back is one reverse pass."""
        self.check(s, a)
        with torch.enable_grad():
            s_in, a_in = s.detach().requires_grad_(), a.detach().requires_grad_()
            step = self.step(s_in, a_in)

        def pullback(v):
            # One scalar whose gradient is the sum wanted: the reward's plus v's through f.
            with torch.enable_grad():
                total = step.r.sum() + (v.detach() * step.s_next).sum()
            return torch.autograd.grad(
                total, (s_in, a_in), retain_graph=True, allow_unused=True, materialize_grads=True
            )

        return Transition(
            step.s_next.detach(), step.r.detach(), step.terminated, s.detach(), a.detach(), pullback
        )

    def linearize(self, s, a):
        """Return the ``Linearization`` at (s, a): one reverse pass over n_s + 1 copies of the batch."""
        self.check(s, a)
        rows = self.n_s + 1  # one for each component of s', the last for the reward
        with torch.enable_grad():
            s_in, a_in = (x.detach().expand(rows, *x.shape).clone().requires_grad_() for x in (s, a))
            step = self.step(s_in, a_in)
            total = step.r[-1].sum() + sum(step.s_next[i, ..., i].sum() for i in range(self.n_s))
        g_s, g_a = torch.autograd.grad(total, (s_in, a_in), allow_unused=True, materialize_grads=True)
        f_s, f_a = (g[:-1].movedim(0, -2) for g in (g_s, g_a))
        return Linearization(f_s, f_a, g_s[-1], g_a[-1])

    def tangent(self, s, slope):
        """Return a slope in s (..., B, n_s) in the state's minimal coordinates (..., B, n).

        Where states fill a surface only, cosine and sine of an angle, a slope across it means nothing and no
        critic should be trained on it. Here every direction is one the state can move in.
        """
        return slope

    @property
    def tangent_scale(self):
        """Typical magnitudes of the minimal coordinates, (n,)."""
        return self.state_scale

    def check(self, s, a):
        """Raise ``ValueError`` unless s and a are batches of this environment's sizes, dtype and device."""
        for name, x, size in (("s", s, self.n_s), ("a", a, self.n_a)):
            if not isinstance(x, torch.Tensor):
                raise ValueError(f"{name}: got {type(x).__name__}, wanted a torch.Tensor")
            if x.ndim < 2 or x.shape[-1] != size:
                raise ValueError(f"{name}: got shape {tuple(x.shape)}, wanted (..., B, {size})")
            if x.dtype != self.dtype or x.device != self.device:
                raise ValueError(f"{name}: got {x.dtype} on {x.device}, wanted {self.dtype} on {self.device}")
        if s.shape[:-1] != a.shape[:-1]:
            raise ValueError(f"a: got batch {tuple(a.shape[:-1])}, wanted that of s, {tuple(s.shape[:-1])}")
