"""A long page is laid out where the reader is: the rest waits, and a link still finds its place."""

import pytest

LONG = ("notebooks/03_first_order_targets", "notebooks/09_ant")
LAID_OUT = """() => [...document.querySelectorAll(".bd-article > section > section > h2")]
    .map((heading) => heading.checkVisibility({ contentVisibilityAuto: true }))"""
TOP = "id => document.getElementById(id).getBoundingClientRect().top"


@pytest.mark.parametrize("name", LONG)
def test_sections_far_below_wait_until_the_reader_comes_near(open_page, name):
    page, _ = open_page(f"{name}.html")
    page.wait_for_function("document.fonts.status === 'loaded'")
    seen = page.evaluate(LAID_OUT)
    assert seen[0] and not any(seen[3:]), seen
    page.locator("#exercises h2").first.scroll_into_view_if_needed()
    page.wait_for_function("""() => document.querySelector("#exercises h2")
        .checkVisibility({ contentVisibilityAuto: true })""")
    page.close()


@pytest.mark.parametrize("name", LONG)
def test_a_link_to_a_place_finds_it_from_outside_from_inside_and_again(open_page, name):
    page, seen = open_page(f"{name}.html#exercises")
    there = f"() => Math.abs(({TOP})('exercises') - 60) < 70"
    page.wait_for_function(there)
    page.wait_for_timeout(1000)  # explorers above it have started by then
    assert page.evaluate(there), "from outside"
    page.reload()
    page.wait_for_function(there)
    page.close()
    page, _ = open_page(f"{name}.html")
    page.locator("a[href='#exercises']:visible").first.click()
    page.wait_for_function(there)
    page.wait_for_timeout(1000)
    assert page.evaluate(there), "from inside"
    assert all(page.evaluate(LAID_OUT)) and not seen.complaints
    page.close()


@pytest.mark.parametrize("name", LONG)
def test_what_scrolls_is_reached_by_keys_and_nothing_else_is_marked(open_page, name):
    """The theme marks each block of code with -1 or 0, one layout a mark; ours marks those that scroll."""
    page, _ = open_page(f"{name}.html")
    page.set_viewport_size({"width": 320, "height": 900})
    page.evaluate("""() => document.querySelectorAll(".bd-article > section > section")
        .forEach((section) => (section.style.contentVisibility = "visible"))""")
    page.wait_for_function("""() => [...document.querySelectorAll(".bd-article pre")]
        .filter((code) => code.checkVisibility({ contentVisibilityAuto: true }))  // not in a closed fold
        .every((code) => (code.scrollWidth > code.clientWidth) === (code.tabIndex === 0))""")
    assert page.locator(".bd-article pre[tabindex='0']").count()
    assert not page.locator(".bd-article [tabindex='-1']:is(pre, .output)").count()
    page.close()
