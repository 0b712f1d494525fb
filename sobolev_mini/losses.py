"""The Sobolev loss, a critic's misfit to its target in value and in slope (paper, section 3.2), and weights.

Adaptive weights are the paper's future work (section 4). A rule's ``start(env, shape)`` makes the memory of
critics (S,) or (C, S), its ``weights(memory, critic_step)`` updates that and returns (lam_s, lam_a, mask).
"""

from dataclasses import dataclass

import torch

from sobolev_mini.targets import Target
from sobolev_mini.validate import one_of, real, setting, settings, whole

DECAY = 0.99  # of running means: about the last hundred updates


def sobolev_loss(q, q_s, q_a, target, lam_s, lam_a, mask=None):
    """Return (loss, info) for E[(q - y)^2 + lam_s ||q_s - y_s||^2 + lam_a ||q_a - y_a||^2] (eq-03-loss).

    Parameters
    ----------
    q, q_s, q_a : the critic (..., B) and its slopes (..., m, n_s), (..., m, n_a), of all samples or the first
        m, with their graph; slopes are None where weights are 0
    target : Target; critics (C, S, B) may share one (S, B)
    lam_s, lam_a : >= 0, a number, (n,), a component's own, or (..., 1, n), that for every leading axis
    mask : (..., m), optional; whose slopes count: bool, or how much, >= 0. Values always count

    Means run over the batch or those m, sums over components and leading axes (seeds are separate problems).
    Weight 0 skips the slope altogether: plain TD, bit for bit, even beside NaN slopes.
    ``info`` holds the detached means "value", "slope_s", "slope_a" (...), without weights. Another shape or a
    weight that is no number >= 0 raises ``ValueError``.
    """
    value = ((q - _fits("q", q, target.y)) ** 2).mean(dim=-1)
    loss, info = value.sum(), {"value": value.detach()}
    for name, slope, aim, lam in (("s", q_s, target.y_s, lam_s), ("a", q_a, target.y_a, lam_a)):
        like = aim if slope is None else slope
        lam, counts = _checked(f"lam_{name}", lam, None if aim is None else like)
        info[f"slope_{name}"] = torch.zeros_like(info["value"])
        if counts is False:
            continue
        if aim is None:
            raise ValueError(f"target: got no slopes y_{name}, wanted them where lam_{name} is not 0")
        gap = slope - _fits(f"q_{name}", slope, aim)
        if mask is not None:
            _fits("mask", mask, aim[..., 0])
            counts = counts & (mask > 0)[..., None]
        if counts is not True:  # before the square: a NaN that does not count must not reach the gradient
            gap = torch.where(counts, gap, 0.0)
        square = gap**2 if mask is None else mask[..., None] * gap**2
        loss = loss + (lam * square).sum(dim=-1).mean(dim=-1).sum()
        info[f"slope_{name}"] = square.detach().sum(dim=-1).mean(dim=-1)
    return loss, info


def usable(y_s, y_a):
    """Return whose slopes can be trained on (..., B) bool: finite, and of a size whose square is a number."""
    most = torch.finfo(y_s.dtype).max ** 0.25
    return (y_s.abs() < most).all(dim=-1) & (y_a.abs() < most).all(dim=-1)


def usable_slope(target):
    """Return the target's slope in a (..., B, n_a), zero where not usable, and how many were not (...)."""
    good = usable(target.y_a, target.y_a)
    return torch.where(good[..., None], target.y_a, 0.0), (~good).sum(dim=-1)


def rule(name, value):
    """Return ``value`` if it is a rule of ``losses``, else raise ``ValueError``."""
    if isinstance(value, type) or not hasattr(value, "weights"):
        raise ValueError(f"{name}: got {value!r}, wanted a rule of sobolev_mini.losses")
    return value


@dataclass(frozen=True)
class CriticStep:
    """What a rule may look at before an update: critics' q (..., S, B), slopes, weights; target (S, B)."""

    q: torch.Tensor
    q_s: torch.Tensor
    q_a: torch.Tensor
    target: Target
    parameters: list

    def losses(self, lam_s, lam_a, mask):
        """Return the misfits in value and, weighted, in slope, (..., S), with their graph."""
        t, counts, slope = self.target, (mask > 0)[..., None], 0.0
        for q_x, y_x, lam in ((self.q_s, t.y_s, lam_s), (self.q_a, t.y_a, lam_a)):
            gap = torch.where(counts, q_x - y_x, 0.0)  # before the square, which would keep a NaN
            slope = slope + (lam * mask[..., None] * gap**2).sum(dim=-1)
        return ((self.q - t.y) ** 2).mean(dim=-1), slope.mean(dim=-1)

    def gradient_norms(self, lam_s, lam_a, mask):
        """Return the norms over the weights of the gradients of ``losses``, (..., S)."""
        return [self.gradient_norm(loss) for loss in self.losses(lam_s, lam_a, mask)]

    def gradient_norm(self, loss):
        """Return the norm over a critic's weights of the gradient of its ``loss`` (..., S), (..., S)."""
        how = {"retain_graph": True, "materialize_grads": True, "allow_unused": True}
        gradients = torch.autograd.grad(loss.sum(), self.parameters, **how)
        return sum(g.flatten(1).square().sum(dim=1) for g in gradients).sqrt().view(loss.shape)


@dataclass(frozen=True)
class Constant:
    """The paper's, >= 0 (else ``ValueError``), in units of the environment's scales, ``bare`` in none."""

    lam_s: float = setting(1.0, real, low=0)
    lam_a: float = setting(1.0, real, low=0)
    bare: bool = False
    __post_init__ = settings

    @property
    def off(self):
        """Whether slopes do not count at all: plain TD."""
        return self.lam_s == self.lam_a == 0

    def start(self, env, shape):
        """Return the memory of critics (S,) or (C, S)."""
        units = (1.0, 1.0) if self.bare else (env.tangent_scale, env.action_scale)
        lams = self.lam_s, self.lam_a
        return {"lams": [x * unit**2 if x else 0.0 for x, unit in zip(lams, units, strict=True)]}

    def weights(self, memory, critic_step):
        """Return (lam_s, lam_a, mask)."""
        return *memory["lams"], None if self.off else usable(critic_step.target.y_s, critic_step.target.y_a)


VALUE_ONLY = Constant(0.0, 0.0)


@dataclass(frozen=True)
class HugeSavine:
    """A slope over the size of its target, the value over its spread (Huge and Savine 2020).

    lam_j = var(y) / E[y_j^2], running means over about a hundred updates: a slope's misfit then counts as
    the value's does, whatever the units of s, a and r. A sample whose slopes are over ``bound`` > 0 (else
    ``ValueError``) times the root mean square counts less, by the square of the excess; None for no bound.
    """

    bound: float | None = setting(None, real, above=0)
    off, __post_init__ = False, settings

    def start(self, env, shape):
        """Return the memory of critics (S,) or (C, S), which share their targets."""
        zeros = {"y": (), "yy": (), "s": (1, len(env.tangent_scale)), "a": (1, env.n_a)}
        new = {name: torch.zeros(shape[-1], *x).to(env.device, env.dtype) for name, x in zeros.items()}
        return {"weight": 0.0} | new

    def weights(self, memory, critic_step):
        """Return (lam_s (S, 1, n), lam_a (S, 1, n_a), mask (S, B))."""
        return normalised(memory, critic_step.target, self.bound)


@dataclass(frozen=True)
class Balanced:
    """Huge and Savine's weights times a factor, so that slopes pull at a critic's weights as values do.

    The factor is the running ratio of the norms of both gradients in the critic's weights; GradNorm (Chen et
    al. 2018) has the same aim, and learns its factors. Bad settings raise ``ValueError``.

    Parameters
    ----------
    slopes : "both", or "s" or "a" for one kind alone; as in GDHP (Prokhorov and Wunsch 1997) state slopes,
        as in MAGE (D'Oro and Jaskowski 2020) action slopes
    share : of the slopes, times the ratio, > 0
    every : updates between two measurements of the gradients
    bound : as in ``HugeSavine``
    """

    slopes: str = setting("both", one_of, choices=("both", "s", "a"))
    share: float = setting(1.0, real, above=0)
    every: int = setting(20, whole, low=1)
    bound: float | None = setting(None, real, above=0)
    off, __post_init__ = False, settings

    def start(self, env, shape):
        """Return the memory of critics (S,) or (C, S)."""
        ratio = torch.zeros(*shape, 2, dtype=env.dtype, device=env.device)
        return HugeSavine(self.bound).start(env, shape) | {"done": 0, "ratio": ratio}

    def weights(self, memory, critic_step):
        """Return (lam_s (..., S, 1, n), lam_a (..., S, 1, n_a), mask (S, B))."""
        lam_s, lam_a, mask = normalised(memory, critic_step.target, self.bound)
        lam_s, lam_a = lam_s * (self.slopes != "a"), lam_a * (self.slopes != "s")
        if memory["done"] % self.every == 0:
            new = torch.stack(critic_step.gradient_norms(lam_s, lam_a, mask), dim=-1).detach()
            memory["ratio"] = torch.lerp(memory["ratio"], new, 1 - DECAY**self.every)
        memory["done"] += 1
        value, slope = memory["ratio"][..., None, None, :].unbind(dim=-1)
        ratio = self.share * (value / slope.clamp_min(1e-30)).clamp(max=1e6)
        return *((ratio * lam).nan_to_num(0.0) for lam in (lam_s, lam_a)), mask


def normalised(memory, t, bound):
    """Return Huge and Savine's weights (S, 1, n) and mask (S, B) of a target; moves the memory's means."""
    mask = usable(t.y_s, t.y_a)
    slopes = {name: torch.where(mask[..., None], x, 0.0) for name, x in (("s", t.y_s), ("a", t.y_a))}
    if bound is not None and memory["weight"]:  # of which a first batch cannot speak
        sizes = [x**2 * memory["weight"] / memory[n].clamp_min(1e-30) for n, x in slopes.items()]
        square = torch.cat(sizes, dim=-1).mean(dim=-1).clamp_min(1e-30)
        mask = mask * (bound**2 / square).clamp(max=1.0)
    share = mask[..., None] / mask.sum(dim=-1)[..., None, None].clamp_min(1e-12)
    new = {name: (share * x**2).sum(dim=1, keepdim=True) for name, x in slopes.items()}
    memory["weight"] = DECAY * memory["weight"] + 1 - DECAY
    for name, x in (new | {"y": t.y.mean(dim=1), "yy": (t.y**2).mean(dim=1)}).items():
        memory[name] = torch.lerp(memory[name], x, 1 - DECAY)
    mean = {name: memory[name] / memory["weight"] for name in ("y", "yy", "s", "a")}
    spread = (mean["yy"] - mean["y"] ** 2).clamp_min(0)[:, None, None]
    # No slope at all has no weight, and neither has a seed that is lost: it must not stop the others.
    return *((spread / mean[x]).nan_to_num(0.0, 0.0) for x in "sa"), mask


def _checked(name, lam, like):
    """Return (lam, which components count), checked; a number counts for all (True) or for none (False)."""
    if isinstance(lam, int | float) and 0 <= lam < float("inf"):
        return lam, bool(lam > 0)
    if like is None:
        raise ValueError(f"target: got no slopes beside {name} = {lam}, wanted them, or a weight of 0")
    lam, n = torch.as_tensor(lam, dtype=like.dtype, device=like.device), like.shape[-1]
    shapes = ((), (n,), (*like.shape[:-2], 1, n), (*like.shape[1:-2], 1, n))
    if lam.shape not in shapes or not (lam.isfinite() & (lam >= 0)).all():
        raise ValueError(f"{name}: got {lam.tolist()}, wanted a number >= 0 or {n} of them, {shapes[2]}")
    return lam, (lam > 0 if lam.any() else False)


def _fits(name, x, like):
    """Return ``like``, if ``x`` has its shape or an axis of critics before it; else raise ``ValueError``."""
    shape = None if x is None else tuple(x.shape)
    if shape not in (tuple(like.shape), *([(shape[0], *like.shape)] if shape else [])):
        raise ValueError(f"{name}: got shape {shape}, wanted {tuple(like.shape)}")
    return like
