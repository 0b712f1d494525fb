"""The paper map's links, made from what they lead to: a test's line, a chapter's number in the contents."""

import ast
import re
from pathlib import Path

import yaml
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[2]
TEST = re.compile(r"`([\w/]+)`: ([\w ]+\w)(?=;| *\|)")
CHAPTER = re.compile(r"\{doc\}`((?:\.\./)?[\w/]+)`(?=,| *\|)")


def numbers():
    """Return the number of each numbered chapter, by its file."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    parts = [part for part in toc["parts"] if part.get("numbered")]
    files = [chapter["file"] for part in parts for chapter in part["chapters"]]
    return {file: i for i, file in enumerate(files, 1)}


def line(file, words):
    """Return (path, line) of the test that ``words`` name in test_``file``; without one ExtensionError."""
    folder, _, stem = file.rpartition("/")
    path, name = ROOT / "tests" / folder / f"test_{stem}.py", f"test_{words.replace(' ', '_')}"
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return path.relative_to(ROOT).as_posix(), node.lineno
    raise ExtensionError(f"book/paper_map.md: there is no {name} in {path.relative_to(ROOT)}")


def linked(text, repository):
    """Return the page's source with a link for each test and each chapter's number in its link."""
    known = numbers()

    def test(found):
        path, at = line(*found.groups())
        return f"[`{found[1]}`: {found[2]}]({repository}/{path}#L{at})"

    def chapter(found):
        number = known.get(found[1].removeprefix("../"))
        return f"{{doc}}`{number:02} <{found[1]}>`" if number else found[0]

    rows = [CHAPTER.sub(chapter, TEST.sub(test, row)) if row[:1] == "|" else row for row in text.split("\n")]
    return "\n".join(rows)


def read(app, docname, source):
    """Link the map, and no other page."""
    if docname == "book/paper_map":
        theme = app.config.html_theme_options
        source[0] = linked(source[0], f"{theme['repository_url']}/blob/{theme['repository_branch']}")


def setup(app):
    """Connect it."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
