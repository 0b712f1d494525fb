"""The appendix on the runaway: from the weights of the runaway, s, a or sa held brings no run back."""

from functools import partial

import nbformat
import numpy as np
import pytest

from sobolev_book import bases
from tests.elsewhere import ROOT


@pytest.fixture(scope="module")
def chapter():
    cells = nbformat.read(ROOT / "notebooks" / "appendix_runaway.ipynb", as_version=4).cells
    source = {cell.id: cell.source for cell in cells}
    named = {}
    for name in ("r-01", "04-25", "r-03"):
        exec(source[name], named)
    exec(source["04-29"].partition("\nheld = ")[0], named)
    exec(source["04-34"].partition("\n\n\nTable(")[0], named)
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


@pytest.mark.parametrize("constant", [-0.25, 0.5, 1.0, None, 3.0])
def test_a_run_started_at_the_fixed_point_leaves_whatever_its_constant(chapter, constant):
    """So a constant that lags is not what turns the run; None is the right one, 1.71."""
    init = chapter["quadratic"].fitted_q_iteration(chapter["problem"], 0, 0)
    init[0] = init[0] if constant is None else constant
    assert chapter["outcome"](100_000, init=tuple(init)) == "away"


def test_where_the_run_turns_a_squared_damps_itself(chapter):
    x, p = np.polynomial.legendre.leggauss(40)
    plain, greedy = chapter["plain"], chapter["quadratic"].greedy_action
    (w,) = plain.w[np.asarray(plain.steps) == 18_000, 0]
    b = greedy(w, x)
    assert b.max() < 1
    assert (p / 2 * x**2 * (x**2 - 0.9 * b**2)).sum() == pytest.approx(0.12, abs=0.005)
    assert plain.w[np.asarray(plain.steps) == 20_000, 0, 5] > w[5]  # and the weight has begun to rise


@pytest.mark.parametrize("off", [0.01, -0.01])
@pytest.mark.parametrize("weight", [None, *range(6)])
def test_near_the_fixed_point_a_run_settles_with_one_weight_held_where_its_jacobian_is_stable(
    chapter, weight, off
):
    """The weights of a and of a² are those two, and no other; values alone, Adam."""
    found = chapter["quadratic"].fitted_q_iteration(chapter["problem"], 0, 0)
    init, still = found + off, np.eye(6)
    if weight is not None:
        still[weight, weight], init[weight] = 1e-9, found[weight]
    train = partial(bases.train_in, still)
    assert (chapter["outcome"](100_000, train, init=tuple(init)) == "settled") == (weight in (2, 5))


@pytest.mark.parametrize("held", [False, True])
def test_plain_steps_come_back_from_the_far_region_only_if_the_constant_may_grow(chapter, held):
    quadratic, problem, w = chapter["quadratic"], chapter["problem"], np.zeros(6)
    M, convex, k = quadratic.gram_matrix(0, 0), False, 0
    while k < 8000 and np.abs(w).max() < 1e4:
        pull = M @ (w - quadratic.bellman_projection(problem, w, 0, 0, None))
        convex = convex or w[5] > 0.5
        pull[0] *= not (held and convex)
        w, k = w - 0.1 * pull, k + 1
    assert convex and (np.abs(w).max() < 1e4) != held


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("samples", "settled"),
    [(5, (False, True, True, True)), (50, (False, False, True, True)), (200, (False,) * 3 + (True,))],
)
def test_noise_near_the_fixed_point_protects_other_seeds_alike(chapter, samples, settled, seed):
    """Where seed 0 settles in the appendix's table, at these slope weights, so do they."""
    ends = [chapter["near"](lam, samples, seeds=(seed,)) for lam in (0.05, 0.1, 0.14, 0.2)]
    assert [end == "settled" for end in ends] == list(settled)


def turn(ends, away, back):
    """Return by bisection where a run that starts away begins to come back."""
    for _ in range(4):
        middle = (away + back) / 2
        away, back = (middle, back) if ends(middle) == "away" else (away, middle)
    return (away + back) / 2


@pytest.mark.parametrize(
    ("lams", "last_ray", "ends", "found"),
    [
        (lambda x: (x, x), 0.1467, (0.09, 0.16), (0.11, 0.131, 0.136)),
        (lambda x: (x, 1), 0.0419, (0.01, 0.05), (0.011, 0.026, 0.031)),
    ],
)
def test_with_less_noise_adam_turns_nearer_to_where_the_last_ray_ends(chapter, lams, last_ray, ends, found):
    """Batches of 5, 50 and 200 samples, a million steps each."""
    away, turns = tuple(chapter["plain"].w[-1, 0]), []
    for size in (5, 50, 200):

        def run(x, size=size):
            lam_s, lam_a = lams(x)
            return chapter["outcome"](10**6, lam_s=lam_s, lam_a=lam_a, init=away, batch_size=size)

        turns.append(turn(run, *ends))
    assert turns == sorted(turns) and turns[-1] < last_ray
    assert turns == pytest.approx(found, abs=0.1 * last_ray)


@pytest.mark.parametrize("lam", [0, 0.1, 0.12])
def test_a_run_that_is_away_still_rises_after_three_million_steps(chapter, lam):
    settings = {"lam_s": lam, "lam_a": lam, "init": tuple(chapter["plain"].w[-1, 0])}
    config = chapter["QConfig"](steps=3_000_000, seeds=(0,), record=(1_500_000, 3_000_000), **settings)
    early, late = chapter["train_quadratic"](chapter["problem"], config).w[:, 0, 5]
    assert 1.8 < late / early < 2.2
