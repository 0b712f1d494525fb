"""The module's pages: every public name once, every example runs, no docstring loses a word there."""

import ast
import doctest
import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from inspect import cleandoc
from pathlib import Path
from pkgutil import resolve_name
from types import FunctionType
from xml.etree import ElementTree

import nbformat
import pytest

from sobolev_mini import envs

ROOT = Path(__file__).resolve().parents[1]
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "book" / "api").glob("*.md"))}
ENTRY = re.compile(r"^\.\. auto(?:function|class|data):: (sobolev_mini\.[\w.]+)$", re.MULTILINE)
PAGES = [name for name, text in TEXTS.items() if ENTRY.search(text)]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COLUMNS = 80  # what a page shows without scrolling
INNER = {  # what the loops are made of, and argument checks: read in the source
    "networks": "Activation", "quadratic.critic": "policy_kinks plane", "quadratic.fitted": "reference_of",
    "qlearning.config": "start_weights", "qlearning.compiled": "compiled",
    "qlearning.measure": "midpoints references best_action_index Measure",
    "qlearning.mlp_loop": "MLPTraining Sampler", "qlearning.quadratic_loop": "batch_gradient adam_step",
    "envs.rollout": "uniform", "ddpg": "act target_value climb",
    "sac": "act target_value",
    "validate": "finite within_box real whole fits one_of last_axis wholes seeds setting settings recorded",
}  # fmt: skip


def public():
    """Yield "module.name" of every function and class on the top of the module's files, no underscore."""
    for path in (ROOT / "sobolev_mini").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield f"{module}.{node.name}"


def home(dotted):
    """Return where the function or class called so is written, or None for another thing."""
    found = resolve_name(dotted)
    return f"{found.__module__}.{found.__qualname__}" if isinstance(found, type | FunctionType) else None


def examples(text):
    return doctest.DocTestParser().get_examples("\n".join(BLOCK.findall(text)))


def used(text):
    """Return the names that examples use or show; an import alone is no use."""
    names = set()
    for example in examples(text):
        nodes = [*ast.walk(ast.parse(example.source))]
        names |= {x.id for x in nodes if isinstance(x, ast.Name)}
        names |= {x.attr for x in nodes if isinstance(x, ast.Attribute)}
        names |= set(re.findall(r"\w+", "" if example.exc_msg else example.want))
    return names


def unused(text):
    """Return the entries of a page below which no example uses them."""
    return [x[1] for x in ENTRY.finditer(text) if x[1].rpartition(".")[2] not in used(text[x.end() :])]


def failures(text):
    """Return what is said of a page's examples that fail."""
    said = []
    test = doctest.DocTest(examples(text), {}, "page", None, 0, "")
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    doctest.DocTestRunner(verbose=False, optionflags=flags).run(test, out=said.append)
    return "".join(said)


def test_every_public_name_stands_on_a_page_once():
    found = [home(dotted) for text in TEXTS.values() for dotted in ENTRY.findall(text)]
    inner = [f"sobolev_mini.{module}.{x}" for module, names in INNER.items() for x in names.split()]
    assert sorted([*filter(None, found), *inner]) == sorted(public())


def test_what_the_readme_and_use_it_import_stands_on_a_page():
    page = nbformat.read(ROOT / "notebooks" / "use_it.ipynb", as_version=4)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code = [*re.findall(r"```python\n(.*?)```", readme, re.DOTALL)]
    code += [cell.source for cell in page.cells if cell.cell_type == "code"]
    lines = re.findall(r"^from (sobolev_mini[\w.]*) import (.*)$", "\n".join(code), re.MULTILINE)
    names = {(module, name) for module, found in lines if "." in module for name in found.split(", ")}
    ours = {dotted for text in TEXTS.values() for dotted in ENTRY.findall(text)}
    ours |= {home(dotted) for dotted in ours}
    assert len(names) > 10
    assert not {x for x in names if ".".join(x) not in ours and home(".".join(x)) not in ours}


@pytest.mark.parametrize("page", PAGES)
def test_every_example_gives_what_it_shows(page, monkeypatch):
    monkeypatch.setattr(envs, "_ENVS", dict(envs._ENVS))  # what a page registers stays there
    assert not failures(TEXTS[page])


@pytest.mark.parametrize("page", PAGES)
def test_every_name_has_an_example_below_it(page):
    assert not unused(TEXTS[page])
    lines = "\n".join(BLOCK.findall(TEXTS[page])).splitlines()
    assert not [line for line in lines if len(line) > COLUMNS]


PLANTED = """.. autofunction:: sobolev_mini.steps.armijo

```python
{}
```
"""


def test_an_example_that_is_wrong_or_missing_is_found():
    assert "Got:\n    2" in failures(PLANTED.format(">>> 1 + 1\n3"))
    assert not failures(PLANTED.format(">>> 1 + 1\n2"))
    assert unused(PLANTED.format(">>> from sobolev_mini.steps import armijo"))
    assert not unused(PLANTED.format(">>> steps.armijo"))
    assert unused("```python\n>>> armijo\n```\n" + PLANTED.format(">>> 1")), "above is not below"


# the docstrings ----------------------------------------------------------------------------------


def built(folder, *extensions):
    """Build every entry with Sphinx and these extensions; return "module.name" -> its XML content."""
    entries = [x[0] for text in TEXTS.values() for x in ENTRY.finditer(text) if home(x[1])]
    entries = [f"{x}\n   :members:" if "autoclass" in x else x for x in entries]
    (folder / "index.rst").write_text("Names\n=====\n\n" + "\n\n".join(entries) + "\n", encoding="utf-8")
    told = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", *extensions]
    settings = f"extensions = {told}\nsmartquotes = False\nnapoleon_google_docstring = False\n"
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    where = os.pathsep.join([str(ROOT), str(ROOT / "book" / "_ext")])
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "xml", str(folder), str(folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": where})
    assert done.returncode == 0, done.stderr
    contents = {}
    for desc in ElementTree.parse(folder / "out" / "index.xml").iter("desc"):
        signature = desc.find("desc_signature")
        contents[f"{signature.get('module')}.{signature.get('fullname')}"] = desc.find("desc_content")
    return contents


def texts(node, *tags):
    """Yield (tag, text) of the elements with these tags, in order, those of methods left out."""
    for part in node:
        if part.tag in tags:
            yield part.tag, " ".join("".join(part.itertext()).split())
        elif part.tag != "desc":
            yield from texts(part, *tags)


def complaint(content, docstring):
    """Return what a docstring loses or mangles on its way, or nothing."""
    plain = re.sub(r"^-{3,}$", "", cleandoc(docstring), flags=re.MULTILINE).replace("`", "")
    plain = re.sub(r"; (?=\w+(?:, \w+)* : )", " ", " ".join(plain.split()))
    blocks = [*texts(content, "paragraph", "term", "field_name", "rubric", "title")]
    words = " ".join(text for _, text in blocks).split()
    if words != (wanted := [word for word in plain.split() if word != ":"]):
        return f"got {words}, wanted {wanted}"
    pairs = [x for _, x in texts(content, "term", "definition")]
    names, described = pairs[::2], pairs[1::2]
    lost = [x for x in map(" : ".join, zip(names, described, strict=True)) if x not in plain]
    return lost or (len(names) != plain.count(" : ") and f"got {names} of {plain}")


def test_no_docstring_loses_or_mangles_a_word(tmp_path):
    contents = built(tmp_path, "api")
    assert len(contents) > 150
    said = {name: complaint(content, resolve_name(name).__doc__) for name, content in contents.items()}
    assert not {name: words for name, words in said.items() if words}


def test_without_the_extension_words_are_lost(tmp_path):
    contents = built(tmp_path)
    lost = "quadratic.fitted_q_iteration", "learner.Learner", "recording.ControlHistory", "pilot.Pilot.answer"
    for name in (f"sobolev_mini.{x}" for x in lost):
        assert complaint(contents[name], resolve_name(name).__doc__)
    whole = "sobolev_mini.quadratic.features"
    assert not complaint(contents[whole], resolve_name(whole).__doc__)


def listed(text):
    spec = spec_from_file_location("api", ROOT / "book" / "_ext" / "api.py")
    spec.loader.exec_module(module := module_from_spec(spec))
    return "\n".join(module.linked(line) for line in module.listed(text.splitlines()))


DOCSTRING = """Fit.

Parameters
----------
lam_s, lam_a : weights, at most
    so many: no more
env : DifferentiableEnv; age : (S,)
alone

Raises ``ValueError``; see ``steps.armijo``.

steps : (R,) int; rows : name -> (R, S), NaN
from there on

Notes
-----
As it was : words."""
LISTED = """Fit.

:Parameters:
    ``lam_s, lam_a``
        weights, at most so many: no more
    ``env``
        DifferentiableEnv
    ``age``
        (S,)
    ``alone``
        ..

Raises :py:obj:`ValueError <.ValueError>`; see :py:obj:`steps.armijo <.steps.armijo>`.

``steps``
    (R,) int
``rows``
    name -> (R, S), NaN from there on

Notes
-----
As it was : words."""


def test_names_and_descriptions_are_listed_as_they_are_written():
    assert listed(DOCSTRING) == LISTED
