"""The book on paper: what `make pdf` makes of a page, on a small one; the whole is printed at night."""

import re
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_print"))
import epub  # noqa: E402
import gather  # noqa: E402
import pdf  # noqa: E402

FOLD = '<details class="hide"><summary><p class="collapsed">{}</p></summary><pre>secret</pre></details>'
CELL = '<div class="cell">{}</div>'
FIGURE = """<figure><picture class="in-light"><img src="../_images/a.svg"></picture>
<picture class="in-dark"><img src="../_images/b.svg"></picture></figure>"""
PAGE = f"""<html><body><article class="bd-article"><section id="top">
<h1><span class="section-number">1. </span>Top<a class="headerlink" href="#top">#</a></h1>
<section id="one"><h2><span class="section-number">1.1. </span>One</h2>
{CELL.format(FOLD.format("Imports"))} {CELL.format(FOLD.format("A check"))}
{CELL.format(FOLD.format("How it is drawn") + FIGURE)}
<div class="exercise" id="ex"><p class="admonition-title">Exercise 1.1</p></div>
<div class="cell tag_exercise"><div class="cell_input">stub</div><div class="cell_output">not yet</div></div>
<div class="solution" id="sol"><p class="admonition-title">Solution</p>
<p>because of <a href="#one">one</a></p></div>
<sobolev-toy><img src="../_static/x.png">
<script type="application/json">{{"title": "A toy"}}</script></sobolev-toy>
<p><a href="../book/other.html#there">there</a> <a href="https://example.org/">out</a> <a href="#one">here</a>
<a href="gone.html">not printed</a></p></section></section></article></body></html>"""


@pytest.fixture
def page(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01.html").write_text(PAGE, encoding="utf-8")
    return gather.Page(tmp_path, "notebooks/01", {"notebooks/01", "book/other"})


def test_a_folded_cell_becomes_a_line_that_says_what_and_where(page):
    lines = [line.get_text() for line in page.body.select(".folded")]
    assert lines == [
        "Folded here: Imports; A check (online, section 1.1)",
        "Folded here: How it is drawn (online, section 1.1)",
    ]
    assert page.body.select_one(".folded a")["href"] == f"{gather.ONLINE}notebooks/01.html#one"
    assert "secret" not in str(page.body) and not page.body.select("details")


def test_solutions_leave_for_the_end_and_each_side_leads_to_the_other(page):
    (solution,) = page.solutions
    assert not page.body.select(".solution")
    assert page.body.select_one(".to-solution .pp")["href"] == f"#{solution['id']}"
    assert solution.select_one(".admonition-title a")["href"] == f"#{page.body.select_one('.exercise')['id']}"
    assert solution.find_all("a")[-1]["href"] == "#notebooks-01--one"


def test_links_lead_into_the_book_where_it_has_the_page_and_else_online(page):
    links = {link.get_text(): link["href"] for link in page.body.find_all("a")}
    assert links["there"] == "#book-other--there" and links["here"] == "#notebooks-01--one"
    assert links["out"] == "https://example.org/"
    assert links["not printed"] == f"{gather.ONLINE}notebooks/gone.html"


def test_explorers_stay_as_stills_and_nothing_of_the_screen_stays(page):
    assert page.body.select_one(".still img")["src"] == "_static/x.png"
    assert page.body.select_one(".still .moves").get_text() == "A toy. It moves online."
    assert [image["src"] for image in page.body.select("figure img")] == ["_images/a.svg"]
    assert not page.body.select("script, .headerlink, .in-dark, .cell_output")


def test_the_whole_has_every_page_of_the_contents_once():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    names = [name for _, name, _ in gather.pages()]
    assert sorted(names) == sorted(re.findall(r"(?:root|file): (\S+)", toc))


@pytest.fixture
def site(tmp_path):
    """The first page of a site as the source has it."""
    source = (ROOT / "book" / "intro.md").read_text(encoding="utf-8")
    words = re.search(r"\{container\} downloads\n(.*?)\n```", source)[1]
    (tmp_path / "book").mkdir()
    html = f'<html><body><div class="downloads"><p>{words}</p></div></body></html>'
    (tmp_path / "book" / "intro.html").write_text(html, encoding="utf-8")
    return tmp_path


def test_the_first_page_says_how_to_print_until_there_is_something_to_link(site):
    path = site / "book" / "intro.html"
    before = path.read_text(encoding="utf-8")
    assert "make pdf" in before and "<a" not in before
    for name in ("a.epub", "a.pdf", "a.pdf"):
        gather.linked(site, name, name.upper())
    line = gather.parsed(path.read_text(encoding="utf-8")).select_one(".downloads")
    assert [(a["href"], a.get_text()) for a in line("a")] == [("../a.epub", "A.EPUB"), ("../a.pdf", "A.PDF")]


def test_an_epub_is_well_formed_and_its_links_arrive(tmp_path, monkeypatch):
    formula = """<p><mjx-container><mjx-math></mjx-math><mjx-assistive-mml><math><mi data-x="1">s</mi></math>
</mjx-assistive-mml></mjx-container><svg viewBox="0 0 1 1"><path d="M0 0"/></svg></p>"""
    there = '<section id="other"><h1>Other</h1><p id="there">&amp; so on</p></section>'
    there = f'<article class="bd-article">{there}</article><div class="downloads"><p></p></div>'
    first = PAGE.replace("../_static/x.png", "../_images/a.svg").replace("<p>because", f"{formula}<p>because")
    for name, body in (("notebooks/01", first), ("book/other", there)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.html").write_text(body, encoding="utf-8")
    (tmp_path / "_images").mkdir()
    (tmp_path / "_images" / "a.svg").write_text(
        '<!DOCTYPE svg PUBLIC "x" "http://x"><svg xmlns="http://www.w3.org/2000/svg"/>'
    )
    monkeypatch.setattr(gather, "pages", lambda: [("", "book/other", 0), ("Part", "notebooks/01", 0)])
    epub.main(tmp_path)
    with zipfile.ZipFile(tmp_path / epub.NAME) as file:
        assert file.infolist()[0].filename == "mimetype" and not file.infolist()[0].compress_type
        trees = {
            name.rpartition("/")[2]: ET.fromstring(file.read(name))
            for name in file.namelist()
            if re.search(r"ml$|opf$|svg$", name)
        }
        assert b"DOCTYPE" not in file.read("book/a.svg")
    places = {
        f"{name}#{tag.get('id')}" for name, tree in trees.items() for tag in tree.iter() if tag.get("id")
    }
    links = [
        tag.get("href") for tree in trees.values() for tag in tree.iter("{http://www.w3.org/1999/xhtml}a")
    ]
    assert {link for link in links if "xhtml#" in link} <= places and len(links) > 10
    solutions = ET.tostring(trees["c02.xhtml"], encoding="unicode")
    assert "mjx" not in solutions and "data-x" not in solutions and "viewBox" in solutions
    assert ", page" not in "".join(trees["c01.xhtml"].itertext())


def test_without_chromium_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"make pdf: no Chromium here.*apt install chromium"):
        pdf.chromium()


def test_a_folder_without_a_book_is_named(tmp_path):
    for use in (epub.main, gather.whole):  # pdf.main asks the second, too
        with pytest.raises(SystemExit, match=f"make: {tmp_path}: no built book there"):
            use(tmp_path)


def test_what_is_published_has_the_pdf():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8"))
    runs = [step.get("run") for step in workflow["jobs"]["build"]["steps"]]
    assert any("pdf" in run for run in runs if run)


def test_a_title_that_chromium_doubles_stands_once_in_the_outline(tmp_path):
    writer = pdf.PdfWriter()
    writer.add_blank_page(72, 72)
    above = writer.add_outline_item(title="A mapA map", page_number=0)
    writer.add_outline_item(title="once", page_number=0, parent=above)
    writer.add_outline_item(title="twicetwice", page_number=0, parent=above)
    writer.write(tmp_path / "in.pdf")
    assert pdf.finished(tmp_path / "in.pdf", tmp_path / "out.pdf") == 1
    first, below = pdf.PdfReader(tmp_path / "out.pdf").outline
    assert [first.title, *(entry.title for entry in below)] == ["A map", "once", "twice"]
