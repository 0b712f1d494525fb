"""Checkers for chapter 07: weights and steps."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases


@checker(
    [
        (*gap, np.array([1.0, 8.0]), lam)
        for gap, lam in zip(normal_cases([(4, 2)], [(6, 2)]), (1.0, 0.3), strict=True)
    ],
    praise="in these units a weight means the same on every task.",
    mistakes={
        "the scales are missing": lambda gap, scale, lam: declared.right(gap, 1, lam),
        "the gap has the unit of Q over x, and it is squared: so is the scale": (
            lambda gap, scale, lam: declared.right(gap, scale**0.5, lam)
        ),
        "times the scale, not over it: a slope over a large component is small": (
            lambda gap, scale, lam: declared.right(gap, 1 / scale, lam)
        ),
        "sum over components, mean over samples": lambda gap, scale, lam: lam * ((scale * gap) ** 2).mean(),
        "the mean over samples is missing": lambda gap, scale, lam: lam * ((scale * gap) ** 2).sum(),
    },
)
def declared(gap, scale, lam):
    """Check a function (gap (B, n), scale (n,), lam) -> the slopes' part of the loss, eq-07-units."""
    return lam * ((scale * gap) ** 2).sum(axis=1).mean()


@checker(
    [(2 + y, 1 + 3 * y_a) for y, y_a in normal_cases([6, (6, 2)], [9, (9, 2)])],
    praise="a constant added to every value changes nothing, as it should.",
    mistakes={
        "squares are weighed: the variance, not its root": lambda y, y_a: y.std() / (y_a**2).mean(axis=0),
        "a constant added to Q must not matter: take the variance of y": (
            lambda y, y_a: (y**2).mean() / (y_a**2).mean(axis=0)
        ),
        "a slope's zero means something: its mean square, not its variance": (
            lambda y, y_a: y.var() / y_a.var(axis=0)
        ),
        "the other way round: large slopes weigh less": lambda y, y_a: 1 / normalised.right(y, y_a),
        "divide by the number of samples in both, not by one less": (
            lambda y, y_a: y.var(ddof=1) / (y_a**2).mean(axis=0)
        ),
    },
)
def normalised(y, y_a):
    """Check a function (y (B,), y_a (B, n)) -> weights (n,), eq-07-normal."""
    return y.var() / (y_a**2).mean(axis=0)


@checker(
    [
        (np.array([1.0, 0.5, 0.25, 0.125]), np.array(gains), square)
        for *gains, square in (
            (-3.0, 1e-5, 0.2, 0.1, 4.0),
            (-3.0, -1.0, -0.5, -0.1, 1.0),
            (1e-3, 0.3, 0.2, 0.1, 2.0),
            (1e-5, 6e-5, 1e-5, 1e-6, 1.0),  # 1e-4 t is enough, 1e-4 is not
            (0.0, 1.5e-4, 1e-5, 2e-5, 4.0),  # |g|^2, not |g|
            (1e-5, 4e-5, 1e-5, 1e-6, 1.0),  # t, not t^2
        )
    ],
    praise="the first that keeps a small part of its promise, however much a later one would gain.",
    mistakes={
        "a gain above zero is not enough: it must be at least 1e-4 of the promise": (
            lambda sizes, gains, square: _first(sizes, gains > 0)
        ),
        "the search stops at the first good size; it does not look for the best": (
            lambda sizes, gains, square: sizes[np.argmax(gains)] if (gains > 0).any() else 0.0
        ),
        "a ten-thousandth of the promise is enough, not all of it": (
            lambda sizes, gains, square: _first(sizes, gains >= sizes * square)
        ),
        "a shorter step promises less: the promise is t times the square": (
            lambda sizes, gains, square: _first(sizes, gains >= 1e-4 * square)
        ),
        "the promise grows as t, not as t squared": (
            lambda sizes, gains, square: _first(sizes, gains >= 1e-4 * sizes**2 * square)
        ),
        "`square` is the slope's squared length already: take no root": (
            lambda sizes, gains, square: first_good.right(sizes, gains, square**0.5)
        ),
    },
)
def first_good(sizes, gains, square):
    """Check a function (sizes (K,), gains (K,), square) -> the step size taken, eq-07-armijo; 0 for none."""
    return _first(sizes, gains >= 1e-4 * sizes * square)


def _first(sizes, good):
    return sizes[np.argmax(good)] if good.any() else 0.0


@checker(
    [
        (np.array([1000, 3000, 500]), np.array([500, 1000, 1000])),
        (np.array([200, 800]), np.array([400, 100])),
    ],
    praise="half and double cancel, as they should.",
    mistakes={
        "base over method, not the reverse": lambda base, method: paired_ratio.right(method, base),
        "under this mean, half and double do not cancel: take the mean of the logarithms": (
            lambda base, method: (base / method).mean()
        ),
        "pair the seeds first: one ratio a seed": lambda base, method: base.mean() / method.mean(),
        "that is its logarithm": lambda base, method: np.log(base / method).mean(),
    },
)
def paired_ratio(base, method):
    """Check a function (base (S,), method (S,)) -> geometric mean over seeds of base over method."""
    return np.exp(np.log(base / method).mean())
