"""The Makefile where names hold what shells and make treat apart, and where two run at once."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ODD = "it's a $b `c` & [d] #1 é"
pytestmark = pytest.mark.skipif(not shutil.which("make") or os.name == "nt", reason="wants make and a shell")
# stands for .venv/bin/python: what it is asked goes into a log, word by word
FAKE = """#!/bin/sh
case "$1" in -c) exit 0;; esac
{ for word; do printf '<%s>' "$word"; done; echo; } >> "$LOG"
case "$*" in *"pip install -r"*) echo begun >> "$LOG"; sleep 0.5; echo ended >> "$LOG";; esac
case "$*" in *assignments/make.py*) sleep 0.5; mkdir -p "_build/assignments/$2";; esac
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout of the Makefile alone, below a folder of an odd name, with a Python that only tells."""
    folder = tmp_path / ODD / "checkout"
    folder.mkdir(parents=True)
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    python = tmp_path / "python"
    python.write_text(FAKE + 'case "$*" in *venv*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;; esac\n')
    python.chmod(0o755)
    return folder


def make(folder, *words, wait=True, **env):
    command = ["make", "-s", f"PYTHON={folder.parents[1] / 'python'}", *words]
    env = (
        {k: v for k, v in os.environ.items() if not k.startswith("MAKE")} | {"LOG": str(folder / "log")} | env
    )
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=folder, env=env, **said)
    return (process.communicate(timeout=60)[0], process.returncode) if wait else process


def log(folder):
    return (folder / "log").read_text(encoding="utf-8").splitlines()


def test_a_checkout_seen_through_a_link_is_the_same_one(checkout, tmp_path):
    assert make(checkout, "setup")[1] == 0
    before = log(checkout)
    (tmp_path / "link").symlink_to(checkout)
    assert make(tmp_path / "link", "setup", PWD=str(tmp_path / "link"))[1] == 0
    assert log(checkout) == before


def test_two_makes_at_once_take_turns(checkout):
    both = [make(checkout, "setup", wait=False) for _ in range(2)]
    assert [(process.communicate(timeout=60), process.returncode)[1] for process in both] == [0, 0]
    turns = [line for line in log(checkout) if line in ("begun", "ended")]
    assert turns == ["begun", "ended"]
    assert not (checkout / ".make.lock").exists()


def test_the_lock_of_a_killed_make_counts_no_more(checkout):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (checkout / ".make.lock").write_text(f"{gone.pid}\n")
    start = time.monotonic()
    assert make(checkout, "setup")[1] == 0 and time.monotonic() - start < 30


@pytest.mark.parametrize("folder", [ODD, "o'brien", "$HOME", "a  b"])
def test_a_folder_of_submissions_may_have_any_name(checkout, folder):
    (checkout / folder).mkdir()
    said, status = make(checkout, "grade", "TERM=2027-spring", f"SUBMISSIONS={folder}")
    assert status == 0, said
    assert f"<--submissions><{folder}>" in log(checkout)[-1]


def test_two_that_grade_at_once_make_the_term_s_sheets_once(checkout):
    (checkout / "sheets").mkdir()
    words = "grade", "TERM=2027-spring", "SUBMISSIONS=sheets"
    both = [make(checkout, *words, wait=False) for _ in range(2)]
    assert [(process.communicate(timeout=60), process.returncode)[1] for process in both] == [0, 0]
    lines = log(checkout)
    assert len([line for line in lines if "assignments/make.py" in line]) == 1
    assert len([line for line in lines if "<-m><grading>" in line]) == 2


def test_a_folder_of_submissions_may_lie_in_the_home(checkout, tmp_path):
    (tmp_path / "sheets").mkdir()
    said, status = make(checkout, "grade", "TERM=x", "SUBMISSIONS=~/sheets", HOME=str(tmp_path))
    assert status == 0, said
    assert f"<--submissions><{tmp_path}/sheets>" in log(checkout)[-1]


def test_no_folder_of_submissions_is_told(checkout):
    said, status = make(checkout, "grade", "TERM=x")
    assert status == 2 and "make: name a folder of notebooks: SUBMISSIONS=folder" in said


def test_the_doctor_comes_without_an_environment_and_says_so_where_no_python_runs(checkout):
    assert make(checkout, "doctor")[1] == 0
    assert log(checkout) == ["<tests/doctor>"] and not (checkout / ".venv").exists()
    said, status = make(checkout, "doctor", "PYTHON=/nowhere/python3")
    assert status == 2 and "no Python runs here" in said
