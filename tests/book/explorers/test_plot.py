"""Panels and the explorer's frame, as far as they need no browser."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from sobolev_book import style
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask

PANEL = {
    "title": "a < b",
    "xlabel": "x",
    "ylabel": "y",
    "x": [0, 4],
    "y": [0, 1],
    "alt": 'say "it"',
    "lines": [{"x": [0, 1, 2, 3, 4], "y": [0, 1, None, 1, 0], "method": "sobolev"}],
    "dots": [{"x": 2, "y": 0.5, "method": "exact"}],
    "rules": [1],
}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(panel):
    """Return the panel's SVG as a tree, and the paths of its lines."""
    tree = ElementTree.fromstring(ask({"what": "svg", "panel": panel})[0])
    return tree, [path for path in tree.iter(f"{SVG}path") if path.get("stroke")]


def test_methods_look_as_in_every_other_figure():
    found, dark = ask({"what": "methods"}, {"what": "dark"})
    assert dark == {color: bright for color, bright in style.DARK.items() if color != "#000000"}
    assert found.keys() == style.METHODS.keys()
    for name, (label, color, _) in found.items():
        assert label == style.METHODS[name][0]
        assert color == (style.color(name) if name != "exact" else "currentColor")
    assert len({(color, dash) for _, color, dash in found.values()}) == len(found)


def test_a_panel_is_well_formed_and_described():
    tree, _ = drawn(PANEL)
    assert tree.get("role") == "img" and tree.get("aria-label") == 'say "it"'
    assert "a < b" in [text.text for text in tree.iter(f"{SVG}text")]


def test_a_line_goes_where_its_numbers_say_and_has_a_gap_where_one_is_missing():
    tree, (line,) = drawn(PANEL)
    parts = re.findall(r"([ML])([\d.]+),([\d.]+)", line.get("d"))
    assert [pen for pen, _, _ in parts] == ["M", "L", "M", "L"]
    x, y = ([float(part[i]) for part in parts] for i in (1, 2))
    assert x[1] - x[0] == pytest.approx(x[3] - x[2], abs=0.11) and y[0] == y[3] > y[1] == y[2]
    dot = tree.find(f"{SVG}circle")
    assert float(dot.get("cx")) == pytest.approx((x[0] + x[3]) / 2, abs=0.1)
    assert float(dot.get("cy")) == pytest.approx((y[0] + y[1]) / 2, abs=0.1)


def test_arrowheads_point_on_along_a_line_and_a_tag_stands_above_its_place():
    line = {"x": [0, 2, 2, 1], "y": [0, 0, 1, 1], "method": "sobolev", "heads": [1, 2, 3]}
    tree, (path,) = drawn({**PANEL, "lines": [line], "dots": [], "tags": [{"x": 4, "y": 0, "text": "s²"}]})
    heads = [one.get("transform") for one in tree.iter(f"{SVG}path") if one.get("transform")]
    assert [re.search(r"rotate\((.*)\)", head)[1] for head in heads] == ["0", "-90", "180"]
    places = re.findall(r"[ML]([\d.]+),([\d.]+)", path.get("d"))
    assert [re.search(r"translate\((.*?) (.*?)\)", head).groups() for head in heads] == places[1:]
    (tag,) = (text for text in tree.iter(f"{SVG}text") if text.text == "s²")
    assert float(tag.get("x")) > float(places[1][0]) and float(tag.get("y")) == float(places[0][1]) - 6


def test_a_line_without_a_place_has_no_arrowhead_there():
    line = {"x": [0, None, 2, 3], "y": [0, 0, 0, 0], "method": "sobolev", "heads": [1, 2, 3]}
    tree, _ = drawn({**PANEL, "lines": [line], "dots": []})
    assert len([one for one in tree.iter(f"{SVG}path") if one.get("transform")]) == 1


def test_a_log_axis_is_in_decades_and_leaves_out_what_has_no_logarithm():
    line = {"x": [0, 1, 2, 3], "y": [1, 0.1, 0.01, -1], "method": "value_only"}
    tree, (path,) = drawn({**PANEL, "y": None, "ylog": True, "lines": [line], "dots": [], "rules": []})
    heights = [float(y) for y in re.findall(r",([\d.]+)", path.get("d"))]
    assert len(heights) == 3 and heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.11)
    assert {"1", "0.1", "0.01"} <= {text.text for text in tree.iter(f"{SVG}text")}


def test_a_panel_with_nothing_to_show_stands():
    for ylog in (False, True):
        drawn({**PANEL, "y": None, "ylog": ylog, "lines": [], "dots": []})
    drawn({**PANEL, "y": None, "lines": [{"x": [0, 1], "y": [3, 3], "method": "exact"}]})


def test_ticks_are_round_and_inside():
    asked = [(-1, 1), (0, 0.07), (-3.2, 17.9), (1e-9, 2e-9)]
    for (low, high), found in zip(
        asked, ask(*({"what": "ticks", "low": x, "high": y} for x, y in asked)), strict=True
    ):
        assert 3 <= len(found) <= 10 and low - 1e-12 <= found[0] and found[-1] <= high + 1e-12
    assert ask({"what": "ticks", "low": -1, "high": 1})[0] == [-1, -0.5, 0, 0.5, 1]
    assert ask({"what": "decades", "low": 2e-4, "high": 30})[0] == pytest.approx([1e-3, 1e-2, 0.1, 1, 10])
    assert len(ask({"what": "decades", "low": 1e-20, "high": 1e10})[0]) <= 7


def test_labels_are_short():
    values = [0, 0.25, -1.5, 1000, 12345, 1e-5, -1e-5]
    assert ask({"what": "label", "values": values})[0] == [
        "0", "0.25", "\u22121.5", "1000", "1e4", "1e\u22125", "\u22121e\u22125"
    ]  # fmt: skip


def test_a_fragment_is_read_and_nonsense_is_named():
    hashes = [
        "#optimum.slope=0.33&optimum.discount=0.5",
        "#optimum.slope=abc&other.x=1",
        "#optimum.discount=Infinity&optimum.slope=",
        "#fig-02-policy",
        "",
    ]
    found = ask(*({"what": "fragment", "hash": each} for each in hashes))
    state = {"slope": 0.35, "discount": 0.5}
    moved = "slope: got 0.33; set to 0.35, the nearest there is."
    assert found[0] == {"state": state, "complaints": [moved]}
    plain = {"slope": 0.2, "discount": 0.9}
    assert found[1]["state"] == plain
    assert found[1]["complaints"] == ["slope: got abc, wanted a number; set back to 0.2."]
    assert found[2]["state"] == plain and len(found[2]["complaints"]) == 2
    assert found[3] == found[4] == {"state": plain, "complaints": []}


def test_a_fragment_keeps_what_belongs_to_others():
    hashes = ["#lab.seed=3&optimum.slope=1", "#fig-02-policy"]
    found = ask(*({"what": "written", "hash": each, "state": {"slope": 0.1}} for each in hashes))
    assert found == ["#lab.seed=3&optimum.slope=0.1", "#optimum.slope=0.1"]


def test_the_optimum_says_what_it_shows():
    states = [{"slope": 0.2, "discount": 0.9}, {"slope": 0.0, "discount": 0.0}]
    first, second = ask(*({"what": "shows", "of": "optimum", "state": each} for each in states))
    problem = ToyProblem()
    assert f"{len(problem.breakpoints()) + 1} pieces" in first["words"]
    assert "1 piece." in second["words"]
    assert [panel["title"] for panel in first["panels"]] == ["policy", "V less V(wall)"]
    dots = [(dot["x"], dot["y"]) for dot in first["panels"][0]["dots"]]
    breaks = problem.breakpoints()
    np.testing.assert_allclose(dots, np.stack([breaks, problem.optimal_policy(breaks)], axis=1), atol=1e-12)
    assert not any(panel.get("rules") for panel in first["panels"]), "the shortcut alone is dotted"


def test_the_optimum_counts_what_clipping_costs_and_all_stays_in_its_frame():
    settings = (0.2, 0.9), (0.2, 0.0), (0.0, 0.9), (1, 0.99), (-1, 0.75), (-1, 0.99)
    states = [{"slope": c, "discount": g} for c, g in settings]
    found = ask(*({"what": "shows", "of": "optimum", "state": state} for state in states))
    costs = [each["words"].rpartition("Clipping costs ")[2] for each in found]
    assert costs[:3] == ["up to 0.77 in value.", "nothing.", "nothing."] and costs[3].startswith("up to")
    frames = [[(panel["x"], panel["y"]) for panel in each["panels"]] for each in found]
    assert all(frame == frames[0] and None not in frame[1] for frame in frames)
    heights = [y for each in found for line in each["panels"][1]["lines"] for y in line["y"]]
    low, high = frames[0][1][1]
    assert low < min(heights) < -3.9 and max(heights) == pytest.approx(0, abs=1e-12) and high > 0
