"""What Jupyter Book and its theme leave to mend on every page."""

import html
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import ants  # beside this file, as the next
import figures
import matplotlib.pyplot as plt
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from sobolev_book.explorers import clip, recorded, ten
from sobolev_book.explorers.base import HERE, classic, element

STILLS = {"recorded": recorded, "clip": clip, "ten": ten}
RECORDED = re.compile(
    r'(<sobolev-(recorded|clip|ten|ants)[^>]*>)<p>.*?</p>(<script type="application/json">(.*?)</script>)',
    re.DOTALL,
)


class FoldsBelow(SphinxPostTransform):
    """Set the folded code of a figure, a table or an explorer below what it makes."""

    default_priority = 250  # after the notebook's extension has folded it
    formats = ("html",)

    def run(self, **kwargs):
        """Move it, cell by cell."""
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code" and cell.get("hide_mode") == "input" and len(cell) > 1:
                cell.append(cell.pop(0))


def derive_options(app, config):
    """Derive from the public address in `_config.yml` whatever else needs it; drop a useless button."""
    config.ogp_site_url = config.html_baseurl
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path
    config.html_theme_options["use_fullscreen_button"] = False


def prune_scripts(app, pagename, templatename, context, doctree):
    """Leave out the live-code scripts (injected twice, never used), the widget manager and MathJax."""
    unwanted = re.compile(r"thebe|THEBE|require\.min\.js|html-manager|MathJax|mathjax")
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not unwanted.search(f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {})}")
    ]


def add_explorers(app, pagename, templatename, context, doctree):
    """Load the script of each explorer that a page holds; an empty element gets its still."""
    body = context.get("body", "")
    body = RECORDED.sub(lambda tag: tag[1] + picture(app, tag[2], json.loads(tag[4])) + tag[3], body)
    context["body"] = re.sub(r"<sobolev-(\w+)></sobolev-\1>", lambda tag: element(tag[1]), body)
    for name in sorted(set(re.findall(r"<sobolev-(\w+)", body))):
        app.add_js_file(f"explorers/{name}.js")


def picture(app, kind, data):
    """Draw what an explorer or a clip shows at first into the book's static files; return it as HTML."""
    if kind == "ants":
        return ants.brought(data, static_folder(app))
    figure = STILLS[kind].draw(data)
    figure.savefig(path := static_folder(app) / f"{data['name']}.png")
    plt.close(figure)
    height, width, _ = plt.imread(path).shape  # the page keeps its place before it is loaded
    words = html.escape(STILLS[kind].alt(data), quote=True)
    source = f'src="../_static/explorers/{path.name}" width="{width}" height="{height}"'
    return f'<img loading="lazy" {source} alt="{words}">'


def finish(app, error):
    """Put the explorers' scripts beside the pages."""
    if error is None and app.builder.format == "html":
        for module in HERE.glob("*.js"):
            if "\nexport default" in module.read_text(encoding="utf-8"):
                (static_folder(app) / module.name).write_text(classic(module.stem), encoding="utf-8")


def static_folder(app):
    """Return the folder of the explorers' files beside the pages."""
    folder = Path(app.outdir) / "_static" / "explorers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def mend_roles(app, pagename, templatename, context, doctree):
    """Take back a role of the bibliography, whose entries are no list items; let keys scroll wide tables."""
    plain, scrolls = '<div class="citation-list">', '<div class="pst-scrollable-table-container"'
    body = context.get("body", "").replace('<div role="list" class="citation-list">', plain)
    (folder := Path(app.outdir) / "_images").mkdir(exist_ok=True)
    sources = {name: path for path, name in app.builder.images.items()}
    context["body"] = figures.on_page(body.replace(scrolls, f'{scrolls} tabindex="0"'), sources, folder)


def link_equations(app, what, name, obj, options, lines):
    """Turn a docstring's "eq-02-piece" into a link to that equation."""
    lines[:] = [re.sub(r"(?<![`\w-])eq-\d\d-\w[\w-]*", r":eq:`\g<0>`", line) for line in lines]


def setup(app):
    """Connect them; pruning comes after every extension has added its scripts."""
    app.add_post_transform(FoldsBelow)
    app.connect("config-inited", derive_options)
    app.connect("autodoc-process-docstring", link_equations)
    app.connect("html-page-context", prune_scripts, priority=900)
    app.connect("html-page-context", mend_roles)
    app.connect("html-page-context", add_explorers)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
