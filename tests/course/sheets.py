"""Run a master's solutions, its student's stubs and its tests in this process, quickly and without a kernel.

sheet = made(path, "2027-spring")  # as make.py makes it for students of that term
marks(solved(sheet), checks(sheet))  # {"q1": Mark(score=2.0, possible=2.0, messages=())}
marks(empty(sheet), checks(sheet))
marks(swapped(solved(sheet), "def reward_slopes(s, a): ..."), checks(sheet))
"""

import functools
import io
import tempfile
import warnings
import zipfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import nbformat
from otter.test_files import ExceptionTestFile

from notebooks.assignments import make

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "notebooks" / "assignments"


@dataclass(frozen=True)
class Made:
    """What make.py gives for one master: two notebooks and the texts of otter's test files by question."""

    student: nbformat.NotebookNode
    solutions: nbformat.NotebookNode
    tests: dict


@dataclass(frozen=True)
class Mark:
    """A question's points, and what the failed tests said, public ones first."""

    score: float
    possible: float
    messages: tuple


@functools.cache
def made(path, term="master"):
    """Return ``Made`` of the master at ``path`` with the numbers of ``term``; made once a process."""
    path = Path(path)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / path.stem
        make.make_one(path, term, folder, try_solutions=False)
        with zipfile.ZipFile(folder / "autograder" / f"{path.stem}-autograder.zip") as archive:
            files = [name for name in archive.namelist() if name.startswith("tests/")]
            texts = {Path(name).stem: archive.read(name).decode() for name in files}
        student, solutions = (
            nbformat.read(folder / name, as_version=4)
            for name in (f"student/{path.name}", f"solutions/{path.stem}-solutions.ipynb")
        )
    return Made(student, solutions, texts)


def run(notebook):
    """Return the namespace after all code cells but otter's. Figures and prints go nowhere."""
    import matplotlib.pyplot as plt

    names = {"__name__": "sheet"}
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
        for cell in notebook.cells:
            if cell.cell_type == "code" and not cell.source.startswith(("# Initialize Otter", "grader.")):
                exec(compile(cell.source, cell.id, "exec"), names)
        plt.close("all")
    return names


def solved(sheet):
    """Return the namespace of the solutions, a new one at each call."""
    return run(sheet.solutions)


def empty(sheet):
    """Return the namespace of a student's sheet in which nothing has been done."""
    return run(sheet.student)


def swapped(names, source):
    """Return a copy of a namespace after ``source`` has run in it; the old one stays as it is."""
    names = dict(names)
    exec(compile(source, "<swapped>", "exec"), names)
    return names


def checks(sheet):
    """Return {question: function that gives a fresh otter test file}, hidden tests too."""
    return _files(sheet.tests)


def public(sheet):
    """Return, as ``checks``, what the student's sheet itself checks."""
    return _files(sheet.student.metadata["otter"]["tests"])


def _files(texts):
    return {name: functools.partial(ExceptionTestFile.from_string, text) for name, text in texts.items()}


def marks(names, checks):
    """Return {question: Mark} of the answers in a namespace."""
    found = {}
    for question, fresh in checks.items():
        file = fresh()
        file.run(names)
        failed = tuple(result.message for result in file.test_case_results if not result.passed)
        found[question] = Mark(file.score, file.possible, failed)
    return found
