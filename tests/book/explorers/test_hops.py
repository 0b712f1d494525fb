"""Chapter 02's agents in the browser: what is drawn and told is what Python's walks give."""

import numpy as np
import pytest

from sobolev_book.figures.optimum import collected, walks
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask

PAPER = ToyProblem()
RULES = {
    "clipped": PAPER.clipped_policy,
    "steps of 0.1": lambda s: np.minimum(1, s + 0.1),
    "best": PAPER.optimal_policy,
}
FEET = ("first", "second", "third", "fourth")
ACTIONS = np.arange(-100, 101) / 100


def footprints(*places, best=False):
    return {**dict(zip(FEET, places, strict=True)), "best": best}


def line(panel, method):
    """Return x and y of a panel's line, (n, 2); NaN where the pen is lifted."""
    (found,) = (x for x in panel["lines"] if x["method"] == method)
    return np.array([found["x"], found["y"]], dtype=float).T


def arcs(panel, method):
    """Return (from, to, height) of each hop, (n, 3)."""
    points = line(panel, method)
    parts = np.split(points, np.flatnonzero(np.isnan(points[:, 0])))[:-1]
    parts = [part[~np.isnan(part[:, 0])] for part in parts]
    return np.array([(part[0, 0], part[-1, 0], part[:, 1].max()) for part in parts])


def hops(path):
    """Return (from, to, length) of the steps of ``path`` that move, (n, 3)."""
    steps = np.stack([path[:-1], path[1:], np.abs(np.diff(path))], axis=1)
    return steps[steps[:, 2] > 1e-9]


@pytest.mark.parametrize("places", [(0.5, 1, 1, 1), (0.36, 0.65, 0.86, 0.97), (0, 0, 0.2, 0.2)])
def test_feet_stand_where_they_are_put_and_return_what_the_path_does(places):
    (shown,) = ask({"what": "shows", "of": "footprints", "state": footprints(*places)})
    path = np.array([0, *places, 1])
    feet, earned = shown["panels"]
    np.testing.assert_allclose(arcs(feet, "slope_s"), hops(path), atol=1e-12)
    assert {dot["x"] for dot in feet["dots"]} == set(path)
    np.testing.assert_allclose(line(earned, "slope_s")[:, 1], collected(PAPER, path, 25))
    assert f"you return {collected(PAPER, path, 400)[-1]:.3f}. One leap returns 1.000" in shown["words"]
    assert f"the best path {PAPER.optimal_value(0.0):.3f}." in shown["words"]
    assert "exact" not in [x["method"] for x in feet["lines"]]


def test_the_best_path_is_shown_when_asked_for():
    (shown,) = ask({"what": "shows", "of": "footprints", "state": footprints(1, 1, 1, 1, best=True)})
    path = walks(PAPER, PAPER.optimal_policy, 0.0, PAPER.optimal_policy(0.0))[0]
    np.testing.assert_allclose(arcs(shown["panels"][0], "exact"), hops(path), atol=1e-12)
    np.testing.assert_allclose(arcs(shown["panels"][0], "slope_s"), [[0, 1, 1]], atol=1e-12)


def test_a_moved_foot_pushes_the_others_and_a_link_in_disorder_is_mended():
    asked = [("second", (0.5, 0.9, 0.7, 1)), ("third", (0.5, 0.6, 0.2, 1)), ("best", (0.5, 0.6, 0.7, 1))]
    questions = [{"state": footprints(*x), "name": name} for name, x in asked]
    found = ask(*({"what": "adjusted", "of": "footprints", **question} for question in questions))
    assert found == [footprints(*x) for x in ((0.5, 0.9, 0.9, 1), (0.2, 0.2, 0.2, 1), (0.5, 0.6, 0.7, 1))]
    link = "#footprints.first=0.9&footprints.second=0.2"
    (read,) = ask({"what": "fragment", "of": "footprints", "hash": link})
    assert read == {"state": footprints(0.2, 0.9, 1, 1), "complaints": ["Footprints put in their order."]}


def test_stretched_steps_are_those_of_the_best_policy():
    """eq-02-piece: down to the wall, the last step first; the bars stand as high."""
    distances = [0.05, 0.1, 0.29, 0.85, 1.5, 2.0]
    for u, told in zip(distances, ask({"what": "stretched", "distances": distances})[0], strict=True):
        path = walks(PAPER, PAPER.optimal_policy, 1 - u, PAPER.optimal_policy(1 - u))[0]
        steps = told["steps"] if told["x"] > 1e-9 else told["steps"][1:]
        np.testing.assert_allclose(steps, hops(path)[::-1, 2], atol=1e-9)
        (shown,) = ask({"what": "shows", "of": "stretch", "state": {"distance": u}})
        bars, curve = shown["panels"]
        tops = [max(max(x["y"]) for x in bars["lines"] if x["x"][0] == k) for k in range(len(told["steps"]))]
        np.testing.assert_allclose(tops, told["steps"], atol=1e-12)
        u_all, d = line(curve, "exact").T
        np.testing.assert_allclose(d, PAPER.optimal_policy(1 - u_all) - (1 - u_all), atol=1e-12)
        assert (curve["dots"][-1]["x"], curve["dots"][-1]["y"]) == (u, pytest.approx(told["steps"][-1]))


@pytest.mark.parametrize("after", RULES)
@pytest.mark.parametrize(("start", "first"), [(0, 1), (-1, 0.3), (0.6, -0.5)])
def test_an_agent_goes_and_returns_what_its_rule_does(start, first, after):
    state = {"start": start, "first": first, "after": after}
    (shown,) = ask({"what": "shows", "of": "agent", "state": state})
    goes, returns = shown["panels"]
    path, total = walks(PAPER, RULES[after], float(start), first)
    wanted = hops(path)
    np.testing.assert_allclose(arcs(goes, "slope_s")[: len(wanted)], wanted, atol=1e-12)
    peaks = []
    for method, rule in (("exact", RULES["best"]), ("slope_s", RULES[after])):
        q = walks(PAPER, rule, float(start), ACTIONS)[1]
        peaks.append((ACTIONS[q.argmax()], pytest.approx(q.max())))
        q = np.stack([ACTIONS, np.where(q < -2.1, np.nan, q)], axis=1)
        np.testing.assert_allclose(line(returns, method), q, atol=1e-12)
    dots = [(dot["x"], dot["y"]) for dot in returns["dots"]]
    assert dots == [*peaks, (first, pytest.approx(float(total)))] and returns["rules"] == [first]
    words, told = shown["words"].replace("−", "-").split(". The first step that returns most is ")
    steps = [abs(x - start) for x, _ in peaks[::-1]]
    assert [float(x.split()[0]) for x in told.split("and ")] == pytest.approx(steps, abs=0.006)
    said = words.removesuffix(" less than the best").split("you return ")[1].split(", ")
    short = PAPER.optimal_value(float(start)) - total
    assert [float(x) for x in said] == pytest.approx([float(total), max(short, 0)], rel=1e-3, abs=1e-4)
