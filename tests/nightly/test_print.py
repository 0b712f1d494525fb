"""The whole book printed: pages, outline, links, numbers, fonts and margins, as read from the file."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "book" / "_print"))
import gather  # noqa: E402
import pdf  # noqa: E402

POINTS = 72 / 25.4  # in a millimetre


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Build the book, print it, return the file."""
    folder = tmp_path_factory.mktemp("printed")
    build = [
        Path(sys.executable).with_name("jupyter-book"),
        "build",
        ROOT,
        "-q",
        "-W",
        "--path-output",
        folder,
    ]
    subprocess.run(build, check=True, capture_output=True)
    site = folder / "_build" / "html"
    subprocess.run([sys.executable, ROOT / "book" / "_print" / "pdf.py", site], check=True)
    return site / pdf.NAME


@pytest.fixture(scope="module")
def reader(path):
    return PdfReader(path)


def headings(outline, level=0):
    """Yield (level, title) an entry of the outline."""
    for entry in outline:
        if isinstance(entry, list):
            yield from headings(entry, level + 1)
        else:
            yield level, entry.title


def doubled(title):
    half = title[: len(title) // 2]
    return half + half == title


def test_it_says_what_it_is_and_is_tagged(reader):
    root = reader.trailer["/Root"]
    assert (
        reader.metadata.title == gather.CONFIG["title"] and reader.metadata.author == gather.CONFIG["author"]
    )
    assert root["/Lang"] == "en" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root


def test_each_chapter_is_in_the_outline_below_its_part(reader):
    outline = list(headings(reader.outline))
    toc = gather.yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    parts = [title for level, title in outline if level == 0]
    assert [part["caption"] for part in toc["parts"]] == parts[-len(toc["parts"]) - 1 : -1]
    assert parts[-1] == "Solutions" and not [title for _, title in outline if doubled(title)]
    assert sum(level == 1 for level, _ in outline) > sum(len(part["chapters"]) for part in toc["parts"])


def test_every_link_within_leads_to_a_page(reader):
    known, within, outside = reader.named_destinations, 0, set()
    for page in reader.pages:
        for note in page.get("/Annots", ()):
            note = note.get_object()
            if "/URI" in note.get("/A", {}):
                outside.add(note["/A"]["/URI"])
            else:
                assert str(note["/Dest"]) in known, note["/Dest"]
                within += 1
    assert within > 1000
    assert not [link for link in outside if not re.match(r"https?://|mailto:", link)]


def test_numbers_in_the_contents_are_those_on_the_pages(path, reader):
    """The page that a line of the contents names begins the section of that name."""
    pages = [page.extract_text() for page in reader.pages]
    first = min(n for name, n in pdf.destinations(path).items() if name.startswith("book-intro--")) - 1
    lines = re.findall(r"^(\d+\.(?:\d+\.)?\s.+?)\s*(\d+)$", "\n".join(pages[:first]), re.MULTILINE)
    assert len(lines) > 60
    squeezed = [re.sub(r"\W", "", text) for text in pages]
    for title, number in lines:
        assert re.sub(r"\W", "", title) in squeezed[int(number) - 1], (title, number)
    for number, text in enumerate(pages[1:], 2):
        assert re.search(rf"(?<!\d){number}(?!\d)", text), number


def test_every_font_is_embedded(reader):
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            fonts[font.indirect_reference.idnum if hasattr(font, "indirect_reference") else id(font)] = (
                font.get_object()
            )
    assert fonts
    for font in fonts.values():
        if font["/Subtype"] != "/Type3":  # whose letters are drawings in the file
            (inner,) = font["/DescendantFonts"]
            assert "/FontFile2" in inner["/FontDescriptor"] or "/FontFile3" in inner["/FontDescriptor"], font


def wants(tool, package):
    """Skip without a tool; under CI fail."""
    if not shutil.which(tool):
        missing = f"NO {tool} HERE (Debian: apt install {package})"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)


def test_epubcheck_finds_nothing_in_the_epub(path):
    wants("epubcheck", "epubcheck")
    site = path.parent
    subprocess.run([sys.executable, ROOT / "book" / "_print" / "epub.py", site], check=True)
    command = [
        "java",
        "-jar",
        shutil.which("epubcheck"),
        site / "sobolev-mini.epub",
    ]  # Debian's is an archive
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def test_no_word_stands_in_the_margin(path):
    """Nor is the print shrunk, as Chromium does where something is wider than the sheet."""
    wants("pdftotext", "poppler-utils")
    boxes = subprocess.run(
        ["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    sheets = boxes.split("<page ")[1:]
    assert len(sheets) > 200
    widest = 0
    for number, sheet in enumerate(sheets[1:], 2):
        for left, right, word in re.findall(r'xMin="([\d.]+)".*?xMax="([\d.]+)".*?>(.*?)</word>', sheet):
            assert float(left) > 19 * POINTS and float(right) < 191 * POINTS, (number, word)
            widest = max(widest, float(right))
    assert widest > 189 * POINTS


def test_an_equation_too_wide_a_cut_line_and_a_dead_link_are_told(path, tmp_path):
    """What stops ``make pdf`` sees what it is there for."""
    site = path.parent
    wide = '<p id="a" style="width: 900px">wide</p><pre id="b" style="overflow: hidden; white-space: nowrap">'
    wide += 300 * "x" + '</pre><a href="#nowhere">dead</a><img src="_static/none.png" alt="none">'
    with pdf.sync_playwright() as playwright:
        page = pdf.opened(
            playwright, "<html><body style='margin: 0'><p>fits</p></body></html>", site, tmp_path
        )
        assert page.evaluate(pdf.script("measure.js")) == []
        page.set_content(f"<html><body style='margin: 0'>{wide}</body></html>")
        told = page.evaluate(pdf.script("measure.js"))
        assert {line.partition(":")[0] for line in told} == {"too wide", "cut", "no picture"}
        assert page.evaluate(pdf.script("number.js"), {}) == ["#nowhere"]
