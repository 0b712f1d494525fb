"""Settling, fluctuation and interquartile means, on courses whose answers are known."""

import numpy as np
import pandas as pd
import pytest

from sobolev_book.stats import interquartile_mean
from sobolev_book.studies import ant_report

STEPS = np.arange(0, 100_001, 2500)


def course(method="m", seed=0, wiggle=0.0, level=100.0):
    q = level * (1 - np.exp(-STEPS / 10_000)) + wiggle * (-1.0) ** np.arange(len(STEPS))
    followed = {f"q{i:02}": q for i in range(20)}
    return pd.DataFrame({"method": method, "seed": seed, "step": STEPS, "return": STEPS / 100 + seed,
                         "q": q, **followed})  # fmt: skip


def test_a_course_settles_where_it_comes_near_its_last_value_for_good():
    assert ant_report.settled(STEPS, np.full(len(STEPS), 7.0)) == 0
    assert ant_report.settled(STEPS, np.where(STEPS < 50_000, 0.0, 5.0)) == 50_000
    back = np.where(STEPS == 80_000, 0.0, 5.0)
    assert ant_report.settled(STEPS, back) == 82_500
    assert ant_report.settled(STEPS, np.where(STEPS == 100_000, 9.0, 0.0)) == 100_000
    q = course().q  # 1 - exp(-x) passes .9 at ln 10 = 2.3
    assert ant_report.settled(STEPS, q) == 25_000


def test_fluctuation_is_the_share_by_which_a_course_strays_from_its_running_mean():
    calm, wild = (ant_report.values(course(wiggle=w)).fluctuation.item() for w in (0.0, 10.0))
    assert calm < 0.01
    assert wild == pytest.approx(0.1 * 4 / 5, rel=0.05)  # ten of a hundred; the mean of five keeps a fifth
    assert ant_report.values(course(wiggle=20.0, level=200.0)).fluctuation.item() == pytest.approx(
        wild, rel=0.02
    )


def test_the_size_is_that_of_the_last_records_whatever_their_sign():
    assert ant_report.values(course(level=-200.0))["size"].item() == pytest.approx(200, rel=1e-3)


def test_interquartile_means_leave_a_quarter_out_at_either_end():
    assert interquartile_mean(np.array([[9, 1, 2, 3, -50]])) == pytest.approx([2.0])
    assert interquartile_mean(np.arange(8.0)) == pytest.approx(3.5)
    assert interquartile_mean(np.array([1.0, 5.0])) == pytest.approx(3.0)


def test_curves_hold_their_interval_and_few_seeds_have_none():
    frame = pd.concat([course(seed=k) for k in range(5)] + [course("few", k) for k in range(2)])
    found = ant_report.curves(frame)
    five, few = (found[found.method == name] for name in ("m", "few"))
    assert five.iqm.to_numpy() == pytest.approx(STEPS / 100 + 2)
    assert (five.low <= five.iqm).all() and (five.iqm <= five.high).all() and (five.low < five.high).all()
    assert few.low.isna().all() and few.iqm.to_numpy() == pytest.approx(STEPS / 100 + 0.5)


def test_the_summary_speaks_of_the_last_fifth_and_of_the_best_stretch():
    frame = pd.concat([course(seed=k) for k in range(5)])
    row = ant_report.summary(frame).iloc[0]
    last = STEPS[-9:] / 100
    assert row["n"] == 5 and row["return"] == pytest.approx(last.mean() + 2)
    assert row["best"] == pytest.approx(STEPS[-5:].mean() / 100 + 2)
    assert row["settled_low"] <= row["settled"] <= row["settled_high"]


def test_the_record_on_disk_is_read_and_what_is_missing_is_named(tmp_path):
    frame, missing = ant_report.recorded()
    assert {"value_only", 0} <= set(frame.method) | set(frame.seed)
    assert all(isinstance(method, str) for method, _ in missing)
    assert ant_report.recorded(folder=tmp_path)[0].empty
    took = ant_report.minutes()
    assert len(took) == frame.groupby(["method", "seed"]).ngroups and (took.minutes > 5).all()
    with pytest.raises(ValueError, match="name: got 'horse'"):
        ant_report.recorded("horse")


def test_the_best_stretch_is_one_of_a_trained_actor():
    frame = course()
    frame.loc[frame.step < 10_000, "return"] = 5000.0
    assert ant_report.summary(frame).iloc[0]["best"] == pytest.approx(STEPS[-5:].mean() / 100)


def test_a_run_that_diverged_has_not_settled_and_bad_courses_are_named():
    q = np.where(STEPS < 50_000, 5.0, np.nan)
    assert ant_report.settled(STEPS, q) == STEPS[-1]
    with pytest.raises(ValueError, match=r"^q: got shape \(2,\), wanted that of steps"):
        ant_report.settled(STEPS, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"^steps: got 2 records from step 10,000 on, wanted at least 5"):
        ant_report.fluctuation(STEPS[-2:], np.ones((2, 3)))
