"""The Ant of chapter 09 in the built page: films, and the walk that a click loads."""

import re

import numpy as np
import pytest

from sobolev_book.explorers.ants import ants
from sobolev_book.studies import clips
from sobolev_mini import envs
from sobolev_mini.recording import starts
from tests.book.explorers.node import mujoco

CHAPTER = "notebooks/09_ant.html"
LOADED = re.compile(r"mujoco|\.wasm|\.bin$|ant\.xml")  # what only the walk needs
WALK = 100  # decisions: five seconds
FRAMES = envs.ROBOTS["ant"].frames  # steps of physics a decision takes


@pytest.fixture
def chapter(open_page):
    pages = []

    def chapter(fragment="", motion="no-preference", block=()):
        page, seen = open_page("404.html")
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.emulate_media(reduced_motion=motion)
        for pattern in block:
            page.route(pattern, lambda route: route.fulfill(status=404))
        page.goto(page.url.replace("404.html", CHAPTER + fragment))
        page.wait_for_selector("sobolev-ants button")
        pages.append((page, seen, block))
        return page, page.locator("sobolev-ants"), asked

    yield chapter
    for page, seen, block in pages:
        assert not seen.outside
        assert block or not seen.complaints
        page.close()


def walk(page, found):
    """Let the Ants walk five seconds, faster than the clock: the page's own steps."""
    mujoco()  # skips without it, or fails under CI
    found.get_by_role("button", name="Walk here").click()
    page.wait_for_selector("sobolev-ants canvas", timeout=60_000)
    return page.evaluate(
        """steps => { const { live } = document.querySelector("sobolev-ants").ants;
        live.pause(); live.reset();
        for (let k = 0; k < steps; k++) for (const { walker } of live.walks) if (!walker.ended) walker.step();
        live.draw();
        return Object.fromEntries(live.walks.map(({ method, walker }) => [method, walker.distance])); }""",
        WALK,
    )


def test_films_play_together_when_seen_and_stop_together(chapter):
    page, found, _ = chapter()
    found.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.currentTime > 0.2)")
    found.get_by_role("button", name="Pause").click()
    assert page.evaluate("[...document.querySelectorAll('video')].every(v => v.paused)")
    assert found.locator("video").count() >= 3
    found.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => !v.paused)")


def test_they_keep_still_for_those_who_asked_for_less_motion_and_load_nothing(chapter):
    page, found, asked = chapter(motion="reduce")
    found.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    assert page.evaluate("[...document.querySelectorAll('video')].every(v => v.paused)")
    assert not [url for url in asked if url.endswith(".mp4")]


def test_nothing_of_the_walk_is_loaded_before_the_click(chapter):
    page, found, asked = chapter()
    found.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    assert not [url for url in asked if LOADED.search(url.rsplit("/", 1)[1])]
    walk(page, found)
    assert {url.rsplit("/", 1)[1] for url in asked} >= {"mujoco.js", "mujoco.wasm", "ant.xml"}


def test_five_seconds_of_walking_come_as_far_as_python_s(chapter):
    """Contacts make much of a last digit: each method's way is within what twenty starts span in Python."""
    page, found, _ = chapter("#ants.run=11&ants.start=3")
    found_ways, env = walk(page, found), envs.make("mujoco_ant")
    for method, way in found_ways.items():
        ways = clips.walked(env, clips.actor(env, method, 11), starts(env, 20)[None], WALK)[0][-1, 0, :, 0]
        assert ways.min() <= way <= ways.max()
    assert found_ways["balanced"] > 2 * abs(found_ways["value_only"]) > 0


@pytest.mark.parametrize("extra", [0, 2], ids=["between decisions", "within one"])
def test_a_push_is_felt_and_changes_the_walk(chapter, extra):
    """Sideways speed jumps by 2 m/s, and a second and ten later the Ants are elsewhere than unpushed ones."""
    page, found, _ = chapter("#ants.run=14&ants.start=5")
    walk(page, found)
    walkers = "document.querySelector('sobolev-ants').ants.live.walks.map(({ walker }) => walker)"
    ahead = f"n => {walkers}.forEach((walker) => {{ for (let k = 0; k < n; k++) walker.substep(); }})"
    courses = []
    for pushed in (False, True):
        page.evaluate("document.querySelector('sobolev-ants').ants.live.reset()")
        page.evaluate(ahead, 40 * FRAMES + extra)
        before = page.evaluate(f"{walkers}.map((walker) => walker.data.qvel[1])")
        if pushed:
            found.get_by_role("button", name="Push sideways").click()
            after = page.evaluate(f"{walkers}.map((walker) => walker.data.qvel[1])")
            np.testing.assert_allclose(np.subtract(after, before), 2, atol=1e-6)
        course = []
        for steps in (20, 200):
            page.evaluate(ahead, steps * FRAMES)
            course.append(page.evaluate(f"{walkers}.map(({{ state, way }}) => [...state, ...way])"))
        courses.append(course)
    alone, pushed = np.array(courses)
    assert (np.abs(pushed - alone).max(axis=-1) > 0.1).all()


def test_keys_alone_pause_push_and_change_the_run_and_numbers_are_told(chapter):
    page, found, _ = chapter("#ants.run=11&ants.start=3")
    mujoco()
    found.get_by_role("button", name="Walk here").press("Enter")
    page.wait_for_selector("sobolev-ants canvas", timeout=60_000)
    page.wait_for_function("document.activeElement.name === 'play'")
    page.wait_for_function("document.querySelector('sobolev-ants tbody td').textContent > '0.5 s'")
    page.keyboard.press("Enter")
    words = found.get_by_role("status")
    assert re.search(r"value-only: −?\d.* m in .* s, return .*balanced weights: .* m in", words.inner_text())
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('sobolev-ants [role=status]').textContent.startsWith('Pushed')"
    )
    found.get_by_label("trained run").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("location.hash.includes('ants.run=12')")
    found.get_by_label("slow motion").press("Space")
    assert page.evaluate("document.querySelector('sobolev-ants').ants.live.slow")


def test_where_mujoco_does_not_come_the_films_stay_and_say_so(chapter):
    page, found, _ = chapter(block=["**/mujoco.wasm"])
    mujoco()
    found.get_by_role("button", name="Walk here").click()
    page.wait_for_function(
        "document.querySelector('sobolev-ants [role=status]').textContent.includes('did not')"
    )
    assert found.locator("video").count() >= 3
    assert found.get_by_role("button", name="Walk here").get_attribute("aria-disabled") is None


def test_without_a_script_the_films_have_the_browser_s_buttons(browser, address):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address + CHAPTER)
    videos = page.locator("sobolev-ants video[controls]")
    assert videos.count() == len(ants("", "").data["films"])
    assert all(len(video.get_attribute("aria-label")) > 30 for video in videos.all())
    page.close()
