"""The notebook that a new chapter starts from passes what the tests demand of one."""

import inspect
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from tests import test_form, test_notebooks

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "notebooks" / "template" / "template.ipynb"
ELSEWHERE = "test_minutes_are_measured_and_the_readme_s"  # the README has no row of it
DEMANDS = {
    name: test
    for name, test in vars(test_notebooks).items()
    if name.startswith("test_") and "notebook" in inspect.signature(test).parameters and name != ELSEWHERE
}


@pytest.fixture
def template():
    return nbformat.read(TEMPLATE, as_version=4)


@pytest.mark.parametrize("name", DEMANDS)
def test_the_template_is_what_a_notebook_must_be(template, name):
    request = SimpleNamespace(node=SimpleNamespace(callspec=SimpleNamespace(id="template")))
    wanted = inspect.signature(DEMANDS[name]).parameters
    DEMANDS[name](**{key: {"notebook": template, "request": request}[key] for key in wanted})


def test_the_template_has_the_form_of_an_essay():
    test_form.test_what_is_seen_fits_the_page_and_reads_as_text(TEMPLATE)
    form = test_form.of(TEMPLATE)
    assert form["shown"] >= 1 and form["median"] <= 8 and form["longest"] <= 10
    assert form["minute"] and form["pictures"] == 1


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("test_every_image_has_alt_text", lambda cells: cells[6].metadata.mystnb.pop("image")),
        ("test_cells_ran_once_from_top_to_bottom", lambda cells: cells[4].update(execution_count=9)),
        ("test_numbers_of_a_verdict_stand_in_the_code_or_its_outputs",
         lambda cells: cells[-1].update(source=cells[-1].source.replace("2.00", "1.73"))),
        ("test_first_code_cell_is_the_bootstrap_cell", lambda cells: cells.pop(1)),
    ],
)  # fmt: skip
def test_a_spoilt_one_does_not_pass(template, name, spoil):
    spoil(template.cells)
    with pytest.raises(AssertionError):
        test_the_template_is_what_a_notebook_must_be(template, name)


def test_contributing_names_the_template():
    assert TEMPLATE.relative_to(ROOT).as_posix() in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_pytest_runs_the_template_and_compares_its_outputs():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "notebooks/template"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "template.ipynb::Cell 3" in said
