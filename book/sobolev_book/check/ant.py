"""Checkers for chapter 09: Ant."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases
from sobolev_book.stats import interquartile_mean


def _unsorted_middle(x):
    return x[len(x) // 4 : len(x) - len(x) // 4].mean(axis=0)


@checker((np.exp(2 * x),) for (x,) in normal_cases([(5, 3)], [(8, 2)], [(11, 4)], [(3, 2)]))
def iqm(x):
    """Check a function x (S, R) -> interquartile means (R,) over the S seeds, quarters rounded down."""
    ranked, n, k = np.sort(x, axis=0), len(x), len(x) // 4
    middle = interquartile_mean(x.T)
    yield middle, "one seed that runs away moves it no more than any other at that end."
    yield x.mean(axis=0), "that is the mean of all: leave a quarter out at either end"
    yield np.median(x, axis=0), "that is the median: keep the middle half, not the middle one"
    yield ranked[: n - k].mean(axis=0), "a quarter is left out at the lower end too"
    yield ranked[k:].mean(axis=0), "a quarter is left out at the upper end too"
    near = ranked[round(n / 4) : n - round(n / 4)].mean(axis=0)
    yield near, "a quarter is rounded down, and seeds are left out by rank: `len(x) // 4` at either end"
    yield ranked[k : 3 * n // 4].mean(axis=0), "as many are left out at either end"
    yield _unsorted_middle(x), "sort over the seeds first: the ends are the least and the greatest"


@checker(
    (np.arange(0, 800, 100), np.array(q))
    for q in (
        [0, 5, 9.5, 7, 9.2, 10.9, 10.5, 10.0],
        [3.0, 3, 3, 3, 3, 3, 3, 3],
        [0, -4, -12, -9.5, -10.5, -9.4, -10.2, -10.0],
        [9, 8, 7, 6, 5, 4, 3, 2.0],
        [0, 2, 4, 9.5, 11.05, 10.5, 10, 10.0],
        [-30, 5, 8, 11.15, 10.5, 10.2, 10, 10.0],
    )
)
def settled(steps, q):
    """Check a function (steps (R,), q (R,)) -> the step from which on q is within a tenth of its end."""

    def arrival(room):
        away = np.flatnonzero(np.abs(q - q[-1]) > room)
        return steps[min(away[-1] + 1, len(q) - 1)] if len(away) else steps[0]

    room = 0.1 * np.abs(q[-1])
    near = np.abs(q - q[-1]) <= room
    yield arrival(room), "a course that only passes by has not settled."
    first, last_away = steps[np.argmax(near)], steps[np.flatnonzero(~near).max(initial=0)]
    yield first, "there it comes near for the first time, and may leave again: it must stay"
    yield last_away, "that is the last step at which it is away: it has settled one record later"
    yield arrival(0.1), "a tenth of its end's size, not of one"
    yield arrival(0.1 * q[-1]), "the end may be negative: take its absolute value"
    yield arrival(0.1 * np.abs(q)), "a tenth of the end's size, not of each value's own"
    wide = arrival(0.1 * np.ptp(q))
    yield wide, "a tenth of the end's size, not of the range or the greatest value along the course"


@checker(
    (np.arange(0, 500, 100), np.array(a), np.array(b), *numbers)
    for a, b, *numbers in (
        ([0, 10, 40, 50, 80.0], [0, 30, 60, 55, 90.0], 0.02, 0.05, 50.0),
        ([0, 10, 40, 50, 80.0], [0, 30, 60, 55, 90.0], 1.0, 1.0, 85.0),
        ([0, 30, 60, 55, 90.0], [0, 10, 40, 50, 80.0], 0.5, 0.1, 0.0),
        ([0, 60, 10, 20, 90.0], [0, 10, 40, 50, 80.0], 0.1, 0.1, 50.0),  # it falls back
    )
)
def sooner(steps, a, b, cost_a, cost_b, wanted):
    """Check a function (steps (R,), a (R,), b (R,), cost_a, cost_b, wanted) -> (2,) seconds to ``wanted``.

    Curves a and b over the same steps, costs in seconds a step; infinite for one that never gets there.
    """
    curves, costs = np.array([a, b]), np.array([cost_a, cost_b])

    def first(reached, never=np.inf):
        return np.where(reached.any(axis=1), steps[reached.argmax(axis=1)], never)

    reached = curves >= wanted
    yield costs * first(reached), "fewer steps are no gain where each costs more than it saves."
    yield first(reached), "these are steps: multiply each by what a step costs"
    endless = "a curve that never gets there takes infinitely long"
    yield costs * first(reached, never=0.0), f"{endless}, not no time"
    yield costs * first(reached, never=steps[-1]), f"{endless}, not as long as the run"
    yield costs[::-1] * first(reached), "each curve has its own cost: they are swapped"
    yield costs * first(curves > wanted), "a curve that touches the wanted return has reached it"


def _drawn():
    """Return two cases of seeds and draws."""
    rng = np.random.default_rng(3)
    for n, m in ((5, 5), (8, 6)):
        draws = [rng.integers(k, size=(200, k)) for k in (n, m)]
        yield rng.normal(size=n), 1 + 2 * rng.normal(size=m), *draws


@checker(_drawn())
def difference(x, y, draws_x, draws_y):
    """Check a function (x (S,), y (T,), draws_x (N, S), draws_y (N, T)) -> interval (2,) of IQM(y) - IQM(x).

    The draws hold places in x and in y, with replacement, each method's own.
    """

    def gap(middle):
        return middle(y[draws_y]) - middle(x[draws_x])

    def interval(numbers, cut=(0.025, 0.975)):
        return np.quantile(numbers, cut)

    gaps = gap(interquartile_mean)
    yield interval(gaps), "seeds are drawn anew within each method: a stratified bootstrap, as in the figure."
    yield interval(-gaps), "that is x less y: wanted is y less x"
    means = gap(lambda draws: draws.mean(axis=1))
    yield interval(means), "these are means: take interquartile means of each draw"
    yield interval(gaps, (0.05, 0.95)), "that is a 90 % interval: cut 2.5 % off at either end"
    ends_x, ends_y = (interval(interquartile_mean(draws)) for draws in (x[draws_x], y[draws_y]))
    rule = "subtract draw by draw, then take quantiles"
    yield ends_y - ends_x[::-1], f"{rule}: the ends of two intervals are too far apart"
    medians = gap(lambda draws: np.median(draws, axis=1))
    yield interval(medians), "these are medians: take interquartile means of each draw"
    unsorted = gap(lambda draws: _unsorted_middle(draws.T))
    yield interval(unsorted), "sort each draw before its quarters go"
    yield ends_y - ends_x, f"{rule}: do not subtract the ends of two intervals"
    normal = interquartile_mean(y) - interquartile_mean(x) + 1.96 * np.array([-1, 1]) * gaps.std()
    yield normal, "a bootstrap interval is a pair of quantiles, not the estimate plus or minus a deviation"
