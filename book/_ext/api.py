"""Docstrings' "name : description" as lists: names as written, the whole description below them.

napoleon would read the description as a type, its further lines as the description, and several names as one.
"""

import re

HEADS = ("Parameters", "Attributes")
NAMES = r"\w+(?:, \w+)*"
OPENS = re.compile(rf"{NAMES} : ")  # an entry outside of the two sections
NEXT = re.compile(rf"; (?={NAMES} : )")  # another one on the same line
LINES = re.compile(r'<dl>\s*((?:<dd><em class="sig-param">.*?</dd>\s*)+)</dl>', re.DOTALL)


def entries(lines, section):
    """Return (names, description) an entry; a line that opens none goes on with the one before."""
    found = []
    for line in lines:
        if not line.startswith(" ") and (section or OPENS.match(line)):
            found.append(line)
        else:
            found[-1] += f" {line.strip()}"
    return [entry.partition(" : ")[::2] for line in found for entry in NEXT.split(line)]


def listed(lines):
    """Return a docstring's lines; its Parameters, Attributes and paragraphs like them become RST lists."""
    out, i = [], 0
    while i < len(lines):
        section = lines[i] in HEADS and i + 1 < len(lines) and re.fullmatch("-{3,}", lines[i + 1]) is not None
        if not section and not (i and not lines[i - 1].strip() and OPENS.match(lines[i])):
            out.append(lines[i])
            i += 1
            continue
        start = i + 2 if section else i
        i = next((j for j in range(start, len(lines)) if not lines[j].strip()), len(lines))
        indent = "    " if section else ""
        out += [f":{lines[start - 2]}:"] if section else []
        for names, words in entries(lines[start:i], section):
            out += [f"{indent}``{names}``", f"{indent}    {words or '..'}"]
    return out


def linked(line):
    """Return the line; names as ``Learner`` or ``steps.armijo`` become links where they have an entry."""
    return re.sub(r"``([A-Z]\w*[a-z]\w*|[a-z_]+\.\w+)``", r":py:obj:`\1 <.\1>`", line)


def rewrite(app, what, name, obj, options, lines):
    """Rewrite a docstring for napoleon, which has the rest of its sections."""
    first = ["..", ""] if what == "property" else []  # of whose first line it takes a colon for a type's
    lines[:] = first + [linked(line) for line in listed(lines)]


def mend(app, pagename, templatename, context, doctree):
    """Give the menu's folds a name; make lines of a long signature, a list without terms for Sphinx."""

    def lines(found):
        return found[1].replace("<dd>", '<span class="line">').replace("</dd>", "</span>")

    context["body"] = LINES.sub(lines, context.get("body", ""))
    made = context["generate_toctree_html"]

    def named(*args, **kwargs):
        for fold in (tree := made(*args, **kwargs)) and tree("summary"):
            fold["aria-label"] = "its pages"
        return tree

    context["generate_toctree_html"] = named


def setup(app):
    """Come before napoleon, whose priority is the usual 500, and after the theme."""
    app.connect("autodoc-process-docstring", rewrite, priority=400)
    app.connect("html-page-context", mend, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
