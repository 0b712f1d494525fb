"""How far the actor follows its critic's slope: as Adam's update goes, or by a line search or a trust region.

Both first-order step selections of ``steps`` inside DDPG's update (paper, section 1: slopes that can be
trusted "support" them). They count what they did.
"""

from contextlib import contextmanager

import torch

from sobolev_mini.losses import usable_slope
from sobolev_mini.steps import armijo

FIRST = 0.3  # the batch's root mean square of the first step tried, in units of the action's limit


def searched(critic, s, a, slope, env):
    """Return the slope that a sample's line search leaves over (S, B, n_a), shortened as its step is.

    Q of ``critic`` is climbed from a along its slope, actions in units of their limit. A sample whose
    step is shortened counts less by as much, without a good step not at all; without shortening the
    slope comes back as it was. Beside it the shares "accepted" and "shortened", (S,).
    """
    unit = env.action_range
    scaled = slope * unit
    size = scaled.square().sum(dim=-1).mean(dim=-1).sqrt().clamp_min(1e-30)[:, None, None]
    limit = None if env.action_limit is None else env.action_limit / unit
    steps = armijo(lambda x: critic(s, x * unit), a / unit, scaled / size, FIRST, limit=limit)
    share = steps.size / FIRST
    shares = {"accepted": share > 0, "shortened": (share > 0) & (share < 1)}
    return slope * share[..., None], {name: x.to(share.dtype).mean(dim=-1) for name, x in shares.items()}


@contextmanager
def trusted(actor, s, backup, regions):
    """Keep of the actor's update in the block as much as a seed's trust region allows.

    What the slope promised is held against what the one-step backup gained on the states s (S, B, n_s). A
    seed whose backup lost gets its weights back; radii follow how promises were kept. Yields a dict that
    afterwards holds "accepted", "shortened" and how many slopes were dropped, (S,).

    Parameters
    ----------
    backup : callable, (s, a) -> ``Target``, by the simulator
    regions : a ``TrustRegion`` a seed, of shares of the update
    """
    with torch.no_grad():
        old_a, old = actor(s), [x.clone() for x in actor.parameters]
    before, info = backup(s, old_a), {}
    slope, info["dropped_actor_slopes"] = usable_slope(before)
    yield info
    with torch.no_grad():
        radius = torch.tensor([r.radius for r in regions], dtype=s.dtype, device=s.device)[:, None, None]
        for x, start in zip(actor.parameters, old, strict=True):
            x.copy_(start + radius * (x - start))
        a = actor(s)
        promised = (slope * (a - old_a)).sum(dim=-1).mean(dim=-1)
        gained = (backup(s, a).y - before.y).mean(dim=-1)
        good = [r.update(p, g) for r, p, g in zip(regions, promised, gained, strict=True)]
        keep = torch.tensor(good, device=s.device)[:, None, None]
        for x, start in zip(actor.parameters, old, strict=True):
            x.copy_(torch.where(keep, x, start))
    largest = torch.tensor([r.largest for r in regions], dtype=s.dtype, device=s.device)
    info |= {"accepted": keep[:, 0, 0].to(s.dtype), "shortened": (radius[:, 0, 0] < largest).to(s.dtype)}
