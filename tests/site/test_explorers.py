"""The explorers in the built pages: hands, keys, links, and what is there without a script."""

import re
from pathlib import Path

import pytest

from sobolev_mini.toy import ToyProblem

EXPLORERS = Path(__file__).resolve().parents[2] / "book" / "sobolev_book" / "explorers"
CHAPTER = "notebooks/02_exact_optimum.html"


@pytest.fixture
def optimum(open_page):
    opened = []

    def optimum(fragment=""):
        page, seen = open_page(CHAPTER + fragment)
        page.wait_for_selector("sobolev-optimum input")
        opened.append((page, seen))
        return page.locator("sobolev-optimum"), page

    yield optimum
    for page, seen in opened:
        assert not seen.outside and not seen.complaints
        page.close()


def words(explorer):
    return explorer.locator("[role=status]").text_content()


def test_it_starts_as_the_notebook_says_and_prints_its_values(optimum):
    explorer, _ = optimum()
    assert words(explorer).startswith("c = 0.20, γ = 0.90: the optimal policy has 7 pieces.")
    assert explorer.locator(".panels svg[role=img]").count() == 2
    slider = explorer.get_by_label("reward c")
    assert slider.get_attribute("aria-valuetext") == "0.20"


def test_keys_alone_move_it_and_the_link_keeps_the_setting(optimum):
    explorer, page = optimum()
    before = explorer.locator(".panels").inner_html()
    explorer.get_by_label("reward c").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert "c = 0.30, γ = 0.99" in words(explorer)
    assert f"{len(ToyProblem(0.3, 0.99).breakpoints()) + 1} pieces" in words(explorer)
    assert explorer.locator(".panels").inner_html() != before
    page.wait_for_function("location.hash.includes('slope=0.3&') && location.hash.includes('discount=0.99')")
    again, _ = optimum(re.search(r"#.*", page.url)[0])
    assert words(again) == words(explorer)


def test_a_link_to_a_heading_leaves_the_setting_alone(optimum):
    explorer, page = optimum("#optimum.slope=0.4")
    assert words(explorer).startswith("c = 0.40")
    page.evaluate("location.hash = 'exercises'")
    page.wait_for_timeout(100)
    assert words(explorer).startswith("c = 0.40")
    page.evaluate("location.hash = 'optimum.slope=0.3'")
    page.wait_for_timeout(100)
    assert words(explorer).startswith("c = 0.30")


def test_a_browser_that_limits_changes_of_the_address_still_moves_it(optimum):
    explorer, page = optimum()
    page.evaluate("() => { history.replaceState = () => { throw new DOMException('too often'); }; }")
    explorer.get_by_label("reward c").focus()
    page.keyboard.press("ArrowRight")
    assert words(explorer).startswith("c = 0.25")


def test_a_hand_that_drags_changes_the_address_seldom_and_at_last_to_where_it_stands(optimum):
    explorer, page = optimum()
    page.evaluate("""() => {
        const change = history.replaceState.bind(history);
        window.changes = [];
        history.replaceState = (...told) => { changes.push(performance.now()); change(...told); };
        const slider = document.querySelector("sobolev-optimum input");
        for (let i = 0; i < 40; i++) {
            slider.valueAsNumber = i % 20;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        }
    }""")
    page.wait_for_function("changes.length > 1")
    assert page.evaluate("changes.length") == 2 and page.evaluate("changes[1] - changes[0]") > 300
    again, _ = optimum(re.search(r"#.*", page.url)[0])
    assert words(again) == words(explorer)


def test_a_drag_moves_it(optimum):
    explorer, page = optimum()
    slider = explorer.get_by_label("discount γ")
    slider.hover()  # it scrolls there, and waits until nothing moves
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.9 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 1, middle, steps=5)
    page.mouse.up()
    assert "γ = 0.00: the optimal policy has 2 pieces" in words(explorer)


def test_a_link_with_nonsense_is_named_and_the_rest_of_it_is_used(optimum):
    explorer, _ = optimum("#optimum.slope=NaN&optimum.discount=0.5")
    assert words(explorer).startswith("slope: got NaN, wanted a number; set back to 0.2. c = 0.20, γ = 0.50")


def test_going_back_in_history_goes_back_in_the_explorer(optimum):
    _, page = optimum("#optimum.slope=0.5")
    page.evaluate("location.hash = '#optimum.slope=-0.5'")
    said = "document.querySelector('sobolev-optimum [role=status]').textContent"
    page.wait_for_function(said + ".includes('c = −0.50')")
    page.go_back()
    page.wait_for_function(said + ".includes('c = 0.50')")


def test_without_a_script_the_same_figure_stands_there(browser, address):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + CHAPTER)
    explorer = page.locator("sobolev-optimum")
    assert explorer.locator("svg[role=img]").count() == 2
    assert all(len(svg.get_attribute("aria-label")) > 30 for svg in explorer.locator("svg[role=img]").all())
    assert "7 pieces" in explorer.text_content()
    page.close()


def test_on_a_phone_its_words_stand_between_sliders_and_panels(optimum):
    explorer, page = optimum()
    parts = [explorer.locator(part).first for part in (".controls", "[role=status]", ".panels")]
    for width, wanted in ((400, [0, 1, 2]), (1280, [0, 2, 1])):
        page.set_viewport_size({"width": width, "height": 900})
        tops = [part.bounding_box()["y"] for part in parts]
        assert sorted(range(3), key=tops.__getitem__) == wanted


SWITCHED = "Steps by sign run away; directions that they keep: 1. Plain steps do not turn back."
RECORDED = {
    "notebooks/01_why_slopes.html": ("frequency ω", "The ball stops at 0."),
    "notebooks/03_first_order_targets.html": ("log10 of h", "A central difference in float32"),
    "notebooks/03_first_order_targets.html?": ("next state s′", "At s′ = 0.55 the slope of the value is"),
    "notebooks/04_quadratic_critic.html": ("1 on both squares", SWITCHED),
    "notebooks/05_mlp_critic.html": ("seed", "Seed 11: with the change (target held still) the"),
    "notebooks/05_mlp_critic.html?": ("training step", "After 525 steps the mean of Q is"),
    "notebooks/appendix_network.html": ("weight λₐ", "At weight λₛ = 1, weight λₐ = 3, step = 400"),
    "notebooks/06_actor_critic.html": ("begins at", "After 0 steps from 3 the actor"),
    "notebooks/09_ant.html": ("seed", "Over its last fifth seed 1 with value-only"),
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_explorer_answers_to_keys_and_keeps_its_place_in_the_link(open_page, name):
    label, wanted = RECORDED[name]
    page, seen = open_page(name)
    explorer = page.locator("sobolev-recorded").filter(has=page.get_by_label(label))
    explorer.get_by_label(label).focus()
    before = explorer.locator(".panels").inner_html()
    page.keyboard.press("ArrowRight")
    assert words(explorer).startswith(wanted) and explorer.locator(".panels").inner_html() != before
    again, _ = open_page(name + re.search(r"#.*", page.url)[0])
    assert words(again.locator("sobolev-recorded").filter(has=again.get_by_label(label))) == words(explorer)
    assert not seen.outside and not seen.complaints
    page.close(), again.close()


def test_play_runs_a_recorded_slider_from_its_first_value_to_its_last(open_page):
    page, seen = open_page("notebooks/06_actor_critic.html")
    explorer = page.locator("sobolev-recorded")
    button, slider = explorer.get_by_role("button"), explorer.get_by_label("steps")
    assert slider.input_value() == "0"
    slider.press("End")
    said, before = words(explorer), explorer.locator(".panels").inner_html()
    button.click()
    assert button.inner_text() == "Pause"
    button.click()
    assert button.inner_text() == "Play" and slider.input_value() != "20"
    assert explorer.locator(".panels").inner_html() != before
    button.click()
    page.wait_for_function("document.querySelector('sobolev-recorded button').textContent === 'Play'")
    assert slider.input_value() == "20" and words(explorer) == said
    assert explorer.locator(".panels").inner_html() == before and "climb.steps=20" in page.url
    assert not seen.complaints
    page.close()


@pytest.mark.parametrize("name", RECORDED)
def test_without_a_script_its_start_stands_there_as_a_picture(browser, address, name):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + name)
    picture = page.locator("sobolev-recorded img").last
    assert picture.evaluate("node => node.naturalWidth") > 500 and " At " in picture.get_attribute("alt")
    page.close()
