"""The first page's explorer: the lab in small, its marks, axes and stop, what the page says of its run."""

import numpy as np

from sobolev_book.explorers.base import HERE
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask
from tests.book.explorers.test_lab import run, told


def by(method, rows):
    """Return the row of a method among lines or dots."""
    return next(row for row in rows if row["method"] == method)


def test_it_is_the_lab_with_equal_weights():
    small, whole = told(2000, "hero", weight=0.3), told(2000, lam_s=0.3, lam_a=0.3, state=0)
    errors, slice_, policies, _ = whole["panels"]
    for panel, other in zip(small["panels"], (slice_, policies, errors), strict=True):
        assert panel["lines"][-1]["method"] == "value_only" and len(panel["lines"]) == len(other["lines"])
    for panel, other in zip(small["panels"][1:], (policies, errors), strict=True):
        assert all(line == by(line["method"], panel["lines"]) for line in other["lines"])
    for line in slice_["lines"]:
        drawn = by(line["method"], small["panels"][0]["lines"])
        assert drawn["x"] == line["x"]
        np.testing.assert_allclose(drawn["y"], np.subtract(line["y"], np.mean(line["y"])), atol=1e-12)
    assert small["words"].startswith("λ = 0.3. Step 2,000 of this run")


def test_it_marks_each_critic_s_best_action_at_zero_in_both_panels():
    hills, policies, _ = told(60_000, "hero", weight=1)["panels"]
    for dot, place in zip(hills["dots"], policies["dots"], strict=True):
        assert dot["method"] == place["method"] and dot["y"] == max(by(dot["method"], hills["lines"])["y"])
        assert (place["x"], place["y"]) == (0, dot["x"])
    assert [round(dot["x"], 1) for dot in hills["dots"]] == [0.4, 1, 0.4]  # exact, value-only, Sobolev


def test_its_axes_hold_its_runs_and_only_a_bowl_moves_one():
    asked = [
        {"wanted": {"weight": weight}, "steps": n}
        for weight in (0, 0.18, 0.25, 10)
        for n in (0, 45_800, 60_000)
    ]
    for shown in ask(*({"what": "live", "of": "hero", **one} for one in asked)):
        hills, policies, errors = shown["panels"]
        assert (policies["y"], errors["y"]) == ([-1.25, 1.25], [2e-4, 3])
        spread = [np.ptp(by(method, hills["lines"])["y"]) for method in ("exact", "value_only")]
        assert (hills["y"] == [-1.9, 1.1]) == (spread[1] < 1.3 * spread[0])
        assert errors["x"] == [0, 60]
        for panel in (hills, policies, errors):
            values = np.concatenate([line["y"] for line in panel["lines"]])
            assert panel["y"][0] < values.min() and values.max() < panel["y"][1]


def test_it_stops_where_the_value_only_critic_is_at_its_best_and_says_what_the_page_says():
    found, words = run(), told(21_000, "hero")["words"]
    best = min(found["records"], key=lambda record: record["value_only"]["policy"])
    bowl = next(record["step"] for record in found["records"] if record["value_only"]["bendA"] > 0)
    errors = f"{best['value_only']['policy']:.4f}", f"{best['sobolev']['policy']:.3f}"
    assert words == (
        "λ = 1. Step 21,000 of this run: the value-only critic's policy is as good as it will get "
        f"(error {errors[0]}; the Sobolev critic's is {errors[1]}). Press Play and watch its hill."
    )
    page = " ".join((HERE.parents[1] / "intro.md").read_text(encoding="utf-8").split())
    assert f"At step {best['step']:,} its policy is nearer to the best than the other's" in page
    assert best["value_only"]["policy"] < best["sobolev"]["policy"]
    assert 28_000 < bowl < 30_000 and "before step 30,000 its hill has turned into a bowl" in page
    assert "Sobolev" not in told(21_000, "hero", weight=0)["words"]


def test_on_its_way_to_a_bowl_the_value_only_policy_passes_the_right_steepness():
    steep = [-w[4] / (2 * w[5]) for w in (run(n)["w"] for n in (10_000, 19_000, 21_000, 23_000, 28_000))]
    low, high = ToyProblem().optimal_policy(np.array([-1, 0.75]))  # where no wall stops it
    assert steep == sorted(steep) and steep[0] < 0.6 < 2 < steep[-1]
    assert abs(steep[2] - (high - low) / 1.75) < 0.1 < abs(steep[1] - (high - low) / 1.75)
    page = " ".join((HERE.parents[1] / "intro.md").read_text(encoding="utf-8").split())
    steeper = "Its {term}`policy` gets steeper and steeper, at that step it is about as steep as the best"
    assert steeper in page


def test_without_slopes_speaks_of_one_critic():
    words = told(2000, "hero", weight=0)["words"]
    assert words.startswith("λ = 0. Both critics are now the same. Step 2,000 of this run: The value-only")
    assert "Sobolev" not in words


def test_a_watched_run_keeps_its_pace_and_stands_still_once_where_it_is_to_be_looked_at():
    live = {"pace": 4000, "halt": 100}
    (found,) = ask({"what": "played", "live": live, "frames": ["play", 10, 20, 30, 40, "play", 40, 50, 5000]})
    steps, goes = [0, 40, 80, 100, 100, 100, 100, 140, 540], [True, True, True, False, False, *4 * [True]]
    assert found == [list(one) for one in zip(steps, goes, strict=True)], "a long gap is not made up for"


def test_with_reduced_motion_a_run_goes_to_its_end_at_once():
    live = {"pace": 4000, "halt": 100}
    (found,) = ask({"what": "played", "live": live, "frames": ["play", 10], "calm": True})
    assert found == [[0, True], [60_000, False]]
