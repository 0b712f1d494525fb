"""How far the actor follows its critic's slope: as far as Adam takes it, or by a line search or trust region.

Both first-order step selections of ``steps`` inside the loop (paper, section 1: slopes that can be trusted
"support" them). They are options of DDPG and TD3, and count what they did.
"""

import torch

from sobolev_mini.steps import TrustRegion, armijo

FIRST = 0.3  # the batch's root mean square of the first step tried, in units of the action's limit
RADIUS = 1.0  # a trust region's first share of Adam's step, and its largest


def searched(run, s, a, slope):
    """Return the slope that each sample's line search leaves over (S, B, n_a), shortened as its step is.

    Q of the first critic is climbed from a along its slope, actions in units of their limit. A sample whose
    step is shortened counts less by as much, one without a good step not at all; without shortening the
    slope comes back as it was.
    """
    critic, unit = run.critic.first(run.n_seeds), run.limit
    scaled = slope * unit
    size = scaled.square().sum(dim=-1).mean(dim=-1).sqrt().clamp_min(1e-30)[:, None, None]
    limit = None if run.env.action_limit is None else run.env.action_limit / unit
    found = armijo(lambda x: critic(s, x * unit), a / unit, scaled / size, FIRST, limit=limit)
    share = found.size / FIRST
    run.info["accepted"] = (share > 0).to(share.dtype).mean(dim=-1)
    run.info["shortened"] = ((share > 0) & (share < 1)).to(share.dtype).mean(dim=-1)
    return slope * share[..., None]


def trusted(run, s, step, backup):
    """Take the actor's ``step`` as far as each seed's trust region allows.

    What the slope promised is held against what the one-step backup gained on the states s (S, B, n_s). A
    seed whose backup lost gets its weights back; radii follow how promises were kept.

    Parameters
    ----------
    step : callable, moves ``run.actor``'s weights
    backup : callable, (s, a) -> (target (S, B), its slope in a (S, B, n_a)), by the simulator
    """
    regions = run.extra.setdefault(
        "regions", [TrustRegion(RADIUS, largest=RADIUS, least=1e-2) for _ in range(run.n_seeds)]
    )
    with torch.no_grad():
        old_a, old = run.actor(s), [x.clone() for x in run.actor.parameters]
    old_y, slope = backup(s, old_a)
    slope = run.usable_slope(slope)
    step()
    with torch.no_grad():
        radius = torch.tensor([r.radius for r in regions], dtype=s.dtype, device=s.device)[:, None, None]
        for x, before in zip(run.actor.parameters, old, strict=True):
            x.copy_(before + radius * (x - before))
        a = run.actor(s)
        promised = (slope * (a - old_a)).sum(dim=-1).mean(dim=-1)
        gained = (backup(s, a)[0] - old_y).mean(dim=-1)
        good = [r.update(p, g) for r, p, g in zip(regions, promised, gained, strict=True)]
        keep = torch.tensor(good, device=s.device)[:, None, None]
        for x, before in zip(run.actor.parameters, old, strict=True):
            x.copy_(torch.where(keep, x, before))
    run.info["accepted"] = keep[:, 0, 0].to(s.dtype)
    run.info["shortened"] = (radius[:, 0, 0] < RADIUS).to(s.dtype)
