"""The frame: what is written down twice agrees, and the book can be rebuilt years from now."""

import functools
import itertools
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from pkgutil import resolve_name

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(text("pyproject.toml"))["project"]
CONFIG = yaml.safe_load(text("_config.yml"))
PINS = [line for line in text("requirements.txt").splitlines() if line and not line.startswith("#")]
SKIPPED = {
    ".git",
    ".venv",
    ".venv-rewarped",
    ".venv-floors",
    ".venv-latest",
    "_build",
    "build",
    "__pycache__",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}


def our_files():
    for path in ROOT.rglob("*"):
        inside = path.relative_to(ROOT).parts
        if path.is_file() and not SKIPPED & set(inside) and not inside[0].endswith(".egg-info"):
            yield path


def test_every_requirement_is_one_exact_pin():
    names = [canonicalize_name(Requirement(line).name) for line in PINS]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in PINS)
    assert len(names) == len(set(names))
    assert names[0] == "torch"
    assert not [name for name in names if re.match(r"nvidia|cuda|triton|pywin|appnope|colorama", name)]


def test_pins_satisfy_the_module_s_bounds():
    pins = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in PINS}
    wanted = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for requirement in map(Requirement, itertools.chain(*wanted)):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


def test_one_version():
    import sobolev_mini

    version = PROJECT["version"]
    assert sobolev_mini.__version__ == version
    assert yaml.safe_load(text("CITATION.cff"))["version"] == version
    assert f"## {version}" in text("CHANGELOG.md")


def test_the_wheel_holds_every_package_and_the_records():
    told = tomllib.loads(text("pyproject.toml"))["tool"]["setuptools"]["packages"]
    homes = {"sobolev_mini": ROOT, "sobolev_book": ROOT / "book"}
    found = [
        ".".join(path.parent.relative_to(above).parts)
        for name, above in homes.items()
        for path in (above / name).rglob("__init__.py")
    ]
    assert sorted(told) == sorted([*found, "sobolev_book.results"])


def test_one_address():
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["url"] == CONFIG["html"]["baseurl"]
    assert citation["repository-code"] == CONFIG["repository"]["url"]
    assert CONFIG["html"]["baseurl"] in text("README.md")
    lines = text("_config.yml").splitlines()
    first = next(i for i, line in enumerate(lines) if "baseurl:" in line)
    assert "url:" in lines[first + 1]


def test_every_reference_is_complete():
    entries = re.findall(r"@\w+\{([^,]+),(.*?)\n\}", text("book/references.bib"), flags=re.DOTALL)
    assert entries
    for key, fields in entries:
        for field in ("author", "title", "year"):
            assert re.search(rf"\b{field}\s*=", fields), f"{key} has no {field}"


@functools.cache
def keys_and_cited():
    """Return the bibliography's keys and those that the book's pages cite, two sets."""
    keys = set(re.findall(r"@\w+\{([^,\s]+),", text("book/references.bib")))
    pages = [path for path in our_files() if path.suffix in {".md", ".ipynb"} and path.name != "README.md"]
    cited = {
        key.strip()
        for path in pages
        for keys_ in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", path.read_text(encoding="utf-8"))
        for key in keys_.split(",")
    }
    return keys, cited


def test_every_citation_has_a_reference():
    keys, cited = keys_and_cited()
    assert cited <= keys, f"cited, but not in references.bib: {cited - keys}"


def test_every_reference_is_cited():
    keys, cited = keys_and_cited()
    assert keys <= cited, f"in references.bib, but cited nowhere: {keys - cited}"


def test_no_package_host_is_named():
    """Pip's own settings choose where packages come from; PyTorch's CPU index is the one exception."""
    host = re.compile(r"https?://[\w.-]*(?:py" + r"pi\.|pythonhosted|npmjs|deb\.debian|files\.)")
    prose = [path for path in our_files() if path.suffix not in {".png", ".ico"}]
    assert not [path for path in prose if host.search(path.read_text(encoding="utf-8", errors="ignore"))]


def test_the_module_s_page_names_what_is_there_and_every_file_of_the_module():
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "book" / "api").glob("*.md"))
    found = re.findall(r"automodule:: ([\w.]+)(?:\n   :no-index:)?(?:\n   :members:(.*))?", pages)
    for module, members in found:
        for name in members.replace(" ", "").split(",") if members.strip() else []:
            assert callable(resolve_name(f"{module}.{name}")), f"no {name} in {module}"
    files = [path.relative_to(ROOT) for path in (ROOT / "sobolev_mini").rglob("*.py")]
    within = {"sobolev_mini.quadratic", "sobolev_mini.qlearning"}  # packages stand for their files
    inner = {"sobolev_mini.validate", "sobolev_book.records.atomic"}  # for developers
    wanted = {".".join(path.with_suffix("").parts) for path in files if path.name != "__init__.py"}
    wanted = {name for name in wanted if name.rpartition(".")[0] not in within} - inner
    assert wanted | within <= {module for module, _ in found}


@pytest.mark.skipif(not shutil.which("make"), reason="no make on this system")
def test_make_alone_lists_the_targets():
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}  # these tests may run under make themselves
    env = {name: value for name, value in os.environ.items() if name not in outer}
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, env=env).stdout
    phony = re.search(r"^\.PHONY:(.*)$", text("Makefile"), flags=re.MULTILINE)[1].split()
    assert {line.split()[1] for line in listed.splitlines()} == set(phony)


@pytest.mark.parametrize("chapter", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_chapter_is_in_the_toc_and_the_readme(chapter):
    assert f"file: notebooks/{chapter.stem}" in text("_toc.yml")
    assert f"notebooks/{chapter.name}" in text("README.md")
