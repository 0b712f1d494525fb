"""Chapter 02's checkers: right answers, each known mistake, and nonsense."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from sobolev_book import check as package
from sobolev_book.check import exact_optimum as check
from tests.book.check.optimum_answers import (
    breakpoints,
    discounted_by,
    fails,
    followed,
    plan_followed,
    planner,
    residual,
    steps,
)


def test_the_chapter_finds_its_checkers():
    assert package.exact_optimum is check


@pytest.mark.parametrize(
    "verdict",
    [
        check.two_breakpoints((0.75, 0.3)),
        check.two_breakpoints([0.75, 0.3000001]),
        check.unconstrained_step(lambda c, gamma: c / (2 - 2 * gamma)),
        check.breakpoints(breakpoints),
        check.breakpoints(lambda c, gamma, k: list(breakpoints(c, gamma, k))),
        check.two_breakpoints(np.array([[0.75, 0.3]])),
        check.two_breakpoints([Fraction(3, 4), Fraction(3, 10)]),
        check.two_breakpoints(torch.tensor([0.75, 0.3], requires_grad=True)),
        check.unconstrained_step(lambda c, gamma: [c / (2 - 2 * gamma)]),
        check.unconstrained_step(lambda c, gamma: torch.tensor(c / (2 - 2 * gamma), dtype=torch.float64)),
        check.breakpoints(lambda c, gamma, k: breakpoints(c, gamma, k)[:, None]),
        check.residual(residual, 0.5),
        check.residual(residual, [Fraction(1, 2)]),
        check.residual(lambda *x: residual(*x)[:, None], np.array([0.5])),
        check.residual(lambda problem, value, s: residual(problem, value, s, n=1001), 0.502),
        check.planner_return(planner, 5),
        check.planner_return(lambda *x: list(planner(*x, steps=300)), "5"),
        check.planner_return(lambda *x: planner(*x, steps=100), 5),
        check.two_breakpoints(["3/4", "3 / 10"]),
        check.breakpoints(lambda c, gamma, k: torch.tensor(breakpoints(c, gamma, k).tolist())),
        check.mirrored_policy(lambda problem, s: -problem.optimal_policy(-s)),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((0.25, 0.7), "distances from the wall"),
        ((0.25, 0.45), "the steps D_1 and D_2"),
        ((0.75, 0.55), "not D_2 alone"),
        ((0.3, 0.75), "wrong order"),
        ((0.75, 0.5), "forgot the discount"),
        ((0.5, -0.4), "is c/2, not c"),
        ((0.1, 0.2), "got 0.1, which is not it"),
        ((0.5, 0.1), "is c/2, not c"),
        ('"1-c/2", 0.3', "without quotes"),
        (None, "got None"),
        (0.75, "got shape (), wanted (2,)"),
        ((0.75,), "got shape (1,), wanted (2,)"),
        (([0.75, 1], [0.3]), "got a tuple, wanted"),
        ((-0.75, -0.3), "the sign"),
        ((75, 30), "percentages"),
        ("three quarters", "wanted numbers"),
    ],
)
def test_two_breakpoints(answer, words):
    assert_wrong(check.two_breakpoints(answer), words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda c, gamma: c / 2, "forgot the discount"),
        (lambda c, gamma: c / (1 - gamma), "half of that"),
        (lambda c, gamma: c / (2 * (1 + gamma)), "a sign"),
        (lambda c, gamma: c / 2 * (1 + gamma), "the sum goes on"),
        (lambda c, gamma: -c / (2 - 2 * gamma), "the sign"),
        (lambda c, gamma: ([c, c], 1), "got a tuple"),
        (lambda c, gamma: 1.0, "got 1, wanted"),
        (lambda c, gamma: None, "got None"),
        (lambda c, gamma: [c, gamma], "got shape (2,)"),
        (fails, "ZeroDivisionError"),
        (None, "got None"),
    ],
)
def test_unconstrained_step(answer, words):
    assert_wrong(check.unconstrained_step(answer), words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda c, gamma, k: 1 - c / 2 * np.arange(1, k + 1), "where is the discount?"),
        (lambda c, gamma, k: 1 - steps(c, gamma, k), "one more sum"),
        (lambda c, gamma, k: 1 - breakpoints(c, gamma, k), "take them from 1"),
        (lambda c, gamma, k: 1 - c / (2 - 2 * gamma) * np.arange(1, k + 1), "as long as without bounds"),
        (lambda c, gamma, k: 1 - np.cumsum(steps(c, gamma, k + 1)[1:]), "start with D_2"),
        (lambda c, gamma, k: 1 - np.cumsum([0, *steps(c, gamma, k - 1)]), "began with D_0"),
        (lambda c, gamma, k: breakpoints(c, gamma, k)[::-1], "nearest the wall"),
        (lambda c, gamma, k: breakpoints(2 * c, gamma, k), "D_1 is c/2, not c"),
        (lambda c, gamma, k: (breakpoints(c, gamma, k), 1), "got a tuple"),
        (lambda c, gamma, k: breakpoints(c, gamma, k + 1), "got shape (7,), wanted (6,)"),
        (lambda c, gamma, k: breakpoints(c, gamma, k) + 0.1, "got 0.1951, wanted 0.0951"),
        (lambda c, gamma, k: breakpoints(c, gamma, k)[breakpoints(c, gamma, k) >= -1], "keep those beyond"),
        (lambda c, gamma, k: np.maximum(breakpoints(c, gamma, k), -1), "where they are"),
        (lambda c, gamma, k: None, "got None"),
        (fails, "ZeroDivisionError"),
    ],
)
def test_breakpoints(answer, words):
    assert_wrong(check.breakpoints(answer), words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *x: -residual(*x), "the sign"),
        (discounted_by(1.0), "forgot the discount"),
        (discounted_by(0.9), "ask the problem for its own"),
        (lambda problem, value, s: residual(problem, value, s) + value(s), "subtract value(s)"),
        (followed, "followed the clipped policy"),
        (lambda *x: np.abs(residual(*x)), "keep the sign"),
        (residual, "at which state is the clipped value's residual largest"),
        (lambda *x: residual(*x).max(), "got shape (), wanted (12,)"),
        (lambda *x: residual(*x) + 0.1, "wanted"),
        (lambda *x: residual(*x, n=11), "wanted"),
        (lambda *x: None, "got None"),
        (fails, "ZeroDivisionError"),
        (None, "wanted a function"),
    ],
)
def test_residual(answer, words):
    assert_wrong(check.residual(answer), words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda problem, s: problem.optimal_policy(s), "still the policy that goes right"),
        (lambda problem, s: -problem.optimal_policy(s), "the state needs its sign turned"),
        (lambda problem, s: problem.optimal_policy(-s), "the action needs its sign turned"),
        (lambda problem, s: problem.optimal_policy(s)[::-1] * -1, "reversing the order is no mirror"),
        (lambda problem, s: problem.clipped_policy(s), "wanted"),
        (lambda problem, s: 0.0, "got shape ()"),
        (lambda problem, s: None, "got None"),
        (fails, "ZeroDivisionError"),
        (None, "wanted a function"),
    ],
)
def test_mirrored_policy(answer, words):
    assert_wrong(check.mirrored_policy(answer), words)


@pytest.mark.parametrize(
    ("worst", "words"),
    [(0.0, "another stride"), (0.0417, "where is it?"), (0.4, "got 0.4, which is not it"), ([], "shape")],
)
def test_the_state_of_the_largest_residual(worst, words):
    assert_wrong(check.residual(residual, worst), words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda problem, s, n: problem.optimal_value(s), "that is V*"),
        (lambda problem, s, n: planner(problem, s, n, more=1), "not D_(n+1)"),
        (lambda problem, s, n: planner(problem, s, n, steps=n), "for ever"),
        (lambda problem, s, n: plan_followed(problem, s, n, rest=0), "that is V_n"),
        (plan_followed, "follows one plan out"),
        (lambda *x: planner(*x, steps=50), "walk 100 or more"),
        (planner, "the function is right; now use it"),
        (lambda *x: None, "got None"),
        (fails, "ZeroDivisionError"),
        (None, "wanted a function"),
    ],
)
def test_planner_return(answer, words):
    assert_wrong(check.planner_return(answer), words)


@pytest.mark.parametrize(
    ("enough", "words"), [(7, "nothing at all"), (4, "from the far end"), (9, "which is not it")]
)
def test_how_far_a_planner_must_see(enough, words):
    assert_wrong(check.planner_return(planner, enough), words)


@pytest.mark.parametrize("judge", [check.mirrored_policy, check.planner_return, check.residual])
def test_what_an_answer_does_to_its_problem_is_gone_with_it(judge):
    def spoils(problem, *_):
        problem.__dict__["slope"] = 7.0

    judge(spoils)
    assert check.residual(residual, 0.5).right and check.planner_return(planner, 5).right
    assert check.mirrored_policy(lambda problem, s: -problem.optimal_policy(-s)).right


def assert_wrong(verdict, words):
    assert not verdict.right
    assert words in verdict.message, verdict
    assert "0x" not in verdict.message
