"""Chapter 07's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest

from sobolev_book.check import weights_and_steps as check


def first_good(promise):
    """Return a search that stops at the first gain of at least ``promise(size, square)``."""
    return lambda t, g, q: next((x for x, gain in zip(t, g, strict=True) if gain >= promise(x, q)), 0.0)


@pytest.mark.parametrize(
    "verdict",
    [
        check.declared(lambda gap, scale, lam: np.mean(np.sum(lam * scale**2 * gap**2, axis=1))),
        check.normalised(lambda y, y_a: np.mean((y - y.mean()) ** 2) / np.mean(y_a**2, axis=0)),
        check.first_good(first_good(lambda t, q: 1e-4 * t * q)),
        check.paired_ratio(lambda base, method: np.prod(base / method) ** (1 / len(base))),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.declared(lambda gap, scale, lam: None), "got None"),
        (check.declared(lambda gap, scale, lam: lam * (gap**2).sum(axis=1).mean()), "scales are missing"),
        (check.declared(lambda gap, scale, lam: lam * (gap**2 @ scale).mean()), "so is the scale"),
        (check.declared(lambda gap, scale, lam: lam * ((gap / scale) ** 2).sum(1).mean()), "not over it"),
        (check.declared(lambda gap, scale, lam: lam * ((gap * scale) ** 2).mean()), "sum over components"),
        (check.declared(lambda gap, scale, lam: lam * ((gap * scale) ** 2).sum()), "mean over samples"),
        (check.normalised(lambda y, y_a: y.std() / (y_a**2).mean(0)), "not its root"),
        (check.normalised(lambda y, y_a: (y**2).mean() / (y_a**2).mean(0)), "must not matter"),
        (check.normalised(lambda y, y_a: y.var() / y_a.var(axis=0)), "its mean square"),
        (check.normalised(lambda y, y_a: y.var() / (y_a**2).mean()), "got shape ()"),
        (check.normalised(lambda y, y_a: (y_a**2).mean(0) / y.var()), "other way round"),
        (check.normalised(lambda y, y_a: y.var(ddof=1) / (y_a**2).mean(0)), "one less"),
        (check.first_good(lambda t, g, q: t[np.argmax(g > 0)] if (g > 0).any() else 0.0), "is not enough"),
        (check.first_good(lambda t, g, q: t[np.argmax(g)] if (g > 0).any() else 0.0), "look for the best"),
        (check.first_good(first_good(lambda t, q: t * q)), "not all of it"),
        (check.first_good(first_good(lambda t, q: 1e-4 * q)), "promises less"),
        (check.first_good(first_good(lambda t, q: 1e-4 * t * t * q)), "not as t squared"),
        (check.first_good(first_good(lambda t, q: 1e-4 * t * q**0.5)), "take no root"),
        (check.first_good(lambda t, g, q: t[0]), "got 1, wanted 0.25"),
        (check.paired_ratio(lambda b, m: np.exp(np.log(m / b).mean())), "not the reverse"),
        (check.paired_ratio(lambda b, m: (b / m).mean()), "do not cancel"),
        (check.paired_ratio(lambda b, m: b.mean() / m.mean()), "pair the seeds"),
        (check.paired_ratio(lambda b, m: np.log(b / m).mean()), "its logarithm"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right and words in verdict.message, verdict
