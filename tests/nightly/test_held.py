"""Chapter 04: from the weights of the runaway, s, a or sa held brings no run back."""

from functools import partial

import nbformat
import numpy as np
import pytest

from sobolev_book import bases
from tests.elsewhere import ROOT


@pytest.fixture(scope="module")
def chapter():
    cells = nbformat.read(ROOT / "notebooks" / "04_quadratic_critic.ipynb", as_version=4).cells
    source = {cell.id: cell.source for cell in cells}
    named = {}
    for name in ("04-01", "04-03", "04-25"):
        exec(source[name], named)
    exec(source["04-29"].partition("\nheld = ")[0], named)
    return named


@pytest.mark.parametrize("lam_a", [0, 1])
@pytest.mark.parametrize(("weight", "back"), [(1, False), (2, False), (4, False), (5, True)])
def test_held_beside_the_squares_no_weight_brings_the_run_back(chapter, weight, back, lam_a):
    """The weight of a², held the same way, does."""
    away = chapter["plain"].w[-1, 0]
    assert (chapter["held_in_adam"](weight, lam_a, away) == "settled") == back


def test_a_constant_held_high_enough_brings_the_run_back(chapter):
    """It brakes: at 1.71, its right value, too little, at 30 enough."""
    init, still = chapter["plain"].w[-1, 0].copy(), np.eye(6)
    still[0, 0], init[0] = 1e-9, 30
    train = partial(bases.train_in, still)
    assert chapter["outcome"](100_000, train, init=tuple(init)) != "away"
