"""Checkers for chapter 05: the MLP critic."""

import numpy as np

from sobolev_book import records
from sobolev_book.check.verdict import Verdict, checker, normal_cases, number


@checker(normal_cases(*[[2, (2, 6), 6, 2]] * 3))
def slope_gradient(x, W, w, u):
    """Check a function (x, W, w, u) -> gradient (2, H) of u . grad Q in W, eq-05-tangent for one layer."""
    mask = np.where(x @ W > 0, 1, 0.01)
    yield np.outer(u, mask * w), "the input's place is taken by the direction it moves in."
    yield np.outer(mask * w, u), "that is the gradient transposed: W is (2, H)"
    yield np.outer(u, np.where(u @ W > 0, 1, 0.01) * w), "the mask is that of x, where the slope is taken"
    yield np.outer(u, np.where(x @ W > 0, 1, 0.1) * w), "below zero this leaky ReLU's slope is 0.01"
    yield np.outer(x, mask * w), "that is the gradient of Q: x is where u belongs"
    yield np.outer(u, w), "the mask is missing: units below zero count 0.01"
    yield np.outer(u, (x @ W > 0) * w), "below zero leaky ReLU's slope is 0.01, not 0"
    yield np.outer(u, mask), "the output weights w are missing"
    yield np.outer(u, mask * (x @ W) * w), "that is phi(x W); the slope holds phi', which is 1 or 0.01"


@checker([(0.13, 0.11, 20, 0.433, 0.16, 5), (2.0, 0.5, 3, 1.0, 0.0, 7)])
def z_score(mean, sd, n, their_mean, their_sd, their_n):
    """Check a function (mean, sd, n, their_mean, their_sd, their_n) -> z (Welch 1947)."""
    gap = mean - their_mean
    z = gap / np.sqrt(sd**2 / n + their_sd**2 / their_n)
    yield z, "with it the table's verdicts are made."
    yield -z, "the sign: ours less theirs"
    yield gap / np.sqrt(sd**2 + their_sd**2), "that is the spread of single seeds; a mean varies less"
    errors = sd / np.sqrt(n), their_sd / np.sqrt(their_n)
    yield gap / sum(errors), "variances add up, standard errors do not"
    yield gap / errors[0], "the paper's mean is uncertain too"
    yield abs(z), "keep the sign: ours less theirs"
    yield gap / np.sqrt(sd**2 / (n - 1) + their_sd**2 / (their_n - 1)), "n - 1 is in sd already; divide by n"
    yield gap / np.sqrt(sd / n + their_sd / their_n), "the spread is squared before it is divided by n"
    pooled = ((n - 1) * sd**2 + (their_n - 1) * their_sd**2) / (n + their_n - 2)
    yield gap / np.sqrt(pooled * (1 / n + 1 / their_n)), "that pools the spreads, as if they were equal"


@checker([(*np.random.default_rng(0).uniform(-1, 1, (3, 5)), carry, 0.9) for carry in (0.9, 0.5)])
def state_slope(s, a, v, carry, discount):
    """Check a function (s, a, v, carry, discount) -> target's slope in the state (B,), eq-05-coupled."""
    r_s, s_next = 2 * (a - s), np.tanh(carry * s + a)
    v_s, tanh_slope = discount * carry * v, 1 - s_next**2
    yield r_s + v_s * tanh_slope, "without carry the critic would drop out of it."
    yield r_s, "that is the reward's slope alone, as in the paper's toy"
    yield v_s * tanh_slope, "the reward's own slope is missing"
    yield 2 * (s_next - s) + v_s * tanh_slope, "the reward takes the action a, not s'"
    yield r_s + discount * v * tanh_slope, "f_s has a factor carry"
    yield r_s + carry * v * tanh_slope, "the discount is missing"
    yield r_s + v_s, "tanh has a slope too: 1 - s'^2"
    yield r_s + v_s * (1 - s_next), "the slope of tanh is 1 - tanh^2: the square is missing"
    yield r_s + v_s * (1 - np.tanh(a) ** 2), "in s' = tanh(carry s + a), carry s is missing inside"
    yield v_s * tanh_slope - r_s, "the reward's slope in s has the other sign"
    yield r_s + v_s * (1 - a**2), "s' is tanh(carry s + a), not a"
    yield 0.2 - r_s + v_s * tanh_slope, "that has the reward's slope in a; here it is the one in s"
    yield 2 * (a - s_next) + v_s * tanh_slope, "the reward is that at s, where the action is taken, not at s'"


_ERRORS = np.array([[1, 25, 3, 1, 1], [30, 26, 4, 5, 1], [22, 1, 30, 6, 25], [1, 1, 9, 40, 1]])


@checker([(_ERRORS, np.array([300, 400, 500, 600]), horizon) for horizon in (500, 400, 600)])
def passed(q, steps, horizon):
    """Check a function (q, steps, horizon) -> how many columns of q (T, S) pass 20 by a step."""
    yield (q[steps <= horizon] > 20).any(axis=0).sum(), "what has not happened by then may still happen."
    yield (q > 20).any(axis=0).sum(), "that looks at all steps; stop at the horizon"
    yield (q[steps <= horizon] > 20).sum(), "that counts errors; a seed counts once"
    yield (q[steps < horizon] > 20).any(axis=0).sum(), "the step horizon itself counts, too"
    yield (q[steps == horizon] > 20).sum(), "that looks at one step; a burst may be over by then"
    yield (q[steps <= horizon] > 20).any(axis=0).mean(), "that is a share; how many seeds are they?"
    yield (q[steps <= horizon] > 20).any(axis=1).sum(), "that counts steps; seeds lie along the last axis"


_SIZES = np.array([0.01, 0.02, 0.04, 0.08])


@checker(
    [
        (_SIZES, np.array([0.001, 0.002, 0.02, 0.04]), 0.2),
        (_SIZES, np.array([0.01, 0.001, 0.001, 0.04]), 0.2),
        (_SIZES, np.array([0.001, 0.01, 0.004, 0.04]), 0.2),
        (_SIZES, 0.1 * _SIZES, 0.2),
        (np.array([0.25, 0.5, 1]), np.array([0.0625, 0.125, 0.5]), 0.25),
    ]
)
def trust_radius(d, e, share):
    """Check a function (d, e, share) -> the largest size of step whose error is at most share times it."""

    def first_bad(trusted):
        return np.argmin(np.append(trusted, False))

    def radius(trusted):
        return d[first_bad(trusted) - 1] if trusted[0] else 0.0

    trusted = e <= share * d
    yield radius(trusted), "a search for a step can start from it."
    yield max(d[trusted], default=0.0), "a smaller size fails before it; the error there is not trusted"
    for bad in (e / d <= share * d, e <= share):
        yield radius(bad), "the error is to be compared with share times d"
    yield float(first_bad(trusted) - 1), "that is a place in d; return the size that stands there"
    for first in (np.argmin(trusted), first_bad(trusted)):
        yield d[first - 1], "where the smallest size fails none is trusted: return 0 (d[-1] is the largest)"
    yield d[min(first_bad(trusted), len(d) - 1)], "that is the first size that fails; trust the one before"
    yield radius(e < share * d), '"at most": an error of just share times the size is trusted too'


def five_seeds(answer):
    """Check the share of draws of five seeds in which all six cells of Table 1's MLP agree at step 800."""
    told = number(answer)
    if not isinstance(told, float) or not 0 <= told <= 1:
        return Verdict(False, f"got {answer!r}, wanted one share, from 0 to 1")
    frame = records.load("tangent")[0].query("step == 800")
    cells, rng = records.load("table1_comparison")[0], np.random.default_rng(1)
    picks, smallest, largest = rng.random((4000, 32)).argsort(axis=1)[:, :5], [], []
    for cell in cells.query("model == 'mlp' and settings == 'stated'").itertuples():
        x = frame[frame.method == cell.method].sort_values("seed")[cell.cell].to_numpy()
        drawn, whole = x[picks], np.broadcast_to(x, (4000, 32))
        for bound, part in ((smallest, drawn), (largest, whole)):
            error = np.sqrt(drawn.var(axis=1, ddof=1) / part.shape[1] + cell.paper_sd**2 / 5)
            bound.append((drawn.mean(axis=1) - cell.paper) / error)
    share, narrow = ((np.abs(z).max(axis=0) <= 2).mean() for z in (smallest, largest))
    if abs(told - share) < 0.04:
        return Verdict(True, "five seeds leave the verdict to the draw.")
    for wrong, words in (
        (1, "with all 32 seeds all six agree; draw five at a time, and count how often they do"),
        (narrow or np.inf, "each draw has five seeds: its standard error is that of five, not of 32"),
        (np.mean(np.abs(smallest) <= 2), "that is the share of single cells; all six are to agree at once"),
        ((np.max(smallest, axis=0) <= 2).mean(), "that lets any z below -2 pass; the task says |z|"),
    ):
        if abs(told - wrong) < 0.02:
            return Verdict(False, words)
    return Verdict(False, f"{told:g} is too {'large' if told > share else 'small'}; count max |z| ≤ 2 at 800")
