"""Pages made light, safe and alive from disk: one style sheet, one script, a policy of what may run.

A browser that opens a page from disk loads no modules, so all scripts are classic ones.
"""

import base64
import hashlib
import re
import shutil
from pathlib import Path

import maths  # beside this file, as the next
import sheets
from sphinx.errors import ExtensionError

THEME = (Path(__file__).resolve().parent / "theme.js").read_text(encoding="utf-8")
HASH = base64.b64encode(hashlib.sha256(THEME.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; script-src 'self' 'sha256-{HASH}'%s; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
SCRIPT = re.compile(r"[ \t]*<script([^>]*)>(.*?)</script>\n?", re.DOTALL)
SHEET = re.compile(r'[ \t]*<link [^>]*?href="([^"?]*)[^"]*"[^>]*?rel="stylesheet"[^>]*>\n?|'
                   r'[ \t]*<link rel="stylesheet"[^>]*?href="([^"?]*)[^"]*"[^>]*>\n?')  # fmt: skip
WRITTEN = re.compile(r"document\.write\(`(.*)`\)", re.DOTALL)
TWICE = re.compile(r'<meta (name="viewport")[^>]*>(?=.*\1)|( id="search-input")(?=.*\2)', re.DOTALL)
APART = re.compile(r"explorers/|searchtools|language_data|searchindex")  # not on every page
IDLE = re.compile(r"thebe|design-tabs|kernelName|pagename|data-cfasync|searchInput|COLLAPSE_INDEX")
# The theme marks what scrolls, one by one, each mark followed by a new layout: mend.js marks all at once.
SLOW = re.compile(r'document\.querySelectorAll\("pre, [^"]*\.jp-RenderedHTMLCommon"\)')
SETTINGS = re.compile(r"\s*(let|var) toggle")  # of the buttons that fold
UNUSED = ("vendor", "scripts", "styles", "locales", "sphinx-thebe.*", "design-tabs.js", "*macros.html")


class Page:
    """The HTML of a page without style sheets and scripts, and which they were."""

    def __init__(self, path, text):
        self.path, self.sheets, self.bundle, self.apart = path, [], [], []
        self.root = re.search(r'data-content_root="([^"]*)"', text)[1]
        text = re.sub(r'[ \t]*<link rel="preload"[^>]*>\n?', "", text)
        text = SHEET.sub(self._sheet, text)
        text = SCRIPT.sub(self._script, text)
        text = TWICE.sub("", text)
        text = text.replace(' onclick="window.print()"', " data-print")
        text = re.sub(r' id="((?:exercise|solution)-content)"', r' class="\1"', text)
        self.text = text

    def _sheet(self, link):
        self.sheets.append((link[1] or link[2]).split("_static/", 1)[1])
        return ""

    def _script(self, found):
        attributes, inside = found[1], found[2]
        source = re.search(r'src="([^"?]*)', attributes)
        if written := WRITTEN.search(inside):
            return written[1]
        if re.search(r'type="application/(ld\+)?json"', attributes):
            return found[0]
        if IDLE.search(attributes + inside):
            return ""
        if source and APART.search(source[1]):
            self.apart.append(source[1])
        elif source:
            self.bundle.append(source[1].split("_static/", 1)[1])
        elif SETTINGS.match(inside):
            self.bundle.append(inside)
        else:
            raise ExtensionError(f"{self.path}: a script within the page, which its policy forbids: {inside}")
        return ""

    def finished(self, versions):
        """Return the page with policy, style sheets and scripts; ``versions`` has a word for each file."""
        names = ["page.css"] + ["maths.css"] * ("<mjx-container" in self.text)
        wasm = " 'wasm-unsafe-eval'" if "<sobolev-ants" in self.text else ""
        local = [f"{self.root}_static/{name}?v={versions[name]}" for name in (*names, "page.js")]
        head = [f'<meta http-equiv="Content-Security-Policy" content="{POLICY % wasm}">']
        head += [f"<script>{THEME}</script>"]  # first: it would wait for styles
        head += [f'<link rel="stylesheet" href="{link}">' for link in local[:-1]]
        head += [f'<script defer src="{link}"></script>' for link in (local[-1], *self.apart)]
        if 'name="description"' not in self.text:  # search and indices, which have no prose
            title = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)[1].strip()
            head.append(f'<meta name="description" content="{title}">')
        charset = '<meta charset="utf-8" />'
        text = self.text.replace(charset, "\n    ".join([charset, *head]), 1)
        return text.replace("<html ", '<html data-theme="light" ', 1)  # without a script


def lighten(app, error):
    """Write every page of a finished build again, and the files that all of them share."""
    out = Path(app.outdir)
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(out.rglob("*.html"))}
    texts = {path: text for path, text in texts.items() if "data-content_root" in text}
    raw = [path for path, text in texts.items() if "Content-Security-Policy" not in text]
    if error or app.builder.name != "html" or not raw:
        return
    texts, formulas = maths.typeset(texts)
    pages = [Page(path, texts[path]) for path in raw]
    made = shared(pages, list(texts.values()), formulas, out / "_static")
    for name, text in made.items():
        (out / "_static" / name).write_text(text, encoding="utf-8")
    versions = {name: hashlib.sha256(text.encode()).hexdigest()[:8] for name, text in made.items()}
    for page in pages:
        page.path.write_text(page.finished(versions), encoding="utf-8")
    for path in (path for pattern in UNUSED for path in (out / "_static").glob(pattern)):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def shared(pages, texts, formulas, static):
    """Return the files of all pages, name -> text: what ``pages`` named, made of what lies in ``static``."""

    def read(name):
        return (static / name).read_text(encoding="utf-8")

    most = max((page.bundle for page in pages), key=len)
    parts = dict.fromkeys(sorted(most, key=lambda part: part.endswith(".js")))  # settings first, once
    script = "\n;".join(read(part) if part.endswith(".js") else part for part in parts)
    script = re.sub(r"^//# sourceMappingURL=.*", "", script, flags=re.MULTILINE)
    script, slow = SLOW.subn("[]", script)
    if slow != 1:
        raise ExtensionError(f"the theme's script marks what scrolls {slow} times, not once: see SLOW")
    explorers = [path.read_text(encoding="utf-8") for path in static.glob("explorers/*.js")]
    known = sheets.words(
        [*texts, *(page.text for page in pages)], [script, read("searchtools.js"), *explorers]
    )
    named = dict.fromkeys(name for page in pages for name in page.sheets)
    css = sheets.pruned(sheets.joined([static / name for name in named], static), known)
    css = sheets.with_icons(css, next(static.glob("vendor/fontawesome/*/webfonts")))
    formulas = sheets.pruned(formulas, known)
    maths.copy_fonts(formulas, static)
    return {"page.css": css, "maths.css": formulas, "page.js": script}


def setup(app):
    """Connect it, after every other extension has written its files."""
    app.connect("build-finished", lighten, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
