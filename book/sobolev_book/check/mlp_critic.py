"""Checkers for chapter 05: the MLP critic."""

import numpy as np

from sobolev_book.check.verdict import judge


def slope_gradient(answer):
    """Check a function (x, W, w, u) -> gradient (2, H) of u . grad Q in W, eq-05-tangent for one layer."""
    rng = np.random.default_rng(0)
    cases = [tuple(rng.normal(size=shape) for shape in ((2,), (2, 6), (6,), (2,))) for _ in range(3)]
    return judge(
        answer,
        _slope_gradient,
        cases,
        praise="the input's place is taken by the direction it moves in.",
        hints=[
            (
                lambda x, W, w, u: np.outer(x, _masked(x, W, w)),
                "that is the gradient of Q: x is where u belongs",
            ),
            (lambda x, W, w, u: np.outer(u, w), "the mask is missing: units below zero count 0.01"),
            (lambda x, W, w, u: np.outer(u, (x @ W > 0) * w), "below zero leaky ReLU's slope is 0.01, not 0"),
            (lambda x, W, w, u: np.outer(u, _masked(x, W, 1.0)), "the output weights w are missing"),
        ],
    )


def z_score(answer):
    """Check a function (mean, sd, n, their_mean, their_sd, their_n) -> z (Welch 1947)."""
    return judge(
        answer,
        _z_score,
        [(0.13, 0.11, 20, 0.433, 0.16, 5), (2.0, 0.5, 3, 1.0, 0.0, 7)],
        praise="with it the table's verdicts are made.",
        hints=[
            (lambda *x: -_z_score(*x), "the sign: ours less theirs"),
            (
                lambda m, sd, n, tm, tsd, tn: (m - tm) / np.sqrt(sd**2 + tsd**2),
                "that is the spread of single seeds; a mean over n seeds varies less",
            ),
            (
                lambda m, sd, n, tm, tsd, tn: (m - tm) / (sd / np.sqrt(n) + tsd / np.sqrt(tn)),
                "variances add up, standard errors do not",
            ),
            (
                lambda m, sd, n, tm, tsd, tn: (m - tm) / (sd / np.sqrt(n)),
                "the paper's mean is uncertain too",
            ),
            (lambda *x: abs(_z_score(*x)), "keep the sign: ours less theirs"),
            (
                lambda m, sd, n, tm, tsd, tn: (m - tm) / np.sqrt(sd**2 / (n - 1) + tsd**2 / (tn - 1)),
                "a sample standard deviation has its n - 1 inside already; divide its square by n",
            ),
            (_pooled, "that pools the two spreads; here they are not assumed equal"),
        ],
    )


def state_slope(answer):
    """Check a function (s, a, v, carry, discount) -> target's slope in the state (B,), eq-05-coupled."""
    rng = np.random.default_rng(0)
    cases = [(*rng.uniform(-1, 1, (2, 5)), rng.normal(size=5), carry, 0.9) for carry in (0.9, 0.5)]
    return judge(
        answer,
        _state_slope,
        cases,
        praise="without carry the critic would drop out of it.",
        hints=[
            (
                lambda s, a, v, carry, discount: 2 * (a - s),
                "that is the reward's slope alone, as in the paper's toy",
            ),
            (
                lambda s, a, v, carry, discount: _state_slope(s, a, v, 1.0, discount, carry),
                "f_s has a factor carry",
            ),
            (lambda s, a, v, carry, discount: _state_slope(s, a, v, carry, 1.0), "the discount is missing"),
            (
                lambda s, a, v, carry, discount: 2 * (a - s) + discount * carry * v,
                "tanh has a slope too: 1 - s'^2",
            ),
            (
                lambda s, a, v, carry, discount: (
                    2 * (a - s) + discount * carry * (1 - np.tanh(carry * s + a)) * v
                ),
                "the slope of tanh is 1 - tanh^2: the square is missing",
            ),
            (
                lambda s, a, v, carry, discount: 2 * (a - s) + discount * carry * (1 - np.tanh(a) ** 2) * v,
                "the next state is tanh(carry s + a); carry s is missing inside",
            ),
            (
                lambda s, a, v, carry, discount: _state_slope(s, a, v, carry, discount) - 4 * (a - s),
                "the reward's slope in s has the other sign",
            ),
        ],
    )


def trust_radius(answer):
    """Check a function (d, e, share) -> the largest size of step whose error is at most share times it."""
    d = np.array([0.01, 0.02, 0.04, 0.08])
    return judge(
        answer,
        _trust_radius,
        [
            (d, np.array([0.001, 0.002, 0.02, 0.04]), 0.2),
            (d, np.array([0.01, 0.001, 0.001, 0.04]), 0.2),
            (d, np.array([0.001, 0.01, 0.004, 0.04]), 0.2),
            (d, 0.1 * d, 0.2),
        ],
        praise="a search for a step can start from it.",
        hints=[
            (_last_good, "a smaller size fails before it; the error there is not trusted"),
            (
                lambda d, e, share: _trust_radius(d, e / d, share),
                "the error is to be compared with share times d",
            ),
            (
                lambda d, e, share: d[np.argmin(e <= share * d) - 1],
                "where the smallest size fails none is trusted: return 0 (d[-1] is the largest)",
            ),
            (
                lambda d, e, share: d[np.argmin(np.append(e <= share * d, False)) - 1],
                "where the smallest size fails none is trusted: return 0 (d[-1] is the largest)",
            ),
            (
                lambda d, e, share: d[min(np.argmin(np.append(e <= share * d, False)), len(d) - 1)],
                "that is the first size that fails; the one before it is the last to trust",
            ),
        ],
    )


def _masked(x, W, w):
    return np.where(x @ W > 0, 1, 0.01) * w


def _slope_gradient(x, W, w, u):
    return np.outer(u, _masked(x, W, w))


def _z_score(mean, sd, n, their_mean, their_sd, their_n):
    return (mean - their_mean) / np.sqrt(sd**2 / n + their_sd**2 / their_n)


def _pooled(mean, sd, n, their_mean, their_sd, their_n):
    spread = ((n - 1) * sd**2 + (their_n - 1) * their_sd**2) / (n + their_n - 2)
    return (mean - their_mean) / np.sqrt(spread * (1 / n + 1 / their_n))


def _state_slope(s, a, v, carry, discount, inside=None):
    s_next = np.tanh((carry if inside is None else inside) * s + a)
    return 2 * (a - s) + discount * carry * (1 - s_next**2) * v


def _trust_radius(d, e, share):
    bad = np.flatnonzero(e > share * d)
    first = bad[0] if len(bad) else len(d)
    return d[first - 1] if first else 0.0


def _last_good(d, e, share):
    good = np.flatnonzero(e <= share * d)
    return d[good[-1]] if len(good) else 0.0
