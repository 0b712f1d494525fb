"""The critic lab: its runs against Python's, its outcomes, its words, its table of margins."""

import re

import numpy as np
import pytest

from sobolev_book.explorers import margins
from sobolev_book.explorers.base import HERE
from sobolev_mini import quadratic
from sobolev_mini.qlearning import QConfig
from sobolev_mini.qlearning.quadratic_loop import _numbers, _train
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask
from tests.book.explorers.sfc32 import Sfc32

PAPER = {"lam_s": 1, "lam_a": 1, "lr": 1e-4, "seed": 0, "end": 60_000}


def run(*parts, **settings):
    return ask({"what": "run", "settings": {**PAPER, **settings}, "parts": parts or (60_000,)})[0]


def test_both_critics_train_on_the_same_samples_as_in_python():
    found, problem = run(1000, lam_s=0.3, lam_a=2, lr=1e-3, seed=5), ToyProblem()
    samples = Sfc32(5).uniform((1000, 2, 50))
    for lams, w in (((0, 0), found["w"][:6]), ((0.3, 2), found["w"][6:])):
        state = np.zeros((4, 6))
        config = QConfig(lam_s=lams[0], lam_a=lams[1], lr=1e-3)
        assert _train(state, samples, 0, *_numbers(problem, config)) == -1
        np.testing.assert_allclose(w, state[0], rtol=1e-9, atol=1e-9)


def test_errors_are_those_of_the_book():
    found = run(3000, lr=1e-3)
    for method, w in (("value_only", found["w"][:6]), ("sobolev", found["w"][6:])):
        wanted, last = quadratic.errors(ToyProblem(), np.array(w)), found["records"][-1][method]
        for name in ("q", "q_centred", "q_a", "policy"):
            assert last[name] == pytest.approx(float(wanted[name]), rel=0.03), name
        assert [last["bendS"], last["bendA"]] == [w[3], w[5]]


def test_a_run_in_parts_is_the_run_in_one():
    assert run(10, 190, 5, 795, end=1000) == run(1000, end=1000)


def test_it_ends_goes_on_when_asked_and_keeps_its_records_few():
    found = run(60_000, 60_000)
    assert found["steps"] == found["end"] == 120_000
    steps = [record["step"] for record in found["records"]]
    assert 200 <= len(steps) <= 400 and steps[0] == 0 and steps[-1] == 120_000
    assert set(np.diff(steps)) == {found["every"]}


@pytest.mark.parametrize(
    ("lam", "outcome"),
    [
        (0.05, "away"),
        (0.16, "away"),
        (0.18, "circling"),
        (0.2, "circling"),
        (0.25, "settled"),
        (1, "settled"),
    ],
)
def test_outcomes_are_those_of_chapter_04(lam, outcome):
    assert run(lam_s=lam, lam_a=lam)["outcomes"] == ["away", outcome]
    if outcome == "circling":
        assert run(60_000, 60_000, lam_s=lam, lam_a=lam)["outcomes"] == ["away", "settled"]


def test_a_run_that_is_away_may_come_back_without_settling():
    assert run(60_000, 60_000, lam_s=0.16, lam_a=0.16)["outcomes"] == ["away", "circling"]


def test_one_slope_alone_does_not_keep_adam_and_plain_steps_part_near_the_theory_s_threshold():
    for lam in (0.25, 2, 10):
        assert run(lam_s=0, lam_a=lam)["outcomes"][1] == run(lam_s=lam, lam_a=0)["outcomes"][1] == "away"
    plain = {"optimizer": "sgd", "lr": 0.1}
    ends = [run(lam_s=lam, lam_a=lam, **plain)["outcomes"][1] for lam in (0.08, 0.1, 5, 10)]
    assert ends == ["circling", "settled", "settled", "circling"]


def test_settled_means_for_the_last_quarter_of_the_run():
    ends = [run(n, lam_s=0.3, lam_a=0.3) for n in (22_000, 44_000, 60_000)]
    for end in ends:
        late = [x["sobolev"]["policy"] for x in end["records"] if x["step"] >= 0.75 * end["steps"]]
        assert (end["outcomes"][1] == "settled") == (max(late) < 0.005)
    just = [end for end in ends if end["records"][-1]["sobolev"]["policy"] < 0.005]
    assert {end["outcomes"][1] for end in just} == {"settled", "circling"}


@pytest.mark.parametrize("lam", [0.16, 0.3])
def test_each_record_s_state_is_the_outcome_of_a_run_that_stops_there(lam):
    found = run(lam_s=lam, lam_a=lam)
    steps = [record["step"] for record in found["records"]]
    for step in (1000, 36_000, 44_000, 54_000, 55_000):
        there = run(step, lam_s=lam, lam_a=lam)["outcomes"]
        assert [states[steps.index(step)] for states in found["states"]] == there, step


def test_the_bars_above_the_panels_tell_when_a_critic_s_state_changed():
    bars = re.findall(r'aria-label="(.*?)"><rect', told(60_000, lam_s=0.3, lam_a=0.3)["above"])
    assert bars == [
        "The value-only critic: circling to step 29,400, away to step 60,000",
        "The Sobolev critic: circling to step 54,400, settled to step 60,000",
    ]
    assert told(0)["above"].count("<rect x=") == 0  # nothing has been yet


def test_neither_settled_nor_away():
    assert run(100)["outcomes"] == ["circling", "circling"]
    assert run(0)["outcomes"] == ["circling", "circling"]


def test_an_overflow_sets_the_run_back_and_the_next_one_starts_anew():
    diverging = {"optimizer": "sgd", "lr": 0.3, "lam_s": 10, "lam_a": 10}
    found = run(60_000, **diverging)
    assert found["overflow"]["method"] == "sobolev" and 10 < found["overflow"]["step"] < 5000
    assert found["steps"] == 0 and found["w"] == [0] * 12 and len(found["records"]) == 1
    again = run(60_000, 5, **diverging)
    assert again["overflow"] is None and again["steps"] == 5 and again["end"] == 60_000


def told(steps, of="lab", **wanted):
    return ask({"what": "live", "of": of, "wanted": wanted, "steps": steps})[0]


def test_its_words_tell_run_and_theory_apart():
    found = told(60_000, lam_s=0.1, lam_a=0.1)
    words, note = found["words"], found["note"]
    assert words.startswith(
        "λₛ = 0.1, λₐ = 0.1; Adam at rate 0.0001 from zero weights, target: current critic"
    )
    assert "Step 60,000 of this run: The value-only critic has run away" in words
    assert "The Sobolev critic has run away" in words
    assert note.startswith("Theory: far out a ray keeps steps by sign there") and "Theory" not in words
    assert note.endswith("small plain steps are stable.")
    assert "steps are unstable." in told(10, lam_s=0.07, lam_a=0.08)["note"]
    assert "no ray keeps steps by sign there" in told(10, lam_s=0.16, lam_a=0.16)["note"]


def test_an_overflow_is_said_in_words():
    words = told(60_000, optimizer="plain steps", rate=0.3, lam_s=10, lam_a=10)["words"]
    assert "The Sobolev critic's weights left the numbers that a computer has, at step" in words
    assert "set back to its start. Choose a smaller rate or weight." in words


def test_what_it_cannot_use_is_named_and_set_back():
    (found,) = ask(
        {"what": "fragment", "of": "lab", "hash": "#lab.lam_s=NaN&lab.target=mine&lab.equal=perhaps"}
    )
    assert found["complaints"] == [
        "lam_s: got NaN, wanted a number; set back to 0.2.",
        "equal: got perhaps, wanted one of false, true; set back to true.",
        "target: got mine, wanted one of current critic, Polyak, 0.005 a step, copied every 1,000 steps, "
        "copied every 10,000 steps; set back to current critic.",
    ]
    (found,) = ask({"what": "fragment", "of": "lab", "hash": "#lab.lam_a=1e300&lab.clipped=true"})
    assert found["state"]["lam_a"] == 10 and found["state"]["clipped"] is True
    assert found["complaints"] == [
        "lam_a: got 1e300, wanted 0 to 10; set to 10.",
        '"keep equal" is not ticked, for λₛ = 0.2 and λₐ = 10 differ.',
    ]


def test_a_link_to_one_weight_unticks_keep_equal_and_a_weight_between_two_is_said_to_move():
    (found,) = ask({"what": "fragment", "of": "lab", "hash": "#lab.lam_s=1"})
    assert (found["state"]["lam_s"], found["state"]["lam_a"], found["state"]["equal"]) == (1, 0.2, False)
    assert found["complaints"] == ['"keep equal" is not ticked, for λₛ = 1 and λₐ = 0.2 differ.']
    (found,) = ask({"what": "fragment", "of": "lab", "hash": "#lab.lam_s=0.06&lab.lam_a=3&lab.equal=false"})
    assert found["complaints"] == [
        "lam_s: got 0.06; set to 0.05, the nearest there is.",
        "lam_a: got 3; set to 2, the nearest there is.",
    ]
    (found,) = ask({"what": "fragment", "of": "lab", "hash": "#lab.lam_s=1&lab.lam_a=1"})
    assert found["complaints"] == [] and found["state"]["equal"] is True


def test_equal_weights_move_together_and_free_ones_do_not():
    state = {"lam_s": 1, "lam_a": 2, "equal": True, "seed": 0}
    ends = ask(
        *({"what": "adjusted", "state": state, "name": x} for x in ("lam_s", "lam_a", "equal", "seed"))
    )
    assert [(x["lam_s"], x["lam_a"]) for x in ends] == [(1, 1), (2, 2), (1, 1), (1, 2)]
    (free,) = ask({"what": "adjusted", "state": {**state, "equal": False}, "name": "lam_s"})
    assert (free["lam_s"], free["lam_a"]) == (1, 2)


def test_a_weight_that_the_box_moves_is_said():
    asked, same = {"lam_s": 1, "lam_a": 2}, {"lam_s": 1, "lam_a": 1}
    by_box, by_slider, none = ask(
        {"what": "moved", "asked": asked, "state": same, "name": "equal"},
        {"what": "moved", "asked": asked, "state": same, "name": "lam_s"},
        {"what": "moved", "asked": same, "state": same, "name": "equal"},
    )
    assert by_box == ['"keep equal" is ticked, so λₐ goes from 2 to λₛ = 1.']
    assert by_slider == none == []


def test_the_panels_and_the_clipped_optimum_on_request():
    plain, both = told(200), told(200, clipped=True, error="slope", state=-0.5)
    assert [panel["title"] for panel in both["panels"]] == [
        "error of the slope",
        "Q at s = -0.5",
        "greedy policy",
        "path of two weights",
    ]
    assert plain["methods"] == ["exact", "value_only", "sobolev"]
    assert both["methods"] == ["clipped", "exact", "value_only", "sobolev"]
    drawn = {line["method"]: line["y"] for line in both["panels"][1]["lines"]}
    a = np.array(both["panels"][1]["lines"][0]["x"])
    np.testing.assert_allclose(drawn["exact"], ToyProblem().optimal_q(-0.5, a), atol=1e-12)
    np.testing.assert_allclose(drawn["clipped"], ToyProblem().clipped_q(-0.5, a), atol=1e-12)
    assert len(plain["panels"][2]["lines"]) == 3 and len(both["panels"][2]["lines"]) == 4


def test_the_slice_keeps_its_frame_and_what_runs_away_leaves_it():
    frames = []
    for n in (0, 60_000):
        panel = told(n)["panels"][1]
        drawn = {line["method"]: np.array(line["y"], dtype=float) for line in panel["lines"]}
        frames.append(panel["y"])
        assert np.isfinite(drawn["exact"]).all() and np.isfinite(drawn["sobolev"]).all()
        assert np.isfinite(drawn["value_only"]).all() == (n == 0)
    assert frames[0] == frames[1]


def test_the_tables_are_the_theory_s():
    text, tables = (HERE / "margins.js").read_text(encoding="utf-8"), {}
    for name in ("MARGINS", "RAYS"):
        rows = text[text.index(f"{name} = [") :].partition("];")[0].splitlines()[1:]
        tables[name] = np.array([row.strip(" [],").split(", ") for row in rows], dtype=float)
        assert tables[name].shape == (len(margins.LAMBDAS),) * 2
    rng = np.random.default_rng(0)
    for i, j in [(0, 0), (6, 6), (7, 7), (19, 19), *rng.integers(len(margins.LAMBDAS), size=(6, 2)).tolist()]:
        lams = margins.LAMBDAS[i], margins.LAMBDAS[j]
        assert tables["MARGINS"][i, j] == pytest.approx(margins.margin(*lams), rel=1e-3)
        assert tables["RAYS"][i, j] == margins.ray(*lams)
    assert text.startswith(margins.HEAD)
