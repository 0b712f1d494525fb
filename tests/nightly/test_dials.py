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
