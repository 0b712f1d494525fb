"""Checkers for chapter 08: when gradients lie."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases


@checker([(1e-16, 1.0), (1e-7, 50.0), (1e-12, 0.01)], tolerance=1e-10)
def best_step(rounding, third):
    """Check a function (rounding, third) -> the h that minimises rounding/h + third h^2/6."""

    def power(factor, exponent=1 / 3):
        return (factor * rounding / third) ** exponent

    yield power(3), "a thousand times more rounding asks for a step ten times longer."
    yield power(6), "there both errors are equal; their sum is least where their derivatives cancel"
    yield power(2, 0.5), "that is for an error that grows as h: a central difference's grows as h squared"
    yield power(3, 1), "that is h cubed"
    yield power(1, 1), "`** 1 / 3` divides by three: the root is `** (1 / 3)`"
    for factor in (1, 2, 1 / 2, 1 / 3, 3 / 2, 12):
        yield power(factor), "right but for a constant factor: differentiate both terms in h again"
    for factor in (1, 3, 6):
        yield power(factor, 0.5), "that is a square root: a central difference's error grows as h squared"
    yield power(3, -1 / 3), "that is one over it: more rounding asks for a longer step"


_J = np.array([0.1, 1, 30, 5])[:, None, None] * normal_cases([(4, 2, 3)])[0][0]


@checker([(_J, 2.0), (_J[:3], 1.0), (np.zeros((1, 2, 2)), 1.0)])
def clipped(J, bound):
    """Check a function (J (B, m, n), bound) -> J with Frobenius norms of at most bound, eq-08-clip."""
    norm = np.linalg.norm(J, axis=(1, 2), keepdims=True)

    def shortened(size, bound=bound):
        return J * bound / np.maximum(size, bound)

    yield shortened(norm), "large ones keep their direction, small ones stay."
    for entries in (np.clip(J, -bound, bound), np.minimum(J, bound)):
        yield entries, "entries cut one by one turn the slope: shorten J as a whole"
    yield J * bound / norm, "small ones stay as they are: the factor is at most one"
    batch = shortened(np.linalg.norm(J))
    yield batch, "one norm a sample, not one for the batch: a single large one shortened all"
    yield np.where(norm > bound, 0, J), "shorten large ones, do not drop them"
    spectral = shortened(np.linalg.norm(J, 2, axis=(1, 2), keepdims=True))
    yield spectral, "that is the spectral norm; wanted is Frobenius', the root of the sum of squares"
    yield shortened(norm, 1), "the bound need not be one"
    rows = shortened(np.linalg.norm(J, axis=2, keepdims=True))
    yield rows, "one norm a sample, not one a row: rows shortened apart turn the slope"
    divided = J / norm * np.minimum(norm, bound)
    yield divided, "a Jacobian of zeros has no norm to divide by: it stays as it is"


def _drawn():
    """Return two cases of slopes, given and measured."""
    rng = np.random.default_rng(1)
    for n, spread in ((11, 0.1), (21, 2.0)):
        measured = rng.normal(size=(n, 2, 3))
        yield measured * rng.lognormal(0, spread, size=(n, 1, 1)) + 1e-3, measured


@checker(_drawn())
def gate(given, measured):
    """Check a function (given, measured), each (B, m, n) -> [median, 90th percentile] of relative errors."""

    def ranks(errors, shares=(0.5, 0.9)):
        return np.quantile(errors, shares)

    error, size, true_size = (np.linalg.norm(x, axis=(1, 2)) for x in (given - measured, given, measured))
    relative = error / np.maximum(size, true_size)
    yield ranks(relative), "no error can exceed two, and one state at a kink cannot fail the rest."
    yield ranks(error), "these are absolute errors: divide by the larger of the two norms"
    larger = "divide by the larger of the two norms"
    yield ranks(error / true_size), f"{larger}: a slope measured as zero would divide by zero"
    yield ranks(error / size), f"{larger}: a slope given as zero would divide by zero"
    entries = np.abs(given - measured) / np.maximum(np.abs(given), np.abs(measured))
    yield ranks(entries), "one error a sample: norms first, then the ratio"
    maximum = ranks(relative, (0.5, 1))
    yield maximum, "the maximum belongs to a state at a kink: take the 90th percentile"
    yield (relative.mean(), ranks(relative)[1]), "that is a mean: take the median"
    yield ranks(relative, (0.005, 0.009)), "np.percentile counts to a hundred: 50 and 90"
    yield ranks(error / (size + true_size)), f"{larger}, not by their sum"
    yield ranks(error / np.minimum(size, true_size)), f"{larger}, not by the smaller"


@checker([(2.0, 5.0, 3.0, 7.0), (1.5, -2.0, 0.5, 4.0), (1.0, 3.0, -2.0, 0.0)])
def stale(p, q, r, t):
    """Check a function (p, q, r, t) -> d out / d x by a tape without fresh adjoints.

    The program is u = p x; v = r u; u = q x; out = v + t u.
    """
    yield q * t + p * (r + t), "it is wrong by p t: the path that the second assignment had cut."
    yield q * t + p * r, "that is the true slope; the tape gets it wrong"
    yield (p + q) * (r + t), "v was made before u was overwritten: it is p that meets r + t"
    yield p * (r + t), "the second assignment sends its part back too, q t"
    yield p * t, "that is by how much it is wrong"
    yield 2 * q * t + p * r, "it is the first assignment that gets a share not its own"
