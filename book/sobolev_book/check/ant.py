"""Checkers for chapter 09: Ant."""

import numpy as np

from sobolev_book.check.verdict import judge


def iqm(answer):
    """Check a function x (S, R) -> interquartile means (R,) over the S seeds, quarters rounded down."""
    rng = np.random.default_rng(0)
    cases = [(np.exp(2 * rng.normal(size=shape)),) for shape in ((5, 3), (8, 2), (11, 4), (3, 2))]
    return judge(
        answer,
        lambda x: _iqm(x),
        cases,
        praise="one seed that runs away moves it no more than any other at that end.",
        hints=[
            (lambda x: x.mean(axis=0), "that is the mean of all: leave a quarter out at either end"),
            (lambda x: np.median(x, axis=0), "that is the median: keep the middle half, not the middle one"),
            (
                lambda x: np.sort(x, axis=0)[: len(x) - len(x) // 4].mean(axis=0),
                "a quarter is left out at the lower end too",
            ),
            (
                lambda x: np.sort(x, axis=0)[len(x) // 4 :].mean(axis=0),
                "a quarter is left out at the upper end too",
            ),
            (
                lambda x: _middle(x, round(len(x) / 4)),
                "a quarter is rounded down, and seeds are left out by rank: `len(x) // 4` at either end",
            ),
            (lambda x: _middle(x, len(x) // 4, 3 * len(x) // 4), "as many are left out at either end"),
            (
                lambda x: x[len(x) // 4 : len(x) - len(x) // 4].mean(axis=0),
                "sort over the seeds first: the ends are the least and the greatest",
            ),
        ],
    )


def settled(answer):
    """Check a function (steps (R,), q (R,)) -> the step from which on q is within a tenth of its end."""
    steps = np.arange(0, 800, 100)
    cases = [
        (steps, np.array([0, 5, 9.5, 7, 9.2, 10.9, 10.5, 10.0])),
        (steps, np.array([3.0, 3, 3, 3, 3, 3, 3, 3])),
        (steps, np.array([0, -4, -12, -9.5, -10.5, -9.4, -10.2, -10.0])),
        (steps, np.array([9, 8, 7, 6, 5, 4, 3, 2.0])),
        (steps, np.array([0, 2, 4, 9.5, 11.05, 10.5, 10, 10.0])),
        (steps, np.array([-30, 5, 8, 11.15, 10.5, 10.2, 10, 10.0])),
    ]
    return judge(
        answer,
        _settled,
        cases,
        praise="a course that only passes by has not settled.",
        hints=[
            (
                lambda steps, q: steps[np.argmax(_near(q))],
                "there it comes near for the first time, and may leave again: it must stay",
            ),
            (
                lambda steps, q: steps[np.flatnonzero(~_near(q)).max(initial=0)],
                "that is the last step at which it is away: it has settled one record later",
            ),
            (lambda steps, q: _settled(steps, q, _near(q, 0.1)), "a tenth of its end's size, not of one"),
            (
                lambda steps, q: _settled(steps, q, np.abs(q - q[-1]) <= 0.1 * q[-1]),
                "the end may be negative: take its absolute value",
            ),
            (
                lambda steps, q: _settled(steps, q, np.abs(q - q[-1]) <= 0.1 * np.abs(q)),
                "a tenth of the end's size, not of each value's own",
            ),
            (
                lambda steps, q: _settled(steps, q, np.abs(q - q[-1]) <= 0.1 * np.ptp(q)),
                "a tenth of the end's size, not of the range or the greatest value along the course",
            ),
        ],
    )


def sooner(answer):
    """Check a function (steps (R,), a (R,), b (R,), cost_a, cost_b, wanted) -> (2,) seconds to ``wanted``.

    Curves a and b over the same steps, costs in seconds a step; infinite for one that never gets there.
    """
    steps = np.arange(0, 500, 100)
    a, b = np.array([0, 10, 40, 50, 80.0]), np.array([0, 30, 60, 55, 90.0])
    cases = [(steps, a, b, 0.02, 0.05, 50.0), (steps, a, b, 1.0, 1.0, 85.0), (steps, b, a, 0.5, 0.1, 0.0)]
    cases.append((steps, np.array([0, 60, 10, 20, 90.0]), a, 0.1, 0.1, 50.0))  # it falls back
    return judge(
        answer,
        _sooner,
        cases,
        praise="fewer steps are no gain where each costs more than it saves.",
        hints=[
            (
                lambda steps, a, b, x, y, wanted: _sooner(steps, a, b, 1, 1, wanted),
                "these are steps: multiply each by what a step costs",
            ),
            (
                lambda *case: _sooner(*case, never=0.0),
                "a curve that never gets there takes infinitely long, not no time",
            ),
            (
                lambda steps, *case: _sooner(steps, *case, never=steps[-1]),
                "a curve that never gets there takes infinitely long, not as long as the run",
            ),
            (
                lambda steps, a, b, x, y, wanted: _sooner(steps, a, b, y, x, wanted),
                "each curve has its own cost: they are swapped",
            ),
            (
                lambda *case: _sooner(*case, strict=True),
                "a curve that touches the wanted return has reached it",
            ),
        ],
    )


def difference(answer):
    """Check a function (x (S,), y (T,), draws_x (N, S), draws_y (N, T)) -> interval (2,) of IQM(y) - IQM(x).

    The draws hold places in x and in y, with replacement, each method's own.
    """
    rng, cases = np.random.default_rng(3), []
    for n, m in ((5, 5), (8, 6)):
        draws = [rng.integers(k, size=(200, k)) for k in (n, m)]
        cases.append((rng.normal(size=n), 1 + 2 * rng.normal(size=m), *draws))
    return judge(
        answer,
        _difference,
        cases,
        praise="seeds are drawn anew within each method: a stratified bootstrap, as in the figure.",
        hints=[
            (
                lambda x, y, i, j: _interval(_iqm(x[i].T) - _iqm(y[j].T)),
                "that is x less y: wanted is y less x",
            ),
            (
                lambda x, y, i, j: _interval(y[j].mean(axis=1) - x[i].mean(axis=1)),
                "these are means: take interquartile means of each draw",
            ),
            (
                lambda x, y, i, j: _interval(_iqm(y[j].T) - _iqm(x[i].T), (0.05, 0.95)),
                "that is a 90 % interval: cut 2.5 % off at either end",
            ),
            (
                lambda x, y, i, j: [
                    _interval(_iqm(y[j].T))[0] - _interval(_iqm(x[i].T))[1],
                    _interval(_iqm(y[j].T))[1] - _interval(_iqm(x[i].T))[0],
                ],
                "subtract draw by draw, then take quantiles: the ends of two intervals are too far apart",
            ),
            (
                lambda x, y, i, j: _interval(np.median(y[j], axis=1) - np.median(x[i], axis=1)),
                "these are medians: take interquartile means of each draw",
            ),
            (
                lambda x, y, i, j: _interval(_unsorted(y[j]) - _unsorted(x[i])),
                "sort each draw before its quarters go",
            ),
            (
                lambda x, y, i, j: _interval(_iqm(y[j].T)) - _interval(_iqm(x[i].T)),
                "subtract draw by draw, then take quantiles: do not subtract the ends of two intervals",
            ),
            (
                lambda x, y, i, j: _iqm(y[:, None])[0] - _iqm(x[:, None])[0] + _spread(x, y, i, j),
                "a bootstrap interval is a pair of quantiles, not the estimate plus or minus a deviation",
            ),
        ],
    )


def _iqm(x):
    return _middle(x, len(x) // 4)


def _middle(x, k, end=None):
    return np.sort(x, axis=0)[k : len(x) - k if end is None else end].mean(axis=0)


def _near(q, size=None):
    return np.abs(q - q[-1]) <= (0.1 * np.abs(q[-1]) if size is None else size)


def _settled(steps, q, near=None):
    near = _near(q) if near is None else near
    away = np.flatnonzero(~near)
    return steps[min(away[-1] + 1, len(q) - 1)] if len(away) else steps[0]


def _first(steps, curve, wanted, never=np.inf, strict=False):
    there = curve > wanted if strict else curve >= wanted
    return steps[np.argmax(there)] if there.any() else never


def _sooner(steps, a, b, cost_a, cost_b, wanted, **how):
    return [cost_a * _first(steps, a, wanted, **how), cost_b * _first(steps, b, wanted, **how)]


def _interval(x, cut=(0.025, 0.975)):
    return np.quantile(x, cut)


def _difference(x, y, draws_x, draws_y):
    return _interval(_iqm(y[draws_y].T) - _iqm(x[draws_x].T))


def _unsorted(z):
    k = z.shape[1] // 4
    return z[:, k : z.shape[1] - k].mean(axis=1)


def _spread(x, y, i, j):
    return 1.96 * np.std(_iqm(y[j].T) - _iqm(x[i].T)) * np.array([-1, 1])
