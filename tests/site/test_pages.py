"""Every page of `_toc.yml`, as a reader's browser shows it."""

import re
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
PAGES = [TOC["root"], *(x["file"] for chapter in CHAPTERS for x in (chapter, *chapter.get("sections", ())))]
NOTEBOOKS = [page for page in PAGES if page.startswith("notebooks/")]
RAW = re.compile(r"\$\$|\\[(\[]|\\[a-z]+\{|:::|```|\{(?:eq|ref|numref|cite|doc|term)\b.*")
IDLE = re.compile(r"thebe|html-manager|unpkg|cdn|fontawesome|mathjax", re.IGNORECASE)
LIGHT, WITH_MATHS = 600_000, 1_300_000  # bytes, as a server sends them that packs nothing
READ = 2_200_000  # with the pictures that come while one scrolls to the end

every_page = pytest.mark.parametrize("name", PAGES)
both_themes = pytest.mark.parametrize("theme", ["light", "dark"])


def test_the_book_builds_without_a_warning(build):
    _, complaint = build
    if complaint:
        pytest.fail(complaint, pytrace=False)


@every_page
@both_themes
def test_loads_quietly_and_asks_nobody_else(visit, name, theme):
    page = visit(name, theme)
    assert page.status == 200
    assert page.wide.title
    assert page.wide.theme == theme
    assert page.outside == []
    assert page.complaints == []


@every_page
@both_themes
def test_nothing_is_wider_than_the_page(visit, name, theme):
    page = visit(name, theme)
    for view in ("wide", "narrow", "forced"):
        assert getattr(page, view).tooWide == [], view


@every_page
def test_no_other_width_zoom_or_paper_makes_a_page_scroll_sideways(visit, name):
    page = visit(name, "light")
    for view in ("middle", "zoomed", "small", "print"):
        assert getattr(page, view).tooWide == [], view


@every_page
def test_nothing_is_cut_on_a_desk_or_on_paper(visit, name):
    page = visit(name, "light")
    assert page.wide.cut == []
    assert page.print.cut == []


@every_page
@both_themes
def test_figures_bring_their_ground_where_the_system_sets_the_colours(visit, name, theme):
    assert visit(name, theme).forced.bare == []


@every_page
def test_maths_and_markup_are_rendered(visit, name):
    page = visit(name, "light").wide
    assert page.unrendered == []
    assert page.misread == []
    assert RAW.findall(page.prose) == []


@every_page
@both_themes
def test_images_are_shown_and_described(visit, name, theme):
    for image in visit(name, theme).wide.images:
        assert image["loaded"], image
        assert image["alt"] and not re.search(r"/|\.(png|svg|jpe?g)$", image["alt"]), image
        assert not image["dimmed"], image


@pytest.mark.parametrize("name", NOTEBOOKS)
@both_themes
def test_figures_are_drawn_for_the_theme_and_stacked_on_a_phone(visit, name, theme):
    page = visit(name, theme)
    wide, narrow = (
        [image["source"] for image in view.images if re.search("_images/.*svg", image["source"])]
        for view in (page.wide, page.narrow)
    )
    assert wide and all(source.endswith(f"-{theme}.svg") for source in wide)
    assert narrow == [source.replace(".svg", "-narrow.svg") for source in wide]


@every_page
def test_only_needed_scripts_are_loaded(visit, name):
    page = visit(name, "light").wide
    assert not [script[:200] for script in page.scripts if IDLE.search(script)]
    assert page.blank == []  # icons


@every_page
def test_a_page_is_light(visit, name):
    page = visit(name, "light")
    assert 100_000 < page.weight < (WITH_MATHS if page.wide.formulas else LIGHT)
    assert page.weight <= page.read < (READ if page.wide.formulas else LIGHT)


@every_page
def test_no_id_stands_twice_once_scripts_have_run(visit, name):
    assert visit(name, "light").wide.twice == []


@every_page
@both_themes
def test_is_accessible(visit, name, theme):
    grave = [v for v in visit(name, theme).violations if v["impact"] in ("serious", "critical")]
    assert not [(v["id"], n["html"][:300], n.get("failureSummary")) for v in grave for n in v["nodes"]]


@every_page
def test_hints_and_solutions_print_open(visit, name):
    assert visit(name, "light").print.hidden == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_colab_and_binder_open_this_notebook(visit, name):
    repository = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    where = repository["url"].removeprefix("https://github.com/")
    path = f"{name}.ipynb"
    assert (ROOT / path).is_file()
    links = visit(name, "light").wide.links
    assert f"https://colab.research.google.com/github/{where}/blob/{repository['branch']}/{path}" in links
    assert f"https://mybinder.org/v2/gh/{where}/{repository['branch']}?urlpath=lab/tree/{path}" in links


def test_links_within_the_book_arrive(visit, address, html):
    missing = set()
    for name in PAGES:
        for link in visit(name, "light").wide.links:
            if link.startswith(address):
                path, _, anchor = link.removeprefix(address).partition("#")
                target = html / (path.partition("?")[0] or "index.html")
                text = target.read_text(encoding="utf-8", errors="replace") if target.is_file() else ""
                if not text or (anchor and f'id="{anchor}"' not in text):
                    missing.add(f"{name}: {path}#{anchor}")
    assert not missing


def test_search_finds_a_page_without_network(open_page):
    page, seen = open_page("search.html?q=slopes")
    page.wait_for_selector("#search-results li a")
    assert not seen.outside and not seen.complaints
    page.close()


def test_a_wrong_address_gives_a_page_and_the_root_leads_to_the_book(open_page, address):
    page, seen = open_page("404.html")
    assert not seen.outside and not seen.complaints
    page.goto(address)
    page.wait_for_url(f"{address}{TOC['root']}.html")
    page.close()


def test_the_cheat_sheet_is_one_sheet_of_paper(open_page, tmp_path):
    page, _ = open_page("book/cheatsheet.html")
    for paper in ("A4", "Letter"):
        page.pdf(path=tmp_path / "sheet.pdf", format=paper, prefer_css_page_size=True)
        (sheet,) = PdfReader(tmp_path / "sheet.pdf").pages
        assert "One update" in sheet.extract_text() and "they harm" in sheet.extract_text()
    page.close()
