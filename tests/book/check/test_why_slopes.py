"""Chapter 01's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest

from sobolev_book.check import why_slopes as check


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


@pytest.mark.parametrize(
    "verdict",
    [
        check.slope_mse(0.0002 * 900),
        check.one_summit(2 / 1600),
        check.alternating(ripple),
        check.gaps(gaps),
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
        (check.one_summit(0.05), "bounded the slope"),
        (check.one_summit(1 / 1600), "is -2, not -1"),
        (check.alternating(lambda a, spacing, slope: ripple(a, spacing, slope, periods=1)), "whole period"),
        (check.alternating(lambda a, h, m: ripple(a, h, m) * np.pi / h), "too steep"),
        (check.alternating(lambda a, h, m: ripple(a, h, m, start=0.0)), "shift it"),
        (check.alternating(lambda a, h, m: -ripple(a, h, m)), "signs are swapped"),
        (check.alternating(lambda a, h, m: None), "got None"),
        (check.alternating(lambda a, h, m: a[:2]), "got shape (2,)"),
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
