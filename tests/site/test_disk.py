"""The book opened from disk, as `make book` tells a reader to: explorers, search and icons are alive."""

from types import SimpleNamespace

import pytest

from tests.site.conftest import patient
from tests.site.test_pages import NOTEBOOKS


@pytest.fixture
def from_disk(browser, html):
    """Return a function that opens a page from disk, new to the browser, and notes complaints."""
    contexts = []

    def from_disk(name):
        context = browser.new_context(reduced_motion="reduce")
        contexts.append(context)
        page, seen = patient(context.new_page()), SimpleNamespace(complaints=[])
        page.on("console", lambda m: m.type in ("error", "warning") and seen.complaints.append(m.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("requestfailed", lambda request: seen.complaints.append(request.url))
        path, _, asked = name.partition("?")
        page.goto(f"{(html / path).as_uri()}.html?{asked}")
        page.evaluate("document.fonts.ready.then(() => null)")
        return page, seen

    yield from_disk
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ["book/intro", *NOTEBOOKS])
def test_each_explorer_answers(from_disk, html, name):
    page, seen = from_disk(name)
    explorers = page.locator("xpath=//*[starts-with(local-name(), 'sobolev-')]").all()
    assert len(explorers) == (html / f"{name}.html").read_text(encoding="utf-8").count("</sobolev-")
    for explorer in explorers:
        before = explorer.inner_html()
        for key in ("Home", "End", "Enter"):  # wherever a slider or a list stands; a film's button
            if explorer.inner_html() == before:
                explorer.locator("input, select, button").first.press(key)
        page.wait_for_function(
            "([node, text]) => node.innerHTML !== text", arg=[explorer.element_handle(), before]
        )
    assert seen.complaints == []


def test_where_mujoco_cannot_load_the_page_says_what_to_do(from_disk):
    page, seen = from_disk("notebooks/09_ant")
    ants = page.locator("sobolev-ants")
    if ants.locator(".live").inner_text():  # there is none without npm
        assert (
            "make serve" in ants.text_content()
            and "http://127.0.0.1:8000/notebooks/09_ant.html" in ants.text_content()
        )
        assert not ants.get_by_role("button", name="Walk here").count()
    assert seen.complaints == []


def test_formulas_and_icons_have_their_fonts(from_disk):
    page, seen = from_disk("notebooks/02_exact_optimum")
    loaded = page.evaluate(
        "[...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.family)"
    )
    assert {"MJXTEX-I", "Font Awesome 6 Free", "Font Awesome 6 Brands"} <= {
        name.strip('"') for name in loaded
    }
    assert seen.complaints == []


def test_search_finds_a_page(from_disk):
    page, seen = from_disk("search?q=slopes")
    page.wait_for_selector("#search-results li a")
    assert seen.complaints == []
