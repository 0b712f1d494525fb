"""Outputs that hang on training: what may differ, and that nothing else may."""

import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from notebooks.tolerance import settled
from sobolev_book.explorers.recorded import fact, panel, recorded, series

ROOT = Path(__file__).resolve().parents[1]
STORED = "acrobot   first 50:   9.9, last 50: 0.10 (of 5 seeds)\nlqr       first 50:     3, last 50:  1e-03\n"
LOOSE = {"relative": 0.1}


@pytest.mark.parametrize(
    ("seen", "tolerance"),
    [
        (STORED.replace("  9.9", " 10.1"), LOOSE),  # a digit more, a blank less
        (STORED.replace("0.10", "0.11"), LOOSE),
        (STORED.replace(" 1e-03", "1.1e-03"), LOOSE),
        (STORED.replace("0.10", "0.19"), {"absolute": 0.1}),
        (STORED.replace("    3,", "    4,"), {"whole": 1}),
    ],
)
def test_a_number_within_tolerance_passes(seen, tolerance):
    assert seen != STORED and settled(seen, STORED, tolerance) == STORED


@pytest.mark.parametrize(
    ("seen", "tolerance"),
    [
        (STORED.replace("0.10", "0.12"), LOOSE),  # too far
        (STORED.replace("0.10", "-0.10"), LOOSE),
        (STORED.replace("0.10", "nan"), LOOSE),
        (STORED.replace("    3,", "    4,"), LOOSE),  # whole numbers are exact
        (STORED.replace("    3,", "  3.0,"), LOOSE),
        (STORED.replace("    3,", "    5,"), {"whole": 1}),
        (STORED.replace("acrobot", "acrobat"), LOOSE),
        (STORED.replace("of 5", "of 6"), LOOSE),
        (STORED.splitlines(True)[0], LOOSE),  # a missing line
        (STORED + "more 1.0\n", LOOSE),
        (STORED.replace(", last", "; last"), LOOSE),
        ("", LOOSE),
    ],
)
def test_anything_else_still_differs(seen, tolerance):
    assert settled(seen, STORED, tolerance) != STORED


def explorer(y=(1.0, 2.0, 4.0), title="A title", value=3.0):
    line = series("sobolev", ("lam",), [y, (0.0, 5.0, 10.0)])
    shown = panel("left", "x", "y", [0, 1, 2], [line], "Alt text.")
    lam = {"lam": ("weight", [0, 1], 1)}
    return recorded("small", title, lam, [shown], [fact("end", ("lam",), [value, 10.0])]).element()


def test_an_explorer_s_curves_are_compared_unpacked():
    stored, near = explorer(), explorer(y=(1.0, 2.4, 4.0), value=3.1)
    assert near != stored and settled(near, stored, {"curves": 0.05}) == stored
    assert settled(near, stored, {"curves": 0.03}) != stored
    assert settled(near, stored, {"relative": 10}) != stored  # packed text holds no numbers


def test_single_numbers_of_a_series_may_jump_where_its_bulk_is_held():
    def with_jumps(n):
        y = np.linspace(0, 1, 41)
        y[5 : 5 + n] += 0.5
        shown = panel("left", "x", "y", range(41), [series("sobolev", (), y)], "Alt text.")
        return recorded("small", "A title", {"lam": ("weight", [0, 1], 1)}, [shown]).element()

    shown = [with_jumps(n) for n in (0, 3, 6)]
    few, many = (settled(x, shown[0], {"curves": 0.6, "bulk": 0.1}) == shown[0] for x in shown[1:])
    assert few and not many and settled(shown[2], shown[0], {"curves": 0.6}) == shown[0]
    assert settled(shown[1], shown[0], {"curves": 0.4, "bulk": 0.1}) != shown[0]


@pytest.mark.parametrize("changed", [{"title": "Another"}, {"value": 5.0}, {"y": (1.0, 2.0, np.nan)}])
def test_another_explorer_still_differs(changed):
    assert settled(explorer(**changed), explorer(), {"curves": 0.05}) != explorer()


@pytest.mark.parametrize("tolerance", [{}, {"relativ": 0.1}, {"relative": 0}, {"whole": "1"}, [0.1]])
def test_a_wrong_tolerance_is_refused(tolerance):
    known = r"\['absolute', 'bulk', 'curves', 'relative', 'whole'\]"
    with pytest.raises(ValueError, match=f"^tolerance: got .*, wanted some of {known}, each a number > 0$"):
        settled(STORED, STORED, tolerance)


def test_nbval_takes_a_cell_s_tolerance_and_no_other_s(tmp_path):
    """The plug-in itself, in a process of its own: an output off by a bit, by more, by a bit without one."""
    loose, cells = {"tolerance": {"absolute": 0.05}}, []
    for k, (metadata, stored) in enumerate([(loose, "0.50"), (loose, "0.40"), ({}, "0.50")]):
        output = nbformat.v4.new_output("stream", name="stdout", text=f"error {stored}\n")
        more = {"metadata": metadata, "outputs": [output], "execution_count": k + 1}
        cells.append(nbformat.v4.new_code_cell("print('error 0.52')", **more))
    (tmp_path / "conftest.py").write_text((ROOT / "notebooks" / "conftest.py").read_text(encoding="utf-8"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "small.ipynb")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", "-rA", "small.ipynb"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    ends = [line.split()[0] for line in told.splitlines() if line.startswith(("PASSED", "FAILED"))]
    assert sorted(ends) == ["FAILED", "FAILED", "PASSED"] and "PASSED small.ipynb::Cell 0" in told, told
