"""A figure is enlarged by its button and by a click, in the theme's own picture, and closed by Escape."""

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


def test_a_click_enlarges_and_a_click_closes(open_page):
    page, _ = open_page("notebooks/02_exact_optimum.html")
    page.locator(".bd-article picture.in-light img").first.click()
    dialog = page.get_by_role("dialog", name="Figure, enlarged")
    assert dialog.get_by_role("button", name="Close").is_visible()
    dialog.get_by_role("img").click()
    assert dialog.count() == 0
    page.close()
