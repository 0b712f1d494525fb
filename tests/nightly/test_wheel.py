"""Every chapter runs alone where the wheel is installed and the repository is not."""

from pathlib import Path

import pytest

from tests.wheel import ROOT, Elsewhere, built

CHAPTERS = sorted(path.stem for path in Path(ROOT, "notebooks").glob("[0-9a]*.ipynb"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    return Elsewhere(built(folder), folder)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_runs_alone(elsewhere, chapter):
    elsewhere.executes(chapter)


def test_the_page_for_engineers_runs_alone_beside_stable_baselines(elsewhere):
    """Which alone it imports of what no chapter may."""
    (elsewhere.tools / "stable_baselines3.py").unlink()
    elsewhere.executes("use_it")
