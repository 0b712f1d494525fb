"""Chapter 08's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest

from sobolev_book.check import when_gradients_lie as check


def norm(x):
    return np.linalg.norm(x.reshape(len(x), -1), axis=1)


def calm(answer):
    """Return ``answer`` without NumPy's warnings: a mistake may divide a Jacobian of zeros by its norm."""

    def quiet(*case):
        with np.errstate(all="ignore"):
            return answer(*case)

    return quiet


def shortened(J, bound):
    return np.stack([j if (n := np.sqrt(np.sum(j * j))) <= bound else j / n * bound for j in J])


def divided(J, bound):
    size = norm(J)[:, None, None]
    return J / size * np.minimum(size, bound)


def ranks(errors):
    return [np.median(errors), np.percentile(errors, 90)]


def relative(given, measured):
    return norm(given - measured) / np.maximum(norm(given), norm(measured))


@pytest.mark.parametrize(
    "verdict",
    [
        check.best_step(lambda noise, third: np.cbrt(3 * noise / third)),
        check.clipped(shortened),
        check.gate(lambda given, measured: ranks(relative(given, measured))),
        check.stale(lambda p, q, r, t: t * q + t * p + r * p),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.best_step(lambda noise, third: None), "got None"),
        (check.best_step(lambda noise, third: np.cbrt(6 * noise / third)), "derivatives cancel"),
        (check.best_step(lambda noise, third: np.sqrt(2 * noise / third)), "grows as h squared"),
        (check.best_step(lambda noise, third: 3 * noise / third), "h cubed"),
        (check.best_step(lambda noise, third: np.cbrt(third / noise / 3)), "one over it"),
        (check.best_step(lambda noise, third: (3 * noise / third) ** 1 / 3), "divides by three"),
        (check.best_step(lambda noise, third: np.cbrt(noise / third)), "constant factor"),
        (check.best_step(lambda noise, third: np.cbrt(noise / (2 * third))), "constant factor"),
        (check.best_step(lambda noise, third: np.sqrt(noise / third)), "a square root"),
        (check.best_step(lambda noise, third: 1e-5), "wanted"),
        (check.clipped(lambda J, bound: np.clip(J, -bound, bound)), "one by one"),
        (check.clipped(calm(lambda J, bound: bound * J / norm(J)[:, None, None])), "at most one"),
        (check.clipped(calm(lambda J, bound: J * min(1, bound / np.linalg.norm(J)))), "one norm a sample"),
        (check.clipped(lambda J, bound: J * (norm(J) <= bound)[:, None, None]), "do not drop"),
        (
            check.clipped(
                calm(lambda J, bound: np.stack([j * min(1, bound / np.linalg.norm(j, 2)) for j in J]))
            ),
            "spectral",
        ),
        (check.clipped(lambda J, bound: norm(J)), "got shape"),
        (check.clipped(lambda J, bound: np.stack([j / max(1, np.linalg.norm(j)) for j in J])), "not be one"),
        (check.clipped(lambda J, bound: np.where(J > bound, bound, J)), "one by one"),
        (check.clipped(lambda J, bound: np.stack([shortened(j, bound) for j in J])), "one a row"),
        (check.clipped(calm(divided)), "of zeros"),
        (check.gate(lambda given, measured: ranks(norm(given - measured))), "absolute errors"),
        (
            check.gate(lambda given, measured: ranks(norm(given - measured) / norm(measured))),
            "measured as zero",
        ),
        (check.gate(lambda given, measured: ranks(norm(given - measured) / norm(given))), "given as zero"),
        (check.gate(lambda g, m: ranks(abs(g - m) / np.maximum(abs(g), abs(m)))), "norms first"),
        (check.gate(lambda g, m: [np.median(relative(g, m)), relative(g, m).max()]), "at a kink"),
        (check.gate(lambda g, m: [relative(g, m).mean(), np.percentile(relative(g, m), 90)]), "the median"),
        (check.gate(lambda g, m: np.percentile(relative(g, m), (0.5, 0.9))), "counts to a hundred"),
        (check.gate(lambda g, m: ranks(norm(g - m) / (norm(g) + norm(m)))), "not by their sum"),
        (check.gate(lambda g, m: ranks(norm(g - m) / np.minimum(norm(g), norm(m)))), "not by the smaller"),
        (check.gate(lambda given, measured: np.median(relative(given, measured))), "got shape ()"),
        (check.stale(lambda p, q, r, t: r * p + t * q), "the true slope"),
        (check.stale(lambda p, q, r, t: (p + q) * (r + t)), "p that meets r + t"),
        (check.stale(lambda p, q, r, t: p * (r + t)), "sends its part back too"),
        (check.stale(lambda p, q, r, t: p * t), "by how much"),
        (check.stale(lambda p, q, r, t: 2 * q * t + p * r), "a share not its own"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right and words in verdict.message, verdict
