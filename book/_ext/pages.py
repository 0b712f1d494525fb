"""What Jupyter Book and its theme leave to mend on every page."""

import re
from urllib.parse import urlsplit


def derive_options(app, config):
    """Derive from the public address in `_config.yml` whatever else needs it; drop a useless button."""
    config.ogp_site_url = config.html_baseurl
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path
    config.html_theme_options["use_fullscreen_button"] = False


def prune_scripts(app, pagename, templatename, context, doctree):
    """Leave out the live-code scripts (injected twice, never used) and the widget manager."""
    unwanted = re.compile(r"thebe|THEBE|require\.min\.js|html-manager")
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not unwanted.search(f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {})}")
    ]


def mend_roles(app, pagename, templatename, context, doctree):
    """Take back a role that docutils gives to the bibliography though its entries are no list items."""
    plain = '<div class="citation-list">'
    context["body"] = context.get("body", "").replace('<div role="list" class="citation-list">', plain)


def setup(app):
    """Connect the three; pruning comes after every extension has added its scripts."""
    app.connect("config-inited", derive_options)
    app.connect("html-page-context", prune_scripts, priority=900)
    app.connect("html-page-context", mend_roles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
