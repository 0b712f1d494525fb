"""The control study: its cells are kept whole, go on where they stopped, and are judged by definition."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sobolev_book import records
from sobolev_book.studies import study, study_report
from sobolev_mini import envs
from sobolev_mini.losses import VALUE_ONLY, Balanced

CELLS = [("lqr", "td3", "value_only"), ("lqr", "sac", "sobolev"), ("lqr", "shac", "shac")]
TRIAL = {"seeds": (0, 1), "share": 0.13}


def test_the_cells_are_the_plan_s():
    found = study.cells()
    assert len(found) == len(set(found)) == 5 * 2 * 7 + 5 * 2
    assert found[0] == ("lqr", "td3", "value_only")
    assert {m for _, _, m in found[:20]} == {"value_only", "sobolev"}
    assert set(study.SEEDS).isdisjoint(range(1000))


def test_the_methods_differ_from_value_only_in_what_their_name_says():
    assert study.STUDY_METHODS["value_only"] == {"weighting": VALUE_ONLY}
    assert study.STUDY_METHODS["sobolev"] == {"weighting": Balanced()}
    assert study.STUDY_METHODS["svg"] == {"weighting": VALUE_ONLY, "actor_slope": "backup"}
    assert study.STUDY_METHODS["twice"] == {"weighting": VALUE_ONLY, "updates": 2}
    assert study.STUDY_METHODS["mage"]["weighting"].slopes == "a"
    assert study.STUDY_METHODS["gdhp"]["weighting"].slopes == "s"


def test_the_plan_s_page_says_what_the_code_does():
    text = (records.RESULTS.parent / "study-plan.md").read_text(encoding="utf-8")
    for name, task in study.TASKS.items():
        assert f"{task.steps:,} | {task.start} | {'yes' if task.explored else 'no'} |" in text, name
    for name in study.STUDY_METHODS:
        assert f"| `{name}` |" in text
    rate = study.OFF_POLICY["critic_lr"]
    assert rate == study.OFF_POLICY["actor_lr"] == 3e-3
    assert "Adam at 3e-3" in text


def test_a_simulator_that_lies_is_refused_before_any_cell(tmp_path, monkeypatch):
    def wrong(self, s, a):
        found = right(self, s, a)
        return replace(found, f_s=2 * found.f_s)

    right = envs.Pendulum.linearize
    monkeypatch.setattr(envs.Pendulum, "linearize", wrong)
    with pytest.raises(ValueError, match=r"^env: derivatives disagree .* f_s \(p50 5.0e-01"):
        study.run(tmp_path, planned=[("pendulum", "td3", "sobolev")], share=0.01)
    assert not list(tmp_path.iterdir())


def test_cells_are_kept_and_not_run_again(tmp_path):
    counts = []
    frame = study.run(tmp_path, planned=CELLS, progress=counts.append, **TRIAL)
    assert counts == [0, 1, 1, 1]
    assert list(frame.columns) == ["task", "algorithm", "method", "step", "seed", "return", "seconds"]
    assert frame.groupby(["algorithm", "seed"]).size().eq(study.RECORDS).all()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(before) == ["lqr-sac-sobolev.csv", "lqr-shac-shac.csv", "lqr-td3-value_only.csv"]
    again, counts = study.run(tmp_path, planned=CELLS, progress=counts.append, **TRIAL), []
    pd.testing.assert_frame_equal(again, frame)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_cell_cut_short_leaves_no_record_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("sobolev_book.records.checkpoint.EVERY", 0.0)
    cell = ("lqr", "td3", "sobolev")

    def cut(env, actor, episodes, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 25:
            raise KeyboardInterrupt
        return evaluate(env, actor, episodes)

    from sobolev_mini.recording import evaluate

    monkeypatch.setattr("sobolev_mini.recording.evaluate", cut)
    with pytest.raises(KeyboardInterrupt):
        study._keep(tmp_path / "lqr-td3-sobolev.csv", cell, TRIAL)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[0] == "lqr-td3-sobolev.pt"
    monkeypatch.setattr("sobolev_mini.recording.evaluate", evaluate)
    study._keep(tmp_path / "lqr-td3-sobolev.csv", cell, TRIAL)
    assert [path.name for path in tmp_path.iterdir()] == ["lqr-td3-sobolev.csv"]
    kept = pd.read_csv(tmp_path / "lqr-td3-sobolev.csv").drop(columns="seconds")
    whole = study.run_cell(*cell, **TRIAL).drop(columns="seconds")
    pd.testing.assert_frame_equal(kept, whole, rtol=1e-6)


STEPS = (0, 1000, 2000, 3000)


def table(samples, steps=STEPS, task="push", algorithm="sac"):
    """Return a record in which each seed of each method crosses -10 at the step given, None for never."""
    return pd.DataFrame(
        {"task": task, "algorithm": algorithm, "method": method, "step": step, "seed": seed, "seconds": 1.0,
         "return": 0.0 if at is not None and step >= at else -20.0}
        for method, crossed in samples.items() for seed, at in enumerate(crossed) for step in steps
    )  # fmt: skip


def test_samples_are_the_first_step_at_the_threshold_or_the_budget_as_a_bound():
    found = study_report.samples(table({"value_only": [1000, 3000, None]}), {"push": -10.0})
    assert found.samples.tolist() == [1000, 3000, 3000]
    assert found.bound.tolist() == [False, False, True]


def test_an_untrained_policy_that_happens_to_be_good_does_not_count():
    frame = table({"value_only": [0]})
    assert study_report.samples(frame, {"push": -10.0}).samples.tolist() == [1000]
    frame.loc[frame.step > 0, "return"] = -20.0
    assert study_report.samples(frame, {"push": -10.0}).bound.tolist() == [True]


def test_a_run_that_diverged_counts_as_never_there():
    frame = table({"value_only": [None]})
    frame.loc[frame.step > 1000, "return"] = np.nan
    assert study_report.samples(frame, {"push": -10.0}).bound.tolist() == [True]


def test_ratios_are_paired_geometric_means_with_bootstrap_intervals():
    frame = pd.concat([
        table({"value_only": [2000, 3000, 3000], "sobolev": [1000, 1000, 3000]}),
        table({"value_only": [1000, 1000, 1000], "sobolev": [2000, 2000, 2000]}, task="lqr"),
    ])  # fmt: skip
    found = study_report.ratios(study_report.samples(frame, {"push": -10.0, "lqr": -10.0}), "sobolev")
    assert found.task.tolist() == ["lqr", "push", "all"] or found.task.tolist() == ["push", "lqr", "all"]
    rows = found.set_index("task")
    assert rows.ratio["push"] == pytest.approx((2 * 3 * 1) ** (1 / 3))
    assert (rows.low["lqr"], rows.high["lqr"]) == (pytest.approx(0.5), pytest.approx(0.5))
    assert rows.ratio["all"] == pytest.approx(np.sqrt(rows.ratio["push"] * 0.5))
    assert rows.low["push"] < rows.ratio["push"] < rows.high["push"]
    assert rows.low["push"] == pytest.approx(1.0)  # three draws of the third seed: 4 % of them
    assert rows.bounds["push"] == 0


def test_thresholds_come_from_the_record():
    limits = study_report.thresholds(records.load("references")[0])
    rows = records.load("references")[0].set_index("task")
    assert limits["lqr"] == pytest.approx(1.25 * rows.planned["lqr"])
    naive = max(rows.uniform["push"], rows.none["push"])
    assert limits["push"] == pytest.approx(naive + 0.75 * (rows.planned["push"] - naive))


def test_the_page_has_a_row_a_pair_and_one_for_all_with_intervals():
    references = pd.DataFrame({"task": list(study.TASKS), "uniform": -40.0, "none": -20.0, "planned": 0.0})
    frame = table({"value_only": [3000, 3000], "sobolev": [1000, 1000]})
    page = study_report.page(frame, references)
    assert page.columns.tolist() == ["task", "algorithm", "sobolev"]
    assert page.sobolev.tolist() == ["3.00 [3.00, 3.00]"] * 2


def test_where_the_actor_s_step_is_selected_its_counts_are_kept():
    frame = study.run_cell("lqr", "td3", "sobolev_trust", seeds=(0, 1), share=0.13)
    last = frame[frame.step == frame.step.max()]
    assert last.accepted.isin([0, 1]).all() and last.shortened.isin([0, 1]).all()
    assert frame.accepted.isna().any()  # before the first update
