"""Checkers for chapter 05: the MLP critic."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases

_SIZES = np.array([0.01, 0.02, 0.04, 0.08])


@checker(
    normal_cases(*[[2, (2, 6), 6, 2]] * 3),
    praise="the input's place is taken by the direction it moves in.",
    mistakes={
        "that is the gradient of Q: x is where u belongs": lambda x, W, w, u: slope_gradient.right(
            x, W, w, x
        ),
        "the mask is missing: units below zero count 0.01": lambda x, W, w, u: np.outer(u, w),
        "below zero leaky ReLU's slope is 0.01, not 0": lambda x, W, w, u: np.outer(u, (x @ W > 0) * w),
        "the output weights w are missing": lambda x, W, w, u: slope_gradient.right(x, W, 1.0, u),
    },
)
def slope_gradient(x, W, w, u):
    """Check a function (x, W, w, u) -> gradient (2, H) of u . grad Q in W, eq-05-tangent for one layer."""
    return np.outer(u, np.where(x @ W > 0, 1, 0.01) * w)


def _pooled(mean, sd, n, their_mean, their_sd, their_n):
    spread = ((n - 1) * sd**2 + (their_n - 1) * their_sd**2) / (n + their_n - 2)
    return (mean - their_mean) / np.sqrt(spread * (1 / n + 1 / their_n))


@checker(
    [(0.13, 0.11, 20, 0.433, 0.16, 5), (2.0, 0.5, 3, 1.0, 0.0, 7)],
    praise="with it the table's verdicts are made.",
    mistakes={
        "the sign: ours less theirs": lambda *x: -z_score.right(*x),
        "that is the spread of single seeds; a mean over n seeds varies less": (
            lambda m, sd, n, tm, tsd, tn: z_score.right(m, sd, 1, tm, tsd, 1)
        ),
        "variances add up, standard errors do not": (
            lambda m, sd, n, tm, tsd, tn: (m - tm) / (sd / np.sqrt(n) + tsd / np.sqrt(tn))
        ),
        "the paper's mean is uncertain too": lambda m, sd, n, tm, tsd, tn: (m - tm) / (sd / np.sqrt(n)),
        "keep the sign: ours less theirs": lambda *x: abs(z_score.right(*x)),
        "a sample standard deviation has its n - 1 inside already; divide its square by n": (
            lambda m, sd, n, tm, tsd, tn: z_score.right(m, sd, n - 1, tm, tsd, tn - 1)
        ),
        "that pools the two spreads; here they are not assumed equal": _pooled,
    },
)
def z_score(mean, sd, n, their_mean, their_sd, their_n):
    """Check a function (mean, sd, n, their_mean, their_sd, their_n) -> z (Welch 1947)."""
    return (mean - their_mean) / np.sqrt(sd**2 / n + their_sd**2 / their_n)


def _drawn():
    """Return two cases of actions, states and slopes."""
    rng = np.random.default_rng(0)
    return [(*rng.uniform(-1, 1, (2, 5)), rng.normal(size=5), carry, 0.9) for carry in (0.9, 0.5)]


def _state_slope(s, a, v, factor, tanh_slope):
    return 2 * (a - s) + factor * tanh_slope * v


@checker(
    _drawn(),
    praise="without carry the critic would drop out of it.",
    mistakes={
        "that is the reward's slope alone, as in the paper's toy": (
            lambda s, a, v, carry, discount: 2 * (a - s)
        ),
        "f_s has a factor carry": (
            lambda s, a, v, carry, discount: _state_slope(s, a, v, discount, 1 - np.tanh(carry * s + a) ** 2)
        ),
        "the discount is missing": lambda s, a, v, carry, discount: state_slope.right(s, a, v, carry, 1.0),
        "tanh has a slope too: 1 - s'^2": (
            lambda s, a, v, carry, discount: _state_slope(s, a, v, discount * carry, 1)
        ),
        "the slope of tanh is 1 - tanh^2: the square is missing": (
            lambda s, a, v, carry, discount: _state_slope(
                s, a, v, discount * carry, 1 - np.tanh(carry * s + a)
            )
        ),
        "the next state is tanh(carry s + a); carry s is missing inside": (
            lambda s, a, v, carry, discount: _state_slope(s, a, v, discount * carry, 1 - np.tanh(a) ** 2)
        ),
        "the reward's slope in s has the other sign": (
            lambda s, a, *rest: state_slope.right(s, a, *rest) - 4 * (a - s)
        ),
    },
)
def state_slope(s, a, v, carry, discount):
    """Check a function (s, a, v, carry, discount) -> target's slope in the state (B,), eq-05-coupled."""
    return _state_slope(s, a, v, discount * carry, 1 - np.tanh(carry * s + a) ** 2)


def _last_good(d, e, share):
    good = np.flatnonzero(e <= share * d)
    return d[good[-1]] if len(good) else 0.0


def _first_bad(d, e, share):
    return np.argmin(np.append(e <= share * d, False))


@checker(
    [
        (_SIZES, np.array([0.001, 0.002, 0.02, 0.04]), 0.2),
        (_SIZES, np.array([0.01, 0.001, 0.001, 0.04]), 0.2),
        (_SIZES, np.array([0.001, 0.01, 0.004, 0.04]), 0.2),
        (_SIZES, 0.1 * _SIZES, 0.2),
    ],
    praise="a search for a step can start from it.",
    mistakes={
        "a smaller size fails before it; the error there is not trusted": _last_good,
        "the error is to be compared with share times d": (
            lambda d, e, share: trust_radius.right(d, e / d, share)
        ),
        "where the smallest size fails none is trusted: return 0 (d[-1] is the largest)": [
            lambda d, e, share: d[np.argmin(e <= share * d) - 1],
            lambda d, e, share: d[_first_bad(d, e, share) - 1],
        ],
        "that is the first size that fails; the one before it is the last to trust": (
            lambda d, e, share: d[min(_first_bad(d, e, share), len(d) - 1)]
        ),
    },
)
def trust_radius(d, e, share):
    """Check a function (d, e, share) -> the largest size of step whose error is at most share times it."""
    first = _first_bad(d, e, share)
    return d[first - 1] if first else 0.0
