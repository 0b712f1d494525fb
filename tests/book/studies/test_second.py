"""The second study: rates chosen from trials alike, cells that go on where a record ends, predictions."""

import numpy as np
import pandas as pd
import pytest

from sobolev_book import records
from sobolev_book.studies import second, study, tasks


def tried(returns):
    """Return trials of one task, algorithm and method; ``returns`` is rate -> a seed's returns (R,) each."""
    rows = [("reach", "td3", "sobolev", step, seed, y, rate) for rate, seeds in returns.items()
            for seed, ys in enumerate(seeds) for step, y in enumerate(ys)]  # fmt: skip
    return pd.DataFrame(rows, columns=[*second.KEYS, "step", "seed", "return", "rate"])


def test_the_rate_is_that_of_the_better_median_seed_over_the_second_half():
    """Not of the mean, of the first half, or of a seed that diverged."""
    slow, fast = [[-9, -9, -2, -2]] * 3, [[0, 0, -3, -3], [0, 0, -3, -3], [0, 0, 50, 50]]
    assert second.rates(tried({1e-3: slow, 3e-3: fast})) == {("reach", "td3", "sobolev"): 1e-3}
    lost = [[-9, -9, -1, np.nan]] * 3
    assert second.rates(tried({1e-3: lost, 3e-3: fast})) == {("reach", "td3", "sobolev"): 3e-3}


def test_each_method_takes_the_rate_of_its_family_and_a_begun_record_is_gone_on_with(tmp_path, monkeypatch):
    ran, chosen = [], second.rates(records.load("second_trials")[0])

    def run(folder, jobs, planned, progress, **told):
        ran.extend((cell, told["rate"]) for cell in planned)
        assert told["seeds"] == second.SEEDS and told["tasks"] is second.TASKS
        return pd.DataFrame(planned, columns=second.KEYS)

    monkeypatch.setattr(study, "run", run)
    begun = pd.DataFrame(
        [("reach", "sac", "svg", 0, 2000, -1.5)], columns=[*second.KEYS, "step", "seed", "return"]
    )
    assert len(second.cells(tmp_path, begun=begun)) == len(ran) == 6 * 2 * 7
    assert dict(ran)["reach", "sac", "svg"] == chosen["reach", "sac", "value_only"]
    assert dict(ran)["hover", "td3", "share_twice"] == chosen["hover", "td3", "sobolev"]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "reach-sac-svg.csv"), begun)
    ran.clear()
    second.cells(tmp_path, kept=True)
    assert [cell for cell, _ in ran] == [("reach", "sac", "svg")]


def test_the_recorded_pilots_are_the_predictions_that_were_written_down():
    frame = records.load("pilots")[0]
    second_s = frame[frame.study == "second"].set_index("task").answer
    assert second_s.to_dict() == tasks.PREDICTED


@pytest.mark.parametrize("name", second.TASKS)
def test_the_threshold_lies_well_above_what_naive_actions_earn(name):
    row = records.load("second_ends")[0].set_index("task").loc[name]
    assert row.planned > max(row.uniform, row.none)
