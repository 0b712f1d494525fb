"""Chapter 02's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest

from sobolev_book import check as package
from sobolev_book.check import exact_optimum as check
from sobolev_mini.toy import ToyProblem


def steps(c, gamma, k):
    return c / 2 * np.cumsum(gamma ** np.arange(float(k)))


def breakpoints(c, gamma, k):
    return 1 - np.cumsum(steps(c, gamma, k))


def residual(problem, value, s, n=4001):
    actions = np.linspace(-1, 1, n)
    return (problem.reward(s[:, None], actions) + problem.discount * value(actions)).max(axis=1) - value(s)


def discounted_by(discount):
    def answer(problem, value, s):
        return residual(
            ToyProblem(problem.slope, discount) if discount < 1 else Undiscounted(problem), value, s
        )

    return answer


class Undiscounted:
    """The reward of a problem, with the discount left out."""

    discount = 1.0

    def __init__(self, problem):
        self.reward = problem.reward


def followed(problem, value, s):
    a = problem.clipped_policy(s)
    return problem.reward(s, a) + problem.discount * value(a) - value(s)


def fails(*_):
    raise ZeroDivisionError("by nothing")


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
        check.residual(residual),
        check.residual(lambda problem, value, s: residual(problem, value, s, n=1001)),
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
        ((0.1, 0.2), "wanted 0.75"),
        (None, "got None"),
        (0.75, "wanted (2,)"),
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
        (lambda c, gamma, k: breakpoints(c, gamma, k)[::-1], "nearest the wall"),
        (lambda c, gamma, k: breakpoints(c, gamma, k + 1), "got shape (7,), wanted (6,)"),
        (lambda c, gamma, k: breakpoints(c, gamma, k) + 0.1, "got 0.1951, wanted 0.0951"),
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
        (lambda *x: residual(*x).max(), "got shape (), wanted (21,)"),
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
        (lambda problem, s: problem.clipped_policy(s), "wanted"),
        (lambda problem, s: 0.0, "got shape ()"),
        (lambda problem, s: None, "got None"),
        (fails, "ZeroDivisionError"),
        (None, "wanted a function"),
    ],
)
def test_mirrored_policy(answer, words):
    assert_wrong(check.mirrored_policy(answer), words)


def assert_wrong(verdict, words):
    assert not verdict.right
    assert words in verdict.message, verdict
    assert "0x" not in verdict.message
