"""The plane of two weights in the built page: a tap or a mouse sets the start, keys do the same."""

import pytest

CHAPTER = "notebooks/04_quadratic_critic.html"


@pytest.fixture
def plane(open_page):
    page, seen = open_page(CHAPTER)
    page.wait_for_selector("sobolev-plane input")
    yield page.locator("sobolev-plane"), page
    assert not seen.outside and not seen.complaints
    page.close()


def words(explorer):
    return explorer.locator("[role=status]").text_content()


def place(explorer, across, down, panel=0):
    """Return where on the screen these shares of a panel's width and height are."""
    box = explorer.locator(".panels svg").nth(panel).bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_a_click_in_the_plane_sets_the_start_and_the_sliders(plane):
    explorer, page = plane
    explorer.scroll_into_view_if_needed()
    assert words(explorer).startswith("From (0, 0), λ = 0, steps by sign")
    page.mouse.click(*place(explorer, 179 / 320, 113 / 240))  # its middle, (2, 2)
    assert words(explorer).startswith("From (2, 2)")
    sliders = [explorer.get_by_label(f"start: {x}") for x in ("s²", "a²")]
    assert [slider.get_attribute("aria-valuetext") for slider in sliders] == ["2", "2"]
    page.wait_for_function("location.hash.includes('plane.start_s=2&plane.start_a=2')")
    page.mouse.click(*place(explorer, 0.5, 0.5, panel=1))
    page.mouse.click(*place(explorer, 0.05, 0.5))  # left of the axis
    assert words(explorer).startswith("From (2, 2)"), "elsewhere a click does nothing"


def test_a_mouse_that_drags_there_takes_the_start_along_and_one_that_passes_does_not(plane):
    explorer, page = plane
    explorer.scroll_into_view_if_needed()
    page.mouse.move(*place(explorer, 0.5, 0.5))
    assert words(explorer).startswith("From (0, 0)")
    page.mouse.down()
    page.mouse.move(*place(explorer, 179 / 320, 113 / 240), steps=4)
    assert words(explorer).startswith("From (2, 2)")
    page.mouse.up()


def test_keys_and_lists_do_the_same(plane):
    explorer, page = plane
    explorer.get_by_label("start: a²").focus()
    page.keyboard.press("ArrowRight")
    assert words(explorer).startswith("From (0, 0.25)") and "grows on" in words(explorer)
    explorer.get_by_label("features").select_option("1, s² − ⅓, a² − ⅓")
    assert "at rest by the fixed point, at (−1, −1.1" in words(explorer)
