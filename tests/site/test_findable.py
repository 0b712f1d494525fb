"""The built site as search engines, shared links and readers with a question meet it."""

import html as markup
import json
import re
from urllib.parse import unquote, urljoin, urlsplit

import matplotlib.image
import pytest
import yaml

from tests.site.test_pages import PAGES, ROOT

BASE = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
SAID = yaml.safe_load((ROOT / "book" / "descriptions.yml").read_text(encoding="utf-8"))
META = re.compile(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)"')
LINK = re.compile(r'<(?:a|link|img|script|source|video|iframe)\b[^>]*?\s(?:href|src|poster)="([^"]*)"')
MEMBERS = re.compile(r"automodule:: ([\w.]+)(?:\n   :no-index:)?\n   :members: (\S.*)")


@pytest.fixture(scope="module")
def pages(html):
    """Return the text of every page there is, name -> text: generated ones, too, but no theme's templates."""
    paths = (path for path in html.rglob("*.html") if "_static" not in path.parts)
    return {path.relative_to(html).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_and_where_it_lives(pages, html, name):
    text = pages[f"{name}.html"]
    found = META.findall(text)
    assert [markup.unescape(words) for key, words in found if key == "description"] == [SAID[name]]
    found = {key: markup.unescape(words) for key, words in found}
    assert found["og:description"] == SAID[name] and found["og:url"] == f"{BASE}{name}.html"
    assert found["og:site_name"] in text.partition("</title>")[0]
    assert found["twitter:card"] == "summary_large_image" and len(found["og:image:alt"]) > 20
    card = html / found["og:image"].removeprefix(BASE)
    assert matplotlib.image.imread(card).shape[:2] == (630, 1200)
    assert re.findall(r'<link rel="canonical" href="(.*?)"', text) == [f"{BASE}{name}.html"]


def test_the_sitemap_has_every_page_and_only_pages_that_exist(html):
    found = re.findall(r"<loc>(.*?)</loc>", (html / "sitemap.xml").read_text(encoding="utf-8"))
    assert {f"{BASE}{name}.html" for name in PAGES} <= set(found) and len(found) == len(set(found))
    assert not [url for url in found if not (html / url.removeprefix(BASE)).is_file()]


def test_the_search_index_has_every_symbol_of_the_module_s_pages(html):
    text = (html / "searchindex.js").read_text(encoding="utf-8")
    objects = json.loads(text[text.index("(") + 1 : text.rindex(")")])["objects"]
    known = {f"{module}.{entry[-1]}" for module, entries in objects.items() for entry in entries}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "book/api").glob("*.md"))
    wanted = {
        f"{module}.{name.strip()}" for module, names in MEMBERS.findall(sources) for name in names.split(",")
    } | set(re.findall(r"auto(?:class|function|exception|data):: ([\w.]+)", sources))
    assert len(wanted) > 100 and not wanted - known


@pytest.mark.parametrize(
    ("word", "page"),
    [("td_target", "api/targets.html"), ("HugeSavine", "api/losses.html"), ("train_sac", "api/sac.html")],
)
def test_a_search_for_a_symbol_leads_to_its_page(open_page, word, page):
    opened, seen = open_page(f"search.html?q={word}")
    opened.wait_for_selector(f"#search-results li a[href*='{page}']")
    assert not seen.outside and not seen.complaints
    opened.close()


def dead(pages, files):
    """Return (page, link) of the links that lead to no file or to no place within it.

    Parameters
    ----------
    pages : {name: text}
    files : names of all files of the site
    """
    places = {name: set(re.findall(r'\b(?:id|name)="([^"]+)"', text)) for name, text in pages.items()}
    found = set()
    for name, text in pages.items():
        text = re.sub(r"(?s)<script\b[^>]*>.*?</script>", lambda tag: tag[0].partition(">")[0] + ">", text)
        for link in map(markup.unescape, LINK.findall(text)):
            target = urljoin(f"{BASE}{name}", link)
            path, fragment = urlsplit(target).path, unquote(urlsplit(target).fragment)
            if not target.startswith(BASE) or link.startswith("data:"):
                continue
            inner = unquote(path).removeprefix(urlsplit(BASE).path) or "index.html"
            state = "=" in fragment  # of an explorer, which reads it; no place
            if inner not in files or (fragment and not state and fragment not in places.get(inner, ())):
                found.add((name, link))
    return sorted(found)


def test_every_inner_link_and_fragment_arrives(pages, html):
    files = {path.relative_to(html).as_posix() for path in html.rglob("*") if path.is_file()}
    assert len(pages) > len(PAGES) and not dead(pages, files)


def test_a_dead_link_is_found():
    pages = {
        "a.html": '<a href="b.html#here">x</a><a href="b.html#gone">y</a>'
        '<a href="c.html">z</a><img src="p.png">',
        "b.html": '<p id="here"><a class="k" href="#nowhere">u</a><a href="#explorer.x=1">v</a>'
        f'<a href="{BASE}c.html">w</a><a href="https://example.org/c.html">o</a>',
    }
    gone = [("a.html", "b.html#gone"), ("a.html", "c.html"), ("a.html", "p.png"), ("b.html", "#nowhere")]
    assert dead(pages, set(pages)) == [*gone, ("b.html", f"{BASE}c.html")]
