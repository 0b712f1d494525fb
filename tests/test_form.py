"""The form of chapters that are told as an essay: what is shown, what is folded, how long one reads.

``pytest -s tests/test_form.py`` prints the table for all chapters.
"""

import re
import statistics
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
APPENDICES = sorted((ROOT / "notebooks").glob("appendix_*.ipynb"))
USE_IT = ROOT / "notebooks" / "use_it.ipynb"  # outside the chapters, in their form
TOLD = ("01", "02", "03", "04", "05", "06", "07", "08", "09")  # chapters in this form; the others follow
FOLDED = {"hide-input", "hide-cell"}
UNSEEN = {"remove-cell", "bootstrap"}
COLUMNS = 76  # what a page shows without scrolling
WORDS_A_MINUTE, FIGURE, SHOWN = 200, 0.5, 0.4  # minutes a figure and a shown cell take
READS_IN = re.compile(r"^\| \{doc\}`\d\d <\.\./notebooks/(.*?)>`.*\| (\d+) \|$", re.M)  # the first page
FINDS = re.compile(r"^\| \{doc\}`\d\d <\.\./notebooks/(.*?)>` \| .*? \| (.*) \| \d+ \|$", re.M)
SAID = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?")  # a number of the prose
NUMBER = r"-?\d+\.?\d*(?:e[-+]?\d+)?%?"


def of(path):
    """Return what the form is measured by, name -> value, of a chapter."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tags = [set(cell.metadata.get("tags", [])) for cell in code]
    shown = [cell for cell, t in zip(code, tags, strict=True) if not t & (FOLDED | UNSEEN | {"exercise"})]
    seen = [cell for cell, t in zip(code, tags, strict=True) if not t & UNSEEN]
    folded = [cell for cell, t in zip(code, tags, strict=True) if t & FOLDED]
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    before_exercises = prose.split("\n## Exercises")[0]
    words = len(re.sub(r"(?s)\$\$.*?\$\$|(`{3,}).*?\1|\{[a-z:]+\}|`[^`]*`", " ", before_exercises).split())
    pictures = [o for cell in code for o in cell.outputs if "image/svg+xml" in o.get("data", {})]
    pages = [o.get("data", {}).get("text/html", "") for cell in code for o in cell.outputs]
    explorers = sum("<sobolev-" in page for page in pages)
    lengths = [len([line for line in cell.source.splitlines() if line.strip()]) for cell in shown]
    return {
        "shown": len(shown),
        "median": statistics.median(lengths) if lengths else 0,
        "longest": max(lengths, default=0),
        "longest_but_one": sorted([0, 0, *lengths])[-2],
        "folded": len(folded) / max(len(folded) + len(shown), 1),
        "columns": max(len(line) for cell in seen for line in cell.source.splitlines()),
        "words": words,
        "minutes": words / WORDS_A_MINUTE + FIGURE * (len(pictures) + explorers) + SHOWN * len(shown),
        "pictures": len(pictures),
        "explorers": explorers,
        "unlabelled": [c.source for c in folded if "code_prompt_show" not in c.metadata.get("mystnb", {})],
        "printed": [c.source for c in code if any(map(_is_table, c.outputs))],
        "true": [c.source for c in shown if any("True" in o.get("text", "") for o in c.outputs)],
        "minute": "In one minute" in prose,
    }


def _is_table(output):
    """Return whether three printed lines or more hold two numbers or more each."""
    lines = output.get("text", "").splitlines()
    return sum(len(re.findall(rf"(?<![\w.]){NUMBER}(?![\w.])", line)) > 1 for line in lines) > 2


def test_what_the_form_measures(capsys):
    with capsys.disabled():
        names = "shown median longest folded columns words minutes pictures explorers".split()
        print("\nchapter  " + "  ".join(names))
        for path in CHAPTERS:
            form = of(path)
            print(f"{path.stem[:7]:7}  " + "  ".join(f"{round(form[x], 1):{len(x)}g}" for x in names))
    assert len(CHAPTERS) == 9 and len(APPENDICES) == 3 and set(TOLD) <= {path.stem[:2] for path in CHAPTERS}


@pytest.mark.parametrize("path", [p for p in CHAPTERS if p.stem[:2] in TOLD], ids=lambda p: p.stem)
def test_a_chapter_is_an_essay_with_a_few_cells(path):
    form = of(path)
    assert form["shown"] <= 8 and form["median"] <= 8 and form["longest"] <= 10
    assert 10 <= form["minutes"] <= 20, "longer ones are divided, shorter ones told"
    assert form["minute"] and form["pictures"] + form["explorers"] >= 3


def test_the_first_page_says_how_long_one_reads_to_the_minute():
    said = dict(READS_IN.findall((ROOT / "book" / "intro.md").read_text(encoding="utf-8")))
    minutes = {path.stem: of(path)["minutes"] for path in CHAPTERS}
    assert said.keys() == minutes.keys()
    assert not {name: x for name, x in minutes.items() if abs(int(said[name]) - x) > 1}


def test_numbers_of_what_the_first_page_finds_stand_in_the_chapters():
    rows = FINDS.findall((ROOT / "book" / "intro.md").read_text(encoding="utf-8"))
    assert len(rows) == len(CHAPTERS)
    for name, finding in rows:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        assert not set(SAID.findall(finding)) - set(SAID.findall(prose)), name


def test_use_it_is_read_in_about_ten_minutes_and_its_cells_are_those_of_an_essay():
    """But for one: its system's whole ``step`` stands in a cell, fifteen lines, as in chapter 07."""
    form = of(USE_IT)
    assert form["shown"] <= 12 and form["median"] <= 8 and form["longest"] <= 15
    assert form["longest_but_one"] <= 10
    assert 8 <= form["minutes"] <= 12 and form["pictures"] == 2


@pytest.mark.parametrize("path", [*CHAPTERS, *APPENDICES, USE_IT], ids=lambda p: p.stem)
def test_what_is_seen_fits_the_page_and_reads_as_text(path):
    form = of(path)
    assert form["columns"] <= COLUMNS
    assert not form["unlabelled"], "a folded cell says what one click shows: mystnb.code_prompt_show"
    assert not form["printed"], "tables are sobolev_book.table.Table"
    assert not form["true"], "a check is folded, and the text says what was checked"


@pytest.mark.parametrize(
    ("text", "table"),
    [("a 1 2\nb 3 4\nc 5.5 6e-3\n", True), ("a 1 2\nb 3\nc 5\n", False), ("step 10: 3 of 4\n", False)],
)
def test_a_printed_table_is_known(text, table):
    assert _is_table({"text": text}) == table


@pytest.mark.parametrize("path", CHAPTERS + APPENDICES, ids=lambda p: p.stem)
def test_a_figure_of_one_panel_is_not_too_wide_for_a_phone(path):
    """Panels side by side are stacked there; a wider single one has labels far below 11 px."""
    notebook = nbformat.read(path, as_version=4)
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    pictures = [o.data["image/svg+xml"] for o in outputs if "image/svg+xml" in o.get("data", {})]
    single = [x for x in map("".join, pictures) if len(re.findall(r'<g id="axes_\d+"', x)) == 1]
    widths = [float(re.search(r'<svg [^>]*?width="([\d.]+)pt"', x, re.DOTALL)[1]) / 72 for x in single]
    assert all(width <= 5.35 for width in widths), widths
