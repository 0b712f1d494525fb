"""Sweeps: labels, resuming, and what each study of chapter 05 varies."""

import pytest

from sobolev_book.records.sweep import SWEPT, product, sweep
from sobolev_book.studies import studies
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem

SMALL = {"hidden": (8, 8, 8), "steps": 6, "record": (0, 6), "seeds": (0, 1), "n_actions": 5}


def cells():
    return [({"lam_a": lam}, ToyProblem(), QConfig(lam_a=lam, **SMALL)) for lam in (0.0, 2.0)]


def test_a_sweep_is_a_row_a_cell_step_and_seed(tmp_path):
    done = []
    frame = sweep(cells(), tmp_path, done.append)
    assert list(frame)[:3] == ["lam_a", "step", "seed"] and set(SWEPT) <= set(frame)
    assert len(frame) == 2 * 2 * 2 and sum(done) == 12
    start = frame[frame.step == 0].groupby("seed").q.nunique()
    end = frame[frame.step == 6].groupby("seed").q.nunique()
    assert (start == 1).all() and (end == 2).all()  # the same start, different ends


def test_a_finished_run_is_not_run_again_and_the_frame_is_the_same(tmp_path, monkeypatch):
    first = sweep(cells(), tmp_path)
    monkeypatch.setattr("sobolev_book.records.sweep.train_mlp", lambda *_, **__: pytest.fail("ran again"))
    again = sweep(cells(), tmp_path)
    assert first.equals(again)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".csv"]


@pytest.mark.parametrize("name", studies.STUDIES)
def test_every_cell_of_a_study_has_its_own_labels_and_run(name):
    every = studies.STUDIES[name]()
    labels = [tuple(cell[0].items()) for cell in every]
    runs = [repr(cell[1:]) for cell in every]
    assert len(set(labels)) == len(set(runs)) == len(every) > 1
    assert all(tuple(cell[0]) == tuple(every[0][0]) for cell in every)


def test_the_grid_is_what_the_explorer_needs():
    every = studies.grid()
    assert len(every) == 49 and len(every[0][2].record) == 11 and len(every[0][2].seeds) == 5


def test_product_runs_through_the_last_axis_first():
    assert product(x=(1, 2), y="ab") == [
        {"x": 1, "y": "a"},
        {"x": 1, "y": "b"},
        {"x": 2, "y": "a"},
        {"x": 2, "y": "b"},
    ]
