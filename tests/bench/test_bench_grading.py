"""100 honest submissions of A1 graded by two jobs, beside ten graded by otter one after another."""

import os
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
MANY, FEW = 100, 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A1 of a term, and its solution handed in many times: a comment in each makes it another file."""
    from notebooks.assignments import make

    tmp = tmp_path_factory.mktemp("grading")
    make.make_one(ROOT / "notebooks/assignments/a1.ipynb", "bench", tmp / "made" / "a1", try_solutions=False)
    solution = nbformat.read(tmp / "made" / "a1" / "solutions" / "a1-solutions.ipynb", as_version=4)
    (tmp / "submissions").mkdir()
    for i in range(MANY):
        solution.cells[-1].source += f"\n# {i}"
        nbformat.write(solution, tmp / "submissions" / f"student-{i:03}.ipynb")
    return tmp


@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not here")
@pytest.mark.filterwarnings("ignore")  # otter's own
def test_rate_beside_otters(folder, capsys):
    command = [sys.executable, "-m", "grading", "--jobs", "2", "--autograders", folder / "made"]
    command += ["--submissions", folder / "submissions", "--out", folder / "out"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "notebooks" / "assignments"), "OMP_NUM_THREADS": "1"}
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ours = time.perf_counter() - start
    table = (folder / "out" / "marks.csv").read_text().splitlines()
    start, theirs = time.perf_counter(), []
    for path in sorted((folder / "submissions").iterdir())[:FEW]:
        theirs.append(otters(path, folder / "made" / "a1" / "autograder" / "a1-autograder.zip"))
    alone = time.perf_counter() - start
    with capsys.disabled():
        print(f"\nA1, {MANY} sheets, two jobs behind the wall: {ours:.0f} s, {60 * MANY / ours:.0f} a minute")
        print(f"otter.api.grade_submission, {FEW} in turn: {alone:.0f} s, {60 * FEW / alone:.0f} a minute")
        print(f"{alone / FEW / (ours / MANY):.1f} times otter's rate")
    marks = {tuple(line.split(",")[3:]) for line in table[1:]}
    assert len(table) == 1 + MANY and len(marks) == 1
    assert {f"{mark:g}" for mark in theirs} == {marks.pop()[-3]}


def otters(path, archive):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from otter.api import grade_submission
    return grade_submission(str(path), str(archive), quiet=True).total
