"""Checkers for chapter 08: when gradients lie."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases


def _power(factors, power):
    """Return a mistake for each factor: factor * rounding / third to the power."""
    return [lambda rounding, third, c=c: (c * rounding / third) ** power for c in factors]


@checker(
    [(1e-16, 1.0), (1e-7, 50.0), (1e-12, 0.01)],
    praise="a thousand times more rounding asks for a step ten times longer.",
    tolerance=1e-10,
    mistakes={
        "there both errors are equal; their sum is least where their derivatives cancel": _power([6], 1 / 3),
        "that is for an error that grows as h: a central difference's grows as h squared": _power([2], 0.5),
        "that is h cubed": _power([3], 1),
        "`** 1 / 3` divides by three: the root is `** (1 / 3)`": _power([1], 1),
        "right but for a constant factor: differentiate both terms in h again": (
            _power([1, 2, 1 / 2, 1 / 3, 3 / 2, 12], 1 / 3)
        ),
        "that is a square root: a central difference's error grows as h squared": _power([1, 3, 6], 0.5),
        "that is one over it: more rounding asks for a longer step": _power([3], -1 / 3),
    },
)
def best_step(rounding, third):
    """Check a function (rounding, third) -> the h that minimises rounding/h + third h^2/6."""
    return (3 * rounding / third) ** (1 / 3)


def _norm(x, **options):
    return np.sqrt((x**2).sum(axis=(1, 2), **options))


def _shortened(J, bound, size=None):
    return J * bound / np.maximum(_norm(J, keepdims=True) if size is None else size, bound)


_J = np.array([0.1, 1, 30, 5])[:, None, None] * normal_cases([(4, 2, 3)])[0][0]


@checker(
    [(_J, 2.0), (_J[:3], 1.0), (np.zeros((1, 2, 2)), 1.0)],
    praise="large ones keep their direction, small ones stay.",
    mistakes={
        "entries cut one by one turn the slope: shorten J as a whole": [
            lambda J, bound: np.clip(J, -bound, bound),
            np.minimum,
        ],
        "small ones stay as they are: the factor is at most one": (
            lambda J, bound: J * bound / _norm(J, keepdims=True)
        ),
        "one norm a sample, not one for the batch: a single large one shortened all": (
            lambda J, bound: _shortened(J, bound, np.linalg.norm(J))
        ),
        "shorten large ones, do not drop them": (
            lambda J, bound: np.where(_norm(J, keepdims=True) > bound, 0, J)
        ),
        "that is the spectral norm; wanted is Frobenius', the root of the sum of squares": (
            lambda J, bound: _shortened(J, bound, np.linalg.norm(J, 2, (1, 2), keepdims=True))
        ),
        "the bound need not be one": lambda J, bound: _shortened(J, 1),
        "one norm a sample, not one a row: rows shortened apart turn the slope": (
            lambda J, bound: _shortened(J, bound, np.linalg.norm(J, axis=2, keepdims=True))
        ),
        "a Jacobian of zeros has no norm to divide by: it stays as it is": (
            lambda J, bound: J / _norm(J, keepdims=True) * np.minimum(_norm(J, keepdims=True), bound)
        ),
    },
)
def clipped(J, bound):
    """Check a function (J (B, m, n), bound) -> J with Frobenius norms of at most bound, eq-08-clip."""
    return _shortened(J, bound)


def _drawn():
    """Return two cases of slopes, given and measured."""
    rng = np.random.default_rng(1)
    for n, spread in ((11, 0.1), (21, 2.0)):
        measured = rng.normal(size=(n, 2, 3))
        yield measured * rng.lognormal(0, spread, size=(n, 1, 1)) + 1e-3, measured


def _ranks(errors):
    return np.quantile(errors, (0.5, 0.9))


def _over(size):
    """Return the answer of a student who divides by ``size(norm given, norm measured)``."""
    return lambda given, measured: _ranks(_norm(given - measured) / size(_norm(given), _norm(measured)))


def _relative(given, measured):
    return _norm(given - measured) / np.maximum(_norm(given), _norm(measured))


@checker(
    _drawn(),
    praise="no error can exceed two, and one state at a kink cannot fail the rest.",
    mistakes={
        "these are absolute errors: divide by the larger of the two norms": _over(lambda given, measured: 1),
        "divide by the larger of the two norms: a slope measured as zero would divide by zero": (
            _over(lambda given, measured: measured)
        ),
        "divide by the larger of the two norms: a slope given as zero would divide by zero": (
            _over(lambda given, measured: given)
        ),
        "one error a sample: norms first, then the ratio": (
            lambda x, y: _ranks(np.abs(x - y) / np.maximum(np.abs(x), np.abs(y)))
        ),
        "the maximum belongs to a state at a kink: take the 90th percentile": (
            lambda *case: np.quantile(_relative(*case), (0.5, 1))
        ),
        "that is a mean: take the median": (
            lambda *case: [_relative(*case).mean(), np.quantile(_relative(*case), 0.9)]
        ),
        "np.percentile counts to a hundred: 50 and 90": (
            lambda *case: np.quantile(_relative(*case), (0.005, 0.009))
        ),
        "divide by the larger of the two norms, not by their sum": _over(np.add),
        "divide by the larger of the two norms, not by the smaller": _over(np.minimum),
    },
)
def gate(given, measured):
    """Check a function (given, measured), each (B, m, n) -> [median, 90th percentile] of relative errors."""
    return _ranks(_relative(given, measured))


@checker(
    [(2.0, 5.0, 3.0, 7.0), (1.5, -2.0, 0.5, 4.0), (1.0, 3.0, -2.0, 0.0)],
    praise="it is wrong by p t: the path that the second assignment had cut.",
    mistakes={
        "that is the true slope; the tape gets it wrong": lambda p, q, r, t: q * t + p * r,
        "v was made before u was overwritten: it is p that meets r + t": (
            lambda p, q, r, t: (p + q) * (r + t)
        ),
        "the second assignment sends its part back too, q t": lambda p, q, r, t: p * (r + t),
        "that is by how much it is wrong": lambda p, q, r, t: p * t,
        "it is the first assignment that gets a share not its own": lambda p, q, r, t: 2 * q * t + p * r,
    },
)
def stale(p, q, r, t):
    """Check a function (p, q, r, t) -> d out / d x by a tape without fresh adjoints.

    The program is u = p x; v = r u; u = q x; out = v + t u.
    """
    return q * t + p * (r + t)
