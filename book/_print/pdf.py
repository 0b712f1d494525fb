"""Print the built book: ``pdf.py _build/html`` writes sobolev-mini.pdf into it, and links it there."""

import datetime
import html
import logging
import shutil
import sys
import tempfile
from pathlib import Path

import gather
import matplotlib
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, NameObject, TextStringObject

HERE = Path(__file__).resolve().parent
NAME = "sobolev-mini.pdf"
FACES = {  # Matplotlib brings them: every machine prints the same
    "Text": {"400 normal": "STIXGeneral", "400 italic": "STIXGeneralItalic",
             "700 normal": "STIXGeneralBol", "700 italic": "STIXGeneralBolIta"},
    "Mono": {"400 normal": "DejaVuSansMono", "700 normal": "DejaVuSansMono-Bold",
             "400 italic": "DejaVuSansMono-Oblique"},
    "DejaVu Sans": {"400 normal": "DejaVuSans", "700 normal": "DejaVuSans-Bold"},
}  # fmt: skip
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome",
             "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")  # fmt: skip
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
SHEET = {"width": 643, "height": 976}  # what the margins of A4 leave, in CSS pixels


def chromium():
    """Return the path of the system's Chromium; without one SystemExit says what to install."""
    found = next((path for path in map(shutil.which, CHROMIUMS) if path), None)
    if not found:
        raise SystemExit("make pdf: no Chromium here, which prints the book (Debian: apt install chromium)")
    return found


def faces():
    """Return the style sheet's fonts."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return "".join(
        f"@font-face {{ font-family: '{family}'; font-weight: {weight}; font-style: {style}; "
        f"src: url('{(folder / file).as_uri()}.ttf'); }}\n"
        for family, files in FACES.items()
        for (weight, style), file in ((kind.split(), file) for kind, file in files.items())
    )


def heads(book):
    """Return a style sheet with each chapter's name above its pages."""
    rules = []
    for i, section in enumerate(book):
        name = section.select_one("h1:not(.part), h2").get_text().strip().replace('"', "'")
        rules.append(f"#{section['id']} {{ page: c{i}; }}")
        rules.append(f'@page c{i} {{ @top-right {{ content: "{name}"; font: 9pt Text; color: #444; }} }}')
    return "\n".join(rules)


def cover():
    """Return the cover as HTML."""
    made = f"{datetime.date.today():%d %B %Y}. Text CC BY 4.0, code MIT."
    return f"""<section class="cover"><p class="title">{html.escape(gather.CONFIG["title"])}</p>
<p class="words">Critics that match the Bellman target in value and in slope</p>
<p class="made">{html.escape(gather.CONFIG["author"])}<br>
<a href="{gather.ONLINE}">{gather.ONLINE}</a><br>{made}</p></section>"""


def document(book, site):
    """Return the whole book as HTML; its sources are relative to ``site``."""
    sheets = (site / "_static" / "pygments.css", HERE / "print.css")
    css = "".join(path.read_text("utf-8") for path in sheets)
    for twice in (tag for section in book for tag in section.select("mjx-assistive-mml")):
        twice.decompose()  # what a formula says to a screen reader would stand in the text again
    body = "".join(map(str, [cover(), gather.contents(book), *book]))
    return f"""<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">
<title>{html.escape(gather.CONFIG["title"])}</title><style>{faces()}{css}{heads(book)}</style>
<link rel="stylesheet" href="_static/maths.css"></head><body>{body}</body></html>"""


def script(name):
    """Return the JavaScript function of a file beside this one."""
    return (HERE / name).read_text("utf-8")


def destinations(path):
    """Return id -> page number, from 1, of every place in a PDF that a link leads to."""
    reader = PdfReader(path)
    numbers = {page.indirect_reference.idnum: i for i, page in enumerate(reader.pages, 1)}
    return {name.lstrip("/"): numbers[to.page.idnum] for name, to in reader.named_destinations.items()}


def printed(page, out):
    """Print until each page number that the book names is right; SystemExit where they never are."""
    known = None
    for _ in range(4):
        page.pdf(path=out, prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
        found = destinations(out)
        if found == known:
            return
        known = found
        if missing := page.evaluate(script("number.js"), known):
            raise SystemExit(f"make pdf: links that lead nowhere: {', '.join(missing)}")
    raise SystemExit("make pdf: page numbers do not settle")


def opened(playwright, text, site, folder):
    """Return a browser's page with the book laid out for print; SystemExit names what is too wide for it."""
    for name in ("_images", "_static"):
        (folder / name).symlink_to(site / name)
    (folder / "whole.html").write_text(text, "utf-8")
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS.split())
    page = browser.new_page(viewport=SHEET)
    page.set_default_timeout(0)  # a slow machine takes its time
    page.emulate_media(media="print")
    page.goto((folder / "whole.html").as_uri())
    page.evaluate("document.fonts.ready.then(() => null)")
    if wrong := page.evaluate(script("measure.js")):
        raise SystemExit("make pdf: does not fit on paper:\n" + "\n".join(wrong))
    return page


def once(entry):
    """Let each title below an entry of an outline stand once: Chromium doubles one that begins a sheet."""
    below = entry.get("/First")
    while below:
        below = below.get_object()
        title = str(below["/Title"])
        half = title[: len(title) // 2]
        below[NameObject("/Title")] = TextStringObject(half if half + half == title else title)
        once(below)
        below = below.get("/Next")


def finished(path, out):
    """Write the PDF with its author and address; return its number of pages."""
    writer = PdfWriter(clone_from=path)
    once(writer.root_object["/Outlines"].get_object())
    writer.pdf_header = "%PDF-1.7"
    writer.add_metadata({"/Author": gather.CONFIG["author"], "/Subject": gather.ONLINE})
    writer.page_mode = "/UseOutlines"
    writer.create_viewer_preferences()[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    writer.write(out)
    return len(writer.pages)


def main(site):
    """Write the PDF into the site, link it."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it counts Chromium's objects otherwise than Chromium
    site = Path(site).resolve()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = opened(playwright, document(gather.whole(site), site), site, Path(folder))
        printed(page, out := Path(folder) / NAME)
        page.context.browser.close()
        number = finished(out, site / NAME)
    size = (site / NAME).stat().st_size / 1e6
    gather.linked(site, NAME, f"PDF ({number} pages, {size:.0f} MB)")


if __name__ == "__main__":
    main(*sys.argv[1:])
