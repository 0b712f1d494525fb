"""Chapter 01: what rough slope labels do for a climber, at other sizes of their noise.

The chapter draws labels with a noise of 1.4 on the slopes; here 0.7 and 1 as well, each with the weight that
is the ratio of the two variances, beside labels of 0 at the same weight.
"""

import functools
import json
from pathlib import Path

import numpy as np
import torch

from sobolev_book.stats import bootstrap_interval

CHAPTER = Path(__file__).parents[2] / "notebooks" / "01_why_slopes.ipynb"


def ran(before):
    """Return the names of the chapter's cells, exercises left out, up to the one that has ``before``."""
    names = {"__name__": "chapter"}
    for cell in json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if before in source:
            return names
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and "exercise" not in tags:
            exec(compile(source, cell["id"], "exec"), names)
    raise AssertionError(f"no cell has {before}")


def test_a_climber_loses_little_less_than_with_labels_of_0_and_less_at_more_noise():
    here = ran("many = np.random.default_rng(1)")
    many, y = np.random.default_rng(1).standard_normal((2, 200, 25)), np.stack(here["exact"](here["samples"]))
    lost = {}
    for noise in (0.7, 1.0, 1.4):
        for truth in (1, 0):
            labels = y[:, None] + np.array([0.1, noise * truth])[:, None, None] * many
            labels[1] *= truth
            loss = functools.partial(here["sobolev_loss"], lam_a=(0.1 / noise) ** 2)
            critics = here["MLPCritic"](1, 1, range(200), hidden=(32, 32))
            *_, critic = here["train"](loss, critics, *torch.tensor(labels).float(), 1500)
            drawn = here["figures"].drawn(critic, here["s"], here["x"])
            found = here["figures"].readings(here["problem"], here["s"], here["x"], *drawn)
            lost[noise, truth] = found["climber"]
    for key, wanted in zip(lost, (0.042, 0.043, 0.081, 0.080, 0.086, 0.120), strict=True):
        assert abs(lost[key].mean() / wanted - 1) < 0.15
    ends = {x: bootstrap_interval(lost[x, 0] - lost[x, 1]) for x in (0.7, 1.0, 1.4)}
    assert all(ends[x][0] < 0 < ends[x][1] for x in (0.7, 1.0)) and 0 < ends[1.4][0]
