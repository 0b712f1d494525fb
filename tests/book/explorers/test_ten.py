"""The ten networks: the browser has those of Python, and its ball stops where climbs in Python end."""

import json
import subprocess

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_book.explorers import ten as module
from sobolev_book.explorers.base import HERE, joined
from sobolev_book.explorers.ten import ten_networks
from sobolev_book.figures.ripple import ends, readings
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask

A, PROBLEM = np.linspace(-1, 1, 801), ToyProblem()
ASK = """
const { describe, networkAt } = await import(URL), fs = await import("node:fs");
const { data, states } = JSON.parse(fs.readFileSync(0, "utf8")), { live, show } = describe(data);
console.log(JSON.stringify(states.map(({ steps = 1e9, ...state }) => {
  const run = live.begin(state);
  live.advance(run, (i) => i < steps);
  const shown = { ...show(state, run), q: networkAt(data, state).q, ended: run.ended, steps: run.steps };
  live.more(run);
  return { ...shown, again: run.a };
})));
"""


def waves(seed):
    """Return values and slopes (20, 801) of two draws: Q* and ripples that do not bend within a cell."""
    rng = np.random.default_rng(seed)
    sizes = (1 + seed) * np.linspace(0.0002, 0.004, 10)[:, None]
    nodes = PROBLEM.optimal_q(0.0, A[::10]) + np.tile(sizes, (2, 1)) * rng.normal(size=(20, 81))
    q = np.stack([np.interp(A, A[::10], one) for one in nodes])
    return q, np.diff(q, append=2 * q[:, -1:] - q[:, -2:-1]) * 400


LABELS = np.array([[0.1, 1.23456], [0.2, 0.3]])
PLAIN, SLOPED = {125: waves(0), 4000: waves(2)}, {125: waves(0), 4000: waves(1)}


@pytest.fixture(scope="module")
def made():
    return ten_networks(PLAIN, SLOPED, A, np.array([-0.5, 0.5]), LABELS)


def shown(made, *states):
    ask()  # skips, or fails under CI, without Node
    start = {axis["name"]: axis["start"] for axis in made.data["axes"]}
    told = json.dumps({"data": made.data, "states": [start | state for state in states]})
    script = ASK.replace("URL", json.dumps((HERE / "ten.js").as_uri()))
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    return json.loads(subprocess.run(command, input=told, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize(("slopes", "curves"), [(False, PLAIN), (True, SLOPED)])
def test_the_browser_has_each_network(made, slopes, curves):
    every = ((n, i, draw) for n in curves for i in (1, 10) for draw in (1, 2))
    states = [{"updates": n, "slopes": slopes, "network": i, "draw": draw} for n, i, draw in every]
    for state, seen in zip(states, shown(made, *states), strict=True):
        q = curves[state["updates"]][0][10 * state["draw"] + state["network"] - 11, ::10]
        np.testing.assert_allclose(seen["q"], q, atol=5e-3)
        drawn = next(x for x in seen["panels"][0]["lines"] if x.get("dash") == "" and "width" not in x)
        np.testing.assert_allclose(drawn["y"], q, atol=5e-3)
        assert drawn["method"] == ("sobolev" if slopes else "value_only")
        told = [x["y"][0] for x in seen["panels"][0]["lines"] if x["method"] == "clipped"]
        np.testing.assert_allclose(told, LABELS[state["draw"] - 1], atol=5e-4)


def test_the_ball_stops_where_short_steps_end(made):
    starts = made.data["axes"][3]["values"]
    states = [{"start": a, "network": i} for a in starts for i in (1, 5, 8)]
    q, q_a = PLAIN[4000]
    for state, seen in zip(states, shown(made, *states), strict=True):
        i, begin = state["network"] - 1, np.abs(A - state["start"]).argmin()
        ball = seen["panels"][0]["dots"][0]
        end = A[ends(q_a[i])[begin]]
        assert ball["x"] == pytest.approx(end, abs=0.003)
        assert seen["ended"] and seen["again"] == pytest.approx(state["start"])
        top = abs(ball["x"] - A[q[i].argmax()]) < 1e-6
        assert ("its critic's highest summit" if top else "a false summit") in seen["words"]
        lost = PROBLEM.optimal_value(0.0) - PROBLEM.optimal_q(0.0, ball["x"])
        assert f"loses {lost:.2f}." in seen["words"] or lost < 0.01


@pytest.mark.parametrize("start", [-0.8, 0.7])
def test_when_it_stops_the_balls_of_all_ten_lie_where_short_steps_end(made, start):
    rolling, *stopped = shown(made, {"steps": 1}, {"start": start}, {"start": start, "slopes": True})
    assert len(rolling["panels"][0]["dots"]) == 1 and not rolling["panels"][0]["tags"]
    for seen, curves in zip(stopped, (PLAIN, SLOPED), strict=True):
        q, q_a = (x[:10] for x in curves[4000])
        end = A[ends(q_a)[:, np.abs(A - start).argmin()]]
        np.testing.assert_allclose([ball["x"] for ball in seen["panels"][0]["dots"][1:]], end, atol=0.003)
        heaps = [int(tag["text"].removeprefix("×")) for tag in seen["panels"][0]["tags"]]
        assert sum(heaps) == 10 and len(heaps) == 1 + np.sum(np.diff(np.sort(end)) > 0.06)
        short = np.sum(np.abs(end - A[q.argmax(axis=1)]) > 0.003)
        assert f"and {short} ball{'s stop' if short > 1 else ' stops'} short." in seen["words"]


def test_on_its_way_it_says_where_it_is(made):
    early, late = shown(made, {"steps": 5}, {})
    assert early["steps"] == 5 < late["steps"] and not early["ended"]
    assert "the ball from −0.8 is at −0." in early["words"] and "stops at" in late["words"]
    gone = next(x for x in late["panels"][0]["lines"] if x["method"] == "constant")
    over = [a for a, y in zip(gone["x"], gone["y"], strict=True) if y is not None]
    assert over[0] == pytest.approx(-0.8) and over[-1] == pytest.approx(late["panels"][0]["dots"][0]["x"])


def test_networks_with_a_false_summit_are_counted_as_python_does(made):
    counts = [
        [[int(np.sum(readings(PROBLEM, 0.0, A, *kind[n])["summits"][rows] > 1)) for n in kind]
         for kind in (PLAIN, SLOPED)]
        for rows in (slice(10), slice(10, 20))
    ]  # fmt: skip
    assert counts[0] != counts[1]
    for draw, seen in enumerate(shown(made, {}, {"draw": 2})):
        assert [line["y"] for line in seen["panels"][2]["lines"]] == counts[draw]
        assert f"Of the ten networks {counts[draw][0][1]} " in seen["words"]
    figure = module.draw(made.data)
    assert [line.get_ydata().tolist() for line in figure.axes[2].get_lines()] == counts[0]
    plt.close(figure)


def test_its_picture_has_the_ball_where_the_browser_has_it(made):
    (seen,) = shown(made, {})
    figure = module.draw(made.data)
    ball = figure.axes[0].get_lines()[-1].get_xydata()[0]
    there = seen["panels"][0]["dots"][0]
    assert ball == pytest.approx([there["x"], there["y"]], abs=1e-6)
    assert f"stops on that at {ball[0]:.2f}." in module.alt(made.data)
    plt.close(figure)


def test_it_is_an_element_and_one_source(made, tmp_path):
    ask()
    (tmp_path / "one.mjs").write_text(joined("ten.js"), encoding="utf-8")
    script = "import('./one.mjs').then(({ default: made }) => console.log(typeof made.render))"
    done = subprocess.run(["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "function\n"
    assert made.element().startswith('<sobolev-ten data-draw="1" data-network="8" data-slopes="false"')
    with pytest.raises(ValueError, match="a: got 100 actions"):
        ten_networks(PLAIN, SLOPED, A[:100], A, LABELS)
