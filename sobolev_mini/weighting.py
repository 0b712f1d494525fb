"""How much slopes weigh against values: interchangeable rules, each a frozen description and its memory.

The paper leaves adaptive weights to future work (section 4). A rule's ``start(env, n)`` makes the memory
of n critics, a dict of tensors; ``weights(memory, step)`` updates it and returns (lam_s, lam_a, mask) for
``losses.sobolev_loss``.
"""

from dataclasses import dataclass, field

import torch

from sobolev_mini import validate
from sobolev_mini.clipping import usable
from sobolev_mini.losses import in_units
from sobolev_mini.targets import Target

DECAY = 0.99  # of running means: about the last hundred updates


@dataclass(frozen=True)
class CriticStep:
    """What a rule may look at: n critics' outputs, their target, all (n, B, ...), and their weights."""

    q: torch.Tensor
    q_s: torch.Tensor
    q_a: torch.Tensor
    target: Target
    parameters: list

    def losses(self, lam_s, lam_a, mask):
        """Return the misfit in value and the weighted one in slope, (n,) each, with their graph."""
        t, counts = self.target, (mask > 0)[..., None]
        slope = 0.0
        for got, wanted, lam in ((self.q_s, t.y_s, lam_s), (self.q_a, t.y_a, lam_a)):
            gap = torch.where(counts, got - wanted, 0.0)  # before the square, which would keep a NaN
            slope = slope + (lam * mask[..., None] * gap**2).sum(dim=-1)
        return ((self.q - t.y) ** 2).mean(dim=-1), slope.mean(dim=-1)

    def gradient_norms(self, lam_s, lam_a, mask):
        """Return the norms over the weights of the gradients of ``losses``, (n,) each."""
        return [self.gradient_norm(loss) for loss in self.losses(lam_s, lam_a, mask)]

    def gradient_norm(self, loss):
        """Return the norm over each critic's weights of the gradient of its loss, (n,) as ``loss`` is."""
        gradients = torch.autograd.grad(
            loss.sum(), self.parameters, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        return sum(g.flatten(1).square().sum(dim=1) for g in gradients).sqrt()


@dataclass(frozen=True)
class Constant:
    """The paper's: lam_s and lam_a, >= 0, in units of the environment's scales (``losses.in_units``).

    With ``bare`` they are taken as they are, whatever the units, as the paper has them.
    """

    lam_s: float = 1.0
    lam_a: float = 1.0
    bare: bool = False

    def __post_init__(self):
        for name in ("lam_s", "lam_a"):
            object.__setattr__(self, name, validate.real(name, getattr(self, name), low=0))

    @property
    def off(self):
        """Whether slopes do not count at all: plain TD."""
        return self.lam_s == self.lam_a == 0

    def start(self, env, n):
        """Return the memory of n critics."""
        if self.bare:
            return {"lam_s": self.lam_s, "lam_a": self.lam_a}
        return {
            "lam_s": in_units(self.lam_s, env.tangent_scale) if self.lam_s else 0.0,
            "lam_a": in_units(self.lam_a, env.action_scale) if self.lam_a else 0.0,
        }

    def weights(self, memory, step):
        """Return (lam_s, lam_a, mask)."""
        return memory["lam_s"], memory["lam_a"], _usable(step.target)


VALUE_ONLY = Constant(0.0, 0.0)


@dataclass(frozen=True)
class WarmUp:
    """``rule``'s weights times a share that rises from zero to one over so many updates (paper, 3.3)."""

    rule: object = field(default_factory=Constant)
    updates: int = 1000
    off = False

    def __post_init__(self):
        validate.whole("updates", self.updates, 1)

    def start(self, env, n):
        """Return the memory of n critics."""
        return {"rule": self.rule.start(env, n), "done": 0}

    def weights(self, memory, step):
        """Return (lam_s, lam_a, mask)."""
        memory["done"] += 1
        share = min(1.0, memory["done"] / self.updates)
        lam_s, lam_a, mask = self.rule.weights(memory["rule"], step)
        return share * lam_s, share * lam_a, mask


@dataclass(frozen=True)
class HugeSavine:
    """Each slope over the size of its target, the value over its spread (Huge and Savine 2020).

    lam_j = var(y) / E[y_j^2], running means over about a hundred updates: a slope's misfit then counts as
    the value's does, whatever the units of s, a and r.

    Parameters
    ----------
    bound : a sample whose slopes are more than so many times as large as the running root mean square
        counts less, by the square of the excess; None counts every finite sample alike
    """

    bound: float | None = None
    off = False

    def __post_init__(self):
        if self.bound is not None:
            validate.real("bound", self.bound, above=0)

    def start(self, env, n):
        """Return the memory of n critics."""
        zeros = {"y": (), "yy": (), "s": (1, len(env.tangent_scale)), "a": (1, env.n_a)}
        return {"weight": 0.0} | {
            name: torch.zeros(n, *shape, dtype=env.dtype, device=env.device) for name, shape in zeros.items()
        }

    def weights(self, memory, step):
        """Return (lam_s, lam_a, mask)."""
        t, mask = step.target, _usable(step.target)
        slopes = {
            "s": torch.where(mask[..., None], t.y_s, 0.0),
            "a": torch.where(mask[..., None], t.y_a, 0.0),
        }
        if self.bound is not None:
            mask = mask * self._influence(memory, slopes)
        share = mask[..., None] / mask.sum(dim=-1)[..., None, None].clamp_min(1e-12)
        new = {name: (share * x**2).sum(dim=1, keepdim=True) for name, x in slopes.items()}
        memory["weight"] = DECAY * memory["weight"] + 1 - DECAY
        for name, x in (new | {"y": t.y.mean(dim=1), "yy": (t.y**2).mean(dim=1)}).items():
            memory[name] = torch.lerp(memory[name], x, 1 - DECAY)
        mean = {name: memory[name] / memory["weight"] for name in ("y", "yy", "s", "a")}
        spread = (mean["yy"] - mean["y"] ** 2).clamp_min(0)[:, None, None]
        tiny = torch.finfo(t.y.dtype).tiny
        return *(torch.where(mean[x] > tiny, spread / mean[x].clamp_min(tiny), 0.0) for x in "sa"), mask

    def _influence(self, memory, slopes):
        if not memory["weight"]:
            return 1.0
        sizes = [(x**2 * memory["weight"] / memory[n].clamp_min(1e-30)) for n, x in slopes.items()]
        square = torch.cat(sizes, dim=-1).mean(dim=-1)
        return (self.bound**2 / square.clamp_min(1e-30)).clamp(max=1.0)


@dataclass(frozen=True)
class Balanced:
    """Huge and Savine's weights times one factor, so that slopes weigh as much as values.

    Parameters
    ----------
    by : "gradient", the running ratio of the norms of both losses' gradients in the critic's weights
        (as in GradNorm, Chen et al. 2018, without its training rates), or "loss", the ratio of the losses
    slopes : "both", or "s" or "a" for one kind alone; as in GDHP (Prokhorov and Wunsch 1997) state slopes,
        as in MAGE (D'Oro and Jaskowski 2020) action slopes
    share : of the slopes, times the ratio, > 0
    every : updates between two measurements of the gradients
    bound : as in ``HugeSavine``
    """

    by: str = "gradient"
    slopes: str = "both"
    share: float = 1.0
    every: int = 20
    bound: float | None = None
    off = False

    def __post_init__(self):
        validate.one_of("by", self.by, ("gradient", "loss"))
        validate.one_of("slopes", self.slopes, ("both", "s", "a"))
        validate.real("share", self.share, above=0)
        validate.whole("every", self.every, 1)
        HugeSavine(self.bound)

    def start(self, env, n):
        """Return the memory of n critics."""
        return HugeSavine(self.bound).start(env, n) | {
            "done": 0,
            "ratio": torch.zeros(n, 2, dtype=env.dtype, device=env.device),
        }

    def weights(self, memory, step):
        """Return (lam_s, lam_a, mask)."""
        lam_s, lam_a, mask = HugeSavine(self.bound).weights(memory, step)
        lam_s, lam_a = lam_s * (self.slopes != "a"), lam_a * (self.slopes != "s")
        if self.by == "loss" or memory["done"] % self.every == 0:
            measure = step.losses if self.by == "loss" else step.gradient_norms
            new = torch.stack(measure(lam_s, lam_a, mask), dim=-1).detach()
            decay = DECAY if self.by == "loss" else DECAY**self.every
            memory["ratio"] = torch.lerp(memory["ratio"], new, 1 - decay)
        memory["done"] += 1
        value, slope = memory["ratio"].unbind(dim=-1)
        ratio = self.share * (value / slope.clamp_min(1e-30)).clamp(max=1e6)[:, None, None]
        return ratio * lam_s, ratio * lam_a, mask


def _usable(target):
    """Return whose slopes can be trained on, (n, B) bool."""
    return usable(target.y_s, target.y_a)


RULES = {
    "value_only": VALUE_ONLY,
    "constant": Constant(),
    "warm_up": WarmUp(),
    "hs": HugeSavine(),
    "balance": Balanced("loss"),
    "gn": Balanced(),
}


def rule(name):
    """Return the rule called ``name``: value_only, constant, warm_up, hs, balance or gn."""
    return RULES[validate.one_of("weighting", name, tuple(RULES))]
