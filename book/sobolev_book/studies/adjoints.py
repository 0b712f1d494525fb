"""Chapter 08's wrong adjoint: Rewarped's Ant held against differences, as it is and mended."""

import pandas as pd
import torch

from sobolev_book.rewarped import RewarpedAnt
from sobolev_book.studies.contact import SEEDS, Scene, fit, tidy
from sobolev_mini.envs.gate import finite_difference_check


def errors(n=100):
    """Return a row a place, simulator, block and state: the gate's relative ``error``.

    "air" are starts three quarters of a metre further up; "touching" are states that uniform actions
    lead to and that touch the ground during the step.
    """
    generator, frames = torch.Generator().manual_seed(0), []
    scene = Scene(RewarpedAnt(dtype=torch.float64))
    air, high = scene.env.reset(n, generator), scene.uniform(n, generator)
    air[:, 0] += 0.75
    visited, a = scene.visited(4 * n, generator), scene.uniform(4 * n, generator)
    low = scene.touching(visited, a).nonzero()[:n, 0]
    for place, *point in (("air", air, high), ("touching", visited[low], a[low])):
        for mended in (False, True):
            env = RewarpedAnt(mended=mended, dtype=torch.float64)
            checked = finite_difference_check(env, *point).errors
            frames += [
                pd.DataFrame({"place": place, "mended": mended, "block": block, "error": x.numpy()})
                for block, x in checked.items()
            ]
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
