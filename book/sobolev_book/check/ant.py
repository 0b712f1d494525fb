"""Checkers for chapter 09: Ant."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases


def _middle(x, k, end=None):
    return np.sort(x, axis=0)[k : len(x) - k if end is None else end].mean(axis=0)


def _unsorted(x):
    return x[len(x) // 4 : len(x) - len(x) // 4].mean(axis=0)


@checker(
    [(np.exp(2 * x),) for (x,) in normal_cases([(5, 3)], [(8, 2)], [(11, 4)], [(3, 2)])],
    praise="one seed that runs away moves it no more than any other at that end.",
    mistakes={
        "that is the mean of all: leave a quarter out at either end": lambda x: x.mean(axis=0),
        "that is the median: keep the middle half, not the middle one": lambda x: np.median(x, axis=0),
        "a quarter is left out at the lower end too": lambda x: _middle(x, 0, len(x) - len(x) // 4),
        "a quarter is left out at the upper end too": lambda x: _middle(x, len(x) // 4, len(x)),
        "a quarter is rounded down, and seeds are left out by rank: `len(x) // 4` at either end": (
            lambda x: _middle(x, round(len(x) / 4))
        ),
        "as many are left out at either end": lambda x: _middle(x, len(x) // 4, 3 * len(x) // 4),
        "sort over the seeds first: the ends are the least and the greatest": _unsorted,
    },
)
def iqm(x):
    """Check a function x (S, R) -> interquartile means (R,) over the S seeds, quarters rounded down."""
    return _middle(x, len(x) // 4)


def _settled(near):
    """Return the answer of a student for whom ``near(q)`` are the records near the end."""

    def answer(steps, q):
        away = np.flatnonzero(~near(q))
        return steps[min(away[-1] + 1, len(q) - 1)] if len(away) else steps[0]

    return answer


def _near(q):
    return np.abs(q - q[-1]) <= 0.1 * np.abs(q[-1])


@checker(
    [
        (np.arange(0, 800, 100), np.array(q))
        for q in (
            [0, 5, 9.5, 7, 9.2, 10.9, 10.5, 10.0],
            [3.0, 3, 3, 3, 3, 3, 3, 3],
            [0, -4, -12, -9.5, -10.5, -9.4, -10.2, -10.0],
            [9, 8, 7, 6, 5, 4, 3, 2.0],
            [0, 2, 4, 9.5, 11.05, 10.5, 10, 10.0],
            [-30, 5, 8, 11.15, 10.5, 10.2, 10, 10.0],
        )
    ],
    praise="a course that only passes by has not settled.",
    mistakes={
        "there it comes near for the first time, and may leave again: it must stay": (
            lambda steps, q: steps[np.argmax(_near(q))]
        ),
        "that is the last step at which it is away: it has settled one record later": (
            lambda steps, q: steps[np.flatnonzero(~_near(q)).max(initial=0)]
        ),
        "a tenth of its end's size, not of one": _settled(lambda q: np.abs(q - q[-1]) <= 0.1),
        "the end may be negative: take its absolute value": (
            _settled(lambda q: np.abs(q - q[-1]) <= 0.1 * q[-1])
        ),
        "a tenth of the end's size, not of each value's own": (
            _settled(lambda q: np.abs(q - q[-1]) <= 0.1 * np.abs(q))
        ),
        "a tenth of the end's size, not of the range or the greatest value along the course": (
            _settled(lambda q: np.abs(q - q[-1]) <= 0.1 * np.ptp(q))
        ),
    },
)
def settled(steps, q):
    """Check a function (steps (R,), q (R,)) -> the step from which on q is within a tenth of its end."""
    return _settled(_near)(steps, q)


@checker(
    [
        (np.arange(0, 500, 100), np.array(a), np.array(b), *numbers)
        for a, b, *numbers in (
            ([0, 10, 40, 50, 80.0], [0, 30, 60, 55, 90.0], 0.02, 0.05, 50.0),
            ([0, 10, 40, 50, 80.0], [0, 30, 60, 55, 90.0], 1.0, 1.0, 85.0),
            ([0, 30, 60, 55, 90.0], [0, 10, 40, 50, 80.0], 0.5, 0.1, 0.0),
            ([0, 60, 10, 20, 90.0], [0, 10, 40, 50, 80.0], 0.1, 0.1, 50.0),  # it falls back
        )
    ],
    praise="fewer steps are no gain where each costs more than it saves.",
    mistakes={
        "these are steps: multiply each by what a step costs": (
            lambda steps, a, b, x, y, wanted: _sooner(steps, a, b, 1, 1, wanted)
        ),
        "a curve that never gets there takes infinitely long, not no time": (
            lambda *case: _sooner(*case, never=0.0)
        ),
        "a curve that never gets there takes infinitely long, not as long as the run": (
            lambda steps, *case: _sooner(steps, *case, never=steps[-1])
        ),
        "each curve has its own cost: they are swapped": (
            lambda steps, a, b, x, y, wanted: _sooner(steps, a, b, y, x, wanted)
        ),
        "a curve that touches the wanted return has reached it": (
            lambda *case: _sooner(*case, reached=np.greater)
        ),
    },
)
def sooner(steps, a, b, cost_a, cost_b, wanted):
    """Check a function (steps (R,), a (R,), b (R,), cost_a, cost_b, wanted) -> (2,) seconds to ``wanted``.

    Curves a and b over the same steps, costs in seconds a step; infinite for one that never gets there.
    """
    return _sooner(steps, a, b, cost_a, cost_b, wanted)


def _sooner(steps, a, b, cost_a, cost_b, wanted, never=np.inf, reached=np.greater_equal):
    there = reached([a, b], wanted)
    return np.array([cost_a, cost_b]) * np.where(there.any(axis=1), steps[there.argmax(axis=1)], never)


def _drawn():
    """Return two cases of seeds and draws."""
    rng = np.random.default_rng(3)
    for n, m in ((5, 5), (8, 6)):
        draws = [rng.integers(k, size=(200, k)) for k in (n, m)]
        yield rng.normal(size=n), 1 + 2 * rng.normal(size=m), *draws


def _interval(x, cut=(0.025, 0.975)):
    return np.quantile(x, cut)


def _gap(x, y, i, j, middle=iqm.right):
    return middle(y[j].T) - middle(x[i].T)


@checker(
    _drawn(),
    praise="seeds are drawn anew within each method: a stratified bootstrap, as in the figure.",
    mistakes={
        "that is x less y: wanted is y less x": lambda *case: _interval(-_gap(*case)),
        "these are means: take interquartile means of each draw": (
            lambda *case: _interval(_gap(*case, lambda x: x.mean(axis=0)))
        ),
        "that is a 90 % interval: cut 2.5 % off at either end": (
            lambda *case: _interval(_gap(*case), (0.05, 0.95))
        ),
        "subtract draw by draw, then take quantiles: the ends of two intervals are too far apart": (
            lambda x, y, i, j: _interval(iqm.right(y[j].T)) - _interval(iqm.right(x[i].T))[::-1]
        ),
        "these are medians: take interquartile means of each draw": (
            lambda *case: _interval(_gap(*case, lambda x: np.median(x, axis=0)))
        ),
        "sort each draw before its quarters go": lambda *case: _interval(_gap(*case, _unsorted)),
        "subtract draw by draw, then take quantiles: do not subtract the ends of two intervals": (
            lambda x, y, i, j: _interval(iqm.right(y[j].T)) - _interval(iqm.right(x[i].T))
        ),
        "a bootstrap interval is a pair of quantiles, not the estimate plus or minus a deviation": (
            lambda x, y, i, j: iqm.right(y) - iqm.right(x) + 1.96 * np.array([-1, 1]) * _gap(x, y, i, j).std()
        ),
    },
)
def difference(x, y, draws_x, draws_y):
    """Check a function (x (S,), y (T,), draws_x (N, S), draws_y (N, T)) -> interval (2,) of IQM(y) - IQM(x).

    The draws hold places in x and in y, with replacement, each method's own.
    """
    return _interval(_gap(x, y, draws_x, draws_y))
