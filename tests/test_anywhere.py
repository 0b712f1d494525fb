"""Tests, module and commands wherever and however they are run from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TINY = """{"cells": [{"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "outputs": [
{"data": {"text/plain": ["'module://matplotlib_inline.backend_inline'"]}, "execution_count": 1,
"metadata": {}, "output_type": "execute_result"}], "source": ["import os; os.environ['MPLBACKEND']"]},
{"cell_type": "code", "execution_count": 2, "id": "b", "metadata": {},
"outputs": [{"data": {"text/plain": ["{'png'}"]}, "execution_count": 2, "metadata": {},
"output_type": "execute_result"}], "source": [
"from matplotlib_inline.config import InlineBackend; InlineBackend.instance().figure_formats"]}],
"metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
"nbformat": 4, "nbformat_minor": 5}"""


def run(*words, cwd=ROOT, **env):
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.run([sys.executable, *words], cwd=cwd, env=os.environ | env, check=False, **said)


@pytest.fixture
def checkout(tmp_path):
    """A checkout with one notebook, below a folder of an odd name, and a reader's own settings."""
    folder = tmp_path / "it's a $b & c #1 é" / "checkout"
    for name in ("pyproject.toml", "tests/conftest.py", "tests/nbval_sanitize.cfg", "tests/__init__.py",
                 "notebooks/conftest.py", "notebooks/tolerance.py"):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            (folder / name).write_bytes((ROOT / name).read_bytes())
    (folder / "notebooks/tiny.ipynb").write_text(TINY)
    (tmp_path / "own/profile_default").mkdir(parents=True)
    settings = "c.InlineBackend.figure_formats = {'svg', 'pdf'}\n"
    (tmp_path / "own/profile_default/ipython_kernel_config.py").write_text(settings)
    return folder


@pytest.mark.parametrize("place", ["notebooks", "/"])
def test_a_notebook_passes_wherever_it_is_run_from_and_whatever_the_reader_has_set(checkout, tmp_path, place):
    tests = "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(checkout / "notebooks")
    reader = {"MPLBACKEND": "agg", "IPYTHONDIR": str(tmp_path / "own")}
    done = run(*tests, cwd=checkout / place, **reader)
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout[-3000:]


NO_CACHE = """
from numba.core import caching
kinds = [kind for kind in vars(caching).values() if hasattr(kind, "_locator_classes")]
for kind in kinds: kind._locator_classes = []
assert kinds
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.toy import ToyProblem
import sobolev_book.bases, sobolev_book.records.grid_max
print(train_quadratic(ToyProblem(), QConfig(steps=2, record=(2,), seeds=(0,))).w.shape)
"""


def test_loops_compile_where_neither_package_nor_home_can_be_written_to():
    done = run("-c", NO_CACHE)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize(
    "words", [("-m", "sobolev_book", "--help"), ("-c", "import sobolev_mini.sac, sobolev_book.check")]
)
def test_it_runs_without_docstrings_and_assertions(words):
    done = run("-OO", *words)
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout[-2000:]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["notebooks/refresh.py", "nope.ipynb"], "refresh: no notebook: "),
        (["notebooks/refresh.py", "README.md"], "refresh: no notebook: "),
        (["tests/versions.py", "lowst", ".venv-floors"], "versions: wanted lowest or newest"),
        (["tests/audit.py", "nope.txt"], "audit: no file of pins: nope.txt"),
    ],
)
def test_a_mistake_at_a_command_of_the_house_is_told_in_one_line(words, said):
    done = run(*words)
    assert done.returncode == 2 and done.stdout.startswith(said) and done.stdout.count("\n") == 1


def test_a_chapter_saved_as_a_script_is_python(tmp_path):
    chapter = ROOT / "notebooks" / "02_exact_optimum.ipynb"
    done = run("-m", "nbconvert", "--to", "script", "--output-dir", str(tmp_path), str(chapter))
    assert done.returncode == 0, done.stdout[-2000:]
    assert [path.name for path in tmp_path.iterdir()] == ["02_exact_optimum.py"]
    compile((tmp_path / "02_exact_optimum.py").read_text(encoding="utf-8"), "02_exact_optimum.py", "exec")
