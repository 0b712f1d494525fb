"""The module's floors: a file imports only from floors below it, or from its own package."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "sobolev_mini"
FLOORS = {
    -1: {"validate", "atomic"},  # the ground: argument checks that every floor may use
    0: {"toy", "coupled", "quadratic", "stats", "style"},
    0.5: {"networks"},  # what critics and actors share
    1: {"critics", "actors", "envs"},
    1.5: {"replay"},  # stores what envs hands out
    2: {"targets", "losses", "steps", "clipping"},
    2.3: {"weighting"},  # rules for the loss's weights
    2.6: {"control"},  # what ddpg and sac share
    3: {"qlearning", "ddpg", "sac", "shac", "pods", "evaluation"},
    4: {"figures"},
    5: {"widgets", "experiments", "check"},
    5.5: {"commands"},
    6: {"__main__"},
}
FLOOR = {name: floor for floor, names in FLOORS.items() for name in names}
NUMERICS = {"numpy", "numba", *sys.stdlib_module_names}
FILES = sorted(path for path in MODULE.rglob("*.py") if path != MODULE / "__init__.py")


def imported(source, package):
    """Yield (dotted name, line) of every import in `source`, a file of the dotted `package`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")
            base = ".".join(above[: len(above) + 1 - node.level]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def complaints(source, name, package="sobolev_mini"):
    """Return a sentence for each import that the unit `name` may not make."""
    wrong = []
    for dotted, line in imported(source, package):
        top, inner, *_ = [*dotted.split("."), None]
        if top == "sobolev_mini":
            fine = inner not in FLOOR or FLOOR[inner] < FLOOR[name] or inner == name
        else:
            fine = FLOOR[name] > 0 or top in NUMERICS or (name, top) == ("style", "matplotlib")
        if not fine:
            wrong.append(f"line {line}: {name}, on floor {FLOOR[name]}, imports {dotted}")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(MODULE)))
def test_no_import_climbs(path):
    inside = path.relative_to(MODULE)
    name = inside.parts[0].removesuffix(".py")
    assert name in FLOOR, f"{name} stands on no floor: add it to FLOORS and to the design"
    package = ".".join(["sobolev_mini", *inside.parts[:-1]])
    assert not complaints(path.read_text(encoding="utf-8"), name, package)


@pytest.mark.parametrize(
    ("source", "name", "package"),
    [
        ("from sobolev_mini.qlearning import train_quadratic", "targets", "sobolev_mini"),
        ("def f():\n    from sobolev_mini import figures", "toy", "sobolev_mini"),
        ("from .. import losses", "envs", "sobolev_mini.envs"),
        ("from .quadratic import features", "toy", "sobolev_mini"),
        ("import torch", "toy", "sobolev_mini"),
        ("import matplotlib", "stats", "sobolev_mini"),
    ],
)
def test_a_climbing_import_is_found(source, name, package):
    assert len(complaints(source, name, package)) == 1


@pytest.mark.parametrize(
    ("source", "name", "package"),
    [
        ("from sobolev_mini import toy, validate", "envs", "sobolev_mini.envs"),
        ("from . import gate\nfrom .gate import check", "envs", "sobolev_mini.envs"),
        ("from .. import toy", "envs", "sobolev_mini.envs"),
        ("import math\nimport numpy as np\nimport numba", "toy", "sobolev_mini"),
        ("def cycle():\n    import matplotlib.pyplot", "style", "sobolev_mini"),
    ],
)
def test_a_descending_import_is_fine(source, name, package):
    assert not complaints(source, name, package)


def test_style_imports_matplotlib_only_where_it_draws():
    path = MODULE / "style.py"
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.exists() else []
    names = [
        name
        for node in body
        for name, _ in imported(ast.unparse(node), "sobolev_mini")
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not [name for name in names if name.startswith("matplotlib")]


def test_no_source_file_is_longer_than_250_lines():
    folders = ("sobolev_mini", "tests", "book", "notebooks", ".ci")
    ours = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".js", ".mjs", ".css"} and "__pycache__" not in path.parts
    ]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ours}
    assert not {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > 250}
