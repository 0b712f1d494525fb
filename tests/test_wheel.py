"""Who installs the wheel has both packages, the records and all that the chapters import, and no clone."""

import ast
import re
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from importlib.util import find_spec

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.wheel import ABSENT, PACKAGES, ROOT, Elsewhere, built, ran

FOLDERS = {
    "sobolev_mini": ROOT / "sobolev_mini",
    "sobolev_book": ROOT / "book" / "sobolev_book",
    "sobolev_book/results": ROOT / "book" / "results",
}
# not what only makes other files: .mjs, checkpoints
KEPT = {".py", ".js", ".html", ".csv", ".json", ".npz", ".mp4", ".webp"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OTHERS = {"robots", "stable_baselines.py"}  # simulators and another library, imported only when asked for
# not tqdm and filelock, which PyTorch may import
HEAVY = {"matplotlib", "pandas", "joblib", "mujoco", "gymnasium", "anywidget", "ipywidgets", "IPython"}


def state():
    return ran("git", "-C", ROOT, "status", "--porcelain")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    before = state()
    made = built(tmp_path_factory.mktemp("wheel"))
    assert state() == before, "building a wheel changed the working tree"
    return made


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    return Elsewhere(wheel, tmp_path_factory.mktemp("elsewhere"))


def test_the_wheel_holds_what_the_folders_hold(wheel):
    wanted = {
        f"{inside}/{path.relative_to(folder).as_posix()}"
        for inside, folder in FOLDERS.items()
        for path in folder.rglob("*")
        if path.suffix in KEPT and "__pycache__" not in path.parts
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == wanted


def test_what_a_plain_build_leaves_in_the_tree_is_ignored():
    for left in ("build/lib/sobolev_mini/toy.py", "sobolev_mini.egg-info/PKG-INFO"):
        ran("git", "-C", ROOT, "check-ignore", "--no-index", left)


def test_both_packages_come_from_the_wheel(elsewhere):
    assert ROOT not in elsewhere.home.parents
    homes = elsewhere.homes()
    assert [home.name for home in homes] == list(PACKAGES)
    assert all(elsewhere.home.resolve() in home.parents for home in homes), homes


@pytest.mark.parametrize("chapter", ["02_exact_optimum", "08_when_gradients_lie"])
def test_a_chapter_runs_alone(elsewhere, chapter):
    """Nightly all nine do."""
    elsewhere.executes(chapter)


def named(requirements):
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def imported(paths):
    """Return the top names that files import, in functions too; a notebook's cells count as one file."""
    found = set()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            cells = [cell.source for cell in nbformat.reads(text, 4).cells if cell.cell_type == "code"]
            text = re.sub(r"(?m)^\s*[%!].*$", "pass", "\n".join(cells))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - set(PACKAGES)


def wanted(modules, declared):
    """Return the distributions that have ``modules``, of several the ``declared`` one."""
    owners = packages_distributions()
    names = {module: {canonicalize_name(name) for name in owners[module]} for module in modules}
    return {min(names[module] & declared or names[module]) for module in modules}


def test_the_module_wants_what_it_imports_and_no_more():
    paths = [path for path in FOLDERS["sobolev_mini"].rglob("*.py") if not OTHERS & set(path.parts)]
    declared = named(PROJECT["dependencies"])
    assert wanted(imported(paths), declared) == declared


def test_the_notebooks_extra_has_what_chapters_and_book_import_and_no_more():
    paths = [path for folder in FOLDERS.values() for path in folder.rglob("*.py")]
    declared = named([*PROJECT["dependencies"], *EXTRAS["notebooks"]])
    found = wanted(imported([*CHAPTERS, *paths]) - ABSENT, declared)
    # the kernel imports the chapter, and anywidget's widgets are of ipywidgets
    assert found | {"ipykernel", "ipywidgets"} == declared


@pytest.mark.parametrize(
    ("extra", "files"),
    [
        ("gym", ["sobolev_mini/envs/robots/gym.py"]),
        ("mujoco", ["sobolev_mini/envs/robots/mujoco.py", "sobolev_mini/envs/robots/physics.py"]),
        ("sb3", ["sobolev_mini/stable_baselines.py", "sobolev_mini/envs/robots/gym.py"]),
        ("dask", ["book/sobolev_book/records/jobs.py"]),
    ],
)
def test_the_other_extras_have_what_their_files_import_besides(extra, files):
    beside = imported(ROOT / name for name in files)
    declared = named(EXTRAS[extra])
    usual = named([*PROJECT["dependencies"], *(EXTRAS["notebooks"] if extra == "dask" else [])])
    assert wanted(beside, declared) - usual == declared


def test_importing_the_module_imports_none_of_the_book_s_packages():
    """Of every file but those that stand for packages of others."""
    inside = [path.relative_to(ROOT) for path in FOLDERS["sobolev_mini"].rglob("*.py")]
    names = sorted(".".join(x.with_suffix("").parts) for x in inside if not OTHERS & set(x.parts))
    assert len(names) > 20 and all(map(find_spec, HEAVY))
    code = f"import importlib, sys\nfor x in {names}: importlib.import_module(x)\nprint(*sys.modules)"
    loaded = {name.partition(".")[0] for name in ran(sys.executable, "-c", code, cwd=ROOT).split()}
    assert "torch" in loaded and not loaded & (HEAVY | {"sobolev_book"})
