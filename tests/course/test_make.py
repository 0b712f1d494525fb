import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
import yaml

from notebooks.assignments import leaks, make
from notebooks.assignments.term import numbers
from notebooks.refresh import module_source
from tests.course.sheets import ASSIGNMENTS, checks, made, marks, solved

A1 = ASSIGNMENTS / "a1.ipynb"
TRY = """
import pathlib, sys
from notebooks.assignments import make
make.make("2027-spring", sys.argv[2], [pathlib.Path(sys.argv[1])])
"""


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def spring(tmp_path_factory):
    return make.make("2027-spring", tmp_path_factory.mktemp("out"), [A1], try_solutions=False)


def test_a_term_has_student_autograder_and_solutions(spring):
    assert set(files(spring)) == {
        "a1/student/a1.ipynb",
        "a1/autograder/a1-autograder.zip",
        "a1/solutions/a1-solutions.ipynb",
    }


def test_same_term_same_bytes(spring, tmp_path):
    again = make.make("2027-spring", tmp_path, [A1], try_solutions=False)
    assert files(again) == files(spring)


def test_another_term_differs_in_every_file(spring, tmp_path):
    autumn = files(make.make("2027-autumn", tmp_path, [A1], try_solutions=False))
    assert not [name for name, content in files(spring).items() if autumn[name] == content]


def test_the_autograder_tells_no_time_and_no_machine(spring):
    with zipfile.ZipFile(spring / "a1/autograder/a1-autograder.zip") as archive:
        assert {info.date_time for info in archive.infolist()} == {make.LONG_AGO}
        assert archive.namelist() == sorted(archive.namelist())
        texts = b"".join(archive.read(name) for name in archive.namelist())
    assert str(ASSIGNMENTS).encode() not in texts


def test_the_autograder_s_container_gets_the_module_that_the_tests_import(spring):
    with zipfile.ZipFile(spring / "a1/autograder/a1-autograder.zip") as archive:
        installed = yaml.safe_load(archive.read("environment.yml"))["dependencies"][-1]["pip"]
    assert installed[1:] == [module_source()] and installed[0].startswith("otter-grader")


def test_the_student_s_sheet_has_the_term_s_numbers_public_tests_and_the_bootstrap_cell(spring):
    sheet = nbformat.read(spring / "a1/student/a1.ipynb", as_version=4)
    nbformat.validate(sheet)
    c, gamma = (numbers("2027-spring")[key] for key in ("c", "gamma"))
    assert f"c, gamma = {c}, {gamma}  # term" in [cell.source for cell in sheet.cells]
    assert set(sheet.metadata["otter"]["tests"]) == {f"q{i}" for i in range(1, 10)}
    assert sheet.metadata["otter"]["assignment_name"] == "a1"
    assert any("bootstrap" in cell.metadata.get("tags", []) for cell in sheet.cells)


def test_the_student_s_sheet_holds_no_hidden_test_and_no_answer(spring):
    text = (spring / "a1/student/a1.ipynb").read_text(encoding="utf-8")
    for word in (
        "hidden=True",
        "HIDDEN",
        "SOLUTION",
        "hints",
        "test_optimal_value",
        "np.cumsum(steps)",
        "the way that",
    ):
        assert word not in text
    solutions = (spring / "a1/solutions/a1-solutions.ipynb").read_text(encoding="utf-8")
    assert "np.cumsum(steps)" in solutions and "test_optimal_value" in solutions


def test_last_term_s_solutions_lose_marks_wherever_numbers_enter():
    old, new = made(A1, "2027-spring"), made(A1, "2027-autumn")
    found = marks(solved(old), checks(new))
    lost = {question for question, mark in found.items() if mark.score < mark.possible}
    assert lost == set(found) - {"q8"}  # a check of slopes knows no c


@pytest.mark.parametrize(
    "line", ["c = 0.2 # term", "c, g = 0.2, 0.9  # term", "c += 1  # term", "x = 1  # term"]
)
def test_a_line_of_numbers_that_cannot_be_replaced_is_named(line):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line)])
    with pytest.raises(ValueError, match="wanted"):
        make.with_numbers(notebook, "2027-spring")


def test_numbers_are_replaced_inside_functions_and_lists_too():
    cell = nbformat.v4.new_code_cell("def f():\n    A, c = [[1.0]], 0.2  # term\n    d = 0.2")
    source = make.with_numbers(nbformat.v4.new_notebook(cells=[cell]), "2027-spring").cells[0].source
    A, c = (numbers("2027-spring")[key] for key in ("A", "c"))
    assert source == f"def f():\n    A, c = {A}, {c}  # term\n    d = 0.2"


def test_a_term_is_written_whole_or_not_at_all(spring, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(spring, out / "2027-spring")
    broken = tmp_path / "a2.ipynb"
    notebook = nbformat.read(A1, as_version=4)
    next(cell for cell in notebook.cells if "# term" in cell.source).source = "x = 1  # term"
    nbformat.write(notebook, broken)
    with pytest.raises(ValueError, match="no number 'x'"):
        make.make("2027-spring", out, [A1, broken], try_solutions=False)
    assert files(out) == {f"2027-spring/{name}": content for name, content in files(spring).items()}
    assert [path.name for path in out.iterdir()] == ["2027-spring"]


def test_a_bad_term_is_refused_before_anything_is_written(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        make.main(["--out", str(tmp_path / "out"), "a b"])
    assert stopped.value.code == 2 and "TERM: got 'a b'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_master_that_forgets_to_mark_an_answer_is_refused(tmp_path):
    notebook = nbformat.read(A1, as_version=4)
    answer = next(cell for cell in notebook.cells if "def optimal_value" in cell.source)
    answer.source = answer.source.replace("    # BEGIN SOLUTION\n", "").replace("    # END SOLUTION", "")
    nbformat.write(notebook, tmp_path / "a1.ipynb")
    with pytest.raises(ValueError, match="holds a whole answer"):
        make.make_one(tmp_path / "a1.ipynb", "2027-spring", tmp_path / "out", try_solutions=False)
    assert not (tmp_path / "out").exists()


def test_solutions_that_lose_a_point_make_no_term(tmp_path):
    notebook = nbformat.read(A1, as_version=4)
    answer = next(cell for cell in notebook.cells if "def reward_slopes" in cell.source)
    answer.source = answer.source.replace("c - 2", "c + 2")
    nbformat.write(notebook, tmp_path / "a1.ipynb")
    ran = subprocess.run(  # otter's run of the solutions warns of this and that
        [sys.executable, "-c", TRY, str(tmp_path / "a1.ipynb"), str(tmp_path / "out")],
        cwd=ASSIGNMENTS.parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 1 and "RuntimeError: a1: Some autograder tests failed" in ran.stderr
    assert "the step's cost has the wrong sign in r_a" in ran.stderr
    assert list((tmp_path / "out").iterdir()) == []


def leaking(change):
    """Return A1's two notebooks after a change to the student's."""
    sheet = made(A1, "2027-spring")
    student = nbformat.from_dict(dict(sheet.student))
    student = nbformat.reads(nbformat.writes(student), as_version=4)
    change(student)
    return student, sheet.solutions, "a1"


def whole_answer(student):
    answer = next(c for c in student.cells if "def optimal_value" in c.source)
    answer.source = next(
        c.source for c in made(A1, "2027-spring").solutions.cells if "def optimal_value" in c.source
    )


LEAKS = {
    "an answer's line in the text": lambda s: s.cells[2].update(
        source="return c / (1 - gamma) - areas[m] - part"
    ),
    "a marker": lambda s: s.cells[2].update(source="x = 1  # SOLUTION"),
    "a hidden test": lambda s: s.metadata["otter"]["tests"].update(
        q4="def test_optimal_value(optimal_value): ..."
    ),
    "a hidden flag": lambda s: s.metadata["otter"]["tests"].update(q4="@test_case(points=1, hidden=True)"),
    "an output": lambda s: next(c for c in s.cells if c.cell_type == "code").update(outputs=[{"text": "1"}]),
    "a whole answer": whole_answer,
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_refused(name):
    with pytest.raises(ValueError, match="holds"):
        leaks.check(*leaking(LEAKS[name]))


def test_the_sheet_as_made_leaks_nothing():
    leaks.check(*leaking(lambda student: None))
