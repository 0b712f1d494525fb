"""The critic lab in the built pages: it trains in the reader's browser, and never holds the page up."""

import pytest

LAB, INTRO = "notebooks/04_quadratic_critic.html", "book/intro.html"
DONE = "Step 60,000 of this run"
WAIT = 60_000


@pytest.fixture
def opened(open_page):
    pages = []

    def opened(name, tag="sobolev-lab", reduced=False):
        page, seen = open_page(name)
        page.emulate_media(reduced_motion="reduce" if reduced else "no-preference")
        if reduced:
            page.reload()  # a run in view has begun before
        page.wait_for_selector(f"{tag} input")
        pages.append((page, seen))
        return page.locator(tag), page

    yield opened
    for page, seen in pages:
        assert not seen.outside and not seen.complaints
        page.close()


def words(explorer):
    return explorer.locator("[role=status]").text_content()


def trained(explorer, text=DONE):
    explorer.scroll_into_view_if_needed()
    explorer.locator("[role=status]").filter(has_text=text).wait_for(timeout=WAIT)
    return words(explorer)


def test_it_starts_where_one_run_leaves_and_one_circles_and_a_larger_weight_stays(opened):
    lab, page = opened(LAB)
    found = trained(lab)
    assert found.startswith("λₛ = 0.2, λₐ = 0.2; Adam at rate 0.0001")
    assert "The value-only critic has run away" in found and "The Sobolev critic is circling" in found
    lab.get_by_label("weight λₛ").focus()
    for _ in range(2):  # 0.2 to 0.3
        page.keyboard.press("ArrowRight")
    found = trained(lab, "λₛ = 0.3, λₐ = 0.3;")
    assert "The value-only critic has run away" in found and "The Sobolev critic has settled" in found
    page.wait_for_function("location.hash.startsWith('#lab.lam_s=0.3&lab.lam_a=0.3&lab.equal=true')")


def test_a_shared_link_opens_with_its_setting(opened):
    lab, _ = opened(
        LAB + "#lab.lam_s=1&lab.lam_a=0&lab.equal=false&lab.target=copied+every+10,000+steps&lab.seed=2"
    )
    found = trained(lab)
    assert found.startswith(
        "λₛ = 1, λₐ = 0; Adam at rate 0.0001 from zero weights, target: copied every 10,000"
    )
    assert "seed 2." in found and not lab.get_by_label("keep equal").is_checked()


def test_play_pause_steps_and_reset_by_keyboard_alone(opened):
    lab, page = opened(LAB)
    trained(lab)
    clock, button = lab.locator(".clock"), lab.get_by_role("button", name="Reset")
    button.focus()
    page.keyboard.press("Enter")
    assert clock.inner_text() == "step 0" and "Step 0 of this run" in words(lab)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert clock.inner_text() == "step 100"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('sobolev-lab .clock').textContent.length > 8")
    page.keyboard.press("Enter")  # pause
    paused = clock.inner_text()
    page.wait_for_timeout(300)
    assert clock.inner_text() == paused and paused[5:] + " of this run" in words(lab)
    assert lab.get_by_role("button", name="Play").count() == 1


def test_the_other_settings_change_what_is_shown_and_not_the_run(opened):
    lab, _ = opened(LAB)
    trained(lab)
    lab.get_by_text("More settings").click()
    before = lab.locator(".panels").inner_html()
    lab.get_by_label("error of", exact=True).select_option("slope")
    lab.get_by_label("clipped optimum").check()
    assert DONE in words(lab) and lab.locator(".panels").inner_html() != before
    assert "error of the slope" in lab.locator(".panels").text_content()
    assert lab.locator(".key").filter(has_text="clipped shortcut").count()


def test_weights_that_overflow_are_told_and_the_run_is_set_back(opened):
    lab, page = opened(LAB + "#lab.lam_s=10&lab.lam_a=10&lab.optimizer=plain+steps&lab.rate=0.3")
    found = trained(lab, "left the numbers")
    assert "set back to its start. Choose a smaller rate or weight." in found
    assert lab.locator(".clock").inner_text() == "step 0"
    assert "NaN" not in lab.locator(".panels").inner_html()
    lab.get_by_label("rate η").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert "The Sobolev critic has settled" in trained(lab, "plain steps at rate 0.003")


def test_nonsense_in_a_link_is_named(opened):
    lab, _ = opened(LAB + "#lab.lam_s=NaN&lab.lam_a=1e300&lab.target=mine")
    found = trained(lab, DONE)
    assert found.startswith(
        "lam_s: got NaN, wanted a number; set back to 0.2. lam_a: got 1e300, wanted 0 to 10;"
    )
    assert "target: got mine, wanted one of current critic" in found


def test_training_never_holds_the_page_for_50_milliseconds(opened):
    lab, page = opened(LAB)
    trained(lab)
    page.evaluate(
        """() => {
            window.long = [];
            new PerformanceObserver((list) => list.getEntries().forEach((x) => window.long.push(x.duration)))
                .observe({ type: "longtask" });
        }"""
    )
    lab.get_by_label("weight λₛ").fill("15")  # 0.5
    trained(lab, "λₛ = 0.5, λₐ = 0.5;")
    long = sorted(page.evaluate("window.long"))
    slices = page.evaluate("document.querySelector('sobolev-lab').view.player.slices")
    assert slices > 20, "the run was not cut into slices"
    print(f"{slices} slices; tasks over 50 ms: {[round(x) for x in long]}")


def test_with_reduced_motion_only_the_end_is_drawn(opened):
    lab, page = opened(LAB, reduced=True)
    trained(lab)
    page.evaluate(
        """() => {
            window.drawn = 0;
            const panels = document.querySelector("sobolev-lab .picture");
            new MutationObserver(() => window.drawn++).observe(panels, { childList: true });
        }"""
    )
    lab.get_by_role("button", name="Reset").click()
    lab.get_by_role("button", name="Play").click()
    trained(lab)
    assert page.evaluate("window.drawn") <= 3  # reset, play, end


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (400, 850)])
def test_controls_and_panels_are_seen_at_once(opened, width, height):
    """On a phone, too, where the panels stand two by two, with letters of nine pixels at least."""
    lab, page = opened(LAB)
    page.set_viewport_size({"width": width, "height": height})
    trained(lab)
    top = lab.locator(".controls").first.bounding_box()["y"]
    panels = [panel.bounding_box() for panel in lab.locator(".panels svg").all()]
    header = page.locator(".bd-header-article").bounding_box()["height"]
    assert max(box["y"] + box["height"] for box in panels) - top < height - header
    assert panels[0]["y"] == panels[1]["y"] < panels[2]["y"] == panels[3]["y"]
    size = lab.locator(".panels svg").first.evaluate("svg => parseFloat(getComputedStyle(svg).fontSize)")
    assert size * panels[0]["width"] / 320 > 9


def test_the_first_page_has_the_lab_in_small(opened):
    hero, page = opened(INTRO, "sobolev-hero")
    found = trained(hero, "Step 21,000 of this run")
    assert found.startswith("λ = 1.") and "Press Play" in found
    page.wait_for_timeout(300)
    assert hero.locator(".clock").inner_text() == "step 21,000", "it stands still to be looked at"
    hero.get_by_role("button", name="Play").press("Enter")
    found = trained(hero)
    assert found.startswith("λ = 1.") and "The value-only critic has run away" in found
    assert "The Sobolev critic has settled" in found
    hero.get_by_label("weight λ").focus()
    for _ in range(9):  # 1 to 0.1
        page.keyboard.press("ArrowLeft")
    assert "The Sobolev critic has run away" in trained(hero, "λ = 0.1.")


def test_its_first_run_waits_until_it_is_seen(opened):
    hero, page = opened(INTRO, "sobolev-hero")
    page.set_viewport_size({"width": 400, "height": 300})  # the explorer is far below
    page.reload()
    page.wait_for_selector("sobolev-hero input")
    page.wait_for_timeout(500)
    assert hero.locator(".clock").inner_text() == "step 0"
    trained(hero, "Step 21,000 of this run")


def test_with_reduced_motion_the_first_page_s_run_stops_nowhere(opened):
    hero, _ = opened(INTRO, "sobolev-hero", reduced=True)
    assert "The value-only critic has run away" in trained(hero)


@pytest.mark.parametrize(("name", "tag", "pieces"), [(LAB, "sobolev-lab", 6), (INTRO, "sobolev-hero", 3)])
def test_without_a_script_the_end_of_the_run_stands_there(browser, address, name, tag, pieces):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + name)
    explorer = page.locator(tag)
    assert explorer.locator("svg[role=img]").count() == pieces and DONE in explorer.text_content()
    assert all(len(svg.get_attribute("aria-label")) > 30 for svg in explorer.locator("svg[role=img]").all())
    page.close()
