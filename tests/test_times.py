"""The page of run times: what its record holds, and how it is measured."""

import csv
import json
from pathlib import Path

import nbformat
import pytest

times = pytest.importorskip("tests.times", reason="peaks of memory are measured on Linux and macOS alone")
ROOT = Path(__file__).resolve().parents[1]
RUNS = json.loads((ROOT / "book" / "times" / "runs.json").read_text(encoding="utf-8"))
RUN = {"date": "2026-01-02", "processor": "P", "cores": 2, "memory": 8, "load": 0.1, "python": "3.11.7"}
NEW = RUN | {"notebooks": {"a": {"minutes": 0.26, "processor": 0.2, "megabytes": 1200}}}
NEW["notebooks"]["b"] = {"minutes": 1, "processor": 0.9, "megabytes": 7}
OLD = RUN | {"notebooks": {"a": {"minutes": 0.5, "processor": 0.1, "megabytes": 900}}, "processor": "Q"}


def test_the_record_has_every_notebook_and_names_the_processor():
    names = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(RUNS[0]["notebooks"]) == names, "run `make times`"
    assert 1 <= len(RUNS) <= 2
    for run in RUNS:
        assert run["processor"] and run["date"] and run["cores"] > 0
        assert all(
            x["minutes"] >= x["processor"] > 0 and x["megabytes"] > 50 for x in run["notebooks"].values()
        )


def test_the_tables_of_the_page_are_the_record_s():
    for name, rows in zip(("chapters", "machines"), times.tables(RUNS), strict=True):
        with open(ROOT / "book" / "times" / f"{name}.csv", encoding="utf-8", newline="") as file:
            assert list(map(tuple, csv.reader(file))) == [tuple(map(str, row)) for row in rows]
        assert f":file: times/{name}.csv" in (ROOT / "book" / "times.md").read_text(encoding="utf-8")


def test_this_run_stands_beside_the_last_one():
    chapters, machines = times.tables([NEW, OLD])
    assert chapters[1][1:] == ("0.3", "0.2", "1,200", "0.5", "0.1", "900")
    assert chapters[2][4:] == ("–", "–", "–")
    assert chapters[3][1:] == ("1.3", "1.1", "1,200", "0.5", "0.1", "900")
    assert [row[2] for row in machines[1:]] == ["P", "Q"]
    chapters, machines = times.tables([NEW])
    assert chapters[1][4:] == ("–", "–", "–") and len(machines) == 2


def test_a_new_run_moves_the_last_one_down_and_the_one_before_goes(tmp_path, monkeypatch):
    times.write(tmp_path, [OLD, NEW])
    monkeypatch.setattr(times, "FOLDER", tmp_path)
    monkeypatch.setattr(times, "measure", lambda path: {"minutes": 0.1, "processor": 0.1, "megabytes": 60})
    times.main()
    found = json.loads((tmp_path / "runs.json").read_text(encoding="utf-8"))
    assert len(found) == 2 and found[1] == OLD and found[0]["processor"] == times.processor()


def test_the_peak_is_the_kernel_s(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = b'1' * 400_000_000")])
    nbformat.write(notebook, tmp_path / "large.ipynb")
    measured = times.measure(tmp_path / "large.ipynb")
    assert 400 < measured["megabytes"] < 800 and measured["minutes"] > 0
