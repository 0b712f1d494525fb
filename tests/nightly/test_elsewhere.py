"""Every chapter, and every file of tests that trains, as other processors would round."""

import platform
import re
from pathlib import Path

import pytest

from tests.elsewhere import ARITHMETIC, ROOT, draw, passes

TRAINS = re.compile(r"\b(train_\w+|fitted_evaluation|Learner|train(?:ed)?|runs\.run|action_slope_errors)\(")
CHAPTERS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.ipynb"))
HERE = Path(__file__).parent
TESTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "tests").rglob("test_*.py")
    if not {"nightly", "bench", "site"} & set(path.parts)
    and path.name != "test_elsewhere.py"
    and TRAINS.search(path.read_text(encoding="utf-8"))
)
DRAWS = {f"draw {k}": draw(k) for k in range(1, 9)}


def test_what_trains_is_found():
    assert len(CHAPTERS) == 12
    assert {"tests/test_mlp_loop.py", "tests/test_evaluation.py", "tests/course/test_a3.py"} <= set(TESTS)


@pytest.mark.parametrize("name", [*DRAWS, *ARITHMETIC])
@pytest.mark.parametrize("path", CHAPTERS + TESTS)
def test_it_passes(path, name):
    if name in ("no AVX", "AVX2") and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("other instruction sets: only on x86")
    passes(path, (DRAWS | ARITHMETIC)[name])
