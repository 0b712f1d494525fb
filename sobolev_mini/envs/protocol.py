"""What every differentiable environment offers, and the shapes it speaks in.

Batch first: s (..., B, n_s), a (..., B, n_a), r (..., B). Leading axes may hold seeds.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from sobolev_mini import validate
from sobolev_mini.targets import Linearization, Step, Transition

CUT = "env: its step's s_next has no graph: something detached it (NumPy, no_grad, inference_mode)"


@dataclass(frozen=True)
class Tolerance:
    """How the finite-difference gate is to measure an environment, and what it lets pass.

    ``eps`` is half the difference step, ``p50`` and ``p90`` bound the relative errors of a block at the
    two quantiles, ``digits`` is the precision the physics computes in.
    """

    eps: float = 1e-6
    p50: float = 1e-3
    p90: float = 1e-1
    digits: torch.dtype = torch.float64


class DifferentiableEnv(ABC):
    """Stateless, batched physics. Write ``step``; derivatives come by autograd.

    Sizes, dtypes and devices that cannot be raise ``ValueError``.

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
        dtype = self.dtype if dtype is None else dtype
        self.dtype = validate.one_of("dtype", dtype, (torch.float32, torch.float64))
        self.device = _device(self.device if device is None else device)
        for name in ("n_s", "n_a"):
            validate.whole(name, getattr(self, name, None), 1)
        for name, n in (("state_scale", self.n_s), ("action_scale", self.n_a), ("action_limit", self.n_a)):
            own = getattr(self, name, torch.ones(n))
            if own is not None:  # lists and numbers serve
                try:
                    own = torch.as_tensor(own, dtype=self.dtype, device=self.device)
                except (TypeError, ValueError):
                    raise ValueError(f"{name}: got {own!r}, wanted {n} numbers > 0") from None
                setattr(self, name, (own if own.ndim else own.expand(n)).clone())

    def reset(self, n, generator):
        """Return n start states (n, n_s), drawn with a ``torch.Generator`` of the CPU: normal."""
        draw = torch.randn(n, self.n_s, generator=generator, dtype=self.dtype)
        return draw.to(self.device) * self.state_scale

    @abstractmethod
    def step(self, s, a):
        """Return the ``Step`` from states s (..., B, n_s) under actions a (..., B, n_a)."""

    def transition(self, s, a):
        """Return the ``Transition`` from s under a; its pull-back is a reverse pass.

        Batches that do not fit raise ``ValueError``, and so does a pull-back through a step without a graph.
        """
        self.check(s, a)
        with torch.enable_grad():
            s_in, a_in = s.detach().requires_grad_(), a.detach().requires_grad_()
            step = self.step(s_in, a_in)

        def pullback(v):
            # A scalar whose gradient is the pull-back's sum: the reward's plus v's through f.
            if not step.s_next.requires_grad:
                raise ValueError(CUT)
            with torch.enable_grad():
                total = step.r.sum() + (v.detach() * step.s_next).sum()
            how = {"retain_graph": True, "allow_unused": True, "materialize_grads": True}
            return torch.autograd.grad(total, (s_in, a_in), **how)

        s_next, r = step.s_next.detach(), step.r.detach()
        return Transition(s_next, r, step.terminated, s.detach(), a.detach(), pullback)

    def linearize(self, s, a):
        """Return the ``Linearization`` at (s, a): a reverse pass over n_s + 1 copies of the batch.

        Batches that do not fit and a step without a graph raise ``ValueError``.
        """
        self.check(s, a)
        rows = self.n_s + 1  # a copy for every component of s', the last for the reward
        with torch.enable_grad():
            s_in, a_in = (x.detach().expand(rows, *x.shape).clone().requires_grad_() for x in (s, a))
            step = self.step(s_in, a_in)
            total = step.r[-1].sum() + sum(step.s_next[i, ..., i].sum() for i in range(self.n_s))
        if not step.s_next.requires_grad:
            raise ValueError(CUT)
        g_s, g_a = torch.autograd.grad(total, (s_in, a_in), allow_unused=True, materialize_grads=True)
        f_s, f_a = (g[:-1].movedim(0, -2) for g in (g_s, g_a))
        return Linearization(f_s, f_a, g_s[-1], g_a[-1])

    def tangent(self, s, slope):
        """Return a slope in s (..., B, n_s) in the state's minimal coordinates (..., B, n).

        Where states fill a surface only, cosine and sine of an angle, a slope across it means nothing and no
        critic should be trained on it. Here the state can move in every direction.
        """
        return slope

    @property
    def turn(self):
        """``tangent``, or None where the state can move in every direction: then there is nothing to turn."""
        return None if type(self).tangent is DifferentiableEnv.tangent else self.tangent

    @property
    def action_range(self):
        """The actions' limit, or their scale where they are free, (n_a,)."""
        return self.action_scale if self.action_limit is None else self.action_limit

    def within(self, a):
        """Return actions (..., n_a) cut off at the limit, if there is a limit."""
        return a if self.action_limit is None else torch.clamp(a, -self.action_limit, self.action_limit)

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


def checked(env, step, s):
    """Return ``step``, that of ``env`` from states s, if it is as promised, else raise ``ValueError``.

    Its numbers may be other than finite: who uses them must look.
    """
    if not isinstance(step, Step):
        raise ValueError(f"env: got {type(step).__name__} from its step, wanted a Step")
    for name, shape, dtype in (("s_next", s.shape, env.dtype), ("r", s.shape[:-1], env.dtype),
                               ("terminated", s.shape[:-1], torch.bool)):  # fmt: skip
        x, wanted = getattr(step, name), f"wanted {dtype} {tuple(shape)} on {env.device}"
        if not isinstance(x, torch.Tensor):
            raise ValueError(f"env: got {type(x).__name__} for its step's {name}, {wanted}")
        if (x.shape, x.dtype, x.device.type) != (shape, dtype, env.device.type):
            got = f"got {x.dtype} {tuple(x.shape)} on {x.device}"
            raise ValueError(f"env: {got} for its step's {name}, {wanted}")
    return step


def examined(env):
    """Return ``env``, a ``DifferentiableEnv`` with usable scales and limits, else raise ``ValueError``."""
    if not isinstance(env, DifferentiableEnv):
        raise ValueError(f"env: got {type(env).__name__}, wanted a DifferentiableEnv")
    for name, n in (("state_scale", env.n_s), ("action_scale", env.n_a), ("action_limit", env.n_a)):
        x = getattr(env, name, None)
        if x is None and name == "action_limit":
            continue
        if not isinstance(x, torch.Tensor) or x.shape != (n,) or x.dtype != env.dtype or not (x > 0).all():
            raise ValueError(f"{name}: got {x!r}, wanted a tensor of {n} numbers > 0, {env.dtype}")
    validate.whole("time_limit", env.time_limit, 1)
    return env


def jacobian_size(linearization, env):
    """Return the size (..., B) of f_s and f_a together: the Frobenius norm in units of the scales of ``env``.

    So many typical states does a typical change of state or action make.
    """
    out = env.state_scale[:, None]
    parts = [linearization.f_s * env.state_scale / out, linearization.f_a * env.action_scale / out]
    return torch.cat([x.flatten(-2) for x in parts], dim=-1).norm(dim=-1)


def clip_jacobians(linearization, env, bound):
    """Return the ``Linearization`` with Jacobians no larger than ``bound``, and which were (..., B) bool.

    A pair (f_s, f_a) of larger ``jacobian_size`` is shortened to ``bound``; the reward's gradients stay.
    What is not finite stays too, for a mask to drop. A bound that is not > 0 raises ``ValueError``.
    """
    bound = validate.real("bound", bound, above=0)
    size = jacobian_size(linearization, env)
    over = size.isfinite() & (size > bound)
    factor = torch.where(over, bound / size, 1.0)[..., None, None]
    r_s, r_a = linearization.r_s, linearization.r_a
    return Linearization(linearization.f_s * factor, linearization.f_a * factor, r_s, r_a), over


def _device(value):
    try:
        return torch.empty(0, device=value).device
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(f"device: got {value!r}, wanted one that is here ({error})") from None
