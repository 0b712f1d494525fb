"""The built book in a browser: built once, served on this machine only, each page visited once a view."""

import functools
import os
import shutil
import subprocess
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import yaml
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from filelock import FileLock
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PREFIX = urlsplit(yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]).path
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ARRIVE = """async () => {  // what a reader who scrolls down would see
    for (const section of document.querySelectorAll(".bd-article > section > section"))
        Object.assign(section.style, { contentVisibility: "visible", contain: "content" });
    const arrived = async (image) => {
        image.loading = "eager";
        if (!image.complete) await new Promise((done) => { image.onload = image.onerror = done; });
        await image.decode().catch(() => null);
    };
    await Promise.all([...document.images].filter((image) => image.checkVisibility()).map(arrived));
}"""
WEIGHT = """performance.getEntries().filter(({ entryType }) => /navigation|resource/.test(entryType))
    .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)"""
VIEWS = {
    "wide": (1280, {}),
    "narrow": (400, {}),
    "middle": (768, {}),
    "zoomed": (640, {}),  # 1280 at 200 %
    "small": (320, {}),  # 1280 at 400 %, where WCAG 2.2 wants no sideways scrolling (1.4.10)
    "print": (800, {"media": "print"}),
    "forced": (1280, {"forced_colors": "active"}),
}
THEMES = ("light", "dark")
DIFFERS = ["color-contrast", "link-in-text-block", "image-alt", "svg-img-alt", "role-img-alt"]  # in a theme
PHONE = ["scrollable-region-focusable", "target-size"]  # the rules that hang on the width
BOTH = ("wide", "narrow", "forced")  # in both themes
AS_USUAL = {"media": "screen", "forced_colors": "none"}
SCREENSHOTS = ROOT / "_build" / "screenshots"  # of these and of print, with SCREENSHOTS=1 in the environment


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Build the book with warnings as errors, once for all workers; return its folder and what was said."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    complaint = shared / "complaint"
    with FileLock(shared / "book.lock"):
        if not complaint.exists():
            jupyter_book = Path(sys.executable).with_name("jupyter-book")
            command = [jupyter_book, "build", ROOT, "-q", "-W", "--keep-going", "--path-output", shared]
            done = subprocess.run(command, capture_output=True, text=True)
            complaint.write_text(done.stdout + done.stderr if done.returncode else "", encoding="utf-8")
    return shared / "_build" / "html", complaint.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def html(build):
    """Return the folder of the built book."""
    folder, complaint = build
    if complaint:
        pytest.fail("the book does not build: see test_the_book_builds_without_a_warning", pytrace=False)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """Serve the book under the path of its public address, without a log."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path):
        return super().translate_path("/" + path.removeprefix(PREFIX))

    def log_message(self, *args):
        pass


@pytest.fixture(scope="package")
def address(html):
    """Serve the book on a free port; return its address."""
    ThreadingHTTPServer.request_queue_size = 64  # a browser asks for many files at once
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="package")
def browser():
    """Start Chromium with an empty profile; without one a developer is told, and CI fails."""
    names = ("chromium", "chromium-browser", "google-chrome", MACOS)
    chromium = next((path for path in map(shutil.which, names) if path), None)
    if not chromium:
        missing = "NO CHROMIUM HERE: nothing about the built pages was checked (Debian: apt install chromium)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


def patient(page):
    """Return the page with a waiting of its own: Playwright's runs text, which the page's policy forbids."""

    def wait_for_function(expression, arg=None, timeout=30_000):
        end = time.monotonic() + timeout / 1000
        while not page.evaluate(expression, arg):
            if time.monotonic() > end:
                raise TimeoutError(f"{expression} did not come true")
            page.wait_for_timeout(20)

    page.wait_for_function = wait_for_function
    return page


@pytest.fixture(scope="package")
def open_page(browser, address):
    """Return a function that opens a page and notes what it asks for and complains about."""
    contexts = {theme: browser.new_context(color_scheme=theme) for theme in THEMES}

    def open_page(name, theme="light"):
        page = patient(contexts[theme].new_page())
        seen = SimpleNamespace(outside=[], complaints=[])
        page.on("request", lambda r: seen.outside.append(r.url) if not r.url.startswith(address) else None)
        page.on("response", lambda r: seen.complaints.append(r.url) if r.status >= 400 else None)
        page.on("console", lambda m: seen.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.status = page.goto(address + name).status
        page.evaluate("document.fonts.ready.then(() => null)")
        return page, seen

    return open_page


@pytest.fixture(scope="package")
def visit(open_page):
    """Return a function that gives the facts of a page in one theme, which changes while the page is open."""
    look, mark_looks = (
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("look.js", "mark_looks.js")
    )
    axe = Axe(f"{AXE_SCRIPT};axe.configure({{rules: [{{id: 'color-contrast', selector: '[data-look]'}}]}})")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def views(page, name, theme):
        for view, (width, media) in VIEWS.items():
            if theme == "light" or view in BOTH:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(**AS_USUAL | media)
                page.evaluate(ARRIVE)
                yield view, SimpleNamespace(**page.evaluate(look))
                if view in (*BOTH, "print") and "SCREENSHOTS" in os.environ:
                    picture = f"{name.replace('/', '-')}-{theme}-{view}.png"
                    page.screenshot(path=SCREENSHOTS / picture, full_page=True, animations="disabled")

    @functools.cache
    def opened(name):
        page, seen = open_page(f"{name}.html")
        page.wait_for_load_state("networkidle")
        seen.weight, both = page.evaluate(WEIGHT), {}
        page.evaluate(ARRIVE)
        seen.read = page.evaluate(WEIGHT)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
            both[theme] = SimpleNamespace(**vars(seen), **dict(views(page, name, theme)))
            page.set_viewport_size({"width": 1280, "height": 900})
            page.emulate_media(**AS_USUAL)
            # only colours and figures differ between the themes; axe would fetch style sheets again
            options = {"resultTypes": ["violations"], "preload": False}
            options |= (
                {"runOnly": DIFFERS} if theme == "dark" else {"rules": {"target-size": {"enabled": True}}}
            )
            page.evaluate(mark_looks)
            both[theme].violations = axe.run(page, options=options).response["violations"]
            if theme == "light":
                page.set_viewport_size({"width": 320, "height": 900})
                phone = {"runOnly": PHONE, "preload": False, "resultTypes": ["violations"]}
                both[theme].violations += axe.run(page, options=phone).response["violations"]
        page.close()
        return both

    def visit(name, theme):
        return opened(name)[theme]

    return visit
