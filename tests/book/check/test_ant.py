"""Chapter 09's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest

from sobolev_book.check import ant as check


def trimmed(x, low=True, high=True):
    x, k = np.sort(np.asarray(x), axis=0), len(x) // 4
    return np.mean(x[k * low : len(x) - k * high], axis=0)


def tenth(q):
    return abs(q - q[-1]) <= abs(q[-1]) / 10


def settled(steps, q, near=tenth, later=1):
    for k in reversed(range(len(q))):
        if not near(q)[k]:
            return steps[min(k + later, len(q) - 1)]
    return steps[0]


def first(steps, curve, wanted, never=np.inf):
    return next((t for t, y in zip(steps, curve, strict=True) if y >= wanted), never)


def sooner(never=np.inf, late=lambda y, wanted: y >= wanted):
    def answer(steps, a, b, x, y, wanted):
        found = [next((t for t, z in zip(steps, c, strict=True) if late(z, wanted)), never) for c in (a, b)]
        return [x * found[0], y * found[1]]

    return answer


def drawn(x, picks, f=trimmed):
    return np.array([f(x[p]) for p in picks])


def interval(x, y, i, j, f=trimmed, cut=2.5):
    return np.percentile(drawn(y, j, f) - drawn(x, i, f), [cut, 100 - cut])


@pytest.mark.parametrize(
    "verdict",
    [check.iqm(trimmed), check.settled(settled), check.sooner(sooner()), check.difference(interval)],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


def kept(x, k):
    return np.sort(x, axis=0)[k : len(x) - k].mean(axis=0)


def between(x):
    low, high = np.percentile(x, 25, axis=0), np.percentile(x, 75, axis=0)
    return [np.mean([z for z in c if lo <= z <= hi]) for c, lo, hi in zip(x.T, low, high, strict=True)]


def unsorted(x):
    return np.mean(x[len(x) // 4 : len(x) - len(x) // 4])


def alone(x, picks):
    return np.percentile(drawn(x, picks), [2.5, 97.5])


def ends(x, y, i, j):
    one, two = (np.percentile(drawn(*z), [2.5, 97.5]) for z in ((x, i), (y, j)))
    return [two[0] - one[1], two[1] - one[0]]


def normal(x, y, i, j):
    gap = drawn(y, j) - drawn(x, i)
    return trimmed(y) - trimmed(x) + 1.96 * gap.std() * np.array([-1, 1])


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.iqm(lambda x: None), "got None"),
        (check.iqm(lambda x: x.mean(axis=0)), "mean of all"),
        (check.iqm(lambda x: np.median(x, axis=0)), "the median"),
        (check.iqm(lambda x: trimmed(x, low=False)), "lower end too"),
        (check.iqm(lambda x: trimmed(x, high=False)), "upper end too"),
        (check.iqm(lambda x: x[len(x) // 4 : len(x) - len(x) // 4].mean(axis=0)), "sort over the seeds"),
        (check.iqm(lambda x: x.mean(axis=1)), "got shape"),
        (check.iqm(lambda x: kept(x, round(len(x) / 4))), "rounded down"),
        (check.iqm(lambda x: np.sort(x, axis=0)[len(x) // 4 : 3 * len(x) // 4].mean(axis=0)), "as many"),
        (check.iqm(between), "left out by rank"),
        (check.settled(lambda steps, q: steps[np.argmax(tenth(q))]), "may leave again"),
        (check.settled(lambda steps, q: settled(steps, q, later=0)), "one record later"),
        (check.settled(lambda steps, q: settled(steps, q, lambda q: abs(q - q[-1]) <= 0.1)), "not of one"),
        (
            check.settled(lambda steps, q: settled(steps, q, lambda q: abs(q - q[-1]) <= q[-1] / 10)),
            "be negative",
        ),
        (
            check.settled(lambda steps, q: settled(steps, q, lambda q: abs(q - q[-1]) <= abs(q) / 10)),
            "value's own",
        ),
        (
            check.settled(lambda steps, q: settled(steps, q, lambda q: abs(q - q[-1]) <= np.ptp(q) / 10)),
            "not of the range",
        ),
        (
            check.settled(lambda steps, q: settled(steps, q, lambda q: abs(q - q[-1]) <= abs(q).max() / 10)),
            "greatest value",
        ),
        (
            check.sooner(lambda steps, a, b, x, y, w: [first(steps, a, w), first(steps, b, w)]),
            "these are steps",
        ),
        (check.sooner(sooner(never=0.0)), "not no time"),
        (check.sooner(sooner(never=400)), "as long as the run"),
        (check.sooner(lambda steps, a, b, x, y, w: sooner()(steps, a, b, y, x, w)), "swapped"),
        (check.sooner(sooner(late=lambda y, wanted: y > wanted)), "has reached it"),
        (check.difference(lambda x, y, i, j: -interval(x, y, i, j)[::-1]), "wanted is y less x"),
        (check.difference(lambda *args: interval(*args, f=np.mean)), "these are means"),
        (check.difference(lambda *args: interval(*args, cut=5)), "90 %"),
        (check.difference(ends), "draw by draw"),
        (check.difference(normal), "pair of quantiles"),
        (check.difference(lambda *args: interval(*args, f=np.median)), "these are medians"),
        (check.difference(lambda *args: interval(*args, f=unsorted)), "sort each draw"),
        (check.difference(lambda x, y, i, j: alone(y, j) - alone(x, i)), "subtract the ends"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right and words in verdict.message, verdict
