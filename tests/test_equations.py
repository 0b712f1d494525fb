"""Numbered equations: a docstring that names one names one that stands in a chapter and in a test."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LABEL = re.compile(r"\beq-\d\d-[a-z]+(?:-[a-z]+)*")


def docstrings(folder):
    """Yield each docstring below a folder."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield ast.get_docstring(node) or ""


def labels(texts):
    return {label for text in texts for label in LABEL.findall(text)}


def test_labels_in_the_module_stand_in_the_chapters():
    chapters = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "notebooks").glob("*.ipynb"))
    named = labels(text for folder in ("sobolev_mini", "book/sobolev_book") for text in docstrings(folder))
    written = set(re.findall(r":label: (eq-[\w-]+)", chapters))
    assert len(named) > 12
    assert named <= written


def test_labels_below_the_figures_are_tested():
    """Docstrings of the floors 0 to 3 name an equation that a test names too."""
    floors = ("toy.py", "quadratic", "qlearning", "envs", "targets.py", "losses.py")
    files = [
        p
        for name in floors
        for p in (
            [ROOT / "sobolev_mini" / name] if "." in name else (ROOT / "sobolev_mini" / name).rglob("*.py")
        )
    ]
    files.append(ROOT / "book" / "sobolev_book" / "studies" / "tangent.py")
    named = labels(path.read_text(encoding="utf-8") for path in files)
    assert named <= labels(docstrings("tests"))
