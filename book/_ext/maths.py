"""Formulas set while the book is built: a browser loads fonts, not MathJax, and reads MathML aloud."""

import html
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable
from sphinx.errors import ExtensionError

HERE = Path(__file__).resolve().parent
MATHJAX = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
FONTS = MATHJAX / "output" / "chtml" / "fonts" / "woff-v2"
MATHS = re.compile(r'(<(span|div) class="[^"]*\bmath\b[^"]*"[^>]*>)(.*?)(</\2>)', re.DOTALL)
TEX = re.compile(
    r"\\\((?P<inline>.*)\\\)|\\\[(?P<display>.*)\\\]|(?P<bare>\\begin\{.*\\end\{\w+\*?\})", re.DOTALL
)
IDLE = re.compile(
    r' style="position: relative;"| xmlns="[^"]*"| unselectable="on"'
)  # the styles have the first


def node():
    """Return Node.js: Playwright brings it, the same on every machine."""
    return compute_driver_executable()[0]


def typeset(pages):
    """Return ``pages``, path -> HTML, with formulas set, and the styles; a wrong one ends the build."""
    wanted = {}
    for page in pages.values():
        for found in MATHS.finditer(page):
            wanted |= {asked: None for asked in map(_asked, TEX.finditer(found[3]))}
    told = json.dumps([{"tex": tex, "display": display} for tex, display in wanted])
    done = subprocess.run(
        [node(), HERE / "maths.mjs", MATHJAX], input=told, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        raise ExtensionError(f"a formula that MathJax cannot set: {done.stderr}")
    answer = json.loads(done.stdout)
    made = {asked: IDLE.sub("", shown) for asked, shown in zip(wanted, answer["html"], strict=True)}
    for asked, shown in made.items():
        if asked[1]:  # keys scroll what is too wide for a phone
            made[asked] = shown.replace("<mjx-container", '<mjx-container tabindex="0"', 1)

    def both(found):
        return found[1] + TEX.sub(lambda tex: made[_asked(tex)], found[3]) + found[4]

    return {path: MATHS.sub(both, page) for path, page in pages.items()}, answer["css"]


def _asked(found):
    """Return (TeX, whether it stands by itself)."""
    inline = found["inline"]
    return html.unescape(inline or found["display"] or found["bare"]).strip(), inline is None


def copy_fonts(css, folder):
    """Copy the fonts that styles name into ``folder``/mathjax."""
    for name in sorted(set(re.findall(r"mathjax/([\w-]+\.woff)", css))):
        (folder / "mathjax").mkdir(exist_ok=True)
        shutil.copy(FONTS / name, folder / "mathjax")
