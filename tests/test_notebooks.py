"""Hygiene: what a committed notebook must be, so that strict nbval and the page mean something."""

import ast
import itertools
import re
import statistics
from pathlib import Path

import nbformat
import numpy as np
import pytest

from notebooks.refresh import METADATA, RUNS_IN, bootstrap_source
from notebooks.tolerance import checked

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_first_code_cell_is_the_bootstrap_cell(notebook):
    first = code_cells(notebook)[0]
    assert first.source == bootstrap_source(), "run `make notebooks`"
    assert tags(first) == ["bootstrap", "remove-cell"]
    assert first.outputs == [], "it prints nothing"
    assert not any("bootstrap" in tags(cell) for cell in code_cells(notebook)[1:])


def test_cells_ran_once_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_outputs_are_present_and_none_is_an_error(notebook):
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert any("nbval-ignore-output" not in tags(cell) for cell in code_cells(notebook) if cell.outputs)
    assert not [output.ename for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]


def test_a_cell_that_ends_in_a_value_or_prints_shows_it(notebook):
    """A notebook cleared of outputs would pass nbval without having compared anything."""
    for cell in code_cells(notebook):
        body = ast.parse(re.sub(r"(?m)^\s*[%!].*$", "pass", cell.source)).body
        speaks = body and isinstance(body[-1], ast.Expr) and not isinstance(body[-1].value, ast.Call)
        calls = [ast.unparse(node) for node in body if isinstance(node, ast.Expr)]
        prints = any(re.match(r"(print|display|plt\.show)\(", call) for call in calls)
        assert cell.outputs or not (speaks or prints), f"no output stored under:\n{cell.source}"


def test_few_cells_go_unchecked_and_a_checked_one_follows_each(notebook):
    ignored = ["nbval-ignore-output" in tags(cell) for cell in code_cells(notebook)]
    assert sum(ignored) <= 0.25 * len(ignored)
    assert not ignored[-1] and not any(a and b for a, b in itertools.pairwise(ignored))
    assert not [cell for cell in code_cells(notebook) if {"nbval-skip", "raises-exception"} & set(tags(cell))]


def test_cells_are_short(notebook, request):
    lengths = [len(lines(cell)) for cell in code_cells(notebook)[1:]]
    assert max(len(cell.source.splitlines()) for cell in code_cells(notebook)[1:]) <= 25
    tables = request.node.callspec.id.startswith("appendix")  # of little else an appendix is made
    assert statistics.median(lengths) <= (12 if tables else 8)


def test_functions_are_short(notebook):
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(re.sub(r"(?m)^\s*[%!].*$", "pass", cell.source))):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 10, f"{node.name} belongs in the module"


def test_every_image_has_alt_text(notebook):
    for cell in code_cells(notebook):
        if any(mime.startswith("image/") for output in cell.outputs for mime in output.get("data", {})):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) >= 5, f"mystnb.image.alt is {alt!r} in the cell\n{cell.source}"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert "![](" not in cell.source


def test_metadata_is_bare(notebook):
    """No widget state, no timings, no editor's traces, one kernel."""
    assert notebook.metadata == METADATA
    kept = {key for cell in notebook.cells for key in cell.metadata}
    assert kept <= {"tags", "mystnb", "tolerance"}


def test_a_tolerance_is_one_and_has_something_to_compare(notebook):
    for cell in code_cells(notebook):
        if "tolerance" in cell.metadata:
            checked(cell.metadata["tolerance"])
            assert cell.outputs and "nbval-ignore-output" not in tags(cell)


def test_minutes_are_measured_and_the_readme_s(notebook, request):
    """Head of the chapter and row of the README, both written by refresh.py."""
    minutes = [RUNS_IN.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    minutes = next(match for match in minutes if match).group(0).split()[2]
    assert 0 < float(minutes) <= 1
    name = f"{request.node.callspec.id}.ipynb"
    row = next(x for x in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if f"/{name})" in x)
    assert row.split("|")[-2].strip() == minutes


def test_no_path_of_a_machine(notebook):
    text = nbformat.writes(notebook)
    places = rf"{re.escape(str(ROOT))}|/home/|/root/|/Users/|/tmp/|site-packages|[A-Z]:\\\\"
    assert not re.findall(rf'(?:{places})[^"\s]*', text)


DECIMAL = re.compile(r"(?<![\w.])\d+\.\d+(?:e-?\d+)?")


def test_numbers_of_a_verdict_stand_in_the_code_or_its_outputs(notebook):
    """To the digits the verdict gives. Counts and round ratios in words go unchecked."""
    parts = [cell.source for cell in code_cells(notebook)]
    for output in (output for cell in code_cells(notebook) for output in cell.outputs):
        parts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    known = np.array(re.findall(r"\d*\.?\d+(?:e[-+]?\d+)?", "\n".join(parts)), dtype=float)
    said = re.findall(r"\*\*Verdict\.\*\*(?:.+\n?)+", "\n\n".join(cell.source for cell in notebook.cells))
    assert said
    for verdict in said:
        for number in DECIMAL.findall(verdict):
            digits, _, power = number.partition("e")
            half = 0.5001 * 10.0 ** (int(power or 0) - len(digits.split(".")[1]))
            assert (np.abs(known - float(number)) <= half).any(), f"{number} comes from no cell:\n{verdict}"
