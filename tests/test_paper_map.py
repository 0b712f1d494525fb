"""The paper map, row by row: its functions, the tests that hold them, the chapters that name them."""

import ast
import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import resolve_name

import pytest
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "book" / "paper_map.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| Section", "| Line", "| Where"))
]
BATCHED = "whole arrays, batch first"  # a line of Algorithm 1 that is no function here
LINES = re.compile(r"^(\d+)\. (.*)$", re.MULTILINE)
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


@pytest.fixture(scope="module")
def papermap():
    spec = spec_from_file_location("papermap", ROOT / "book" / "_ext" / "papermap.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_line_of_the_typeset_algorithm_leads_to_functions_of_its_row():
    notebook = json.loads((ROOT / "notebooks" / "06_actor_critic.ipynb").read_text(encoding="utf-8"))
    (cell,) = (text for x in notebook["cells"] if "{prf:algorithm}" in (text := "".join(x["source"])))
    lines = LINES.findall(cell.split("{prf:algorithm}")[1].split("```")[0])
    rows = {row[0]: row for row in map_of("Algorithm 1")}
    assert [number for number, _ in lines] == list(rows)
    for number, text in lines:
        named = functions(["", "", text])
        assert set(named) <= set(functions(rows[number])), number
        assert bool(named) == (rows[number][2] != BATCHED), number


def map_of(section):
    """Return the rows below a heading of the map."""
    below = TEXT.split(f"## {section}")[1].split("\n## ")[0]
    return [row for row in ROWS if f"| {row[0]} | {row[1]} |" in below]


def test_on_the_page_each_test_leads_to_its_line_and_each_chapter_bears_its_number(papermap):
    page = papermap.linked(TEXT, "https://example.org/blob/main")
    places = re.findall(r"\[`([\w/]+)`: ([\w ]+)\]\(https://example.org/blob/main/(\S+)#L(\d+)\)", page)
    assert len(places) == sum(len(held_by(row)) for row in ROWS) > 60
    for file, words, path, line in places:
        found = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert path.endswith(f"test_{file.rpartition('/')[2]}.py")
        assert found.startswith(f"def test_{words.replace(' ', '_')}("), (file, words)
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    order = re.findall(r"file: notebooks/((?!use_it)\w+)", toc)
    for number, name in re.findall(r"\{doc\}`(\d+) <../notebooks/(\w+)>`", page):
        assert order.index(name) + 1 == int(number), name
    assert not re.search(r"\{doc\}`../notebooks", page)


def test_a_test_that_is_not_there_stops_the_build(papermap):
    with pytest.raises(ExtensionError, match="there is no test_nothing_like_it"):
        papermap.linked("| 2 | y | f | `targets`: nothing like it | {doc}`api` |", "")
