"""The pilot's answers on the systems with dials that its limits were chosen on: a fit, and no test of it."""

import numpy as np
import pytest

from sobolev_book import records
from sobolev_book.studies import dials, study_report
from sobolev_mini.pilot import pilot


@pytest.fixture(scope="module")
def gains():
    """Samples of the better of value-only and twice over those with slopes, a task."""
    frame = records.load("dials")[0]
    needed = study_report.samples(frame, dials.thresholds(frame), dials.TASKS)
    sobolev, twice = (study_report.ratios(needed, x).set_index("task").ratio for x in ("sobolev", "twice"))
    return sobolev / np.maximum(1, twice)


def test_where_it_says_pays_slopes_want_fewer_samples_and_where_not_they_do_not(gains):
    said = {name: pilot(task.env(name), task.settings.get("discount", 0.97)).answer
            for name, task in dials.TASKS.items()}  # fmt: skip
    groups = {x: [gains[name] for name in said if said[name] == x] for x in set(said.values())}
    assert len(groups["pays"]) >= 24 and min(groups["pays"]) > 1.05
    assert np.exp(np.log(groups["pays"]).mean()) > 1.8
    wrong = {name for name in said if said[name] == "does not pay" and gains[name] > 1.25}
    assert wrong <= {"wall 200.0", "radius 1.1"}, wrong  # stiff walls; a system that blows up
    assert {"drag 2.0", "drag 8.0"} <= {name for name in said if said[name] == "does not pay"}


@pytest.mark.parametrize(("name", "answer"), [("wall 200.0", "pays"), ("radius 1.1", "does not pay")])
@pytest.mark.parametrize("discount", [0.9, 0.8])
def test_a_shorter_sight_turns_the_answer_for_stiff_walls_and_not_for_what_runs_off(name, answer, discount):
    env = dials.TASKS[name].env(name)
    assert pilot(env).answer == "does not pay" and pilot(env, discount).answer == answer


@pytest.mark.parametrize(("cost", "lost"), [(1.1, 3), (1.25, 3), (1.5, 3), (2.0, 4)])
def test_a_share_saves_the_more_the_more_seeds_two_updates_leave_behind(cost, lost):
    """At other marks of "good", and, where few are left, among pairs of seeds that both get there."""
    frame = records.load("dials")[0]
    limits = {name: cost / study_report.COST * x for name, x in dials.thresholds(frame).items()}
    each = study_report.needed(frame, limits, dials.TASKS).set_index(["task", "seed", "method"])
    means = np.exp(np.log(each.samples).groupby(["task", "method"]).mean()).unstack()
    gain = means[["value_only", "twice"]].min(axis=1) / means.share
    left = each.bound.groupby(["task", "method"]).sum().unstack().twice
    groups = left == 0, (left > 0) & (left < 5), left > 4
    saved = [np.exp(np.log(gain[one]).mean()) for one in groups]
    assert saved[0] < saved[1] - 0.3 and saved[1] < saved[2] - 0.3 and (gain <= 1).sum() == lost
    assert [x for x in gain.index if x.startswith("drag") and gain[x] > 1] == ["drag 2.0"] * (cost == 2)
    arrived = each.unstack("method")[
        ~each.bound.astype(bool).unstack("method")[["twice", "share"]].any(axis=1)
    ]
    pairs = np.log(arrived.samples.twice / arrived.samples.share)
    kept = [pairs[one[pairs.index.get_level_values("task")].to_numpy()] for one in groups]
    both = [np.exp(x.mean()) for x in kept]
    print(cost, np.round(saved, 2), np.round(both, 2), [len(x) for x in kept])
    assert both[0] < both[1] - 0.1 and both[0] < both[2]
    if cost == study_report.COST:
        np.testing.assert_allclose(both, (0.86, 1.30, 1.55), atol=0.005)
