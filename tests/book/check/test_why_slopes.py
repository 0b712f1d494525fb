"""Chapter 01's checkers: right answers, each known mistake, and nonsense."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from sobolev_book.check import why_slopes as check
from sobolev_mini.toy import ToyProblem


def ripple(a, spacing, slope, periods=0.5, start=-1.0):
    omega = 2 * np.pi * periods / spacing
    return slope * np.sin(omega * (a - start)) / omega


def gaps(phi, phi_a, y, y_a, lam_a, power=0.5):
    known, root = np.isfinite(y_a), lam_a**power
    rows = np.vstack([phi, root * phi_a[known]])
    return np.linalg.lstsq(rows, np.concatenate([y, root * y_a[known]]))[0]


def no_value_either(phi, phi_a, y, y_a, lam_a):
    known = np.isfinite(y_a)
    return gaps(phi[known], phi_a[known], y[known], y_a[known], lam_a)


def by_hand(a, spacing, slope):
    """A function of single numbers."""
    omega = math.pi / spacing
    return slope * math.sin(omega * (a + 1)) / omega


def fineness(problem, s, a, q, q_a, power=0.5, which=1, truth=1, axis=-1):
    value = q - truth * problem.optimal_q(s, a)
    slope = q_a - truth * problem.optimal_q_gradients(s, a)[which]
    return (np.mean(slope**2, axis=axis) / np.mean(value**2, axis=axis)) ** power


def by_deviation(problem, s, a, q, q_a):
    value, slope = q - problem.optimal_q(s, a), q_a - problem.optimal_q_gradients(s, a)[1]
    return np.std(slope, axis=-1) / np.std(value, axis=-1)


@pytest.mark.parametrize(
    "verdict",
    [
        *(check.slope_mse(x) for x in (0.0002 * 900, [0.18], np.array([[0.18]]), torch.tensor(0.18))),
        check.slope_mse(Fraction(18, 100)),
        *(check.one_summit(x) for x in (2 / 1600, Fraction(2, 1600), [2 / 1600], "1/800", " 1 / 800 ")),
        *(check.slope_mse(x) for x in ("0.18", "18%", "18 %")),
        check.one_summit(torch.tensor([2 / 1600], dtype=torch.float64, requires_grad=True)),
        check.alternating(ripple),
        check.alternating(by_hand),
        check.alternating(lambda a, h, m: torch.tensor(ripple(a, h, m), requires_grad=True)),
        check.alternating(lambda a, h, m: torch.tensor(by_hand(a, h, m), dtype=float, requires_grad=True)),
        check.gaps(gaps),
        check.gaps(lambda *x: gaps(*x)[:, None]),
        check.gaps(lambda *x: torch.tensor(gaps(*x))),
        check.fineness(fineness),
        check.fineness(lambda *x: torch.tensor(fineness(*x))),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.slope_mse(0.006), "so square it"),
        (check.slope_mse(0.09), "halved once too often"),
        (check.slope_mse(0.18**0.5), "root mean square"),
        (check.slope_mse(None), "got None"),
        (check.slope_mse(0.36), "you doubled it"),
        (check.slope_mse(0.0002 / 900), "you divided"),
        (check.slope_mse(0.2), "0.2 is not it, nor a mistake that we know; divide"),
        (check.slope_mse([0.18, 0.18]), "wanted ()"),
        (check.slope_mse("a lot"), "got a str"),
        (check.slope_mse("1/0"), "got a str"),
        (check.slope_mse("0.0002*900"), "without quotes"),
        *((check.slope_mse(x), "is not it, nor a mistake") for x in (0, 0.0001)),
        (check.slope_mse({}), "got a dict"),
        (check.slope_mse({0.18}), "got a set"),
        (check.slope_mse(b"a lot"), "got a bytes"),
        (check.slope_mse(x for x in (0.18,)), "got a generator"),
        (check.slope_mse(lambda: 1), "call it and give its result"),
        (check.slope_mse(True), "got True, wanted"),
        (check.slope_mse(-0.18), "never negative"),
        (check.slope_mse(18), "percentage"),
        (check.one_summit(()), "got shape (0,)"),
        (check.one_summit([[1], 2]), "got a list"),
        *((check.one_summit(x), "above 2") for x in (0.0013, 2.18 / 1600)),
        (check.one_summit(-2 / 1600), "leave the sign out"),
        (check.one_summit(0.125), "percentage"),
        (check.one_summit(None), "got None"),
        (check.one_summit(3.8 / 1600), "steepest curvature"),
        (check.one_summit(2.3 / 1600), "is not it"),
        (check.one_summit([2.1 / 1600, 7]), "wanted ()"),
        (check.one_summit(0.05), "bounded the slope"),
        (check.one_summit(1 / 1600), "is -2, not -1"),
        (check.alternating(lambda a, spacing, slope: ripple(a, spacing, slope, periods=1)), "whole period"),
        (check.alternating(lambda a, spacing, slope: (ripple(a, spacing, slope), 1)), "got a tuple"),
        (check.alternating(lambda a, h, m: ripple(a, h, m) * np.pi / h), "too steep"),
        (check.alternating(lambda a, h, m: ripple(a, h, m, start=0.0)), "shift it"),
        (check.alternating(lambda a, h, m: -ripple(a, h, m)), "signs are swapped"),
        (check.alternating(lambda a, h, m: None), "got None"),
        (check.alternating(ripple(np.zeros(3), 0.5, 1.0)), "wanted the function itself"),
        (check.alternating(lambda a, h, m: a[:2]), "got shape (2,)"),
        (check.alternating(lambda a, h, m: ripple(a, h, m, periods=1.5)), "a slower sine"),
        (check.alternating(lambda a, h, m: ripple(a, h, m, start=1.0)), "not a - 1"),
        (check.fineness(lambda *x: None), "got None"),
        (check.fineness(lambda *x: fineness(*x, power=1)), "frequency squared"),
        (check.fineness(lambda *x: fineness(*x, power=-0.5)), "upside down"),
        (check.fineness(lambda *x: fineness(*x, which=0)), "comes second"),
        (check.fineness(lambda *x: fineness(*x, truth=0)), "subtract the truth"),
        (check.fineness(lambda *x: np.mean(fineness(*x))), "average over the last axis"),
        (check.fineness(lambda *x: fineness(*x, axis=None)), "average over the last axis"),
        (check.fineness(lambda *x: np.sum(fineness(*x))), "got shape (), wanted (2,)"),
        (check.fineness(by_deviation), "np.std takes the mean away"),
        (check.fineness(lambda p, s, *x: fineness(p, 0.0, *x)), "take it at s"),
        (check.fineness(lambda *x: fineness(*x, axis=0)), "the last axis"),
        (check.gaps(no_value_either), "whole sample"),
        (
            check.gaps(lambda p, q, y, z, lam: gaps(p, q, y, np.nan_to_num(z), lam)),
            "asks the critic to be flat",
        ),
        (check.gaps(lambda *x: gaps(*x, power=1)), "square root of lam_a"),
        (check.gaps(lambda *x: gaps(*x[:-1], 0.0)), "left out every slope"),
        (check.gaps(lambda *x: gaps(*x[:-1], 1.0)), "weigh the slopes by 1"),
        (check.gaps(lambda *x: np.full(3, np.nan)), "reached the least squares"),
        (check.gaps(lambda *x: None), "got None"),
        (check.gaps(lambda *x: 1 / 0), "ZeroDivisionError"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right
    assert words in verdict.message


def test_no_number_is_given_away_at_one_guess():
    for judged, right in ((check.slope_mse, 0.18), (check.one_summit, 2 / 1600)):
        for guess in (1.0, -3, 0.0, 1e9, float("nan")):
            verdict = judged(guess)
            assert not verdict.right and "wanted" not in verdict.message
            assert f"{right:g}" not in verdict.message


@pytest.mark.parametrize("guess", [0.2, 18, -0.18, True, {}, 0.0013])
def test_messages_speak_of_the_page_and_not_of_its_source(guess):
    assert "eq-" not in check.slope_mse(guess).message + check.one_summit(guess).message


def test_the_curvature_that_the_second_exercise_does_not_let_through_is_the_true_one():
    a = np.linspace(-1, 1, 200_001)
    bend = np.diff(ToyProblem().optimal_q_gradients(0.0, a)[1]) / np.diff(a)
    assert -2.1834 < bend.max() < -2.1833 and bend.min() > -3.8001
