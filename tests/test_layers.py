"""Floors of both packages: a file imports only from floors below it, or from its own package."""

import ast
import sys
from pathlib import Path

import pytest

from tests import trace_update

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"sobolev_mini": ROOT / "sobolev_mini", "sobolev_book": ROOT / "book" / "sobolev_book"}
FLOORS = {  # of both packages in one building: the book's stand on the module's
    "sobolev_mini": {
        0: {"validate"},  # argument checks that every floor may use
        1: {"toy", "quadratic", "networks", "targets", "steps"},  # the toy; tensors, transitions and targets
        2: {"envs", "losses", "actors"},
        3: {"replay", "config", "policy", "pilot"},
        4: {"recording", "learner", "actor_steps", "qlearning"},
        5: {"ddpg", "sac", "stable_baselines"},
    },
    "sobolev_book": {
        1: {"stats", "style", "table"},  # of the module they may use the ground alone
        4: {"fixed_points", "evaluation", "rewarped", "schedules"},
        5: {"bases"},
        6: {"figures", "records"},
        7: {"studies", "check"},
        8: {"explorers", "commands"},
        9: {"__main__"},
    },
}
FLOOR = {
    (package, name): floor
    for package, floors in FLOORS.items()
    for floor, names in floors.items()
    for name in names
}
DRAWS = {"matplotlib", "matplotlib_inline"}
PLAIN = {"validate", "toy", "quadratic", "stats", "style", "table"}  # no torch, nothing that draws
NUMERICS = {"numpy", "numba", *sys.stdlib_module_names}
FILES = [
    (package, path.relative_to(folder))
    for package, folder in FOLDERS.items()
    for path in sorted(folder.rglob("*.py"))
    if path != folder / "__init__.py"
]


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
    """Return a sentence for each import that the unit `name` of `package` may not make."""
    own, wrong = package.split(".")[0], []
    here = FLOOR[own, name]
    for dotted, line in imported(source, package):
        top, inner, *_ = [*dotted.split("."), None]
        if top in FLOORS:
            there = FLOOR.get((top, inner))
            fine = there is None or there < here or (top, inner) == (own, name)
            fine = fine and (own, top) != ("sobolev_mini", "sobolev_book")
        else:
            fine = name not in PLAIN or top in NUMERICS or (name == "style" and top in DRAWS)
        if not fine:
            wrong.append(f"line {line}: {own}.{name}, on floor {here}, imports {dotted}")
    return wrong


@pytest.mark.parametrize(("package", "inside"), FILES, ids=lambda x: str(x))
def test_no_import_climbs(package, inside):
    name = inside.parts[0].removesuffix(".py")
    assert (package, name) in FLOOR, f"{name} stands on no floor: add it to FLOORS and to the design"
    source = (FOLDERS[package] / inside).read_text(encoding="utf-8")
    assert not complaints(source, name, ".".join([package, *inside.parts[:-1]]))


@pytest.mark.parametrize(
    ("source", "name", "package"),
    [
        ("from sobolev_mini.qlearning import train_quadratic", "targets", "sobolev_mini"),
        ("def f():\n    from sobolev_mini import sac", "toy", "sobolev_mini"),
        ("from .. import losses", "envs", "sobolev_mini.envs"),
        ("from .quadratic import features", "toy", "sobolev_mini"),
        ("import torch", "toy", "sobolev_mini"),
        ("import matplotlib", "stats", "sobolev_book"),
        ("import sobolev_book", "sac", "sobolev_mini"),
        ("from sobolev_book import stats", "sac", "sobolev_mini"),
        ("from sobolev_mini.toy import ToyProblem", "stats", "sobolev_book"),
        ("from sobolev_book.studies import paper", "records", "sobolev_book.records"),
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
        ("def cycle():\n    import matplotlib.pyplot", "style", "sobolev_book"),
        ("from sobolev_mini import sac, validate", "records", "sobolev_book.records"),
        ("from sobolev_mini import validate", "stats", "sobolev_book"),
    ],
)
def test_a_descending_import_is_fine(source, name, package):
    assert not complaints(source, name, package)


def test_style_imports_matplotlib_only_where_it_draws():
    body = ast.parse((FOLDERS["sobolev_book"] / "style.py").read_text(encoding="utf-8")).body
    names = [
        name
        for node in body
        for name, _ in imported(ast.unparse(node), "sobolev_book")
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


def test_the_module_is_small_and_the_rest_not_large():
    """What a student reads in an afternoon; and all Python but tests and what grades answers.

    Answers are graded by the course and by the chapters' checkers. How notebooks' outputs are compared,
    ``notebooks/conftest.py`` and ``tolerance.py``, is of the tests.
    """
    apart = {"assignments", "__pycache__", "conftest.py", "tolerance.py"}

    def lines(*folders, apart=apart):
        files = {path for folder in folders for path in (ROOT / folder).rglob("*.py")}
        files = {path for path in files if not apart & set(path.parts)}
        return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)

    assert lines("sobolev_mini") <= 4300
    assert lines("sobolev_mini", "book", "notebooks", apart=apart | {"check"}) <= 13_263
    assert lines("sobolev_mini", "book", "notebooks") <= 14_805


def test_one_sac_update_stays_in_five_files():
    """What a reader opens to read it; ``python tests/trace_update.py`` prints the way."""
    seen = trace_update.moves()
    files = {file for move in seen for file in move[:2]}
    assert files == {"sac.py", "actors.py", "networks.py", "targets.py", "losses.py"} and len(seen) <= 15
