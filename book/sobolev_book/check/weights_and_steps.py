"""Checkers for chapter 07: weights and steps."""

import numpy as np

from sobolev_book.check.verdict import judge


def declared(answer):
    """Check a function (gap (B, n), scale (n,), lam) -> the slopes' part of the loss, eq-07-units."""
    rng = np.random.default_rng(0)
    cases = [(rng.normal(size=(b, 2)), np.array([1.0, 8.0]), lam) for b, lam in ((4, 1.0), (6, 0.3))]
    return judge(
        answer,
        _declared,
        cases,
        praise="in these units a weight means the same on every task.",
        hints=[
            (lambda gap, scale, lam: lam * (gap**2).sum(axis=1).mean(), "the scales are missing"),
            (
                lambda gap, scale, lam: lam * (scale * gap**2).sum(axis=1).mean(),
                "the gap has the unit of Q over x, and it is squared: so is the scale",
            ),
            (
                lambda gap, scale, lam: lam * ((gap / scale) ** 2).sum(axis=1).mean(),
                "times the scale, not over it: a slope over a large component is small",
            ),
            (
                lambda gap, scale, lam: lam * ((scale * gap) ** 2).mean(),
                "sum over components, mean over samples",
            ),
            (lambda gap, scale, lam: lam * ((scale * gap) ** 2).sum(), "the mean over samples is missing"),
        ],
    )


def _declared(gap, scale, lam):
    return lam * ((scale * gap) ** 2).sum(axis=1).mean()


def normalised(answer):
    """Check a function (y (B,), y_a (B, n)) -> weights (n,), eq-07-normal."""
    rng = np.random.default_rng(0)
    cases = [(rng.normal(2, 1, size=b), rng.normal(1, 3, size=(b, 2))) for b in (6, 9)]
    return judge(
        answer,
        lambda y, y_a: y.var() / (y_a**2).mean(axis=0),
        cases,
        praise="a constant added to every value changes nothing, as it should.",
        hints=[
            (
                lambda y, y_a: y.std() / (y_a**2).mean(axis=0),
                "squares are weighed: the variance, not its root",
            ),
            (
                lambda y, y_a: (y**2).mean() / (y_a**2).mean(axis=0),
                "a constant added to Q must not matter: take the variance of y",
            ),
            (
                lambda y, y_a: y.var() / y_a.var(axis=0),
                "a slope's zero means something: its mean square, not its variance",
            ),
            (lambda y, y_a: (y_a**2).mean(axis=0) / y.var(), "the other way round: large slopes weigh less"),
            (
                lambda y, y_a: y.var(ddof=1) / (y_a**2).mean(axis=0),
                "divide by the number of samples in both, not by one less",
            ),
        ],
    )


def first_good(answer):
    """Check a function (sizes (K,), gains (K,), square) -> the step size taken, eq-07-armijo; 0 for none."""
    sizes = np.array([1.0, 0.5, 0.25, 0.125])
    cases = [
        (sizes, np.array([-3.0, 1e-5, 0.2, 0.1]), 4.0),
        (sizes, np.array([-3.0, -1.0, -0.5, -0.1]), 1.0),
        (sizes, np.array([1e-3, 0.3, 0.2, 0.1]), 2.0),
        (sizes, np.array([1e-5, 6e-5, 1e-5, 1e-6]), 1.0),  # 1e-4 t is enough, 1e-4 is not
        (sizes, np.array([0.0, 1.5e-4, 1e-5, 2e-5]), 4.0),  # |g|^2, not |g|
        (sizes, np.array([1e-5, 4e-5, 1e-5, 1e-6]), 1.0),  # t, not t^2
    ]
    return judge(
        answer,
        _first_good,
        cases,
        praise="the first that keeps a small part of its promise, however much a later one would gain.",
        hints=[
            (
                lambda sizes, gains, square: sizes[np.argmax(gains > 0)] if (gains > 0).any() else 0.0,
                "a gain above zero is not enough: it must be at least 1e-4 of the promise",
            ),
            (
                lambda sizes, gains, square: sizes[np.argmax(gains)] if (gains > 0).any() else 0.0,
                "the search stops at the first good size; it does not look for the best",
            ),
            (
                lambda sizes, gains, square: _first(sizes, gains >= sizes * square),
                "a ten-thousandth of the promise is enough, not all of it",
            ),
            (
                lambda sizes, gains, square: _first(sizes, gains >= 1e-4 * square),
                "a shorter step promises less: the promise is t times the square",
            ),
            (
                lambda sizes, gains, square: _first(sizes, gains >= 1e-4 * sizes**2 * square),
                "the promise grows as t, not as t squared",
            ),
            (
                lambda sizes, gains, square: _first(sizes, gains >= 1e-4 * sizes * square**0.5),
                "`square` is the slope's squared length already: take no root",
            ),
        ],
    )


def _first_good(sizes, gains, square):
    return _first(sizes, gains >= 1e-4 * sizes * square)


def _first(sizes, good):
    return sizes[np.argmax(good)] if good.any() else 0.0


def paired_ratio(answer):
    """Check a function (base (S,), method (S,)) -> geometric mean over seeds of base over method."""
    cases = [
        (np.array([1000, 3000, 500]), np.array([500, 1000, 1000])),
        (np.array([200, 800]), np.array([400, 100])),
    ]
    return judge(
        answer,
        lambda base, method: np.exp(np.log(base / method).mean()),
        cases,
        praise="half and double cancel, as they should.",
        hints=[
            (lambda base, method: np.exp(np.log(method / base).mean()), "base over method, not the reverse"),
            (
                lambda base, method: (base / method).mean(),
                "under this mean, half and double do not cancel: take the mean of the logarithms",
            ),
            (lambda base, method: base.mean() / method.mean(), "pair the seeds first: one ratio a seed"),
            (lambda base, method: np.log(base / method).mean(), "that is its logarithm"),
        ],
    )
