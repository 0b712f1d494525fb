"""What lies in book/results: each record beside the command that makes it again."""

import hashlib
import subprocess
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sobolev_book import records
from sobolev_book.records import runs
from sobolev_book.records.sweep import SWEPT
from sobolev_book.studies import studies
from sobolev_book.studies.catalogue import EXPERIMENTS

RESULTS = Path(__file__).resolve().parents[3] / "book" / "results"
GAPS = {  # not finite: no selection of steps, a pendulum's third joint, a seed that ran away
    "steps": {"accepted", "shortened", "return"},
    "swingups": {"x2", "y2"},
    "study": {"return"},
    "dials": {"return"},
    "frontier": {"return"},
    "second": {"return"},
    "second_trials": {"return"},
    "contact": {"bound"},
    "contact_seeds": {"bound"},
    "contact_dropped": {"bound"},
    "clips": {"reward"},  # of the last state
}
LATER = {("n_envs", 1), ("slope_batch", None)}  # settings that older records lack, and what they were
NAMES = sorted(path.stem for path in RESULTS.glob("*.csv"))


def test_there_are_records():
    assert "table1" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_whole_and_names_a_command(name):
    frame, manifest = records.load(name, RESULTS)
    numbers = frame.select_dtypes("number")
    assert len(frame) and set(numbers.columns[~np.isfinite(numbers).all()]) <= GAPS.get(name, set())
    program, module, command = manifest["command"].split()[:3]
    assert f"{program} {module}" == "python -m" and command == "sobolev_book"
    assert manifest["command"].split()[3] in {
        "table1",
        "figure1",
        "bursts",
        "bursts_ways",
        "local",
        "search",
        "slices",
        "references",
        "sb3",
        "study",
        "ablations",
        "steps",
        "dials",
        "frontier",
        "pilots",
        "second_ends",
        "second_trials",
        "second",
        "swingups",
        "cost",
        "clips",
        "contact",
        "contact_false",
        "contact_seeds",
        "adjoints",
        "adjoints_shape",
        "reach",
        *studies.STUDIES,
    }
    assert manifest["versions"].keys() >= {"numba", "numpy", "pandas", "torch"}


@pytest.mark.parametrize("name", [name for name in NAMES if name in studies.STUDIES])
def test_a_study_s_record_has_every_cell_step_and_seed(name):
    frame, cells = records.load(name, RESULTS)[0], studies.STUDIES[name]()
    labels = list(cells[0][0])
    assert set(frame) <= {*labels, "step", "seed", *SWEPT}
    assert len(frame) == sum(len(config.recorded) * len(config.seeds) for _, _, config in cells)
    assert {tuple(row) for row in frame[labels].to_numpy()} == {tuple(cell[0].values()) for cell in cells}


@pytest.mark.parametrize(
    "path", sorted(RESULTS.glob("*/*.csv")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_run_s_record_has_every_step_and_the_settings_of_this_code(path):
    name, experiment = path.parent.name, EXPERIMENTS[path.parent.name]
    frame, manifest = records.load(path.stem, path.parent)
    method, seed = frame.method[0], int(frame.seed[0])
    config = experiment.settings(method, seed)
    assert path.stem == runs.stem_of(method, seed) and (method, seed) in experiment.runs
    assert frame.step.tolist() == list(config.recorded) and (frame.seed == seed).all()
    assert np.isfinite(frame[["return", "q", "q_sd", "q19"]]).all(axis=None) and manifest["diverged_at"] == -1
    assert manifest["command"] == f"python -m sobolev_book run {name} --method {method} --seed {seed}"
    for field in fields(config):  # an older record may lack a setting whose default it had
        told = f"{field.name}={getattr(config, field.name)!r}"
        older = told.replace("Balanced(", "Balanced(by='gradient', ")  # the rule's name while there were two
        later = (field.name, getattr(config, field.name)) in LATER
        assert told in manifest["config"] or older in manifest["config"] or later


def git(*words):
    """Return what git says of this clone, None where it has nothing to say."""
    try:
        return subprocess.run(
            ["git", "-C", RESULTS, *words], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


@pytest.mark.parametrize(
    "path", sorted(RESULTS.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_a_run_s_manifest_holds_what_makes_it_again(path):
    manifest = records.load(path.stem, path.parent)[1]
    assert hashlib.sha256(manifest["config"].encode()).hexdigest()[:16] == manifest["config_hash"]
    if git("rev-parse", "--is-shallow-repository") != "false\n":
        pytest.skip("no clone with its whole history")
    for commit in manifest["commit"].split(", "):
        assert git("merge-base", "--is-ancestor", commit, "HEAD") is not None, (
            f"{commit} is not in the history"
        )


def test_an_empty_frame_is_no_record(tmp_path):
    with pytest.raises(ValueError, match=r"^frame: got an empty one for one, wanted rows"):
        records.save(pd.DataFrame({"x": []}), "one", "-", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_manifest_names_the_simulator_that_was_used(tmp_path):
    import mujoco

    records.save(pd.DataFrame({"x": [1.0]}), "one", "-", tmp_path)
    assert records.load("one", tmp_path)[1]["versions"]["mujoco"] == mujoco.__version__
