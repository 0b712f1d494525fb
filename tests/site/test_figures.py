"""Figures in the page: enlarged by a button or a click, with captions that fit a phone."""

import pytest


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_keys_enlarge_a_figure_and_escape_gives_the_page_back(open_page, theme, width):
    page, seen = open_page("notebooks/02_exact_optimum.html", theme)
    page.set_viewport_size({"width": width, "height": 800})
    buttons = page.get_by_role("button", name="Enlarge")
    assert buttons.count() == page.locator(".bd-article picture.in-light").count() > 2
    buttons.first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Figure, enlarged")
    image = dialog.get_by_role("img")
    assert image.get_attribute("src").endswith(f"-{theme}.svg") and image.get_attribute("alt")
    image.evaluate("image => image.decode()")
    wide = page.locator(f".bd-article picture.in-{theme} img").first.bounding_box()["width"]
    assert image.bounding_box()["width"] > 1.2 * wide
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert buttons.first.evaluate("button => button === document.activeElement")
    assert not seen.outside and not seen.complaints
    page.close()


def test_on_a_phone_a_caption_names_places_as_they_are_there(open_page):
    page, _ = open_page("notebooks/02_exact_optimum.html")
    caption = page.locator("figcaption", has_text="Value iteration from zero")
    for width, first in ((1280, "Left:"), (400, "Top:"), (1280, "Left:")):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            "([node, word]) => node.textContent.includes(word)", arg=[caption.element_handle(), first]
        )
    assert "Right:" in caption.text_content() and "Bottom:" not in caption.text_content()
    page.close()


def test_a_click_enlarges_and_a_click_closes(open_page):
    page, _ = open_page("notebooks/02_exact_optimum.html")
    page.locator(".bd-article picture.in-light img").first.click()
    dialog = page.get_by_role("dialog", name="Figure, enlarged")
    assert dialog.get_by_role("button", name="Close").is_visible()
    dialog.get_by_role("img").click()
    assert dialog.count() == 0
    page.close()


def test_a_figure_s_folded_code_stands_below_it(open_page):
    page, _ = open_page("notebooks/07_weights_and_steps.html")
    cells = "[...document.querySelectorAll('.cell.tag_hide-input')]"
    assert page.evaluate(f"{cells}.length") > 5
    assert page.evaluate(f"{cells}.every((cell) => cell.lastElementChild.matches('details.hide'))")
    page.close()
