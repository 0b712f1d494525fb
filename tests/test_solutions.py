"""Every exercise: its stub is not right, its open solution is, by the checker the reader uses.

An exercise is a code cell tagged "exercise" whose last line calls the checker; the fenced Python
block of the next ``{solution}`` cell takes the place of the stub.
"""

import ast
import re
import symtable
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHAPTERS = [path for path in NOTEBOOKS if '"exercise"' in path.read_text(encoding="utf-8")]


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


def names(node):
    """Return the global names that code reads and those that it binds, its functions' among them."""
    tables, reads, binds = [symtable.symtable(ast.unparse(node), "cell", "exec")], set(), set()
    for table in tables:
        tables += table.get_children()
        for x in table.get_symbols():
            if table.get_type() == "module" or x.is_global():
                reads |= {x.get_name()} if x.is_referenced() else set()
                made = x.is_assigned() or x.is_imported() or x.is_namespace()
                binds |= {x.get_name()} if made else set()
    return reads, binds


def changed(node):
    """Return the names whose contents code changes by ``x[i] = ...``, ``x.y = ...`` or ``x.append(...)``."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript | ast.Attribute) and not isinstance(part.ctx, ast.Load):
            found |= names(part.value)[0]
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            found |= names(part.value.func)[0]
    return found


def needed(cells):
    """Return the places of the cells that exercises need, and their own, as far as names tell.

    What a function does to its arguments is not seen: whole chapters run at night.
    """
    trees = {i: ast.parse(cell.source) for i, cell in enumerate(cells) if cell.cell_type == "code"}
    imports = [x for tree in trees.values() for x in tree.body if isinstance(x, ast.Import | ast.ImportFrom)]
    modules, kept, wanted = set().union(*(names(x)[1] for x in imports)), set(), set()
    for i in reversed(trees):
        from_before, own = set(), set()
        for node in trees[i].body:
            reads, binds = names(node)
            from_before, own = from_before | reads - own, own | binds
        if is_exercise(cells[i]):
            wanted |= names(ast.parse(solution_after(cells[i + 1 :])))[0]
        elif not (own | changed(trees[i]) - modules) & wanted:
            continue
        kept.add(i)
        wanted |= from_before
    return kept


@pytest.mark.parametrize("before", [
    ["rows = []", "rows.append(1)"], ["rows = [1]", "rows[0] = 2"], ["rows = [1]", "del rows[0]"],
    ["rows = 1", "rows += 1"], ["def more():\n    global rows\n    rows = 1"],
    ["rows = []", "for rows[0:] in [[1]]:\n    pass"], ["rows = []", "for x in rows:\n    rows.append(x)"],
    ["rows = []", "def f(x):\n    rows = np.sum(x)\n    return rows"],
    ["rows = []", "def f(x):\n    return np.sum([rows for rows in x])"]])  # fmt: skip
def test_cells_that_an_exercise_needs_are_found(before):
    def cell(source, *tags):
        return nbformat.v4.new_code_cell(source, metadata={"tags": tags})

    solution = nbformat.v4.new_markdown_cell("```{solution}\n```python\nanswer = f(np.array(rows))\n```\n```")
    needs = ["import numpy as np", "def f(x):\n    return np.sum(x)", *before]
    others = [cell("far = 1"), cell("np.sum(far)"), cell("def g(rows):\n    rows = 2")]
    cells = [*map(cell, needs), *others, cell("answer = 0\nrows", "exercise"), solution]
    assert needed(cells) == {*range(len(needs)), len(cells) - 2}


def solved(chapter, kept):
    """Run the cells at the places ``kept``; at an exercise its stub fails and its solution passes."""
    space, found = {"__name__": "__main__"}, 0
    for i, cell in enumerate(chapter):
        if i not in kept or {"bootstrap", "nbval-ignore-output"} & set(cell.metadata.get("tags", [])):
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
    assert found == sum(map(is_exercise, chapter)) >= 2


def test_stubs_fail_and_solutions_pass(chapter, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    solved(chapter, needed(chapter))


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
