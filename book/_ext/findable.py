"""What search engines, shared links and citations want: descriptions, a card, a sitemap."""

import html
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib.pyplot as plt
import yaml

CARD = "_static/card.png"
WORDS = "What a critic's slopes buy: a book of notebooks, and a small module"


def derive(app, config):
    """Name the site and its card, which every page shares."""
    config.ogp_site_name = config.html_title or config.project
    config.ogp_image = CARD
    config.ogp_image_alt = (
        "Errors of two critics over training: the value-only one runs away, the Sobolev one settles"
    )
    config.ogp_custom_meta_tags = ('<meta name="twitter:card" content="summary_large_image" />',)
    app.descriptions = yaml.safe_load(
        (Path(app.confdir) / "book/descriptions.yml").read_text(encoding="utf-8")
    )


def describe(app, pagename, templatename, context, doctree):
    """Give a page the description that is written for it, before one is made of its first words."""
    if doctree is not None and pagename in app.descriptions:
        words = app.descriptions[pagename]
        context["meta"] = {**(context["meta"] or {}), "og:description": words}
        quoted = html.escape(words, quote=True)
        context["metatags"] = f'<meta name="description" content="{quoted}" />\n' + context.get(
            "metatags", ""
        )


def publish(app, error):
    """Draw the card and write the sitemap of all pages that readers look for."""
    if error is None and app.builder.name == "html":
        card(app.confdir, Path(app.outdir) / CARD, app.config.html_title or app.config.project)
        pages = sorted(app.env.found_docs - {"404"})
        links = [
            f"<url><loc>{escape(app.config.html_baseurl + app.builder.get_target_uri(x))}</loc></url>"
            for x in pages
        ]
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        text = "\n".join([head, *links, "</urlset>\n"])
        (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")


def card(source, target, title):
    """Draw the picture of shared links, 1200 by 630: the title over the README's picture."""
    figure = plt.figure(figsize=(12, 6.3), dpi=100, facecolor="white", layout="none")
    figure.text(0.05, 0.87, title, size=31, weight="bold", color="#16324f", family="DejaVu Sans")
    figure.text(0.05, 0.79, WORDS, size=19, color="#33475b", family="DejaVu Sans")
    axes = figure.add_axes((0.05, 0.04, 0.9, 0.7))
    axes.imshow(plt.imread(Path(source) / "book/assets/hero.png"))
    axes.axis("off")
    figure.savefig(target, dpi=100)
    plt.close(figure)


def setup(app):
    """Connect them."""
    app.connect("config-inited", derive)
    app.connect("html-page-context", describe, priority=400)  # before opengraph's
    app.connect("build-finished", publish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
