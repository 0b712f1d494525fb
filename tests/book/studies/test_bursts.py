"""Runs that go on from step 300 with one thing changed: what is changed, and that nothing else is."""

import copy
import functools

import numpy as np
import pytest
import torch

from sobolev_book import records
from sobolev_book.studies import bursts
from sobolev_mini.toy import ToyProblem


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


@pytest.fixture
def batch():
    return *(torch.rand(2, 2, 5, 1) * 2 - 1), True


@pytest.mark.parametrize("name", ["slopes of other samples", "slopes of 0, weight 0.1"])
def test_labels_are_those_of_other_samples_or_zero_and_values_right(start, batch, name):
    right, made = start.labels(*batch), bursts.LABELS[name](start, *batch)
    assert torch.equal(made.y, right.y) and right.y_s.abs().min() > 0
    for old, new in ((right.y_s, made.y_s), (right.y_a, made.y_a)):
        assert torch.equal(new[:, 1:], old[:, :-1] if "other" in name else 0 * old[:, 1:])


def test_raised_labels_are_the_right_ones_and_more(start, batch):
    right, made = start.labels(*batch), bursts.LABELS["held, raised by 10"](start, *batch)
    assert torch.equal(made.y, right.y + 10) and torch.equal(made.y_a, right.y_a)


def test_the_last_bias_takes_a_tenth_of_the_mean_misfit_and_the_labels_the_rest(start, batch):
    run = copy.deepcopy(start)
    before, right = run.critic(*batch[:2]).detach(), run.labels(*batch)
    made = bursts.level_by_bias(0.1, 10, run, *batch)
    off = (right.y - before).mean(dim=-1, keepdim=True)
    torch.testing.assert_close(made.y, right.y - off)
    torch.testing.assert_close(run.critic(*batch[:2]).detach(), before + 0.1 * off)
    after = bursts.level_by_bias(0.1, run.step, run, *batch)
    assert torch.equal(after.y, run.labels(*batch).y)  # its time is over


def test_fits_and_gains_are_those_of_the_records(monkeypatch):
    """Few seeds and steps; a plain fit's labels are the truth."""
    few = {"FITTED": (0, 1), "SEEDS": (0, 3), "BEGIN": 50, "ASKED": 100, "END": 100, "FITS": (50, 100)}
    for name, value in few.items():
        monkeypatch.setattr(bursts, name, value)
    frame = bursts.fits()
    recorded = records.load("fits")[0].query("seed < 2 and step == 50")
    assert frame.step.unique().tolist() == [50, 100] and len(frame) == 8
    np.testing.assert_allclose(frame[frame.step == 50].q_a, recorded.q_a, rtol=0.02)
    monkeypatch.setattr(bursts, "begun", functools.partial(bursts.begun, step=50))
    found = bursts.gains()
    assert found.groupby(["slopes", "raised"]).seed.apply(list).tolist() == [[0, 3]] * 10
    assert found.gap.nunique() == len(found)
    s, a = torch.rand(2, 1, 4, 1) * 2 - 1
    labels = bursts.true_labels(bursts.begun((0,)), s, a)
    truth = ToyProblem().optimal_q_gradients(s[..., 0].double().numpy(), a[..., 0].double().numpy())[1]
    np.testing.assert_allclose(labels.y_a[..., 0], truth, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name, told in bursts.WAYS.items() if "name" not in told])
def test_each_way_changes_the_run_and_leaves_the_start_alone(start, name):
    before = copy.deepcopy(start.optimizer.state_dict()["state"])
    ends = [bursts.go_on(start, steps=7, record=(7,), **x).errors()["q_a"] for x in ({}, bursts.WAYS[name])]
    assert np.isfinite(ends).all() and (ends[0] != ends[1]).all()
    after = start.optimizer.state_dict()["state"]
    assert all(torch.equal(after[k][x], before[k][x]) for k in before for x in before[k])


def test_levels_part_what_all_states_share_from_the_rest(start):
    """Against the same gaps written out in NumPy."""
    history = bursts.go_on(start, steps=50 + 4, record=(54,))
    mean, gap, alike, apart = bursts.levels(history, 54, n=16)
    x = (np.arange(16) + 0.5) / 8 - 1
    s, a = np.meshgrid(x, x, indexing="ij")
    best = ToyProblem().optimal_q(s, a)
    s32, a32 = (torch.as_tensor(z, dtype=torch.float32).reshape(1, -1, 1).expand(2, -1, -1) for z in (s, a))
    q = bursts.critic_at(history, 54)(s32, a32).detach().double().numpy().reshape(2, 16, 16)
    shared = (q - best).mean(axis=1, keepdims=True)
    for found, wanted in ((gap, q), (alike, best + shared), (apart, q - shared)):
        np.testing.assert_allclose(found, wanted.max(2).mean(1) - wanted.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(mean, q.mean((1, 2)), rtol=1e-5)


def test_the_record_has_every_change_step_and_bursting_seed():
    frame = records.load("bursts")[0]
    assert list(frame.change.unique()) == list(bursts.CHANGES)
    assert len(frame) == len(bursts.CHANGES) * 15 * 18
    assert (frame[frame.change == "nothing"].groupby("seed").q.max() > bursts.BURST).all()
    ways = records.load("bursts_ways")[0]
    assert list(ways.change.unique()) == list(bursts.WAYS) and len(ways) == len(bursts.WAYS) * 15 * 18
