"""Test with the lowest versions that pyproject.toml promises, or the newest there are.

``python tests/versions.py lowest|newest FOLDER`` makes an environment in FOLDER and runs there what tells
most of versions: compiled loops, fused optimisers, simulators, widgets, and chapters from end to end.
"""

import os
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# as requirements.txt pins them
TOOLS = ("pytest", "hypothesis", "nbval", "nbformat", "packaging", "PyYAML", "ImageIO")
TELLING = (
    "tests/test_toy.py",
    "tests/test_qlearning.py",
    "tests/test_mlp_loop.py",
    "tests/test_actor_critic_updates.py",
    "tests/test_stable_baselines.py",
    "tests/envs/robots",
    "tests/book/explorers/test_base.py",
    "notebooks/02_exact_optimum.ipynb",
    "notebooks/04_quadratic_critic.ipynb",
    "notebooks/08_when_gradients_lie.ipynb",
)


def wanted(which, project):
    """Return what pip is asked for, name -> requirement: "lowest" pins each floor, "newest" pins nothing."""
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    floors = dict(re.fullmatch(r"([\w-]+)>=([\w.]+)", line).groups() for line in lines)
    return {name: f"{name}=={least}" if which == "lowest" else name for name, least in floors.items()}


def tools(pins):
    """Return the lines of requirements.txt for what tests."""
    return [line for line in pins.splitlines() if line.partition("==")[0] in TOOLS]


def taken_back(said):
    """Return the names of what pip installed though its maintainers took it back; a floor is none of them."""
    return sorted(set(re.findall(r"yanked version: '([\w.-]+)' candidate \(version [\w.]+", said)))


def main(which, folder):
    """Make the environment and run the tests; return their status."""
    python = Path(folder).resolve() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = wanted(which, project)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    install = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, asked["torch"]], check=True)  # alone, as in the Makefile
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    done = subprocess.run([*install, *asked.values(), *tools(pins)], stderr=subprocess.PIPE, text=True)
    print(done.stderr, file=sys.stderr)
    done.check_returncode()
    if names := taken_back(done.stderr):
        sys.exit(f"taken back by their maintainers, so no floors: {', '.join(names)}")
    subprocess.run([python, "-m", "pip", "list"], check=True)
    tests = ["-q", "-o", "addopts=--import-mode=importlib", "-o", "filterwarnings=default", "--nbval-lax"]
    tests += ["--nbval-current-env", "--nbval-cell-timeout", "600", "-p", "no:cacheprovider"]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "book")])
    return subprocess.run(
        [python, "-m", "pytest", *tests, *TELLING],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": paths},
        check=False,
    ).returncode


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("lowest", "newest"):
        print("versions: wanted lowest or newest, and a folder", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
