"""Every exercise: its stub is not right, its open solution is, by the checker the reader uses.

An exercise is a code cell tagged "exercise" whose last line calls the checker; the fenced Python
block of the next ``{solution}`` cell takes the place of the stub.
"""

import ast
import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return nbformat.read(request.param, as_version=4).cells


def is_exercise(cell):
    return "exercise" in cell.metadata.get("tags", [])


def split(source):
    """Return a cell's source without its last expression, and that expression."""
    last = ast.parse(source).body[-1]
    assert isinstance(last, ast.Expr), f"the last line should call a checker:\n{source}"
    return "\n".join(source.splitlines()[: last.lineno - 1]), ast.unparse(last)


def solution_after(cells):
    text = next(c.source for c in cells if c.cell_type == "markdown" and "{solution}" in c.source)
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1, f"one python block a solution:\n{text}"
    return blocks[0]


def test_stubs_fail_and_solutions_pass(chapter, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    space, found = {"__name__": "__main__"}, 0
    for i, cell in enumerate(chapter):
        if cell.cell_type != "code" or {"bootstrap", "nbval-ignore-output"} & set(
            cell.metadata.get("tags", [])
        ):
            continue
        if not is_exercise(cell):
            exec(compile(cell.source, "<cell>", "exec"), space)
            continue
        stub, call = split(cell.source)
        for code, right in ((stub, False), (solution_after(chapter[i + 1 :]), True)):
            exec(compile(code, "<exercise>", "exec"), space)
            verdict = eval(call, space)
            assert verdict.right is right, f"{call}: {verdict!r}"
        found += 1
    assert found >= 3


def test_exercise_hint_stub_and_solution_come_in_this_order(chapter):
    order = []
    for cell in chapter:
        found = re.findall(r"^`{3,}\{(exercise|solution)\}", cell.source, re.MULTILINE)
        order += ["stub"] if is_exercise(cell) else found
    assert order == ["exercise", "stub", "solution"] * (len(order) // 3)
    hints = sum(
        bool(re.search(r"^\{admonition\} Hint|^`{3,}\{admonition\} Hint", c.source, re.MULTILINE))
        for c in chapter
    )
    assert hints == len(order) // 3
