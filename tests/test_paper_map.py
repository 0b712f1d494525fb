"""The paper map points at what exists: functions of the module, test files, chapters."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import sobolev_book
import sobolev_mini

ROOT = Path(__file__).resolve().parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "book" / "paper_map.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| Section", "| Line", "| Where"))
]


def public_names():
    names = set()
    modules = (
        module
        for package in (sobolev_mini, sobolev_book)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    )
    for module in modules:
        loaded = importlib.import_module(module.name)
        for name in vars(loaded):
            names |= (
                {name, *vars(getattr(loaded, name))} if isinstance(getattr(loaded, name), type) else {name}
            )
    return names


def test_algorithm_1_is_whole():
    """All fifteen lines stand in the map, in order."""
    text = (ROOT / "book" / "paper_map.md").read_text(encoding="utf-8")
    table = text.split("## Algorithm 1")[1].split("## Experiments")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(range(1, 16))


def test_functions_exist():
    known = public_names() | {"lam_s", "lam_a", "next_value"}
    named = {word for row in ROWS for word in re.findall(r"`([^`]+)`", row[2])}
    flat = {part for word in named for part in re.findall(r"[a-z_A-Z0-9]+", word.split(" = ")[0])}
    wanted = {part.split(".")[-1] for part in flat} - {"transition", "env", "0"}
    assert wanted - known == set()
    assert len(wanted) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1][:30]}")
def test_tests_and_chapters_exist(row):
    for name in re.findall(r"`([^`]+)`", row[3]):
        assert list((ROOT / "tests").rglob(f"test_{name}.py")), f"no test_{name}.py in tests/"
    for link in re.findall(r"<([^>]+)>", row[4]):
        assert list((ROOT / "book").glob(f"{link}.*")), f"no chapter {link}"
    assert row[4] or "to come" in row[2]
