"""``python -m sobolev_mini``: from the command line to the record."""

import pytest

from sobolev_mini import __main__ as command_line
from sobolev_mini.experiments import records, studies, table1
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem
from tests.experiments.test_sweep import SMALL
from tests.experiments.test_table1 import TINY


def test_table1_writes_its_runs_and_the_comparison(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(table1, "SETTINGS", TINY)
    command_line.main(["table1", "--seeds", "2", "--out", str(tmp_path)])
    frame, manifest = records.load("table1", tmp_path)
    assert len(frame) == 16 and manifest["command"] == "python -m sobolev_mini table1 --seeds 2"
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
    assert len(frame) == 8 and manifest["command"] == "python -m sobolev_mini grid"


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit):
        command_line.main(["table2"])
    assert "invalid choice: 'table2'" in capsys.readouterr().err
