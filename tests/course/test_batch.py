"""A batch ends, goes on where it was killed, loses no mark, and says what it could not guard."""

import csv
import json
import os
import signal
import subprocess
import time

import psutil
import pytest

from notebooks.assignments.grading import batch, mark, reading
from notebooks.assignments.grading.wall import Wall
from tests.course import tiny

SLOW = "import time\ntime.sleep(0.8)"


@pytest.fixture(scope="module")
def guarded():
    tiny.skip_without(Wall())


def rows(tmp):
    with open(tmp / "out" / "marks.csv", encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def hand_in(tmp, sheets):
    tiny.make(tmp / "autograders")
    (tmp / "submissions").mkdir()
    for name, text in sheets.items():
        (tmp / "submissions" / name).parent.mkdir(exist_ok=True)
        (tmp / "submissions" / name).write_text(text)
    return tmp


@pytest.fixture
def eight(tmp_path):
    """Eight sheets of different marks."""
    answers = [tiny.RIGHT if i % 2 else [*tiny.RIGHT[:3], tiny.ANSWER] for i in range(8)]
    return hand_in(
        tmp_path, {f"s{i}.ipynb": tiny.notebook([SLOW, *cells, f"# {i}"]) for i, cells in enumerate(answers)}
    )


def wait_for_records(tmp, process, n):
    folder, end = tmp / "out" / "records", time.monotonic() + 60
    while len(list(folder.glob("*.json"))) < n:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.glob("*.json")}


def test_stopped_batch_goes_on_without_losing_or_changing_a_mark(guarded, eight):
    kept = {}
    for by, n in ((signal.SIGINT, 2), (signal.SIGKILL, 4)):
        process = subprocess.Popen(
            tiny.command(eight),
            env=tiny.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        kept |= wait_for_records(eight, process, n)
        process.send_signal(by)
        process.wait(timeout=30)
        time.sleep(0.3)  # less than a sheet takes
        assert not [p for p in psutil.process_iter(["cmdline"]) if str(eight) in str(p.info["cmdline"])]
        _, said = process.communicate(timeout=30)
        assert process.returncode == (130 if by == signal.SIGINT else -by)
        assert "Traceback" not in said
        assert not (eight / "out" / "marks.csv").exists()
    done = tiny.grade(eight)
    assert done.returncode == 0, done.stderr
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept} == kept
    assert {name: row["total"] for name, row in rows(eight).items()} == {
        f"s{i}": "10" if i % 2 else "6" for i in range(8)
    }


def test_two_graders_of_one_folder_take_turns_and_mark_each_sheet_once(guarded, eight):
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    first, second = (subprocess.Popen(tiny.command(eight), env=tiny.environment(), **told) for _ in "ab")
    said = [process.communicate(timeout=300) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), said
    assert sum("another grader" in err for _, err in said) == 1
    assert {row["total"] for row in rows(eight).values()} == {"10", "6"}
    assert sum(" 0/8" in err for _, err in said) == 1, "the one that waited finds all marks"


def test_table_and_pages(guarded, tmp_path):
    right, part = (
        tiny.notebook(tiny.RIGHT),
        tiny.notebook([tiny.IMPORTS, "def twice(x):\n    return x**2", "1 / 0"]),
    )
    sheets = {
        "ann.ipynb": right,
        "=2+2.ipynb": part,
        "essay.txt": "words",
        ".hidden": "x",
        "bo/a.ipynb": right,
    }
    hand_in(tmp_path, sheets)
    (tmp_path / "submissions" / "link.ipynb").symlink_to("/etc/passwd")
    done = tiny.grade(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "network: namespaces of bubblewrap, tried out" in done.stdout
    found = rows(tmp_path)
    assert list(found) == ["'=2+2", "ann", "bo", "essay", "link"]
    assert [found["ann"][key] for key in ("q1", "q2", "q3", "q4 (by hand)", "total")] == [
        "4",
        "4",
        "2",
        "",
        "10",
    ]
    assert found["ann"]["notes"] == "the same bytes as another file"
    assert found["'=2+2"]["notes"] == "1 cell raised an error"
    assert "link" in found["link"]["notes"] and "not JSON" in found["essay"]["notes"]
    pages = {path.name: path.read_text() for path in (tmp_path / "out" / "feedback").iterdir()}
    page = next(text for name, text in pages.items() if "2+2" in name)
    assert "this is the square" in page and "ZeroDivisionError" in page and "q4" in page
    assert "passwd" not in "".join(pages.values()) and "All checks passed." in pages["ann.html"]


def test_sheet_without_its_name_or_of_many_megabytes_can_be_assigned(guarded, tmp_path, monkeypatch):
    bare = json.loads(tiny.notebook(tiny.RIGHT)) | {"metadata": {}}
    large = bare | {"metadata": {"x": "x" * (reading.MOST + 1)}}
    hand_in(tmp_path, {"a/b.ipynb": json.dumps(bare), "c.ipynb": json.dumps(large)})
    assert tiny.grade(tmp_path).returncode == 0
    assert ["--assign" in row["notes"] for row in rows(tmp_path).values()] == [True, True]
    done = tiny.grade(tmp_path, "--assign", "a/*", "tiny", "--assign", "c.ipynb", "tiny")
    assert done.returncode == 0, done.stderr
    assert [row["total"] for row in rows(tmp_path).values()] == ["10", "10"]


def test_missing_guard_is_refused_with_status_2_unless_told(tmp_path):
    hand_in(tmp_path, {"ann.ipynb": tiny.notebook(tiny.RIGHT)})
    done = tiny.grade(tmp_path, PATH="/nowhere")
    assert done.returncode == 2
    assert "no guard for: network, files outside its folder, other processes" in done.stderr
    assert "network: NONE" in done.stdout and not (tmp_path / "out").exists()
    orphan = "import os\nif not os.fork():\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
    orphan += f"    os.execv('/bin/sleep', ['sleep', '600.{os.getpid()}'])"
    (tmp_path / "submissions" / "bo.ipynb").write_text(tiny.notebook([*tiny.RIGHT, orphan]))
    done = tiny.grade(tmp_path, "--unguarded", PATH="/nowhere")
    assert done.returncode == 0, done.stderr
    assert [row["total"] for row in rows(tmp_path).values()] == ["10", "10"]
    assert not [
        p for p in psutil.process_iter(["cmdline"]) if f"600.{os.getpid()}" in (p.info["cmdline"] or ())
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--jobs", "0"], "positive"),
        (["--autograders", "/nowhere"], "no NAME/autograder/"),
        (["--x"], "unrecognized"),
        (["--assign", "a.ipynb", "tiny"], "--assign: got 'a.ipynb', wanted a file in"),
        (["--assign", "a.ipynb", "a9"], "--assign: got 'a9', wanted one of tiny"),
    ],
)
def test_wrong_arguments_are_said(guarded, tmp_path, arguments, said):
    hand_in(tmp_path, {})
    done = tiny.grade(tmp_path, *arguments)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


class Ended:
    """Walls whose only use is their limits."""

    described = ""

    def __init__(self, seconds):
        self.limits = type("Limits", (), {"seconds": seconds})


def one_submission(tmp_path):
    (tmp_path / "a.ipynb").write_text(tiny.notebook(tiny.RIGHT))
    return reading.submissions(tmp_path), {"tiny": reading.Autograder("tiny", (), (), "0")}


def test_marking_process_that_hangs_is_ended(tmp_path, monkeypatch):
    submissions, autograders = one_submission(tmp_path)
    monkeypatch.setattr(batch, "GRACE", 0)
    monkeypatch.setattr(batch, "mark", lambda *_: time.sleep(60))
    (record,) = batch.run(submissions, autograders, {"tiny": Ended(0.5)}, tmp_path / "records").values()
    assert record["reason"] == "its checks took too long" and record["total"] == 0


def test_marking_process_that_fails_is_reported_and_tried_again(tmp_path, monkeypatch):
    submissions, autograders = one_submission(tmp_path)
    monkeypatch.setattr(batch, "mark", lambda *_: os._exit(3))
    arguments = submissions, autograders, {"tiny": Ended(5)}, tmp_path / "records"
    (record,) = batch.run(*arguments).values()
    assert record["reason"] == "the grader itself failed, status 3"
    monkeypatch.setattr(batch, "mark", lambda *_: mark.nothing("") | {"total": 3})
    (record,) = batch.run(*arguments).values()
    assert record["total"] == 3


def test_other_tests_make_another_record(tmp_path):
    submissions, autograders = one_submission(tmp_path)
    changed = {"tiny": reading.Autograder("tiny", (), (), "1")}
    walls = {"tiny": Wall()}
    assert batch._key(submissions[0], autograders, walls) != batch._key(submissions[0], changed, walls)


def test_words_of_a_check_are_its_own():
    message = (
        "❌ Test case failed\nError at line 3 in test q1:\n  assert x, y\nAssertionError: wanted 3\ngot 4"
    )
    assert mark._words(message) == "wanted 3\ngot 4"


def test_records_are_json_that_any_reader_takes(guarded, tmp_path):
    hand_in(tmp_path, {"a.ipynb": tiny.notebook([*tiny.RIGHT, "raise ValueError('\\ud800')"])})
    assert tiny.grade(tmp_path, "--jobs", "1").returncode == 0
    (path,) = (tmp_path / "out" / "records").iterdir()
    assert json.loads(path.read_text())["total"] == tiny.TOTAL
