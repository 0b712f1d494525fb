"""What the tests of the lowest and the newest versions ask pip for."""

import tomllib
from itertools import chain
from pathlib import Path

from tests import versions

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SAID = """WARNING: The candidate selected for download or install is a yanked version: 'scipy' candidate \
(version 1.11.0 at https://example.org/scipy-1.11.0.whl (from https://example.org/simple/scipy/))
Reason for being yanked: License Violation
"""


def test_the_lowest_are_the_floors_and_the_newest_are_free():
    lowest, newest = (versions.wanted(which, PROJECT) for which in ("lowest", "newest"))
    lines = [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]
    assert {line.replace(">=", "==") for line in lines} == set(lowest.values())
    assert newest == {name: name for name in lowest}


def test_a_package_has_one_floor():
    lines = [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]
    assert len({line.partition(">=")[0] for line in lines}) == len(set(lines))


def test_what_runs_there_exists_and_a_floor_that_was_taken_back_is_named():
    assert not [path for path in versions.TELLING if not (ROOT / path).exists()]
    assert versions.taken_back(SAID) == ["scipy"] and versions.taken_back("fine") == []
