"""The pages of the built book as one document for paper: solutions last, a line for each fold."""

import itertools
import json
import os
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
ONLINE = CONFIG["html"]["baseurl"]
DEAD = (  # buttons, scripts, and what the dark theme shows
    "a.headerlink, script, style, template, .in-dark, picture > source, .toctree-wrapper, "
    ".tag_exercise .cell_output, .downloads"
)


HEADING = re.compile("^h[1-6]$")


def pages():
    """Return (part, name, level) a page, in the book's order; the first has no part, a section level 1."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = [("", toc["root"], 0)]
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            found.append((part["caption"], chapter["file"], 0))
            found += [(part["caption"], x["file"], 1) for x in chapter.get("sections", ())]
    return found


def slug(name):
    """Return a page's id in the whole."""
    return name.replace("/", "-")


def parsed(text):
    """Return HTML as a tree."""
    return BeautifulSoup(text, "html.parser")


def mark(text):
    """Return one element from its HTML, apart from any tree."""
    return parsed(text).find(True).extract()


class Page:
    """One page of the site, made fit for paper: its ``body``, and its ``solutions``, which go to the end."""

    def __init__(self, site, name, known, level=0):
        """Read page ``name`` below ``site``; ``known`` are the pages that the whole has."""
        self.name, self.known, self.level, self.site = name, known, level, site
        self.url = urljoin(ONLINE, f"{name}.html")
        html = (site / f"{name}.html").read_text(encoding="utf-8")
        self.body = parsed(html).select_one("article.bd-article").extract()
        self.stills()
        for dead in self.body.select(DEAD):
            dead.decompose()
        self.title = self.body.h1.get_text().strip()
        self.folds()
        self.solutions = self.apart()
        for part in (self.body, *self.solutions):
            self.anchors(part)
        for section in self.body.select("section[id]"):  # which begins above where a heading is moved to
            heading = section.find(HEADING, recursive=False)
            if heading:
                heading["id"] = section.attrs.pop("id")

    def stills(self):
        """Leave an explorer's still with its title and where it moves, a film's first picture."""
        for explorer in self.body.find_all(re.compile("^sobolev-")):
            data = explorer.find("script", type="application/json")
            title = json.loads(data.string).get("title", "") if data else ""
            words = f"{title}. " if title else ""
            explorer.append(mark(f'<p class="moves">{words}It moves <a href="{self.url}">online</a>.</p>'))
            explorer.name, explorer.attrs = "div", {"class": "still"}
        for film in self.body.find_all("video"):
            film.replace_with(mark(f'<img src="{film["poster"]}" alt="{film["aria-label"]}">'))

    def folds(self):
        """Put a line in the place of each folded cell; neighbours share one."""
        for fold in self.body.select("details.hide"):
            label, cell = fold.select_one("p.collapsed").get_text().strip(), fold.find_parent(class_="cell")
            number, there = self.section(fold)
            words = f'Folded here: <span>{label}</span> (<a href="{there}">online</a>{number})'
            fold.replace_with(line := mark(f'<p class="folded">{words}</p>'))
            if not any(child is not line and child.name for child in cell.children):
                cell.replace_with(line)
        for line in self.body.select("p.folded"):
            before = line.find_previous_sibling()
            if before and before.get("class") == ["folded"]:
                before.span.append(f"; {line.span.get_text()}")
                line.decompose()

    def section(self, tag):
        """Return ", section 1.2" (or nothing) and the public address of the section that holds a tag."""
        around = tag.find_parent("section")
        number = around.find(HEADING).select_one(".section-number")
        number = f", section {number.get_text().strip(' .')}" if number else ""
        return number, f"{self.url}#{around['id']}"

    def apart(self):
        """Take the solutions out, each with its exercise's name; return them."""
        found = []
        for solution in self.body.select("div.solution"):
            exercise = solution.find_previous("div", class_="exercise")
            name = exercise.select_one(".admonition-title").get_text().strip()
            link = f'href="#{solution["id"]}"'
            number = f'<span class="onpage">, page <a class="pp" {link}>000</a></span>'
            there = mark(f'<p class="to-solution"><a {link}>Solution</a>{number}</p>')
            solution.replace_with(there)
            solution.select_one(".admonition-title").replace_with(
                mark(f'<p class="admonition-title"><a href="#{exercise["id"]}">{name}</a></p>')
            )
            found.append(solution)
        return found

    def anchors(self, part):
        """Give ids the page's name in front, and links their place in the whole or on the network."""
        for tag in [part, *part.select("[id]")] if part.get("id") else part.select("[id]"):
            tag["id"] = f"{slug(self.name)}--{tag['id']}"
        for tag in part.select("[src], [poster]"):
            tag["src"] = os.path.normpath(Path(self.name).parent / tag["src"])
        for tag in part.select("a[href]"):
            tag["href"] = self.place(tag["href"])

    def place(self, href):
        """Return where a link of this page leads from the whole."""
        there = urlsplit(urljoin(self.url, href))
        name = there.geturl().partition("#")[0].removeprefix(ONLINE).removesuffix(".html")
        if name not in self.known or href.startswith(ONLINE):
            return there.geturl()
        return f"#{slug(name)}--{there.fragment}" if there.fragment else f"#{slug(name)}"


def deeper(tree, steps):
    """Lower every heading by so many steps."""
    for heading in tree.find_all(HEADING):
        heading.name = f"h{min(6, int(heading.name[1]) + steps)}"


def chapters(site):
    """Return (part, its pages) a chapter, and the solutions: (title, tags) a chapter that has some."""
    known = {name for _, name, _ in pages()}
    every = [(part, Page(site, name, known, level)) for part, name, level in pages()]
    heads = [i for i, (_, page) in enumerate(every) if page.level == 0] + [len(every)]
    groups = [(every[a][0], [page for _, page in every[a:b]]) for a, b in itertools.pairwise(heads)]
    return groups, [(page.title, page.solutions) for _, page in every if page.solutions]


def chapter(part, group, new):
    """Return a chapter's section: on its first page the name of a part that begins here."""
    out = mark(f'<section class="chapter" id="at-{slug(group[0].name)}"></section>')
    if part and new:
        out.append(mark(f'<h1 class="part">{part}</h1>'))
    for page in group:
        section, heading = mark('<section class="page"></section>'), page.body.find(HEADING)
        heading.insert(0, name := mark(f'<span id="{slug(page.name)}"></span>'))
        name.extend(list(name.next_siblings))
        deeper(page.body, page.level + (1 if part else 0))
        if page.body.select_one(".folded, .still"):
            words = "Online, with what is folded here and pictures that move:"
            line = mark(f'<p class="online">{words} <a href="{page.url}">{page.url}</a></p>')
            heading.insert_after(line)
        section.extend(list(page.body.contents))
        out.append(section)
    return out


def answers(solutions):
    """Return the section of the solutions, chapter by chapter."""
    out = mark('<section class="chapter" id="at-solutions"><h1 id="solutions">Solutions</h1></section>')
    for i, (title, tags) in enumerate(solutions):
        out.append(mark(f'<h2 id="solutions-{i}">{title}</h2>'))
        out.extend(tags)
    return out


def contents(book):
    """Return the contents: parts, chapters and their sections, with the numbers of their pages."""
    out = mark('<nav class="contents" id="contents"><h1>Contents</h1></nav>')
    for section in book:
        for heading in section.find_all(["h1", "h2", "h3"]):
            holder = heading if heading.get("id") else heading.find_parent("section")
            line = mark(f'<p class="{heading.name}"><a href="#{holder["id"]}"></a></p>')
            line.a.extend([mark(f"<span>{heading.decode_contents()}</span>"), mark("<i></i>")])
            line.a.append(mark(f'<span class="pp" data-to="#{holder["id"]}">000</span>'))
            for inner in line.find_all(id=True):
                del inner["id"]
            out.append(line)
    return out


def whole(site):
    """Return the book's chapters, each a section, the last of solutions; sources are relative to ``site``."""
    if not (site / "notebooks").is_dir():
        raise SystemExit(f"make: {site}: no built book there, wanted that of `make book`")
    groups, solutions = chapters(site)
    parts = [part for part, _ in groups]
    book = [chapter(part, group, i == 0 or parts[i - 1] != part) for i, (part, group) in enumerate(groups)]
    return [*book, answers(solutions)]


def linked(site, name, words):
    """Name a file in the book's first page, among those that are there already."""
    path = site / f"{pages()[0][1]}.html"
    tree = parsed(path.read_text("utf-8"))
    line = tree.select_one(".downloads p")
    others = [a for a in line.find_all("a") if not a["href"].endswith(name)]
    line.clear()
    line.append("The whole book in one file: ")
    for other in others:
        line.extend([other, ", "])
    line.append(mark(f'<a href="../{name}">{words}</a>'))
    path.write_text(str(tree), "utf-8")
