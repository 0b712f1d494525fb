"""Rules made of another rule: its weights faded in, or its samples bounded."""

from dataclasses import dataclass

from sobolev_mini.losses import Constant, HugeSavine, normalised, rule
from sobolev_mini.validate import real, setting, settings, whole


@dataclass(frozen=True)
class WarmUp:
    """``rule``'s weights, faded in over so many ``updates``, >= 1, else ``ValueError`` (paper, 3.3)."""

    rule: object = setting(Constant(), rule)
    updates: int = setting(1000, whole, low=1)
    off, __post_init__ = False, settings

    def start(self, env, shape):
        """Return the memory of critics (S,) or (C, S)."""
        return {"rule": self.rule.start(env, shape), "done": 0}

    def weights(self, memory, critic_step):
        """Return (lam_s, lam_a, mask)."""
        memory["done"] += 1
        lam_s, lam_a, mask = self.rule.weights(memory["rule"], critic_step)
        share = min(1.0, memory["done"] / self.updates)
        return share * lam_s, share * lam_a, mask


@dataclass(frozen=True)
class Bounded:
    """``rule``'s weights beside the ``bound`` of ``HugeSavine``, > 0, else ``ValueError``."""

    rule: object = setting(Constant(), rule)
    bound: float = setting(3.0, real, above=0)
    off, __post_init__ = False, settings

    def start(self, env, shape):
        """Return the memory of critics (S,) or (C, S)."""
        return {"rule": self.rule.start(env, shape), "sizes": HugeSavine().start(env, shape)}

    def weights(self, memory, critic_step):
        """Return (lam_s, lam_a, mask (S, B))."""
        lam_s, lam_a, _ = self.rule.weights(memory["rule"], critic_step)
        return lam_s, lam_a, normalised(memory["sizes"], critic_step.target, self.bound)[2]
