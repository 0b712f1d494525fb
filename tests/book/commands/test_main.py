"""``python -m sobolev_book``: from the command line to the record."""

import subprocess
import sys

import pandas as pd
import pytest

from sobolev_book import __main__ as command_line
from sobolev_book import records
from sobolev_book.studies import against_sb3, studies, study, table1
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem
from tests.book.records.test_sweep import SMALL
from tests.book.studies.test_table1 import TINY


def test_table1_writes_its_runs_and_the_comparison(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(table1, "SETTINGS", TINY)
    command_line.main(["table1", "--seeds", "2", "--out", str(tmp_path)])
    frame, manifest = records.load("table1", tmp_path)
    assert len(frame) == 16 and manifest["command"] == "python -m sobolev_book table1 --seeds 2"
    assert len(records.load("table1_comparison", tmp_path)[0]) == 24
    assert capsys.readouterr().out == f"wrote {tmp_path / 'table1.csv'}\n"


def test_a_jittered_table_goes_beside_the_other_and_differs_a_little(tmp_path, monkeypatch):
    monkeypatch.setattr(table1, "SETTINGS", TINY)
    for jitter in ("0", "1e-4"):
        command_line.main(["table1", "--seeds", "2", "--jitter", jitter, "--out", str(tmp_path)])
    plain, jittered = (records.load(name, tmp_path)[0] for name in ("table1", "table1_jittered"))
    gap = (jittered.q / plain.q - 1).abs()
    mlp = plain.model == "mlp"
    assert (gap[mlp] > 0).all() and gap[mlp].max() < 0.01 and not gap[~mlp].any()


def test_a_study_writes_its_record(tmp_path, monkeypatch):
    cells = [({"lam_s": x}, ToyProblem(), QConfig(lam_s=x, **SMALL)) for x in (0.0, 1.0)]
    monkeypatch.setitem(studies.STUDIES, "grid", lambda: cells)
    command_line.main(["grid", "--out", str(tmp_path), "--runs", str(tmp_path / "runs")])
    frame, manifest = records.load("grid", tmp_path)
    assert len(frame) == 8 and manifest["command"] == "python -m sobolev_book grid"


def test_the_control_study_and_its_neighbours_write_their_records(tmp_path, monkeypatch):
    trial = study.run_cell
    monkeypatch.setattr(
        study, "run_cell", lambda *cell, **more: trial(*cell, seeds=(0, 1), share=0.12, **more)
    )
    few = [("lqr", "td3", "value_only"), ("lqr", "sac", "sobolev"), ("lqr", "td3", "sobolev")]
    monkeypatch.setattr(study, "cells", lambda: few)
    monkeypatch.setattr(study, "ablation_cells", lambda: [("lqr", "sac", "no_entropy_slope")])
    monkeypatch.setattr(study, "step_cells", lambda: [("lqr", "td3", "sobolev_trust")])
    where = ["--out", str(tmp_path), "--runs", str(tmp_path / "runs")]
    for name, method in (("study", "sobolev"), ("ablations", "no_entropy_slope"), ("steps", "sobolev_trust")):
        command_line.main([name, *where])
        frame, manifest = records.load(name, tmp_path)
        assert frame.method.iloc[-1] == method
        assert manifest["command"] == f"python -m sobolev_book {name}"


def test_references_and_the_comparison_with_sb3_write_their_records(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "TASKS", {"lqr": study.TASKS["lqr"]})
    monkeypatch.setattr(against_sb3, "compare", lambda progress: pd.DataFrame({"return": [1.0]}))
    for name in ("references", "sb3"):
        command_line.main([name, "--out", str(tmp_path)])
        assert records.load(name, tmp_path)[1]["command"] == f"python -m sobolev_book {name}"


WRONG = {  # what is asked -> what is said of it
    "table2": "invalid choice: 'table2'",
    "table1 --seeds two": "invalid int value: 'two'",
    "table1 --seeds 0": "seeds: got 0, wanted a whole number >= 1",
    "table1 --jitter nan": "jitter: got nan, wanted a finite number >= 0",
    "study --jobs 0": "jobs: got 0",
    "references --out {file}/x": "out: got ",
    "swingups --out {empty}": "wanted a record in",
    "run nope --method paper": "name: got 'nope', wanted one of 'ant'",
    "run trial --method nope --seed 0": "method: got 'nope', wanted one of",
    "run trial --method paper": "seed: got None, wanted a seed",
    "run trial --method paper --seed -1": "seed: got -1, wanted a whole number >= 0",
    "run ant_batched --method paper --seed 1": "seed: got 1, wanted none",
    "run trial --method paper --seed 0 --every nan": "every: got nan",
    "run trial --method paper --seed 0 --minutes soon": "minutes: got 'soon', wanted a finite number >= 0",
    "run trial --method paper --seed 0 --device nothing": "device: got 'nothing', wanted one that is here",
    "run trial --method paper --seed 0 --device cuda:99": "device: got 'cuda:99', wanted one that is here",
    "run trial --method paper --seed 0 --runs {file}": "runs: got ",
    "sweep trial --small --dask nonsense://x": "dask: got 'nonsense://x', wanted the address of a scheduler",
}


@pytest.mark.parametrize("asked", WRONG)
def test_a_mistake_is_told_in_one_line(asked, tmp_path, capsys):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    asked_of = asked.format(file=tmp_path / "file", empty=tmp_path / "empty").split()
    if "--out" not in asked_of and len(asked_of) > 1:
        asked_of += ["--out", str(tmp_path / "out")]
    if asked_of[0] in ("run", "sweep") and "--runs" not in asked_of:
        asked_of += ["--runs", str(tmp_path / "runs")]
    with pytest.raises(SystemExit) as stopped:
        command_line.main(asked_of)
    said = capsys.readouterr().err.splitlines()[-1:]  # a bar may stand before it
    assert (
        stopped.value.code == 2 and said[0].startswith("python -m sobolev_book") and WRONG[asked] in said[0]
    )


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch, tmp_path):
    def broken(progress):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(against_sb3, "compare", broken)
    with pytest.raises(ValueError, match="operands"):
        command_line.main(["sb3", "--out", str(tmp_path)])


def test_a_mistake_is_told_in_one_line_of_a_shell(tmp_path):
    command = [sys.executable, "-m", "sobolev_book", "run", "trial", "--method", "nope", "--seed", "0"]
    done = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1
