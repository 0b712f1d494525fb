"""The explorers: how long training takes, what they add to a page, how soon they are ready."""

import json
import re
import statistics
import subprocess
from pathlib import Path

import pytest

from tests.site.conftest import address, browser, build, html  # noqa: F401  (fixtures)

EXPLORERS = Path(__file__).resolve().parents[2] / "book" / "sobolev_book" / "explorers"
PAGES = {
    "book/intro.html": "sobolev-hero",
    "notebooks/01_why_slopes.html": "sobolev-recorded",
    "notebooks/02_exact_optimum.html": "sobolev-optimum",
    "notebooks/03_first_order_targets.html": "sobolev-recorded",
    "notebooks/04_quadratic_critic.html": "sobolev-lab",
    "notebooks/05_mlp_critic.html": "sobolev-recorded",
}
TRAIN = """
import { LabRun } from "./lab_run.js";
const times = [0, 1, 2, 3, 4].map((seed) => {
  const start = performance.now();
  new LabRun({ lam_s: 1, lam_a: 1, lr: 1e-4, seed, end: 60000 }).advance(() => true);
  return performance.now() - start;
});
console.log(JSON.stringify(times));
"""

WATCH = """const look = () => {
    if (document.querySelector("%s input")) window.readyAt = performance.now();
    else requestAnimationFrame(look);
};
requestAnimationFrame(look);"""
MEASURE = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const rest = performance.getEntriesByType("resource");
    const size = [page, ...rest].reduce((sum, entry) => sum + entry.decodedBodySize, 0);
    return [size, page.loadEventEnd, window.readyAt ?? 0];
}"""


def test_sixty_thousand_steps_of_both_critics(capsys):
    command = ["node", "--no-warnings", "--input-type=module", "-e", TRAIN]
    times = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True, cwd=EXPLORERS).stdout
    )
    with capsys.disabled():
        print(f"\n60,000 steps of both critics in Node: {statistics.median(times) / 1000:.2f} s (budget 2 s)")


@pytest.fixture
def load(browser, address, html):  # noqa: F811
    """Return a function that loads a page with or without its explorer: bytes, milliseconds till ready."""

    def load(name, tag, explorer):
        text = (html / name).read_text(encoding="utf-8")
        if not explorer:
            start, end = text.index(f"<{tag}"), text.index(f"</{tag}>")
            text = re.sub(r"<script[^>]*explorers/[^>]*></script>", "", text[:start] + text[end:])
        variant = html / name.replace(".html", f"-{explorer}.html")
        variant.write_text(text, encoding="utf-8")
        page = browser.new_context().new_page()
        page.add_init_script(WATCH % tag)
        page.goto(address + str(variant.relative_to(html)))
        page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
        if explorer:
            page.wait_for_function("window.readyAt")
        size, loaded, ready = page.evaluate(MEASURE)
        page.context.close()
        variant.unlink()
        return size, ready if explorer else loaded

    return load


@pytest.mark.parametrize(("name", "tag"), PAGES.items())
def test_what_an_explorer_adds_to_its_page(load, capsys, name, tag):
    pairs = [(load(name, tag, False), load(name, tag, True)) for _ in range(5)]
    (plain, alone), (whole, ready) = (
        map(statistics.median, zip(*each, strict=True)) for each in zip(*pairs, strict=True)
    )
    added = f"{(whole - plain) / 1000:+.0f} kB with its explorer (budget 100, chapter 05's data aside)"
    with capsys.disabled():
        print(f"\n{name}: {plain / 1000:.0f} kB without, {added};", end=" ")
        print(f"loaded after {alone:.0f} ms, ready {ready - alone:+.0f} ms (budget 500)")


def test_the_longest_task_while_the_lab_trains(browser, address, capsys):  # noqa: F811
    page = browser.new_context().new_page()
    page.goto(address + "notebooks/04_quadratic_critic.html")
    lab = page.locator("sobolev-lab")
    lab.scroll_into_view_if_needed()
    done = lab.locator("[role=status]").filter(has_text="Step 60,000")
    done.wait_for(timeout=60_000)
    page.evaluate(
        """() => {
            window.longest = 0;
            const note = (list) => {
                for (const { duration } of list.getEntries())
                    window.longest = Math.max(window.longest, duration);
            };
            new PerformanceObserver(note).observe({ type: "longtask" });
        }"""
    )
    slider = lab.get_by_label("weight λₛ")
    for place in range(3, 19):
        slider.fill(str(place))
        page.wait_for_timeout(150)
    done.filter(has_text="λₛ = 5,").wait_for(timeout=60_000)
    longest = page.evaluate("window.longest")
    told = f"{longest:.0f} ms" if longest else "below 50 ms"
    with capsys.disabled():
        print(f"\nlongest task while dragging and training: {told} (budget 50)")
    page.context.close()
