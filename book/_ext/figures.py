"""Figures that live in both themes and on a phone: each SVG of a notebook becomes four.

Light and dark, wide and narrow: on a transparent ground, in the page's colours, and with the panels of a wide
figure one below the other instead of shrunk.
"""

import colorsys
import itertools
import re
from pathlib import Path

DARK_PAGE, DARK_TEXT = "#121212", "#e8e8e8"
DARK = {"#000000": DARK_TEXT, "#332288": "#a79cf0", "#e6e6e6": "#3d3d3d"}  # as the explorers have them
NARROW = "(max-width: 600px)"
HEX = re.compile(r"#[0-9a-f]{6}")
IMAGE = re.compile(r'<img ([^>]*)src="([^"]*_images/([^"/]+)\.svg)"([^>]*?)/?>')
SIZE = re.compile(r'(<svg [^>]*?)width="([\d.]+)pt" height="([\d.]+)pt"([^>]*)>', re.DOTALL)
PANEL = r'<g id="axes_\d+">\s*<g id="patch_\d+">'  # Matplotlib's own names of parts
GROUND = re.compile(rf'((?:<g id="patch_1">|{PANEL})\s*<path [^>]*style="fill: )#ffffff')
AXES = re.compile(rf'{PANEL}\s*<path d="([^"]+)"')
AGAIN = '<use href="#whole"/>'
GAP = 7.0  # points right of a panel that still are its own: half a tick's label


def light(svg):
    """Return the SVG on a transparent ground."""
    return GROUND.sub(r"\1none", svg)


def dark(svg):
    """Return the SVG with text, grid and pale or dark colours for the dark page."""
    svg = HEX.sub(lambda found: _on_dark(found[0]), light(svg))
    return svg.replace("<svg ", f'<svg style="fill: {DARK_TEXT}" ', 1)  # what names no colour is black


def _on_dark(color):
    if color in DARK:
        return DARK[color]
    if color == "#ffffff":
        return DARK_PAGE
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation > 0.15 and 0.2 < lightness < 0.85:
        return color
    red, green, blue = colorsys.hls_to_rgb(hue, 1 - lightness, saturation)
    return "#" + "".join(f"{round(255 * x):02x}" for x in (red, green, blue))


def narrow(svg):
    """Return the SVG with its panels, where several stand side by side, one below the other."""
    size = SIZE.search(svg)
    width, height = float(size[2]), float(size[3])
    boxes = [[float(x) for x in re.findall(r"[ML] ([\d.]+) [\d.]+", path)] for path in AXES.findall(svg)]
    ends = sorted({round(max(box), 1) for box in boxes if box})
    starts = sorted({round(min(box), 1) for box in boxes if box})
    cuts = [0.0, *(end + GAP for end, start in zip(ends, starts[1:], strict=False) if start > end), width]
    if len(cuts) < 3 or len(ends) != len(starts):
        return svg
    inside = svg[size.end() : svg.rindex("</svg>")]
    panels, whole = list(itertools.pairwise(cuts)), f'<g id="whole">{inside}</g>'
    widest, parts = max(b - a for a, b in panels), []
    for i, (a, b) in enumerate(panels):
        size_of = f'width="{b - a:g}" height="{height:g}"'
        box = f'x="0" y="{i * height:g}" {size_of} viewBox="{a:g} 0 {b - a:g} {height:g}"'
        parts.append(f"<svg {box}>{AGAIN if i else whole}</svg>")
    total = len(parts) * height
    head = f'{size[1]}width="{widest:g}pt" height="{total:g}pt"{size[4]}>'
    head = re.sub(r'viewBox="[^"]*"', f'viewBox="0 0 {widest:g} {total:g}"', head)
    return svg[: size.start()] + head + "".join(parts) + "</svg>"


def on_page(body):
    """Return the page's HTML with both themes' pictures for each figure, and the narrow ones for phones."""

    def both(found):
        before, source, _, after = found.groups()
        stem, rest = source.removesuffix(".svg"), f"{before} {after}"
        classes = re.search(r'class="([^"]*)"', rest)
        rest = re.sub(r'class="[^"]*"', "", rest)
        out = []
        for theme in ("light", "dark"):
            own = f'class="drawn dark-light {classes[1] if classes else ""}"'
            narrow_source = f'<source media="{NARROW}" srcset="{stem}-{theme}-narrow.svg">'
            image = f'<img {own} loading="lazy" src="{stem}-{theme}.svg" {rest}>'
            out.append(f'<picture class="in-{theme}">{narrow_source}{image}</picture>')
        return "".join(out)

    return IMAGE.sub(both, body)


def write(folder):
    """Write the four beside each SVG of ``folder`` that Matplotlib made."""
    for path in Path(folder).glob("*.svg"):
        svg = path.read_text(encoding="utf-8")
        if "matplotlib" not in svg or path.stem.endswith(("-light", "-dark", "-narrow")):
            continue
        for theme, themed in (("light", light(svg)), ("dark", dark(svg))):
            path.with_name(f"{path.stem}-{theme}.svg").write_text(themed, encoding="utf-8")
            path.with_name(f"{path.stem}-{theme}-narrow.svg").write_text(narrow(themed), encoding="utf-8")
