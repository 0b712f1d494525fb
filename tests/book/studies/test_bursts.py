"""Runs that go on from step 300 with one thing changed: what is changed, and that nothing else is."""

import numpy as np
import pytest

from sobolev_book import records
from sobolev_book.studies import bursts


@pytest.fixture(scope="module")
def start():
    return bursts.begun((0, 3), step=4)


def test_a_run_that_goes_on_unchanged_is_the_run_itself_and_leaves_the_start_alone(start):
    whole = bursts.begun((0, 3), step=6)
    gone = bursts.go_on(start, steps=6, record=(6,))
    whole.config = bursts.replace(whole.config, record=(6,))
    whole.record()
    assert np.array_equal(gone.errors()["q"], whole.history().errors()["q"]) and start.step == 4


@pytest.mark.parametrize("name", [name for name in bursts.CHANGES if name != "nothing"])
def test_each_change_changes_the_run(start, name):
    """Half the rate once changed nothing: the optimiser has the rate, too."""
    ends = [bursts.go_on(start, x, steps=7, record=(7,)).errors()["q_a"] for x in ("nothing", name)]
    assert np.isfinite(ends).all() and (ends[0] != ends[1]).all()


@pytest.mark.parametrize("name", ["slopes of other samples", "slopes of 0, weight 0.1"])
def test_labels_are_those_of_other_samples_or_zero_and_values_right(start, name, monkeypatch):
    seen, whole = [], bursts._relabelled
    monkeypatch.setattr(
        bursts, "_relabelled", lambda *x: seen.append((x[0](*x[2:]), whole(*x))) or seen[-1][1]
    )
    bursts.go_on(start, name, steps=5, record=())
    right, made = seen[0]
    assert np.array_equal(made.y, right.y) and right.y_s.abs().min() > 0
    for old, new in ((right.y_s, made.y_s), (right.y_a, made.y_a)):
        assert np.array_equal(new[:, 1:], old[:, :-1] if "other" in name else 0 * old[:, 1:])


def test_the_record_has_every_change_step_and_bursting_seed():
    frame = records.load("bursts")[0]
    assert list(frame.change.unique()) == list(bursts.CHANGES)
    assert len(frame) == len(bursts.CHANGES) * 15 * 18
    assert (frame[frame.change == "nothing"].groupby("seed").q.max() > bursts.BURST).all()
