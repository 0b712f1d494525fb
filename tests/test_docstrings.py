"""Whatever refuses an argument says so: its docstring, or its class's, names the ``ValueError``."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "sobolev_mini"
FILES = sorted(ROOT.rglob("*.py"))


def checks(source):
    """Return the names that ``source`` imports from ``validate``, the module itself among them."""
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    of_checks = [node for node in imports if node.module == "sobolev_mini.validate"]
    return {"validate", *(alias.name for node in of_checks for alias in node.names)}


def refuses(node, names):
    """Return whether the body of ``node``, a class's without public methods, raises or uses a check."""
    body = [x for x in node.body if not (isinstance(node, ast.ClassDef) and is_public(x))]
    for x in (x for statement in body for x in ast.walk(statement)):
        if isinstance(x, ast.Raise) and "ValueError" in ast.unparse(x):
            return True
        if isinstance(x, ast.Name) and x.id in names:
            return True
    return False


def is_public(node):
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")


def silent(source):
    """Return the public functions, classes and methods of ``source`` that refuse without saying so."""
    names, found = checks(source), []

    def visit(body, above, told):
        for node in filter(is_public, body):
            says = told or "ValueError" in (ast.get_docstring(node) or "")
            if refuses(node, names) and not says:
                found.append(above + node.name)
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{node.name}.", says)

    visit(ast.parse(source).body, "", False)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_refuses_an_argument_says_so(path):
    assert not silent(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    raise ValueError(x)", ["f"]),
        ('def f(x):\n    """Raises ``ValueError``."""\n    raise ValueError(x)', []),
        ("def _f(x):\n    raise ValueError(x)", []),
        ("from sobolev_mini import validate\ndef f(x):\n    return validate.real('x', x)", ["f"]),
        ("from sobolev_mini.validate import setting\nclass C:\n    x: int = setting(1)", ["C"]),
        ("class C:\n    def __init__(self, x):\n        raise ValueError(x)\n    def f(self): pass", ["C"]),
        ("class C:\n    def f(self, x):\n        raise ValueError(x)", ["C.f"]),
        ('class C:\n    """Raises ``ValueError``."""\n    def f(self, x):\n        raise ValueError(x)', []),
    ],
)
def test_the_search_finds_what_is_silent(source, names):
    assert silent(source) == names
