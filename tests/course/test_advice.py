"""Where no wall stands, the grader says what happened, in the system's words, and what to do."""

import os
import shutil

import pytest

from notebooks.assignments.grading import advice, wall
from notebooks.assignments.grading.wall import Wall
from tests.course import tiny

UBUNTU = "bwrap: setting up uid map: Permission denied"
DOCKER = "bwrap: No permissions to create new namespace, likely because the kernel does not allow it"


@pytest.fixture
def refusing(tmp_path, monkeypatch):
    """Return a function: after it, bubblewrap writes ``words`` and ends."""

    def put(words):
        for name, lines in (("bwrap", f"echo '{words}' >&2; exit 1"), ("setpriv", "exit 1")):
            (tmp_path / name).write_text(f"#!/bin/sh\n{lines}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return put


def switches(folder, **values):
    for name, value in values.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n")
    return folder


@pytest.mark.parametrize(
    ("words", "values", "what"),
    [
        (UBUNTU, {"kernel__apparmor_restrict_unprivileged_userns": 1}, "apparmor_parser -r"),
        (UBUNTU, {"kernel__apparmor_restrict_unprivileged_userns": 0}, "--security-opt seccomp=unconfined"),
        (DOCKER, {"kernel__unprivileged_userns_clone": 0}, "sysctl -w kernel.unprivileged_userns_clone=1"),
        (DOCKER, {"user__max_user_namespaces": 0}, "sysctl -w user.max_user_namespaces"),
        (DOCKER, {"user__max_user_namespaces": 99}, "--cap-add SYS_ADMIN"),
        ("bwrap: Unknown option --size", {}, "and said: 'bwrap: Unknown option --size'."),
    ],
)
def test_a_refusal_is_told_in_its_own_words_with_its_own_remedy(refusing, tmp_path, words, values, what):
    refusing(words)
    found = advice.advice(Wall(), switches(tmp_path / "sys", **values), "linux")
    assert repr(words) in found and what in found and "apt install" not in found


def test_the_command_says_so_too(refusing, tmp_path):
    (tmp_path / "submissions").mkdir()
    tiny.make(tmp_path / "autograders")
    refusing(UBUNTU)
    done = tiny.grade(tmp_path)
    assert done.returncode == 2 and UBUNTU in done.stderr and "--unguarded" in done.stderr
    assert "apt install" not in done.stderr and "Traceback" not in done.stderr


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "`apt install bubblewrap" in advice.advice(Wall(), platform="linux")
    assert "for Linux alone" in advice.advice(Wall(), platform="darwin")


def test_a_wall_that_stands_needs_no_advice():
    assert advice.advice(tiny.skip_without(Wall())) == ""


@pytest.fixture
def copies(tmp_path):
    """Return copies of what a sheet reads of ours: the grader's files and a package."""
    grading, package = tmp_path / "grading", tmp_path / "package"
    shutil.copytree(wall.HERE, grading, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/__init__.py", "inner/deep.py"):
        (package / name).write_text("x = 1\n")
    for path in (grading, package, *grading.rglob("*"), *package.rglob("*")):
        path.chmod(0o755)  # whatever the umask here
    return grading, package


@pytest.mark.parametrize(
    ("inside", "mode"), [("grading/worker.py", 0o600), ("package", 0o700), ("package/inner/deep.py", 0o640)]
)
def test_files_that_a_sheet_cannot_read_are_named(copies, monkeypatch, inside, mode):
    grading, package = copies
    path = package.parent / inside
    monkeypatch.setattr(wall, "HERE", grading)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert str(package.parent) not in advice.advice(Wall(modules=(package,)))
    path.chmod(mode)
    found = advice.advice(Wall(modules=(package,)))
    assert f"may not read {path} (" in found and "chmod -R go+rX" in found


def test_of_many_files_a_few_are_named_and_each_folder_once(copies):
    _, package = copies
    for path in package.rglob("*.py"):
        path.chmod(0o600)
    for i in range(9):
        (package / f"x{i}.py").touch(mode=0o600)
    found = advice._unreadable(advice.closed([package]))
    assert "and 9 more" in found and found.count(f"go+rX {package}`") == 1
