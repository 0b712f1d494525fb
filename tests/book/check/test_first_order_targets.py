"""Chapter 03's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest

from sobolev_book.check import first_order_targets as check
from sobolev_mini.quadratic import feature_gradients, features, greedy_action
from sobolev_mini.toy import ToyProblem

PROBLEM = ToyProblem()


def slopes(w, s, a, discount=0.9, slope_discount=0.9, reward=1.0, which=0, bootstrap=0.0, own=False):
    b = a if own else greedy_action(w, a)
    r_s, r_a = (reward * g for g in PROBLEM.reward_gradients(s, a))
    v = slope_discount * feature_gradients(a, b)[which] @ w
    return PROBLEM.reward(s, a) + discount * features(a, b) @ w, r_s + bootstrap * v, r_a + v


def pullback(v, f_s, f_a, r_s, r_a):
    return r_s + (f_s.mT @ v[..., None])[..., 0], r_a + (f_a.mT @ v[..., None])[..., 0]


def not_transposed(v, f_s, f_a, r_s, r_a):
    return r_s + (f_s @ v[..., None])[..., 0], r_a + (f_a @ v[..., None])[..., 0]


def only_square(v, f_s, f_a, r_s, r_a):
    return pullback(v, f_s, f_a, r_s, r_a) if f_a.shape[2] == 2 else (r_s, r_a)


@pytest.mark.parametrize(
    "verdict",
    [
        check.pencil(0.66),
        check.pencil((0.2 - 2 * 0.4) + 0.9 * (1 + 2 * 0.2)),
        check.best_step(1e-3),
        check.best_step(5e-10 ** (1 / 3)),
        check.best_step(1e-9 ** (1 / 3)),
        check.slopes(slopes),
        check.slopes(lambda *x: np.stack(slopes(*x))),
        check.pullback(pullback),
        check.pullback(lambda *x: [g.tolist() for g in pullback(*x)]),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.pencil(None), "got None"),
        (check.pencil(-0.6 + 1.4), "forgot the discount"),
        (check.pencil(0.9 * 1.4), "forgot the reward"),
        (check.pencil(-0.6 + 0.9 * (2 * 0.4 - 4 * 0.2)), "reward's slope alone"),
        (check.pencil(-0.6 + 0.9), "the cross term"),
        (check.pencil(-0.6 + 0.9 * (1 + 2 * 0.4)), "not the action a"),
        (check.pencil(3.0), "got 3, wanted 0.66"),
        (check.pencil([0.66]), "got shape (1,)"),
        (check.pencil("much"), "got a str"),
        (check.best_step(None), "got None"),
        (check.best_step("small"), "got a str"),
        (check.best_step(-1e-3), "wanted a step > 0"),
        (check.best_step(float("nan")), "wanted a step > 0"),
        (check.best_step(1e-9**0.5), "one-sided"),
        (check.best_step(np.finfo(float).eps ** (1 / 3)), "float64's best step"),
        (check.best_step(1e-9), "noise over noise"),
        (check.best_step(0.1), "h^2 is larger"),
        (check.best_step(1e-7), "1e-9 / h is larger"),
        (check.slopes(lambda w, s, a: None), "got None"),
        (check.slopes(lambda *x: slopes(*x, discount=1, slope_discount=1)), "value and slope"),
        (check.slopes(lambda *x: slopes(*x, slope_discount=1)), "the discount in y_a"),
        (check.slopes(lambda *x: slopes(*x, reward=0)), "the reward's slopes"),
        (check.slopes(lambda *x: slopes(*x, which=1)), "not in its action"),
        (check.slopes(lambda *x: slopes(*x, bootstrap=1)), "y_s has no bootstrap"),
        (check.slopes(lambda *x: slopes(*x, own=True)), "its greedy one"),
        (check.slopes(lambda *x: slopes(*x)[0]), "got shape (5,), wanted (3, 5)"),
        (check.slopes(lambda *x: slopes(*x, reward=2)), "wanted"),
        (check.slopes(lambda w, s, a: w @ s), "it raised ValueError"),
        (check.pullback(None), "got None"),
        (check.pullback(lambda *x: None), "got None"),
        (check.pullback(not_transposed), "not by its transpose"),
        (check.pullback(lambda v, f, g, r_s, r_a: pullback(v, f, g, 0 * r_s, 0 * r_a)), "forgot r_s and r_a"),
        (check.pullback(only_square), "got"),
        (check.pullback(lambda *x: pullback(*x)[0]), "wanted the pair (g_s, g_a)"),
        (check.pullback(lambda *x: [g.sum(axis=0) for g in pullback(*x)]), "g_s: got shape (2,)"),
        (check.pullback(lambda *x: 1 / 0), "it raised ZeroDivisionError"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right
    assert words in verdict.message
