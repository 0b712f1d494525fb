"""Chapter 08's wrong adjoint: Rewarped's Ant held against differences, as it is and mended."""

import pandas as pd
import torch

from sobolev_book.rewarped import RewarpedAnt
from sobolev_book.studies.contact import SEEDS, Scene, fit, tidy
from sobolev_mini.envs.gate import finite_difference_check

STEPS = (3e-4, 3e-5, 1e-4, 1e-3, 3e-3)  # of differences; the gate's comes first
# a state's parts
COLUMNS = {"height": 1, "quaternion": 4, "speed": 3, "turning": 3, "angles": 8, "angular speeds": 8}


def points(n, share):
    """Yield (place, states (n, 27), actions (n, 8)) as in ``errors``, the touching among ``share`` n."""
    generator, scene = torch.Generator().manual_seed(0), Scene(RewarpedAnt(dtype=torch.float64))
    air, high = scene.env.reset(n, generator), scene.uniform(n, generator)
    air[:, 0] += 0.75
    visited, a = scene.visited(share * n, generator), scene.uniform(share * n, generator)
    low = scene.touching(visited, a).nonzero()[:n, 0]
    yield from (("air", air, high), ("touching", visited[low], a[low]))


def errors(n=100):
    """Return a row a place, simulator, block and state: the gate's relative ``error``.

    "air" are starts three quarters of a metre further up; "touching" are states that uniform actions
    lead to and that touch the ground during the step.
    """
    frames = []
    for place, *point in points(n, 4):
        for mended in (False, True):
            env = RewarpedAnt(mended=mended, dtype=torch.float64)
            checked = finite_difference_check(env, *point).errors
            frames += [
                pd.DataFrame({"place": place, "mended": mended, "block": block, "error": x.numpy()})
                for block, x in checked.items()
            ]
    return pd.concat(frames, ignore_index=True)


def shapes(n=200, progress=None):
    """Return a row a place, simulator, step of the differences and state: how false the slope of s' in s is.

    Against central differences: "length" is the slope's over theirs, "gap" the gap's over theirs, "cosine"
    that of the angle between both, all as vectors of 27 x 27 numbers; "height", ... is the part of the gap's
    square in the columns of ``COLUMNS``. "sided" is "gap" with each column against the nearer of its two
    one-sided differences: a jump or a kink spoils one of them, rounding both.
    """
    frames = []
    for place, s, a in points(n, 2):
        given = {mended: RewarpedAnt(mended, torch.float64).linearize(s, a).f_s for mended in (False, True)}
        for eps in STEPS if place == "touching" else STEPS[:1]:
            sides = differences(RewarpedAnt(dtype=torch.float64), s, a, eps)
            for mended, f_s in given.items():
                found = {name: x.numpy() for name, x in shape(f_s, *sides).items()}
                frames.append(pd.DataFrame({"place": place, "mended": mended, "eps": eps} | found))
            if progress:
                progress(1)
    return pd.concat(frames, ignore_index=True)


def differences(env, s, a, eps):
    """Return differences (B, n_s, n_s) of the next state in the state, forward and backward."""
    here, sides = env.step(s, a).s_next, ([], [])
    for i in range(env.n_s):
        h = eps * torch.nn.functional.one_hot(torch.tensor(i), env.n_s)
        for side, sign in zip(sides, (1, -1), strict=True):
            side.append(sign * (env.step(s + sign * h, a).s_next - here) / eps)
    return [torch.stack(side, dim=-1) for side in sides]


def shape(f_s, forward, backward):
    """Return how f_s (B, n, n) differs from one-sided differences and their mean: name -> (B,)."""
    true = (forward + backward) / 2
    gap, size = f_s - true, true.flatten(1).norm(dim=1)
    sides = torch.stack([(f_s - x).norm(dim=1) for x in (forward, backward)])
    found = {"length": f_s.flatten(1).norm(dim=1) / size, "gap": gap.flatten(1).norm(dim=1) / size,
             "sided": sides.amin(dim=0).norm(dim=1) / size,
             "cosine": torch.cosine_similarity(f_s.flatten(1), true.flatten(1), dim=1)}  # fmt: skip
    parts = gap.square().sum(dim=1).split(list(COLUMNS.values()), dim=1)
    total = gap.square().sum(dim=(1, 2))
    return found | {name: x.sum(dim=1) / total for name, x in zip(COLUMNS, parts, strict=True)}


def loops(n=48, steps=5):
    """Return a row a simulator, state and number of steps: "norm" of the product of so many slopes.

    Of s' in s: Frobenius' norm in units of typical states, along ways under the policy of ``Scene``.
    """
    generator, scene, frames = torch.Generator().manual_seed(0), Scene(RewarpedAnt(dtype=torch.float64)), []
    s, scale = scene.visited(n, generator, steps=30), scene.env.state_scale
    products = {mended: torch.eye(len(scale), dtype=s.dtype) for mended in (False, True)}
    for t in range(steps):
        a = scene.policy(s)
        for mended, before in products.items():
            f_s = RewarpedAnt(mended, torch.float64).linearize(s, a).f_s * scale / scale[:, None]
            products[mended] = f_s @ before
            norm = products[mended].flatten(1).norm(dim=1)
            frames.append(pd.DataFrame({"mended": mended, "steps": t + 1, "norm": norm.numpy()}))
        s = scene.env.step(s, a).s_next
    return pd.concat(frames, ignore_index=True)


def fits(progress=None):
    """Return a row a rule, simulator, seed and recorded update; value-only takes no slopes."""
    frames, scene = [], Scene(RewarpedAnt())
    for rule, mended in (("value_only", True), ("paper", False), ("paper", True), ("balanced", False),
                         ("balanced", True)):  # fmt: skip
        scene.env.mended = mended
        frames.append(tidy(fit(scene, rule), SEEDS, rule=rule, mended=mended))
        if progress:
            progress(1)
    return pd.concat(frames, ignore_index=True)
