"""Checkers for chapter 08: when gradients lie."""

import numpy as np

from sobolev_book.check.verdict import judge


def best_step(answer):
    """Check a function (rounding, third) -> the h that minimises rounding/h + third h^2/6."""
    return judge(
        answer,
        lambda rounding, third: (3 * rounding / third) ** (1 / 3),
        [(1e-16, 1.0), (1e-7, 50.0), (1e-12, 0.01)],
        praise="a thousand times more rounding asks for a step ten times longer.",
        hints=[
            (
                lambda rounding, third: (6 * rounding / third) ** (1 / 3),
                "there both errors are equal; their sum is least where their derivatives cancel",
            ),
            (
                lambda rounding, third: (2 * rounding / third) ** 0.5,
                "that is for an error that grows as h: a central difference's grows as h squared",
            ),
            (
                lambda rounding, third: 3 * rounding / third,
                "that is h cubed",
            ),
            (
                lambda rounding, third: rounding / third,
                "`** 1 / 3` divides by three: the root is `** (1 / 3)`",
            ),
            *(
                (
                    lambda rounding, third, c=c: (c * rounding / third) ** (1 / 3),
                    "right but for a constant factor: differentiate both terms in h again",
                )
                for c in (1, 2, 1 / 2, 1 / 3, 3 / 2, 12)
            ),
            *(
                (
                    lambda rounding, third, c=c: (c * rounding / third) ** 0.5,
                    "that is a square root: a central difference's error grows as h squared",
                )
                for c in (1, 3, 6)
            ),
            (
                lambda rounding, third: (third / (3 * rounding)) ** (1 / 3),
                "that is one over it: more rounding asks for a longer step",
            ),
        ],
        tolerance=1e-10,
    )


def clipped(answer):
    """Check a function (J (B, m, n), bound) -> J with Frobenius norms of at most bound, eq-08-clip."""
    rng = np.random.default_rng(0)
    spread = np.array([0.1, 1, 30, 5])[:, None, None]
    J = spread * rng.normal(size=(4, 2, 3))
    return judge(
        answer,
        _clipped,
        [(J, 2.0), (J[:3], 1.0), (np.zeros((1, 2, 2)), 1.0)],
        praise="large ones keep their direction, small ones stay.",
        hints=[
            (
                lambda J, bound: np.clip(J, -bound, bound),
                "entries cut one by one turn the slope: shorten J as a whole",
            ),
            (
                lambda J, bound: J * bound / _norm(J, keepdims=True),
                "small ones stay as they are: the factor is at most one",
            ),
            (
                lambda J, bound: J * min(1, bound / np.linalg.norm(J)),
                "one norm a sample, not one for the batch: a single large one shortened all",
            ),
            (
                lambda J, bound: np.where(_norm(J, keepdims=True) > bound, 0, J),
                "shorten large ones, do not drop them",
            ),
            (
                lambda J, bound: J * np.minimum(1, bound / np.linalg.norm(J, 2, (1, 2), keepdims=True)),
                "that is the spectral norm; wanted is Frobenius', the root of the sum of squares",
            ),
            (lambda J, bound: J / np.maximum(1, _norm(J, keepdims=True)), "the bound need not be one"),
            (np.minimum, "entries cut one by one turn the slope: shorten J as a whole"),
            (
                lambda J, bound: J * bound / np.maximum(np.sqrt((J**2).sum(axis=2, keepdims=True)), bound),
                "one norm a sample, not one a row: rows shortened apart turn the slope",
            ),
            (
                lambda J, bound: J / _norm(J, keepdims=True) * np.minimum(_norm(J, keepdims=True), bound),
                "a Jacobian of zeros has no norm to divide by: it stays as it is",
            ),
        ],
    )


def _norm(x, **options):
    return np.sqrt((x**2).sum(axis=(1, 2), **options))


def _clipped(J, bound):
    return J * bound / np.maximum(_norm(J, keepdims=True), bound)


def gate(answer):
    """Check a function (given, measured), each (B, m, n) -> [median, 90th percentile] of relative errors."""
    rng = np.random.default_rng(1)
    cases = []
    for n, spread in ((11, 0.1), (21, 2.0)):
        measured = rng.normal(size=(n, 2, 3))
        cases.append((measured * rng.lognormal(0, spread, size=(n, 1, 1)) + 1e-3, measured))
    return judge(
        answer,
        lambda given, measured: _ranks(_relative(given, measured)),
        cases,
        praise="no error can exceed two, and one state at a kink cannot fail the rest.",
        hints=[
            (
                lambda given, measured: _ranks(_norm(given - measured)),
                "these are absolute errors: divide by the larger of the two norms",
            ),
            (
                lambda given, measured: _ranks(_norm(given - measured) / _norm(measured)),
                "divide by the larger of the two norms: a slope measured as zero would divide by zero",
            ),
            (
                lambda given, measured: _ranks(_norm(given - measured) / _norm(given)),
                "divide by the larger of the two norms: a slope given as zero would divide by zero",
            ),
            (_entrywise, "one error a sample: norms first, then the ratio"),
            (
                lambda given, measured: [f(_relative(given, measured)) for f in (np.median, np.max)],
                "the maximum belongs to a state at a kink: take the 90th percentile",
            ),
            (
                lambda given, measured: [np.mean(e := _relative(given, measured)), np.quantile(e, 0.9)],
                "that is a mean: take the median",
            ),
            (
                lambda given, measured: np.quantile(_relative(given, measured), (0.005, 0.009)),
                "np.percentile counts to a hundred: 50 and 90",
            ),
            (
                lambda given, measured: _ranks(_norm(given - measured) / (_norm(given) + _norm(measured))),
                "divide by the larger of the two norms, not by their sum",
            ),
            (
                lambda given, measured: _ranks(
                    _norm(given - measured) / np.minimum(_norm(given), _norm(measured))
                ),
                "divide by the larger of the two norms, not by the smaller",
            ),
        ],
    )


def _relative(given, measured):
    return _norm(given - measured) / np.maximum(_norm(given), _norm(measured))


def _entrywise(given, measured):
    return _ranks(np.abs(given - measured) / np.maximum(np.abs(given), np.abs(measured)))


def _ranks(errors):
    return np.quantile(errors, (0.5, 0.9))


def stale(answer):
    """Check a function (p, q, r, t) -> d out / d x by a tape without fresh adjoints.

    The program is u = p x; v = r u; u = q x; out = v + t u.
    """
    return judge(
        answer,
        lambda p, q, r, t: q * t + p * (r + t),
        [(2.0, 5.0, 3.0, 7.0), (1.5, -2.0, 0.5, 4.0), (1.0, 3.0, -2.0, 0.0)],
        praise="it is wrong by p t: the path that the second assignment had cut.",
        hints=[
            (lambda p, q, r, t: q * t + p * r, "that is the true slope; the tape gets it wrong"),
            (
                lambda p, q, r, t: (p + q) * (r + t),
                "v was made before u was overwritten: it is p that meets r + t",
            ),
            (lambda p, q, r, t: p * (r + t), "the second assignment sends its part back too, q t"),
            (lambda p, q, r, t: p * t, "that is by how much it is wrong"),
            (
                lambda p, q, r, t: 2 * q * t + p * r,
                "it is the first assignment that gets a share not its own",
            ),
        ],
    )
