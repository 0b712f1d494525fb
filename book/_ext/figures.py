"""Figures that live in both themes and on a phone: each SVG of a notebook becomes four.

Light and dark, wide and narrow: on a transparent ground, in the page's colours, and with the panels of a wide
figure one below the other instead of shrunk.
"""

import colorsys
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from sobolev_book import style

DARK_PAGE, GRID = "#121212", {"#e6e6e6": "#3d3d3d"}
DARK = {color.lower(): bright for color, bright in style.DARK.items()} | GRID
DARK_TEXT = DARK["#000000"]
NARROW = "(max-width: 600px)"
HEX = re.compile(r"#[0-9a-f]{6}")
IMAGE = re.compile(r'<img ([^>]*)src="([^"]*_images/([^"/]+)\.svg)"([^>]*?)/?>')
PANEL = r'<g id="axes_\d+">\s*<g id="patch_\d+">'  # Matplotlib's own names of parts
GROUND = re.compile(rf'((?:<g id="patch_1">|{PANEL})\s*<path [^>]*style="fill: )#ffffff')
GAP, OVER = 5.0, 16.0  # points that a neighbour's last tick label may take; and that a panel's own may
SVG = "{http://www.w3.org/2000/svg}"
ET.register_namespace("", SVG[1:-1])
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


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
    """Return the SVG with its panels, where several stand side by side, one below the other.

    A panel is a column of axes with what Matplotlib drew for them: nothing of its neighbour shows at its
    edge, and what stands beyond its own is whole.
    """
    root = ET.fromstring(svg[svg.index("<svg") :])
    width, height = (float(x) for x in root.get("viewBox").split()[2:])
    figure = root.find(f".//{SVG}g[@id='figure_1']")
    columns = _columns([part for part in figure if part.get("id", "").startswith("axes_")], width)
    if len(columns) < 2:
        return svg
    boxes = [
        (columns[i - 1][1] + GAP if i else 0.0, min(end + OVER, width) if i + 1 < len(columns) else width)
        for i, (_, end, _) in enumerate(columns)
    ]
    widest, whole = max(b - a for a, b in boxes), ET.Element(f"{SVG}svg", {**root.attrib})
    whole.attrib |= {"width": f"{widest:g}pt", "height": f"{len(columns) * height:g}pt",
                     "viewBox": f"0 0 {widest:g} {len(columns) * height:g}"}  # fmt: skip
    whole.extend(part for part in root if part.tag == f"{SVG}defs")
    for i, ((_, _, parts), (left, right)) in enumerate(zip(columns, boxes, strict=True)):
        place = {"x": "0", "y": f"{i * height:g}", "width": f"{right - left:g}", "height": f"{height:g}",
                 "viewBox": f"{left:g} 0 {right - left:g} {height:g}"}  # fmt: skip
        ET.SubElement(whole, f"{SVG}svg", place).extend(parts)
    return ET.tostring(whole, encoding="unicode")


def _columns(axes, width):
    """Return [left, right, its axes] a column, from the left; a colour bar goes with what it is beside."""
    columns = []
    for part in axes:
        ground = part.find(f"./{SVG}g/{SVG}path").get("d")
        xs = [float(x) for x in re.findall(r"[ML] ([\d.]+) [\d.]+", ground)]
        columns.append([min(xs), max(xs), [part]])
    joined = []
    for left, right, parts in sorted(columns, key=lambda column: column[0]):
        if joined and (left < joined[-1][1] or right - left < 0.05 * width):
            joined[-1][1] = max(joined[-1][1], right)
            joined[-1][2] += parts
        else:
            joined.append([left, right, parts])
    return joined


def on_page(body, sources, folder):
    """Return the page's HTML with both themes' pictures for each figure, and the narrow ones for phones.

    ``sources`` says for each picture's name which file it was made from; the four come into ``folder``.
    """

    def both(found):
        before, source, name, after = found.groups()
        svg, stem, out = Path(sources[f"{name}.svg"]).read_text("utf-8"), source[:-4], []
        for theme, wide in (("light", light(svg)), ("dark", dark(svg))):
            tall = narrow(wide)
            for kind, drawn in ((theme, wide), (f"{theme}-narrow", tall)):
                (Path(folder) / f"{name}-{kind}.svg").write_text(drawn, "utf-8")
            phone = f'<source media="{NARROW}" srcset="{stem}-{theme}-narrow.svg" {_size(tall)}>'
            image = f'<img class="drawn dark-light" loading="lazy" src="{stem}-{theme}.svg" {_size(wide)} '
            image = f"{image}{before} {after}>"
            out.append(f'<picture class="in-{theme}">{phone}{image}</picture>')
        return "".join(out)

    return IMAGE.sub(both, body)


def _size(svg):
    """Return its size in CSS pixels as attributes: the page keeps its place before it is loaded."""
    points = re.search(r'<svg[^>]*? viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    return 'width="{:.0f}" height="{:.0f}"'.format(*(float(x) * 4 / 3 for x in points))
