"""What slopes save: the better of two on each side, tasks drawn anew, seconds in proportion."""

import numpy as np
import pandas as pd
import pytest

from sobolev_book import records
from sobolev_book.studies import savings, second, study_report


def rows(samples, task="hover", algorithm="td3"):
    """Return a row a seed of each method's samples, and a tenth of a second for each."""
    cells = [(m, seed, n) for m, of in samples.items() for seed, n in enumerate(of)]
    frame = pd.DataFrame(cells, columns=["method", "seed", "samples"])
    return frame.assign(task=task, algorithm=algorithm, seconds=frame.samples / 10)


FASTER = {"value_only": [800, 800], "twice": [300, 1600], "sobolev": [100, 400], "share": [300, 300]}


def test_on_each_side_the_better_of_two_counts_and_seeds_are_paired():
    """Geometric means: 800 and 693 of the baselines, 200 and 300 of ours."""
    found = savings.savings(rows(FASTER))
    assert found.index.tolist() == [("hover", "td3")]
    np.testing.assert_allclose(np.exp(found.to_numpy()), [[3, 4]])
    one = savings.savings(rows(FASTER), ours=("share",), base=("value_only",))
    np.testing.assert_allclose(np.exp(one.to_numpy()), [[8 / 3, 8 / 3]])


def test_another_measure_may_choose_another_method():
    frame = rows(FASTER)
    frame.loc[frame.method == "sobolev", "seconds"] *= 10
    found = savings.savings(frame, "seconds", base=("value_only",))
    np.testing.assert_allclose(np.exp(found.to_numpy()), [[8 / 3, 8 / 3]])


def test_the_overall_interval_draws_tasks_anew():
    """Seeds agree within each task, so all that is uncertain is which tasks there are."""
    frame = pd.concat([
        rows({"value_only": [400, 400], "sobolev": [100, 100]}, task, algorithm)
        if task == "hover" else rows({"value_only": [100, 100], "sobolev": [100, 100]}, task, algorithm)
        for task in ("hover", "reach") for algorithm in ("td3", "sac")
    ])  # fmt: skip
    saved = savings.savings(frame, ours=("sobolev",), base=("value_only",))
    ratio, low, high = savings.overall(saved)
    assert (ratio, low, high) == (pytest.approx(2), pytest.approx(1), pytest.approx(4))
    each = savings.of_tasks(saved)
    assert each.index.tolist() == ["hover", "reach"]
    np.testing.assert_allclose(each.loc["hover"], [4, 4, 4])


def test_seconds_are_a_cell_s_whole_time_in_proportion_and_thresholds_those_of_the_record():
    frame, ends = records.load("second")[0], records.load("second_ends")[0]
    found = study_report.needed(frame, study_report.thresholds(ends), second.TASKS)
    assert set(found.task) <= set(second.TASKS) and found.seed.nunique() == len(second.SEEDS)
    cell = frame[(frame.task == "hover") & (frame.algorithm == "td3") & (frame.method == "share")]
    here = found[(found.task == "hover") & (found.algorithm == "td3") & (found.method == "share")]
    pace = cell.seconds.iloc[0] / second.TASKS["hover"].steps
    np.testing.assert_allclose(here.seconds, here.samples * pace)
    rows = ends.set_index("task")
    low, high = max(rows.uniform["hover"], rows.none["hover"]), rows.planned["hover"]
    first = cell[(cell.step > 300) & (cell["return"] >= low + 0.75 * (high - low))].groupby("seed").step.min()
    assert here.set_index("seed").samples[first.index].tolist() == first.tolist()
