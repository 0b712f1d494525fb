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


def read(node):
    """Return the global names that a statement or an expression reads, those of its functions among them."""
    tables, found = [symtable.symtable(ast.unparse(node), "cell", "exec")], set()
    for table in tables:
        tables += table.get_children()
        top = table.get_type() == "module"
        found |= {x.get_name() for x in table.get_symbols() if x.is_referenced() and (top or x.is_global())}
    return found


def bound(node):
    """Return the names that a statement binds, and those whose contents it may change."""
    whole, changed = set(), set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            whole.add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.ClassDef):
            whole.add(part.name)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            whole |= {(name.asname or name.name).split(".")[0] for name in part.names}
        elif isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store):
            changed |= read(part.value)
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            changed |= read(part.value.func)
    return whole, changed


def wants(body, have):
    """Return the names that ``body`` reads from before it; what it binds is added to ``have``."""
    found = set()
    for node in body:
        if isinstance(node, ast.For | ast.While | ast.If | ast.With):
            heads = [node.iter] if isinstance(node, ast.For) else [getattr(node, "test", None)]
            heads += [item.context_expr for item in getattr(node, "items", [])]
            found |= set().union(*(read(head) for head in heads if head)) - have
            have |= bound(node.target)[0] if isinstance(node, ast.For) else set()
            found |= wants(node.body, have) | wants(getattr(node, "orelse", []), have)
        else:
            found |= read(node) - have
            have |= bound(node)[0]
    return found


def needed(cells):
    """Return the places of the cells that exercises need, and their own; nbval runs chapters whole."""
    trees = {i: ast.parse(cell.source) for i, cell in enumerate(cells) if cell.cell_type == "code"}
    imports = [x for tree in trees.values() for x in tree.body if isinstance(x, ast.Import | ast.ImportFrom)]
    modules, kept, wanted = set().union(*(bound(x)[0] for x in imports)), set(), set()
    for i in reversed(trees):
        whole, changed = bound(trees[i])
        if is_exercise(cells[i]):
            wanted |= read(ast.parse(solution_after(cells[i + 1 :])))
        elif not (whole | (changed - modules)) & wanted:
            continue
        kept.add(i)
        have = set()
        wanted = (wanted - {x for node in trees[i].body for x in bound(node)[0]}) | wants(trees[i].body, have)
    return kept


def test_cells_that_an_exercise_needs_are_found():
    def cell(source, *tags):
        return nbformat.v4.new_code_cell(source, metadata={"tags": tags})

    solution = nbformat.v4.new_markdown_cell("```{solution}\n```python\nanswer = f(rows)\n```\n```")
    cells = [cell("import numpy as np"), cell("def f(x):\n    return np.sum(x)"), cell("rows = []"),
             cell("rows.append(1)"), cell("far = 1"), cell("np.sum(far)"),
             cell("answer = 0\nrows", "exercise"), solution]  # fmt: skip
    assert needed(cells) == {0, 1, 2, 3, 6}


def test_stubs_fail_and_solutions_pass(chapter, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    space, found, kept = {"__name__": "__main__"}, 0, needed(chapter)
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
