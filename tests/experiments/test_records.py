"""What lies in book/results: each record beside the command that makes it again."""

from pathlib import Path

import numpy as np
import pytest

from sobolev_mini.experiments import records, studies
from sobolev_mini.experiments.sweep import KEPT

RESULTS = Path(__file__).resolve().parents[2] / "book" / "results"
GAPS = {  # not finite: no selection of steps, a pendulum's third joint, a seed that ran away
    "steps": {"accepted", "shortened", "return"},
    "swingups": {"x2", "y2"},
    "study": {"return"},
}
NAMES = sorted(path.stem for path in RESULTS.glob("*.csv"))


def test_there_are_records():
    assert "table1" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_whole_and_names_a_command(name):
    frame, manifest = records.load(name, RESULTS)
    numbers = frame.select_dtypes("number")
    assert len(frame) and set(numbers.columns[~np.isfinite(numbers).all()]) <= GAPS.get(name, set())
    program, module, command = manifest["command"].split()[:3]
    assert f"{program} {module}" == "python -m" and command == "sobolev_mini"
    assert manifest["command"].split()[3] in {
        "table1",
        "figure1",
        "local",
        "search",
        "slices",
        "references",
        "sb3",
        "study",
        "ablations",
        "steps",
        "swingups",
        "cost",
        *studies.STUDIES,
    }
    assert manifest["versions"].keys() == {"numba", "numpy", "pandas", "torch"}


@pytest.mark.parametrize("name", [name for name in NAMES if name in studies.STUDIES])
def test_a_study_s_record_has_every_cell_step_and_seed(name):
    frame, cells = records.load(name, RESULTS)[0], studies.STUDIES[name]()
    labels = list(cells[0][0])
    assert set(frame) <= {*labels, "step", "seed", *KEPT}
    assert len(frame) == sum(len(config.record) * len(config.seeds) for _, _, config in cells)
    assert {tuple(row) for row in frame[labels].to_numpy()} == {tuple(cell[0].values()) for cell in cells}
