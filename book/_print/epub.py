"""The built book for e-readers: ``epub.py _build/html`` writes sobolev-mini.epub into it and links it."""

import datetime
import html
import io
import re
import sys
import zipfile
from pathlib import Path

import gather
from PIL import Image

HERE = Path(__file__).resolve().parent
NAME = "sobolev-mini.epub"
CAMEL = "viewBox preserveAspectRatio markerWidth markerHeight refX refY linearGradient clipPath".split()
KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
DOCTYPE = re.compile(rb"<!DOCTYPE[^>]*>\s*")
EMPTY = re.compile(rb"<path(?![^>]*\sd=)")  # Matplotlib's, of a space or a line without points
NAMED = (
    'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en"'
)
MATHML = "http://www.w3.org/1998/Math/MathML"
FILE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html {named}><head><title>{title}</title><link rel="stylesheet" href="epub.css"/></head>
<body>{body}</body></html>"""
CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">{online}</dc:identifier>
<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>en</dc:language>
<dc:rights>Text CC BY 4.0, code MIT</dc:rights><meta property="dcterms:modified">{now}</meta></metadata>
<manifest>{items}</manifest><spine>{order}</spine></package>"""


def plain(section):
    """Leave in a section what e-readers know: MathML for formulas, no numbers of pages."""
    for number in section.select(".onpage"):
        number.decompose()
    for formula in section.find_all("mjx-container"):
        maths = formula.select_one("mjx-assistive-mml math").extract()
        maths.attrs = {"xmlns": MATHML} | ({"display": "block"} if formula.get("display") else {})
        formula.replace_with(maths)
        for tag in maths.find_all(True):
            tag.attrs = {k: v for k, v in tag.attrs.items() if not k.startswith("data-")}
    for picture in section.find_all("picture"):
        picture.unwrap()
    for tag in section.find_all(True):
        for name in (
            "loading",
            "tabindex",
            "border",
            "align",
            "valign",
            "width",
            "height",
            "role",
            "decoding",
        ):
            if not tag.find_parent("svg") and tag.name != "svg":
                tag.attrs.pop(name, None)
    for svg in section.find_all("svg"):
        svg["xmlns"] = "http://www.w3.org/2000/svg"


def text(section):
    """Return a section as XML; the parser wrote names of SVG small."""
    out = section.decode(formatter="minimal")
    for name in CAMEL:
        out = re.sub(rf"(?<=[ </]){name.lower()}(?=[ =>])", name, out)
    return out


def pictures(sections, site):
    """Return name -> bytes of the pictures that sections show, and let those lead to them."""
    found = {}
    for image in (image for section in sections for image in section.find_all("img")):
        path = site / image["src"]
        data = path.read_bytes()
        if path.suffix == ".svg":  # a reader of books fetches no document type from elsewhere
            data = EMPTY.sub(b'<path d="M0 0"', DOCTYPE.sub(b"", data))
        if path.suffix not in KINDS:  # WebP, which not every reader knows
            Image.open(path).save(made := io.BytesIO(), "PNG")
            path, data = path.with_suffix(".png"), made.getvalue()
        found[path.name] = data
        image["src"] = path.name
    return found


def links(sections, files):
    """Let links within the book lead to the file of their place; ValueError names those that lead nowhere."""
    places = {
        tag["id"]: name
        for section, name in zip(sections, files, strict=True)
        for tag in [section, *section.select("[id]")]
    }
    for link in (link for section in sections for link in section.select('a[href^="#"]')):
        place = link["href"][1:]
        if place not in places:
            raise ValueError(f"a link leads nowhere: {link['href']}")
        link["href"] = f"{places[place]}#{place}"


def contents(sections):
    """Return the contents as nested lists."""
    out, level = ['<nav epub:type="toc"><h1>Contents</h1>'], 0
    for line in gather.contents(sections).find_all("p"):
        depth, link = int(line["class"][0][1]), line.a
        depth = min(depth, level + 1)
        out.append("<ol>" * (depth - level) if depth > level else "</li>" + "</ol></li>" * (level - depth))
        out.append(f'<li><a href="{link["href"]}">{html.escape(link.span.get_text())}</a>')
        level = depth
    out.append("</li></ol>" * level + "</nav>")
    return gather.mark("".join(out))


def main(site):
    """Write the EPUB into the site and link it."""
    site = Path(site).resolve()
    sections = gather.whole(site)
    nav = contents(sections)
    files = [f"c{i:02}.xhtml" for i in range(len(sections))]
    for section in sections:
        plain(section)
    images = pictures(sections, site)
    nav["id"] = "nav"
    links([*sections, nav], [*files, "nav.xhtml"])
    title, author = (html.escape(gather.CONFIG[name]) for name in ("title", "author"))
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = {name: FILE.format(named=NAMED, title=title, body=text(section))
             for name, section in zip([*files, "nav.xhtml"], [*sections, nav], strict=True)}  # fmt: skip
    parts |= {"epub.css": (HERE / "epub.css").read_text("utf-8"), **images}
    items = "".join(_item(name, parts[name]) for name in parts)
    order = "".join(f'<itemref idref="f-{name}"/>' for name in ["nav.xhtml", *files])
    package = PACKAGE.format(
        online=gather.ONLINE, title=title, author=author, now=now, items=items, order=order
    )
    with zipfile.ZipFile(site / NAME, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        file.writestr("META-INF/container.xml", CONTAINER)
        for name, part in {"content.opf": package, **parts}.items():
            file.writestr(f"book/{name}", part)
    gather.linked(site, NAME, f"EPUB ({(site / NAME).stat().st_size / 1e6:.0f} MB)")


def _item(name, part):
    """Return a file's line of the manifest."""
    kind = KINDS.get(Path(name).suffix) or ("text/css" if name.endswith("css") else "application/xhtml+xml")
    has = [x for x, sign in (("mathml", "<math"), ("svg", "<svg")) if name.endswith("xhtml") and sign in part]
    has += ["nav"] if name == "nav.xhtml" else []
    properties = f' properties="{" ".join(has)}"' if has else ""
    return f'<item id="f-{name}" href="{name}" media-type="{kind}"{properties}/>'


if __name__ == "__main__":
    main(*sys.argv[1:])
