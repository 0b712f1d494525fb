"""No sheet gains by force, harms another's mark or reaches what is outside. HOSTILE=all: slow kinds too."""

import csv
import hashlib
import os
import socket
from pathlib import Path

import psutil
import pytest

from notebooks.assignments import grading
from notebooks.assignments.grading.report import page_name
from notebooks.assignments.grading.wall import UID, Wall
from tests.course import tiny
from tests.course.hostile import kinds

ALL = os.environ.get("HOSTILE") == "all"
NAMES = [name for name, kind in kinds("", "", "", 0).items() if ALL or not kind.slow]
HONEST = "honest-1", "honest-2", "honest-3"
SECONDS = 24


@pytest.fixture(scope="module", autouse=True)
def guarded():
    tiny.skip_without(Wall())


def sums(*folders):
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {
        str(p): hashlib.sha256(p.read_bytes()).digest()
        for p in files
        if p.suffix not in (".pyc", ".nbc", ".nbi")
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory, guarded):
    """All kinds and three honest sheets in one batch."""
    tmp = tmp_path_factory.mktemp("hostile")
    tiny.make(tmp / "autograders")
    canary = tmp / "canary"
    canary.mkdir()
    (canary / "x").write_text("alive")
    (tmp / "submissions").mkdir()
    for folder in (tmp, *tmp.iterdir()):  # as open as it can be: only the wall is in the way
        folder.chmod(0o777)
    modules = tiny.ROOT / "sobolev_mini", tiny.ROOT / "book" / "sobolev_book"
    here = Path(grading.__file__).parent
    watched = canary, tmp / "autograders", tmp / "submissions", *modules, here
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        found = kinds(canary, tmp / "autograders", tmp / "out", server.getsockname()[1])
        for name in NAMES:
            (tmp / "submissions" / f"{name}.ipynb").write_bytes(found[name].data)
        for i, name in enumerate(HONEST):
            (tmp / "submissions" / f"{name}.ipynb").write_text(tiny.notebook([*tiny.RIGHT, f"# {i}"]))
        before = sums(*watched)
        done = tiny.grade(tmp, "--seconds", str(SECONDS), "--memory", "512", SECRET="s3cret")
        try:
            connected = bool(server.accept())
        except BlockingIOError:
            connected = False
    assert done.returncode == 0, done.stdout + done.stderr
    with open(tmp / "out" / "marks.csv", encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    return {
        "rows": rows,
        "kinds": found,
        "out": tmp / "out",
        "changed": dict(before.items() ^ sums(*watched).items()),
        "connected": connected,
    }


@pytest.mark.parametrize("name", NAMES)
def test_kind_gets_its_points_and_a_reason(graded, name):
    kind, row = graded["kinds"][name], graded["rows"][name]
    page = (graded["out"] / "feedback" / f"{page_name(name)}.html").read_text(encoding="utf-8")
    assert float(row["total"]) == kind.points, (row, page)
    assert kind.says in row["notes"] or kind.says in page, (row, page)
    assert "<script" not in page


def test_there_are_more_than_25_kinds():
    assert len(kinds("", "", "", 0)) > 25


@pytest.mark.parametrize("name", HONEST)
def test_honest_sheet_beside_them_keeps_its_marks(graded, name):
    row = graded["rows"][name]
    assert (row["total"], row["possible"], row["notes"]) == ("10", "10", "")


def test_nothing_outside_was_touched(graded):
    assert graded["changed"] == {}


def test_no_connection_came(graded):
    assert not graded["connected"]


def test_nothing_goes_on_afterwards(graded):
    users = range(UID, UID + 1000)
    sheets = [p for p in psutil.process_iter(["uids"]) if p.info["uids"].real in users]
    assert psutil.wait_procs(sheets, timeout=20)[1] == []  # other tests may have short ones


def test_files_are_those_expected(graded):
    assert sorted(path.name for path in graded["out"].iterdir()) == ["feedback", "marks.csv", "records"]
    assert not list((graded["out"] / "records").glob("forged*"))
