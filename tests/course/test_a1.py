import os
import statistics
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from notebooks.assignments.term import numbers
from notebooks.refresh import METADATA, bootstrap_source
from sobolev_mini.toy import ToyProblem
from tests.course.sheets import ASSIGNMENTS, checks, empty, made, marks, public, solved, swapped
from tests.course.wrong_a1 import WRONG

A1 = ASSIGNMENTS / "a1.ipynb"
TERM = "2027-spring"
CASES = [(question, *case) for question, cases in WRONG.items() for case in cases]


@pytest.fixture(scope="module", params=["master", TERM, "2027-autumn"])
def any_sheet(request):
    return made(A1, request.param)


@pytest.fixture(scope="module")
def names():
    return solved(made(A1, TERM))


def test_solutions_score_full_marks(any_sheet):
    found = marks(solved(any_sheet), checks(any_sheet))
    assert {question: mark.messages for question, mark in found.items() if mark.messages} == {}
    assert sum(mark.score for mark in found.values()) == sum(mark.possible for mark in found.values()) == 20


def test_the_empty_sheet_scores_nothing_and_says_what_to_do(any_sheet):
    found = marks(empty(any_sheet), checks(any_sheet))
    assert [question for question, mark in found.items() if mark.score] == []
    for mark in found.values():
        assert all("replace the placeholder" in message for message in mark.messages)


def test_missing_names_score_nothing(any_sheet):
    assert all(mark.score == 0 for mark in marks({}, checks(any_sheet)).values())


def test_each_question_has_at_least_five_wrong_answers():
    assert set(WRONG) == {f"q{i}" for i in range(1, 10)}
    assert all(len(cases) >= 5 for cases in WRONG.values())


@pytest.mark.parametrize(
    ("question", "what", "source", "words"), CASES, ids=[f"{q}-{w}" for q, w, *_ in CASES]
)
def test_a_wrong_answer_loses_marks_at_its_question_alone_and_is_told_why(
    names, question, what, source, words
):
    found = marks(swapped(names, source), checks(made(A1, TERM)))
    assert {key for key, mark in found.items() if mark.score < mark.possible} == {question}
    assert words in " ".join(found[question].messages)


def test_public_checks_let_some_wrong_answers_pass(names):
    """They look at a few inputs; the hidden tests give most of the points."""
    seen = public(made(A1, TERM))
    for question, cases in WRONG.items():
        passed = [marks(swapped(names, source), {question: seen[question]}) for _, source, _ in cases]
        assert any(not found[question].messages for found in passed), question
        assert any(found[question].messages for found in passed), question


def test_answers_agree_with_the_module(any_sheet):
    names, (s, a) = solved(any_sheet), np.random.default_rng(0).uniform(-1, 1, (2, 500))
    problem = ToyProblem(names["c"], names["gamma"])
    for name, wanted in {
        "optimal_policy": problem.optimal_policy(s),
        "optimal_value": problem.optimal_value(s),
        "clipped_cost": problem.optimal_value(s) - problem.clipped_value(s),
    }.items():
        assert np.allclose(names[name](s), wanted, rtol=0, atol=1e-10), name
    assert np.allclose(names["q_slopes"](s, a), problem.optimal_q_gradients(s, a))
    assert np.allclose(names["reward_slopes"](s, a), problem.reward_gradients(s, a))
    assert np.allclose(names["breakpoints"](), problem.breakpoints())


def test_the_cost_of_clipping_peaks_whole_steps_from_the_wall():
    """What the rubric of question 10 says."""
    for term in (TERM, "2027-autumn", "term-1", "term-2"):
        problem = ToyProblem(*(numbers(term)[key] for key in ("c", "gamma")))
        s = np.linspace(-0.999, 1, 4001)
        cost = problem.optimal_value(s) - problem.clipped_value(s)
        peaks = s[1:-1][(cost[1:-1] > cost[:-2]) & (cost[1:-1] > cost[2:])]
        assert np.allclose(peaks[::-1], problem.clipped_breakpoints(), atol=1e-3)


def test_its_solutions_run_under_nbval():
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(A1)],
        cwd=ASSIGNMENTS.parents[1],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "passed" in ran.stdout


def test_the_master_is_as_a_chapter_must_be():
    notebook = nbformat.read(A1, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.metadata == METADATA and cells[0].source == bootstrap_source()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    lengths = [sum(1 for line in cell.source.splitlines() if line.strip()) for cell in cells]
    assert max(lengths) <= 25 and statistics.median(lengths) <= 8
    for cell in cells:
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            assert len(cell.metadata["mystnb"]["image"]["alt"].split()) >= 5
        assert not [output for output in cell.outputs if output.get("name") == "stderr"]
