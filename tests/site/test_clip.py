"""The clip of chapter 07 in the built page: plays, stops, answers to keys, keeps still where asked to."""

import pytest

CHAPTER = "notebooks/07_weights_and_steps.html"


@pytest.fixture
def clip(open_page):
    page, seen = open_page(CHAPTER)
    page.emulate_media(reduced_motion="no-preference")
    page.reload()
    page.wait_for_selector("sobolev-clip input")
    found = page.locator("sobolev-clip")
    found.scroll_into_view_if_needed()
    yield found
    assert not seen.outside and not seen.complaints
    page.close()


def step(clip):
    return clip.get_by_label("step").evaluate("node => node.valueAsNumber")


def waits(clip, condition):
    clip.page.wait_for_function(
        f"document.querySelector('sobolev-clip input').valueAsNumber {condition}", timeout=10_000
    )


def test_it_plays_when_seen_and_stops_when_told(clip):
    waits(clip, "> 5")
    clip.get_by_role("button", name="Pause").click()
    at, drawn = step(clip), clip.locator(".panels").inner_html()
    clip.page.wait_for_timeout(200)
    assert step(clip) == at and clip.locator(".panels").inner_html() == drawn
    clip.get_by_role("button", name="Play").click()
    waits(clip, f"> {at}")


def test_keys_move_it_a_step_and_stop_it(clip):
    waits(clip, "> 5")
    clip.get_by_label("step").focus()
    clip.page.keyboard.press("Home")
    clip.page.keyboard.press("ArrowRight")
    assert step(clip) == 1
    assert clip.get_by_role("button", name="Play").is_visible()


def test_both_methods_stand_in_all_three_panels(clip):
    clip.page.wait_for_selector("sobolev-clip svg[role=img]")
    assert clip.locator("svg[role=img]").count() == 3
    for method in ("value_only", "sobolev"):
        assert clip.locator(f"g[data-method={method}]").count() == 3


def test_it_keeps_still_for_those_who_asked_for_less_motion(open_page):
    page, _ = open_page(CHAPTER)
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    page.wait_for_selector("sobolev-clip input")
    found = page.locator("sobolev-clip")
    found.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    assert step(found) == 0
    found.get_by_role("button", name="Play").click()
    waits(found, "> 2")
    page.close()


def test_without_a_script_poses_stand_there_as_a_picture(browser, address):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + CHAPTER)
    picture = page.locator("sobolev-clip img")
    assert picture.evaluate("node => node.naturalWidth") > 500
    assert picture.get_attribute("alt").startswith("Three swing-ups")
    page.close()
