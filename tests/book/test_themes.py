"""A notebook's SVG in both themes and on a phone: grounds, colours, panels one below the other."""

import importlib.util
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from sobolev_book import style
from tests.book.test_style import contrast

PLACE = Path(__file__).resolve().parents[2] / "book" / "_ext" / "figures.py"
BOOK = PLACE.parents[1] / "sobolev_book"
GROUNDS = {"#f4f4f4"}  # of boxes: what stands on them is told by their words and edges
SPEC = importlib.util.spec_from_file_location("themes", PLACE)
themes = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(themes)


def drawn(panels, width=6.4):
    style.use()
    figure, axes = plt.subplots(1, panels, figsize=(width, 3), squeeze=False)
    for ax in axes[0]:
        ax.plot([0, 1], [0, 1], **style.line("value_only"))
        ax.plot([0, 1], [1, 0], **style.line("constant"))
        ax.fill_between([0, 1], 0, 1, color="#f2f2f2")
        ax.legend()
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    plt.close(figure)
    return out.getvalue()


def test_both_grounds_are_the_page_s():
    svg = drawn(2)
    assert "#ffffff" in svg
    for themed in (themes.light(svg), themes.dark(svg)):
        assert len(re.findall("fill: #ffffff", themed)) < len(re.findall("fill: #ffffff", svg))
        assert len(themes.GROUND.findall(themed)) == 0
        ET.fromstring(themed.split("?>", 1)[1])


def test_dark_text_is_light_and_methods_keep_their_colours():
    svg = themes.dark(drawn(1))
    root = re.search(r"<svg [^>]*>", svg)[0]
    assert f"fill: {themes.DARK_TEXT}" in root
    assert "#d55e00" in svg and "#a79cf0" in svg and "#332288" not in svg
    explorers = (BOOK / "explorers" / "view.js").read_text(encoding="utf-8")
    for color, bright in style.DARK.items():  # what is changed in one place is changed in all
        for part in ("stroke", "fill"):
            assert color == "#000000" or f'[{part}="{color}"] {{ {part}: {bright}; }}' in explorers
    assert "#f2f2f2" not in svg and "#0d0d0d" in svg
    assert "#ffffff" not in svg and "#000000" not in svg


def test_other_colours_of_lines_and_marks_stand_out_from_both_pages():
    drawn_by = [*(BOOK / "figures").glob("*.py"), *(BOOK / "explorers").glob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in drawn_by]
    for path in (PLACE.parents[2] / "notebooks").glob("*.ipynb"):
        texts += ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    colors = {color.lower() for text in texts for color in re.findall(r"#[0-9a-fA-F]{6}\b", text)} - GROUNDS
    pale = {c for c in colors if contrast(c, "#ffffff") < 3 or contrast(on_dark(c), themes.DARK_PAGE) < 3}
    assert len(colors) > 9 and not pale


def on_dark(color):
    """Return the colour that the dark page shows for one of a figure."""
    return re.findall("#[0-9a-f]{6}", themes.dark(f'<svg style="fill: {color}"/>'))[1]


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_panels_stand_one_below_the_other_and_none_is_cut(panels):
    svg = themes.light(drawn(panels, 7.2))
    tall = themes.narrow(svg)
    root = ET.fromstring(tall[tall.index("<svg") :])
    parts = [x for x in root if x.tag.endswith("}svg")]
    width, height = (float(x) for x in root.get("viewBox").split()[2:])
    if panels == 1:
        assert tall == svg and not parts
        return
    assert len(parts) == panels and height == pytest.approx(panels * 3 * 72, abs=0.1)
    assert width < 7.2 * 72 / panels * 1.25
    for i, part in enumerate(parts):
        names = [x.get("id") for x in part if x.get("id", "").startswith("axes_")]
        assert len(names) == 1 and float(part.get("y")) == pytest.approx(i * 3 * 72)  # its neighbour is below
    known = set(re.findall(r' id="([^"]+)"', tall))
    assert set(re.findall(r"url\(#([^)]+)\)", tall)) | set(re.findall(r'href="#([^"]+)"', tall)) <= known
    assert "stroke-linejoin" in tall  # Matplotlib's style for all lines


def inside(part):
    """Return the leftmost and rightmost place of a part's axes and texts, and its box's ends."""
    left, _, wide, _ = (float(x) for x in part.get("viewBox").split())
    text = ET.tostring(part, encoding="unicode")
    places = [float(x) for x in re.findall(r"translate\(([\d.]+) [\d.]+\) (?:scale|rotate)", text)]
    return min(places), max(places), left, left + wide


def test_a_panel_s_labels_are_whole_and_a_colour_bar_stays_beside_its_panel():
    style.use()
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3))
    for ax in axes:
        ax.plot([0, 1], [1000, 2000])
        ax.set(xlim=(0, 1), xticks=[0, 1], ylabel="something tall")
    figure.colorbar(plt.cm.ScalarMappable(), ax=axes[1])
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    plt.close(figure)
    root = ET.fromstring(themes.narrow(themes.light(out.getvalue())))
    parts = [x for x in root if x.tag.endswith("}svg")]
    assert [len([x for x in part if "axes_" in x.get("id", "")]) for part in parts] == [1, 2]
    for part in parts:
        first, last, left, right = inside(part)
        assert left <= first and last + 4 <= right


def test_a_page_gets_both_pictures_and_their_narrow_ones_with_their_sizes(tmp_path):
    (tmp_path / "plot.svg").write_text(drawn(2), encoding="utf-8")
    body = '<p><img src="../_images/a1b2.svg" alt="a curve"/> <img src="x.png" alt="b"></p>'
    for _ in range(2):
        page = themes.on_page(body, {"a1b2.svg": tmp_path / "plot.svg"}, tmp_path)
    assert page.count("<picture") == 2 and page.count('alt="a curve"') == 2 and '<img src="x.png"' in page
    for theme in ("light", "dark"):
        assert f'srcset="../_images/a1b2-{theme}-narrow.svg"' in page
        assert f'src="../_images/a1b2-{theme}.svg" width="614" height="288"' in page
    assert re.search(r'narrow.svg" width="3\d\d" height="576"', page)
    kinds = ("dark-narrow", "dark", "light-narrow", "light")
    assert sorted(x.name for x in tmp_path.iterdir()) == [*(f"a1b2-{kind}.svg" for kind in kinds), "plot.svg"]
    assert (tmp_path / "a1b2-dark.svg").read_text("utf-8") == themes.dark(drawn(2))
