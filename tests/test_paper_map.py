"""The paper map, row by row: its functions, the tests that hold them, the chapters that name them."""

import ast
import json
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "book" / "paper_map.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| Section", "| Line", "| Where"))
]
BATCHED = "whole arrays, batch first"  # a line of Algorithm 1 that is no function here
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1][:30]}")


def functions(row):
    return re.findall(r"\{py:obj\}`~([\w.]+)`", row[2])


def held_by(row):
    """Return a (file, test) for each "`file`: test in words" of a row, the file without ``test_``."""
    found = re.findall(r"`([\w/]+)`: ([\w ]+)", row[3])
    return [(file, f"test_{words.strip().replace(' ', '_')}") for file, words in found]


def links(row):
    return re.findall(r"\{doc\}`(?:\d+ <)?([\w./]+)>?`", row[4])


def source(link):
    """Return the text of a page, or of a chapter's cells, and whether it is a chapter."""
    (path,) = (ROOT / "book").glob(f"{link}.*")
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text, False
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"]), True


def mentions(text, dotted):
    """Return whether text has a function's name, or a class's in words: "replay buffer"."""
    name = dotted.rpartition(".")[2]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return bool(re.search(rf"\b{name}\b", text)) or (" " in words and words in text.lower())


def test_algorithm_1_is_whole():
    """All fifteen lines stand in the map, in order."""
    table = TEXT.split("## Algorithm 1")[1].split("## Experiments")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(range(1, 16))


def test_every_row_is_whole():
    assert len(ROWS) > 45
    for row in ROWS:
        assert len(row) == 5 and links(row), row
        assert row[2] == BATCHED or (functions(row) and held_by(row)), row


@every_row
def test_its_functions_are_importable(row):
    for dotted in functions(row):
        found = resolve_name(dotted)
        assert callable(found) or isinstance(found, property), dotted


@every_row
def test_its_tests_exist_and_use_one_of_its_functions(row):
    for name, test in held_by(row):
        folder, _, file = name.rpartition("/")
        path = ROOT / "tests" / folder / f"test_{file}.py"
        text = path.read_text(encoding="utf-8")
        assert test in {x.name for x in ast.walk(ast.parse(text)) if isinstance(x, ast.FunctionDef)}, (
            name,
            test,
        )
        assert any(mentions(text, dotted) for dotted in functions(row)), f"{path} uses none of this row's"


@every_row
def test_its_chapters_name_one_of_its_functions(row):
    for link in links(row):
        text, chapter = source(link)
        if chapter:
            assert any(mentions(text, dotted) for dotted in functions(row)), (
                f"{link} names none of this row's"
            )


@pytest.mark.parametrize(
    ("text", "dotted", "found"),
    [
        ("call `td_target` here", "sobolev_mini.targets.td_target", True),
        ("td_targets", "sobolev_mini.targets.td_target", False),
        ("from the replay buffer", "sobolev_mini.replay.ReplayBuffer", True),
        ("a running mean", "sobolev_book.records.runs.run", False),
    ],
)
def test_a_mention_is_a_whole_word(text, dotted, found):
    assert mentions(text, dotted) is found
