"""What leads readers here: descriptions, and what to cite; tests/site/test_findable.py has the built site."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
PAGES = {TOC["root"], *(x["file"] for chapter in CHAPTERS for x in (chapter, *chapter.get("sections", ())))}
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_every_page_has_a_description_of_its_own():
    said = yaml.safe_load((ROOT / "book" / "descriptions.yml").read_text(encoding="utf-8"))
    assert said.keys() == PAGES, "book/descriptions.yml: a line for each page of _toc.yml"
    assert len(set(said.values())) == len(said)
    assert not {page: words for page, words in said.items() if not 60 <= len(words) <= 160}


def test_the_box_to_cite_from_says_what_the_citation_file_says():
    page = (ROOT / "book" / "intro.md").read_text(encoding="utf-8")
    entries = re.search(r"```bibtex\n(.*?)```", page, re.DOTALL)[1].split("@")[1:]
    fields = [re.findall(r"(\w+)\s*= \{(.*?)\},?\n", entry, re.DOTALL) for entry in entries]
    fields = [{name: " ".join(words.split()) for name, words in entry} for entry in fields]
    paper = CITATION["references"][0]
    assert fields[0]["title"] == CITATION["title"] and fields[0]["version"] == CITATION["version"]
    assert fields[0]["url"] == CITATION["url"] and CITATION["authors"][0]["name"] in fields[0]["author"]
    assert fields[1]["title"] == paper["title"] and fields[1]["url"] == paper["url"]
    names = " and ".join(f"{x['family-names']}, {x['given-names']}" for x in paper["authors"])
    assert fields[1]["author"] == names and fields[1]["year"] == str(paper["year"])
    assert fields[1]["journal"] == paper["identifiers"][0]["value"]


def test_the_citation_file_has_what_an_archive_wants():
    wanted = {"cff-version", "message", "title", "version", "authors", "license", "url", "repository-code"}
    assert wanted | {"abstract", "keywords", "type"} <= CITATION.keys()
    assert CITATION["license"] == ["MIT", "CC-BY-4.0"]
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Attribution 4.0" in (ROOT / "LICENSE-TEXT").read_text(encoding="utf-8")
