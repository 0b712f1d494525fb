"""The plane of two weights: its paths against Python's, its words, what a hand sets there."""

import numpy as np
import pytest

from sobolev_book import bases
from sobolev_book.explorers.explorers import Plane
from sobolev_book.fixed_points import expected_path
from sobolev_mini import quadratic
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask

AT_FIRST, CENTRED = Plane().values(), "1, s² − ⅓, a² − ⅓"
SETTINGS = [
    {},
    {"weight": 0.16, "start_s": 2, "start_a": -2},
    {"features": CENTRED, "start_a": 3},
    {"steps": "plain", "start_s": -1},
    {"steps": "plain", "features": CENTRED, "weight": 0.5, "start_a": 1},
]


def words(**state):
    return ask({"what": "shows", "of": "plane", "state": {**AT_FIRST, **state}})[0]["words"]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_its_paths_are_the_book_s(setting):
    """Here the maximum is over 100 actions, there over all: a little apart, and more so with time."""
    state = {**AT_FIRST, **setting}
    (found,) = ask({"what": "walked", "state": state, "n": 300})
    rule, rate = ("sign", 0.005) if state["steps"] == "by sign" else ("plain", 0.1)
    start = np.zeros(6)
    start[[3, 5]] = state["start_s"], state["start_a"]
    basis = bases.centred() if state["features"] == CENTRED else None
    lam = state["weight"]
    wanted = expected_path(ToyProblem(), rule, lam, lam, rate, 300, start, basis)
    np.testing.assert_allclose(found, wanted, atol=0.03)


def test_the_fixed_point_of_every_weight_is_beside_its_dot():
    for lam in (0, 0.05, 0.1, 0.2, 0.5, 1):
        w = quadratic.fitted_q_iteration(ToyProblem(), lam, lam)
        np.testing.assert_allclose(w[[3, 5]], (-1, -1.14), atol=0.02)


def test_its_words_say_how_a_path_ends():
    assert words().endswith(
        "a bowl and grows on. In units of a step the weights of 1, s², a² rise by 1, 1, 1."
    )
    assert "a² rise by 1, 0.67, 1." in words(weight=0.1)
    assert words(start_s=2, start_a=-2, weight=0.16).endswith("still a bowl, and the weight of a² falls.")
    assert words(features=CENTRED).endswith("at rest by the fixed point, at (−1, −1.13).")
    assert "a hill and not at rest" in words(steps="plain")


def test_steps_by_sign_run_away_from_every_start_and_in_centred_squares_from_none():
    starts = [(s, a) for s in range(-3, 4) for a in range(-3, 4)]
    for state, end in (({}, "grows on"), ({"features": CENTRED}, "at rest by"), ({"weight": 0.2}, "a hill")):
        asked = ({**AT_FIRST, **state, "start_s": s, "start_a": a} for s, a in starts)
        told = ask(*({"what": "shows", "of": "plane", "state": x} for x in asked))
        assert all(end in x["words"] for x in told), state


def test_all_of_the_three_lines_is_in_the_frame_and_lines_that_end_together_have_one_tag():
    for state, tags in (
        ({}, ["1, s², a²"]),
        ({"weight": 0.1}, ["s²", "1, a²"]),
        ({"steps": "plain"}, ["s², a²", "1"]),
    ):
        _, three = ask({"what": "shows", "of": "plane", "state": {**AT_FIRST, **state}})[0]["panels"]
        seen = np.array([line["y"] for line in three["lines"]], dtype=float)
        assert three["y"][0] <= seen.min() and seen.max() <= three["y"][1] and np.isfinite(seen).all()
        assert [tag["text"] for tag in three["tags"]] == tags


def test_arrowheads_of_a_path_are_apart_and_at_the_fixed_point_there_are_none():
    for state in ({}, {"steps": "plain"}, {"features": CENTRED, "start_a": 3}):
        (line,) = ask({"what": "shows", "of": "plane", "state": {**AT_FIRST, **state}})[0]["panels"][0][
            "lines"
        ]
        places = np.stack([line["x"], line["y"]], axis=1).astype(float)[line["heads"]]
        places = places[np.isfinite(places).all(axis=1)]
        assert 1 < len(places) < 40 and np.hypot(*np.diff(places, axis=0).T).min() >= 1.2


def test_a_place_in_a_panel_is_found_from_its_share_of_it():
    panel = {"x": [-4, 8], "y": [-4, 8]}
    corners = [(52 / 320, 200 / 240), (306 / 320, 26 / 240), (179 / 320, 113 / 240), (0.1, 0.5), (0.5, 0.95)]
    found = ask({"what": "under", "panel": panel, "places": corners})[0]
    np.testing.assert_allclose(found[:3], [(-4, -4), (8, 8), (2, 2)])
    assert found[3:] == [None, None]
