"""The ten networks of chapter 01 in the built page: the ball rolls and stops, sliders move what is said."""

import pytest

CHAPTER = "notebooks/01_why_slopes.html"


@pytest.fixture
def ten(open_page):
    page, seen = open_page(CHAPTER)
    page.emulate_media(reduced_motion="no-preference")
    page.wait_for_selector("sobolev-ten input")
    found = page.locator("sobolev-ten")
    found.scroll_into_view_if_needed()
    yield found
    assert not seen.outside and not seen.complaints
    page.close()


def says(ten, words):
    ten.locator("[role=status]").filter(has_text=words).wait_for(timeout=20_000)


def test_the_ball_rolls_and_stops_on_a_false_summit(ten):
    says(ten, "a false summit")
    end = ten.locator("svg[role=img]").first.inner_html()
    assert ">×9<" in end and ">×1<" in end, "where the balls of all ten stop"
    ten.get_by_role("button", name="100 steps").click()
    says(ten, "the ball from −0.8 is at")
    assert "×" not in ten.locator("svg[role=img]").first.inner_html()
    assert ten.locator("svg[role=img]").first.inner_html() != end
    ten.get_by_role("button", name="Play").click()
    says(ten, "stops at −0.42, a false summit")
    assert ten.locator("svg[role=img]").first.inner_html() == end


def test_keys_take_the_updates_back_and_give_the_slopes(ten):
    says(ten, "Of the ten networks 9 have a false summit")
    ten.get_by_label("training updates", exact=True).focus()
    for _ in range(7):
        ten.page.keyboard.press("ArrowLeft")
    says(ten, "After 250 updates on values the ball from −0.8 stops at")
    says(ten, "its critic's highest summit")
    says(ten, "Of the ten networks none has a false summit")
    ten.page.keyboard.press("End")
    ten.get_by_label("slope labels, too").focus()
    ten.page.keyboard.press("Space")
    says(ten, "After 4,000 updates on values and slopes the ball from −0.8 stops at")
    says(ten, "Of the ten networks 1 has a false summit")
    ten.page.wait_for_function(
        "location.hash.includes('ten.slopes=true')"
    )  # the address follows a little later


def test_a_key_draws_other_labels_which_the_link_keeps_and_the_last_leads_to_the_first(ten):
    says(ten, "stops at")
    picture, button = ten.locator("svg[role=img]"), ten.get_by_role("button", name="Draw again")
    first, seen = picture.first.inner_html(), set()
    button.focus()
    for draw in (2, 3, 4, 1):
        ten.page.keyboard.press("Enter")
        ten.page.wait_for_function("draw => location.hash.includes(`ten.draw=${draw}`)", draw)
        says(ten, "stops at")
        assert ten.get_by_label("draw of labels").get_attribute("aria-valuetext") == str(draw)
        seen.add(picture.first.inner_html())
    assert len(seen) == 4 and first in seen


def test_without_a_script_its_picture_stands_there(browser, address):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + CHAPTER)
    picture = page.locator("sobolev-ten img")
    assert picture.evaluate("node => node.naturalWidth") > 500
    assert "stops on that at -0.42" in picture.get_attribute("alt")
    page.close()
