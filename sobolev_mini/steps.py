"""First-order step selection: how far to follow a slope. Both methods are batched and count what they did.

The paper expects better slopes to make line searches and trust regions on Q trustworthy (section 1) and
leaves both to future work. What is climbed is a callable, so the critic, a one-step backup or the truth
may take its place.
"""

from dataclasses import dataclass

import torch

from sobolev_mini import validate

SHARE = 1e-4  # of the promised gain that a line search's step must bring
SHRINK, SIZES = 0.5, 10  # factor between the sizes that it tries, and how many
LOW, HIGH = 0.25, 0.75  # shares of the promise below which a radius halves, above which it doubles


@dataclass(frozen=True)
class Steps:
    """What a line search did.

    a : (..., B, n_a), where it ended; size : (..., B), the share of the slope taken, 0 where no step was good
    accepted, shortened : how many samples moved, and how many of those by less than the first size
    """

    a: torch.Tensor
    size: torch.Tensor
    accepted: int
    shortened: int


def armijo(value, a, slope, first, *, limit=None):
    """Return the ``Steps`` of a backtracking line search up ``slope`` from ``a`` (Armijo 1966).

    A step to a' is taken when value(a') >= value(a) + SHARE * slope . (a' - a); else it is halved and tried
    again, ten times in all (eq-07-armijo). A sample whose value or slope is not finite stays where it is.

    Parameters
    ----------
    value : callable, actions (..., B, n_a) -> (..., B)
    a, slope : (..., B, n_a), the actions and the value's slope there; other shapes raise ``ValueError``
    first : the size tried first, a multiple of the slope, > 0, else ``ValueError``
    limit : (n_a,), actions stay within plus and minus this, by cutting off; None for free ones
    """
    first = validate.real("first", first, above=0)
    if a.shape != slope.shape:
        raise ValueError(f"slope: got shape {tuple(slope.shape)}, wanted that of a, {tuple(a.shape)}")
    with torch.no_grad():
        start = value(a)
        usable = start.isfinite() & slope.isfinite().all(dim=-1)
        slope = torch.where(usable[..., None], slope, 0.0)
        size = torch.zeros_like(start)
        best, searching = a.clone(), usable & (slope != 0).any(dim=-1)
        for k in range(SIZES):
            if not searching.any():
                break
            length = first * SHRINK**k
            tried = a + length * slope
            if limit is not None:
                tried = torch.clamp(tried, -limit, limit)
            promised = (slope * (tried - a)).sum(dim=-1)
            good = searching & (value(tried) >= start + SHARE * promised) & (tried != a).any(dim=-1)
            best = torch.where(good[..., None], tried, best)
            size = torch.where(good, length, size)
            searching = searching & ~good
    accepted = size > 0
    return Steps(best, size, int(accepted.sum()), int((accepted & (size < first)).sum()))


class TrustRegion:
    """A radius that follows how well promises are kept (Conn, Gould and Toint 2000, algorithm 6.1.1).

    Parameters
    ----------
    radius : the first, > 0, in the units of the step
    least, largest : bounds of the radius; others than 0 < least <= radius <= largest raise ``ValueError``

    Attributes
    ----------
    accepted, rejected, shortened : steps that gained, that did not, and how often the radius was halved
    """

    def __init__(self, radius, *, least=1e-4, largest=1e2):
        self.least = validate.real("least", least, above=0)
        self.largest = validate.real("largest", largest, low=self.least)
        self.radius = validate.real("radius", radius, low=self.least, high=self.largest)
        self.accepted = self.rejected = self.shortened = 0

    def step(self, slope):
        """Return the step (..., B, n_a) up ``slope``, no longer than the radius in any sample."""
        length = slope.norm(dim=-1, keepdim=True)
        return slope * torch.clamp(self.radius / length.clamp_min(1e-30), max=1.0)

    def update(self, promised, gained):
        """Take in the mean promised and the mean true gain of a step; return whether to keep the step.

        A promise that is not positive, or a gain that is not finite, counts as a promise not kept.
        """
        promised, gained = float(promised), float(gained)
        kept = gained / promised if promised > 0 and abs(gained) < float("inf") else -1.0
        if kept < LOW:
            self.radius = max(self.radius / 2, self.least)
            self.shortened += 1
        elif kept > HIGH:
            self.radius = min(self.radius * 2, self.largest)
        good = kept > 0
        self.accepted += good
        self.rejected += not good
        return good
