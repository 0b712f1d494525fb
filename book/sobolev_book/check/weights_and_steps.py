"""Checkers for chapter 07: weights and steps."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases

_GAPS = zip(normal_cases([(4, 2)], [(6, 2)]), (1.0, 0.3), strict=True)


@checker([(*gap, np.array([1.0, 8.0]), lam) for gap, lam in _GAPS])
def declared(gap, scale, lam):
    """Check a function (gap (B, n), scale (n,), lam) -> the slopes' part of the loss, eq-07-units."""

    def loss(scale):
        return lam * ((scale * gap) ** 2).sum(axis=1).mean()

    squares = (scale * gap) ** 2
    yield loss(scale), "in these units a weight means the same on every task."
    yield loss(1), "the scales are missing"
    yield loss(scale**0.5), "the gap has the unit of Q over x, and it is squared: so is the scale"
    yield loss(1 / scale), "times the scale, not over it: a slope over a large component is small"
    yield lam * squares.mean(), "sum over components, mean over samples"
    yield lam * squares.sum(), "the mean over samples is missing"


@checker([(2 + y, 1 + 3 * y_a) for y, y_a in normal_cases([6, (6, 2)], [9, (9, 2)])])
def normalised(y, y_a):
    """Check a function (y (B,), y_a (B, n)) -> weights (n,), eq-07-normal."""
    square = (y_a**2).mean(axis=0)
    yield y.var() / square, "a constant added to every value changes nothing, as it should."
    yield y.std() / square, "squares are weighed: the variance, not its root"
    yield (y**2).mean() / square, "a constant added to Q must not matter: take the variance of y"
    yield y.var() / y_a.var(axis=0), "a slope's zero means something: its mean square, not its variance"
    yield square / y.var(), "the other way round: large slopes weigh less"
    yield y.var(ddof=1) / square, "divide by the number of samples in both, not by one less"


@checker(
    (np.array([1.0, 0.5, 0.25, 0.125]), np.array(gains), square)
    for *gains, square in (
        (-3.0, 1e-5, 0.2, 0.1, 4.0),
        (-3.0, -1.0, -0.5, -0.1, 1.0),
        (1e-3, 0.3, 0.2, 0.1, 2.0),
        (1e-5, 6e-5, 1e-5, 1e-6, 1.0),  # 1e-4 t is enough, 1e-4 is not
        (0.0, 1.5e-4, 1e-5, 2e-5, 4.0),  # |g|^2, not |g|
        (1e-5, 4e-5, 1e-5, 1e-6, 1.0),  # t, not t^2
    )
)
def first_good(sizes, gains, square):
    """Check a function (sizes (K,), gains (K,), square) -> the step size taken, eq-07-armijo; 0 for none."""

    def first(good):
        return sizes[np.argmax(good)] if good.any() else 0.0

    promise = sizes * square
    taken = first(gains >= 1e-4 * promise)
    yield taken, "the first that keeps a small part of its promise, however much a later one would gain."
    yield first(gains > 0), "a gain above zero is not enough: it must be at least 1e-4 of the promise"
    best = sizes[np.argmax(gains)] if (gains > 0).any() else 0.0
    yield best, "the search stops at the first good size; it does not look for the best"
    yield first(gains >= promise), "a ten-thousandth of the promise is enough, not all of it"
    level = first(gains >= 1e-4 * square)
    yield level, "a shorter step promises less: the promise is t times the square"
    yield first(gains >= 1e-4 * sizes * promise), "the promise grows as t, not as t squared"
    root = first(gains >= 1e-4 * sizes * square**0.5)
    yield root, "`square` is the slope's squared length already: take no root"


@checker(
    [
        (np.array([1000, 3000, 500]), np.array([500, 1000, 1000])),
        (np.array([200, 800]), np.array([400, 100])),
    ]
)
def paired_ratio(base, method):
    """Check a function (base (S,), method (S,)) -> geometric mean over seeds of base over method."""
    ratios = base / method
    logarithm = np.log(ratios).mean()
    yield np.exp(logarithm), "half and double cancel, as they should."
    yield np.exp(-logarithm), "base over method, not the reverse"
    mean = ratios.mean()
    yield mean, "under this mean, half and double do not cancel: take the mean of the logarithms"
    yield base.mean() / method.mean(), "pair the seeds first: one ratio a seed"
    yield logarithm, "that is its logarithm"
