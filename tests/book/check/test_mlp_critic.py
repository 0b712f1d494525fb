"""Chapter 05's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest
import torch

from sobolev_book.check import mlp_critic as check


def slope_gradient(x, W, w, u):
    return np.outer(u, np.where(x @ W > 0, 1, 0.01) * w)


def z_score(mean, sd, n, their_mean, their_sd, their_n):
    return (mean - their_mean) / np.sqrt(sd**2 / n + their_sd**2 / their_n)


def state_slope(s, a, v, carry, discount):
    return 2 * (a - s) + discount * carry * (1 - np.tanh(carry * s + a) ** 2) * v


def trust_radius(d, e, share):
    good = np.append(np.asarray(e) <= share * np.asarray(d), False)
    first_bad = np.argmin(good)
    return d[first_bad - 1] if first_bad else 0


def passed(q, steps, horizon):
    return (q[steps <= horizon] > 20).any(axis=0).sum()


def test_the_slope_s_gradient_is_a_finite_difference():
    rng = np.random.default_rng(1)
    x, W, w, u = (rng.normal(size=shape) for shape in ((2,), (2, 5), (5,), (2,)))
    slope = lambda W: (np.where(x @ W > 0, 1, 0.01) * w) @ W.T  # noqa: E731
    found, h = slope_gradient(x, W, w, u), 1e-6
    for i in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[i] = h
        assert found[i] == pytest.approx(u @ (slope(W + step) - slope(W - step)) / (2 * h), abs=1e-8)


def test_the_state_slope_is_a_finite_difference():
    s, a, h, carry = 0.3, -0.4, 1e-6, 0.9
    y = lambda s: 0.2 * a - (a - s) ** 2 + 0.9 * np.sin(np.tanh(carry * s + a))  # noqa: E731
    v = np.cos(np.tanh(carry * s + a))
    assert state_slope(s, a, v, carry, 0.9) == pytest.approx((y(s + h) - y(s - h)) / (2 * h), abs=1e-8)


@pytest.mark.parametrize(
    "verdict",
    [
        check.slope_gradient(slope_gradient),
        check.z_score(z_score),
        check.state_slope(state_slope),
        check.trust_radius(trust_radius),
        check.passed(passed),
        check.passed(lambda *x: torch.tensor(float(passed(*x)))),
        check.five_seeds(0.29),
        check.five_seeds(np.array([0.31])),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.slope_gradient(lambda *x: None), "got None"),
        (check.passed(lambda q, steps, n: passed(q, steps, steps[-1])), "stop at the horizon"),
        (check.passed(lambda q, steps, n: (q[steps <= n] > 20).sum()), "a seed counts once"),
        (check.passed(lambda q, steps, n: passed(q, steps, n - 1)), "itself counts"),
        (check.passed(lambda q, steps, n: passed(q[steps == n], steps[steps == n], n)), "looks at one step"),
        (check.passed(lambda q, steps, n: passed(q, steps, n) / q.shape[1]), "is a share"),
        (check.passed(lambda q, steps, n: (q[steps <= n] > 20).any(axis=1).sum()), "counts steps"),
        (check.slope_gradient(lambda x, W, w, u: slope_gradient(x, W, w, x)), "x is where u belongs"),
        (check.slope_gradient(lambda x, W, w, u: np.outer(u, w)), "mask is missing"),
        (check.slope_gradient(lambda x, W, w, u: np.outer(u, (x @ W > 0) * w)), "0.01, not 0"),
        (check.slope_gradient(lambda x, W, w, u: slope_gradient(x, W, np.ones(6), u)), "output weights"),
        (
            check.slope_gradient(lambda x, W, w, u: np.outer(u, np.maximum(x @ W, 0.01 * (x @ W)) * w)),
            "phi', which is 1 or 0.01",
        ),
        (check.slope_gradient(lambda x, W, w, u: W.T), "got shape (6, 2), wanted (2, 6)"),
        (check.slope_gradient(lambda *x: slope_gradient(*x).T), "transposed"),
        (check.slope_gradient(lambda x, W, w, u: np.outer(u, np.where(u @ W > 0, 1, 0.01) * w)), "that of x"),
        (check.slope_gradient(lambda x, W, w, u: np.outer(u, np.where(x @ W > 0, 1, 0.1) * w)), "is 0.01"),
        (check.z_score(lambda *x: -z_score(*x)), "the sign"),
        (check.z_score(lambda m, s, n, a, b, k: (m - a) / np.hypot(s, b)), "single seeds"),
        (check.z_score(lambda m, s, n, a, b, k: (m - a) / (s / n**0.5 + b / k**0.5)), "variances add up"),
        (check.z_score(lambda m, s, n, a, b, k: (m - a) / (s / n**0.5)), "uncertain too"),
        (check.z_score(lambda m, s, n, a, b, k: (m - a) / np.sqrt(s / n + b / k)), "squared before"),
        (check.z_score(lambda *x: abs(z_score(*x))), "keep the sign"),
        (check.z_score(lambda m, s, n, a, b, k: (m - a) / np.sqrt(s**2 / (n - 1) + b**2 / (k - 1))), "n - 1"),
        (
            check.z_score(
                lambda m, s, n, a, b, k: (
                    (m - a)
                    / np.sqrt(((n - 1) * s**2 + (k - 1) * b**2) / (n + k - 2))
                    / np.sqrt(1 / n + 1 / k)
                )
            ),
            "pools",
        ),
        (
            check.state_slope(lambda s, a, v, c, g: 2 * (a - s) + g * c * (1 - np.tanh(c * s + a)) * v),
            "square is missing",
        ),
        (
            check.state_slope(lambda s, a, v, c, g: 2 * (a - s) + g * c * (1 - np.tanh(a) ** 2) * v),
            "missing inside",
        ),
        (check.state_slope(lambda s, a, v, carry, g: 2 * (a - s)), "reward's slope alone"),
        (
            check.state_slope(lambda s, a, v, c, g: 2 * (a - s) + g * (1 - np.tanh(c * s + a) ** 2) * v),
            "factor carry",
        ),
        (check.state_slope(lambda s, a, v, c, g: state_slope(s, a, v, c, 1)), "discount is missing"),
        (check.state_slope(lambda s, a, v, c, g: 2 * (a - s) + g * c * v), "tanh has a slope"),
        (check.state_slope(lambda s, a, v, c, g: state_slope(s, a, v, c, g) - 4 * (a - s)), "other sign"),
        (check.state_slope(lambda s, a, v, c, g: 2 * (a - s) + g * c * (1 - a**2) * v), "not a"),
        (
            check.state_slope(lambda s, a, v, c, g: state_slope(s, a, v, c, g) - 4 * (a - s) + 0.2),
            "slope in a",
        ),
        (
            check.state_slope(
                lambda s, a, v, c, g: state_slope(s, a, v, c, g) + 2 * s - 2 * np.tanh(c * s + a)
            ),
            "not at s'",
        ),
        (check.trust_radius(lambda d, e, share: trust_radius(d, np.nextafter(e, 9), share)), '"at most"'),
        (check.trust_radius(lambda d, e, share: d[e <= share * d][-1]), "a smaller size fails before it"),
        (check.trust_radius(lambda d, e, share: trust_radius(d, e / d, share)), "share times d"),
        (check.trust_radius(lambda d, e, share: d[np.argmin(e <= share * d) - 1]), "return 0"),
        (check.trust_radius(lambda d, e, share: d[np.argmin([*(e <= share * d), False]) - 1]), "return 0"),
        (
            check.trust_radius(
                lambda d, e, share: np.append(d, d[-1])[np.argmin([*(e <= share * d), False])]
            ),
            "first size that fails",
        ),
        (
            check.trust_radius(lambda d, e, share: trust_radius(d, e, share) or None),
            "share = 0.2 got None, wanted an answer there too",
        ),
        (check.trust_radius(lambda d, e, share: None), "got None; replace the placeholder"),
        (check.trust_radius(lambda d, e, share: trust_radius(d, e / d, share * d)), "share times d"),
        (check.trust_radius(lambda d, e, share: trust_radius(d, e, share / d)), "share times d"),
        (check.trust_radius(lambda d, e, share: d[np.argmin(e <= share * d) - 1]), "return 0"),
        (check.trust_radius(lambda d, e, share: np.argmin([*(e <= share * d), False]) - 1), "a place in d"),
        (check.state_slope(lambda s, a, v, c, g: state_slope(s, a, v, c, g) - 2 * (a - s)), "is missing"),
        (
            check.state_slope(
                lambda s, a, v, c, g: state_slope(s, a, v, c, g) + 2 * (np.tanh(c * s + a) - a)
            ),
            "not s'",
        ),
        (check.five_seeds(None), "wanted one share"),
        (check.five_seeds(30), "wanted one share, from 0 to 1"),
        (check.five_seeds([0.3, 0.3]), "wanted one share, from 0 to 1"),
        (check.five_seeds(0.845), "share of single cells"),
        (check.five_seeds(0.777), "|z|"),
        (check.five_seeds(0.0), "too small"),
        (check.five_seeds(1), "draw five at a time"),
        (check.five_seeds(0.6), "too large"),
        (check.trust_radius(lambda d, e, share: 1.0), "got 1, wanted 0.02"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right and words in verdict.message, verdict
