"""The book's style sheets as one, without the rules that no page needs, and a font of the few icons."""

import base64
import io
import logging
import posixpath
import re
from pathlib import Path

import tinycss2
from fontTools import subset, ttLib

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table
GROUPS = {"media", "supports", "layer", "container"}  # rules of rules
URL = re.compile(r"""url\((["']?)(?!data:|#)([^)"']+)\1\)""")
ICON = re.compile("[\ue000-\uf8ff]")
SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|\s*([{;,])\s*|\s+')  # not within a string
FACE = re.compile(r"@font-face\s*\{[^}]*\}")


def words(pages, scripts):
    """Return every class and id in the HTML of ``pages``, and every word in the text of ``scripts``."""
    said = [value for page in pages for value in re.findall(r'\b(?:class|id)="([^"]*)"', page)]
    return {word for text in (*said, *scripts) for word in re.findall(r"[\w-]+", text)}


def joined(sources, folder):
    """Return the style sheets as one text; what they import or show is found from ``folder``."""
    return "".join(_read(Path(source), folder) for source in sources)


def _read(source, folder):
    """Return a style sheet, what it imports in its place."""
    text = re.sub(r"/\*.*?\*/", "", source.read_text(encoding="utf-8"), flags=re.DOTALL)
    where = posixpath.relpath(source.parent.as_posix(), folder.as_posix())
    text = URL.sub(lambda url: f'url("{posixpath.normpath(posixpath.join(where, url[2]))}")', text)
    text = re.sub(r'@charset "[^"]*";', "", text)
    return re.sub(
        r'@import "([^"]+)";?', lambda name: _read((source.parent / name[1]).resolve(), folder), text
    )


def pruned(css, known):
    """Return the rules of ``css`` whose classes and ids are all among the words ``known``, without spaces."""
    kept = []
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "error":
            raise ValueError(f"style sheet: line {rule.source_line}: {rule.message}")
        told = _short(tinycss2.serialize(rule.prelude))
        if rule.type == "qualified-rule":
            told = ",".join(_short(tinycss2.serialize(x)) for x in _selectors(rule.prelude) if _met(x, known))
            kept.append(told and f"{told}{{{_short(tinycss2.serialize(rule.content))}}}")
        elif rule.content is None:
            kept.append(f"@{rule.at_keyword} {told};")
        else:
            inner = tinycss2.serialize(rule.content)
            inner = pruned(inner, known) if rule.lower_at_keyword in GROUPS else _short(inner)
            kept.append(inner and f"@{rule.at_keyword} {told}".strip() + f"{{{inner}}}")
    return "".join(kept)


def _short(text):
    return SPACE.sub(lambda found: found[1] or found[2] or " ", text).strip(" ;")


def _selectors(tokens):
    """Return the selectors of a rule, lists of tokens."""
    found = [[]]
    for token in tokens:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _met(selector, known):
    """Return whether every class and id of a selector is known; those in :is() and :not() do not count."""
    before = None
    for token in selector:
        named = token.type == "hash" or (token.type == "ident" and before == ".")
        if named and token.value not in known:
            return False
        before = token
    return True


def with_icons(css, fonts):
    """Return ``css`` with the icons that it names in it, as fonts made of those in the folder ``fonts``."""
    codes = sorted({ord(icon) for icon in ICON.findall(css)})
    faces = (("Font Awesome 6 Free", 900, "fa-solid-900"), ("Font Awesome 6 Brands", 400, "fa-brands-400"))
    css = FACE.sub(lambda face: "" if "Awesome" in face[0] else face[0], css)
    css = css.replace(r"Font Awesome\ 5 Free", r"Font Awesome\ 6 Free")
    for family, weight, name in faces:
        data = base64.b64encode(_few(fonts / f"{name}.ttf", codes)).decode()
        css += f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:block;' \
               f'src:url("data:font/woff;base64,{data}") format("woff")}}'  # fmt: skip
    return css


def _few(path, codes):
    """Return the bytes of a WOFF of the characters ``codes`` that the font at ``path`` has."""
    font, few = ttLib.TTFont(path, recalcTimestamp=False), subset.Subsetter()
    few.populate(unicodes=codes)
    few.subset(font)
    font.flavor, out = "woff", io.BytesIO()
    font.save(out)
    return out.getvalue()
