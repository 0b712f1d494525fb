"""The table of marks and the pages of feedback: their names, and that nothing can be written into them."""

import codecs
import csv
import io
import re
import unicodedata
from pathlib import Path

import pytest

from notebooks.assignments.grading import mark, reading, report


def test_page_cannot_be_written_into():
    record = mark.nothing("<b>\x1b[2J\ud800") | {"cells": [[1, "</pre><script>"]], "assignment": "<i>"}
    text = report.page(reading.Submission("<u>\n", None, "a\udcff", "0"), record, ["<s>"])
    assert not re.search(r"<(b|i|u|s|script)>", text)
    assert "\x1b" not in text and text.encode()


def handed_in(*names):
    """Return a submission of each name and a record for it."""
    all_of_them = [reading.Submission(Path(x).parts[0].removesuffix(".ipynb"), None, x, x) for x in names]
    return all_of_them, {x: mark.nothing(f"no. {i}") for i, x in enumerate(names)}


NAMES = [f"{x}.ipynb" for x in ("Łucja Çelik", "李小龙", "हिन्दी", "ann", "Ann", "bo/a", "bo/b")]


def test_the_table_opens_rightly_and_leads_to_each_page(tmp_path):
    report.write(tmp_path, *handed_in(*NAMES), {})
    text = (tmp_path / "marks.csv").read_bytes()
    assert text.startswith(codecs.BOM_UTF8) and "Łucja Çelik" in text.decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert [row["file"] for row in found] == NAMES
    for i, row in enumerate(found):
        assert f"no. {i}" in (tmp_path / row["feedback"]).read_text(encoding="utf-8")
    pages = [row["feedback"].casefold() for row in found]
    assert len(set(pages)) == len(NAMES)
    assert pages[:3] == ["feedback/łucja çelik.html", "feedback/李小龙.html", "feedback/हिन्दी.html"]


@pytest.mark.parametrize("name", ["é" * 300, "李" * 300, "e\u0301"])
def test_page_of_a_long_or_accented_name_has_a_name_that_any_disk_takes(name):
    found = report.page_name(name)
    assert len(found.encode()) < 240 and unicodedata.is_normalized("NFC", found)


@pytest.mark.parametrize("name", ["../../x", "a/b", "a\udcffb", "<x>", "=1", "", "x" * 500, "con\n", "."])
def test_page_of_an_odd_name_stays_in_its_folder(name):
    found = report.page_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_@+ -][A-Za-z0-9_.@+ -]*", found) and found != report.page_name(
        name + "x"
    )
