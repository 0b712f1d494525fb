"""An assignment of three questions and one marked by hand, laid out as `otter assign` does."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOTAL = 10
TESTS = {
    "q1": """
from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = [1, 3]

@test_case(points=None, hidden=False)
def test_one(twice):
    from sobolev_book.check import judge

    verdict = judge(twice, lambda x: 2 * x, [(1.0,)], praise="yes")
    assert verdict.right, verdict.message

@test_case(points=None, hidden=True)
def test_more(twice):
    from sobolev_book.check import judge

    hints = [(lambda x: x**2, "this is the square")]
    verdict = judge(twice, lambda x: 2 * x, [(0.5,), (2.0,), (-3.0,)], praise="yes", hints=hints)
    assert verdict.right, verdict.message
""",
    "q2": """
from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = [1, 3]

@test_case(points=None, hidden=False)
def test_shape(slope):
    import numpy as np

    assert np.shape(slope(np.ones(3))) == (3,), "wanted one slope a point"

@test_case(points=None, hidden=True)
def test_values(slope):
    import numpy as np
    from sobolev_book.check import judge

    verdict = judge(slope, np.cos, [(np.linspace(-1, 1, 50),), (np.zeros(2),)], praise="yes")
    assert verdict.right, verdict.message
""",
    "q3": """
from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = 2

@test_case(points=None, hidden=True)
def test_answer(answer):
    from sobolev_book.check import judge

    verdict = judge(answer, lambda: 42.0, [()], praise="yes")
    assert verdict.right, verdict.message
""",
}
IMPORTS = 'import otter\ngrader = otter.Notebook("tiny.ipynb")\nimport numpy as np'
TWICE, SLOPE, ANSWER = (
    "def twice(x):\n    return 2 * x",
    "def slope(x):\n    return np.cos(x)",
    "answer = 42.0",
)
RIGHT = [IMPORTS, TWICE, 'grader.check("q1")', SLOPE, 'grader.check("q2")', ANSWER, 'grader.check("q3")']
WRONG = [IMPORTS, "def twice(x):\n    return 5 * x", "def slope(x):\n    return 3.0", "answer = 1.0"]


def skip_without(wall):
    """Return the wall; without bubblewrap a developer is told, and CI fails."""
    if missing := wall.missing():
        words = f"NO GUARD for {missing}: bubblewrap is not here or may not make namespaces"
        linux_ci = os.environ.get("CI") and sys.platform == "linux"  # namespaces are Linux's
        pytest.fail(words) if linux_ci or shutil.which("bwrap") else pytest.skip(words)
    return wall


def notebook(cells, name="tiny"):
    """Return a notebook's text."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [code | {"source": source} for source in cells]
    cells.append({"cell_type": "markdown", "metadata": {}, "source": "<!-- BEGIN QUESTION -->\nwhy?"})
    metadata = {"otter": {"OK_FORMAT": False, "assignment_name": name, "tests": {}}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def make(folder, name="tiny"):
    """Write the assignment below ``folder`` and return the folder."""
    for kind in ("autograder", "student"):
        (folder / name / kind).mkdir(parents=True)
    with zipfile.ZipFile(folder / name / "autograder" / f"{name}-autograder.zip", "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"assignment_name": name, "lang": "python"}))
        for question, source in TESTS.items():
            archive.writestr(f"tests/{question}.py", source)
    (folder / name / "student" / f"{name}.ipynb").write_text(notebook(RIGHT, name))
    return folder


def command(tmp, *more):
    """Return the grader's command line for ``tmp``/autograders and ``tmp``/submissions."""
    folders = (x for kind in ("autograders", "submissions", "out") for x in (f"--{kind}", str(tmp / kind)))
    return [sys.executable, "-m", "grading", *folders, *more]


def environment(**more):
    """Return the environment to run it in."""
    return os.environ | {"PYTHONPATH": str(ROOT / "notebooks" / "assignments"), "OMP_NUM_THREADS": "1"} | more


def grade(tmp, *more, timeout=600, **env):
    """Run the grader and return the finished process, its output as text."""
    return subprocess.run(
        command(tmp, *more),
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
