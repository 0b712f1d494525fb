"""`make doctor` finds what is wrong with a set-up: each thing broken on purpose, in a checkout of its own."""

import ast
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCTOR = ROOT / "tests" / "doctor"
ADVICE = "notebooks/assignments/grading/advice.py"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="wants a shell and what make is for")
FINE = {  # stand for the programs on the path
    "python3": 'case "$2" in *version*) echo 3.11.7;; esac',
    "make": "echo GNU Make 4.3",
    "chromium": "echo '<html></html>'",
    "node": "echo v20.1.0",
    "npm": "true",
    "bwrap": "true",
}
REFUSED = "echo 'bwrap: No permissions to create new namespace'; exit 1"


@pytest.fixture
def checkout(tmp_path):
    """A clone of the doctor alone, with programs that are all right."""
    folder = tmp_path / "it's a $b" / "clone"
    shutil.copytree(DOCTOR, folder / "tests" / "doctor", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ADVICE).parent.mkdir(parents=True)
    shutil.copy(ROOT / ADVICE, folder / ADVICE)
    (folder / "requirements.txt").write_text("torch==2.13.0\n")
    (folder / "_build/npm/node_modules").mkdir(parents=True)
    (folder / "_build/npm/node_modules/.package-lock.json").write_text("{}")
    for words in (["init", "-q"], ["add", "requirements.txt", ADVICE]):
        subprocess.run(["git", "-C", folder, *words], check=True)
    (tmp_path / "bin").mkdir()
    for name in ("git", "sh", "true"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    for name, does in FINE.items():
        program(tmp_path, name, does)
    return folder


def program(tmp, name, does):
    """Make a program of that name, or take it away."""
    path = tmp / "bin" / name
    path.unlink(missing_ok=True)
    if does is not None:
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)


def doctor(checkout, **env):
    """Return (exit status, what it says)."""
    bare = {"PATH": str(checkout.parents[1] / "bin"), "HOME": str(checkout.parent), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "tests/doctor"]
    done = subprocess.run(command, cwd=checkout, env=bare | env, capture_output=True, timeout=120)
    assert not done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode()


def test_all_that_is_right_is_told_and_no_environment_is_needed(checkout):
    status, said = doctor(checkout)
    assert status == 0 and "WRONG" not in said
    assert "note   .venv" in said and "make setup" in said
    assert said.splitlines()[-1] == "doctor: make test has all that it needs"


@pytest.mark.parametrize(
    ("name", "does", "subject", "mend"),
    [
        ("python3", "echo 3.9.2", "Python", "python3.11"),
        ("python3", 'case "$2" in *version*) echo 3.12.1;; *) exit 1;; esac', "Python", "python3.12-venv"),
        ("make", "echo bmake", "make", "install make"),
        ("chromium", "echo no sandbox; exit 1", "Chromium", "chromium"),
        ("node", "echo v12.2.0", "Node.js", "node"),
        ("bwrap", REFUSED, "bubblewrap", ""),
        ("git", None, "git", "install git"),
    ],
)
def test_a_program_that_does_not_do_is_wrong(checkout, tmp_path, name, does, subject, mend):
    program(tmp_path, name, does)
    status, said = doctor(checkout)
    assert status == 1
    wrong = [line for line in said.splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 1 and wrong[0].split()[1] == subject
    after = said.splitlines()[said.splitlines().index(wrong[0]) + 1]
    assert mend in after and ("->" in after or not mend)


@pytest.mark.parametrize("name", ["chromium", "node", "npm", "bwrap"])
def test_what_tests_do_without_is_a_note_and_under_ci_wrong(checkout, tmp_path, name):
    program(tmp_path, name, None)
    status, said = doctor(checkout)
    assert status == 0 and "not here" in said and "-> " in said
    status, said = doctor(checkout, CI="true")
    assert status == 1 and "WRONG" in said


@pytest.mark.parametrize(
    ("first", "python", "words"),
    [
        ("/elsewhere", "true", "made for /elsewhere"),
        ("", "true", "not whole"),
        (None, 'echo \'{"torch": "1.0"}\'', "torch (1.0)"),
        (None, "echo broken; exit 3", "broken"),
    ],
)
def test_an_environment_that_is_not_this_one_s_is_wrong(checkout, first, python, words):
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/complete").write_text(f"{checkout if first is None else first}\n")
    (checkout / ".venv/bin/python").write_text(f"#!/bin/sh\n{python}\n")
    (checkout / ".venv/bin/python").chmod(0o755)
    status, said = doctor(checkout)
    assert (
        status == 1 and f"WRONG  .venv       {words}"[:18] in said and words in said and "make setup" in said
    )


def test_a_file_that_is_gone_or_cannot_be_read_is_named(checkout):
    gone = checkout / ADVICE
    text = gone.read_bytes()
    (checkout / "requirements.txt").unlink()
    status, said = doctor(checkout)
    assert status == 1 and "gone: requirements.txt" in said and "git checkout -- requirements.txt" in said
    (checkout / "requirements.txt").mkdir()  # root reads what chmod closes, a folder nobody reads
    gone.write_bytes(text)
    status, said = doctor(checkout)
    assert status == 1 and "cannot be read: requirements.txt" in said and "chmod" in said


def test_a_locale_that_is_not_utf_8_is_wrong(checkout):
    status, said = doctor(checkout, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert status == 1 and "WRONG  locale" in said and "export LC_ALL=C.UTF-8" in said


def test_a_port_in_use_is_told_with_another(checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        status, said = doctor(checkout, PORT=str(port))
    assert status == 0 and f"note   ports       {port} is in use" in said
    assert f"make serve PORT={port + 1}" in said


def test_a_full_disk_is_wrong(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCTOR))
    import place

    assert {finding.state for finding in place.room()} == {"ok"}
    usage = shutil.disk_usage(ROOT)
    monkeypatch.setattr(place.shutil, "disk_usage", lambda folder: usage._replace(free=10**8))
    assert {finding.state for finding in place.room()} == {"wrong"}


@pytest.mark.parametrize("path", [*sorted(DOCTOR.glob("*.py")), ROOT / ADVICE], ids=lambda path: path.name)
def test_python_3_8_can_read_it(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
