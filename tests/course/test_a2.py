import os
import statistics
import subprocess
import sys

import nbformat
import numpy as np
import pytest
import torch

from notebooks.assignments.term import numbers
from notebooks.refresh import METADATA, bootstrap_source
from sobolev_mini import envs
from sobolev_mini.critics import MLPCritic
from sobolev_mini.losses import sobolev_loss
from sobolev_mini.quadratic import greedy_action
from sobolev_mini.targets import max_value, td_target
from tests.course.sheets import ASSIGNMENTS, Mark, checks, empty, made, marks, public, solved, swapped
from tests.course.wrong_a2 import TRAIN, WRONG

A2 = ASSIGNMENTS / "a2.ipynb"
TERM = "2027-spring"
CASES = [(question, *case) for question, cases in WRONG.items() for case in cases]


@pytest.fixture(scope="module", params=["master", TERM])
def any_sheet(request):
    return made(A2, request.param)


@pytest.fixture(scope="module")
def names():
    """The term's solved sheet, without the cells that train five networks to look at."""
    sheet = made(A2, TERM)
    quick = nbformat.from_dict(sheet.solutions)
    quick.cells = [cell for cell in quick.cells if "for seed in seeds[:3]" not in cell.source]
    return solved(type(sheet)(sheet.student, quick, sheet.tests))


def quick(question, fresh):
    """Return a maker of ``fresh``'s test file; question 5's without its last test, which takes seconds."""

    def file():
        made = fresh()
        made.test_cases = made.test_cases[:3] if question == "q5" else made.test_cases
        return made

    return file


def quick_marks(names, *questions):
    found = checks(made(A2, TERM))
    return marks(names, {question: quick(question, found[question]) for question in questions})


def test_solutions_score_full_marks(any_sheet):
    found = marks(solved(any_sheet), checks(any_sheet))
    assert {question: mark.messages for question, mark in found.items() if mark.messages} == {}
    assert sum(mark.score for mark in found.values()) == sum(mark.possible for mark in found.values()) == 20


def test_the_empty_sheet_scores_nothing_and_says_what_to_do(any_sheet):
    found = marks(empty(any_sheet), checks(any_sheet))
    assert [question for question, mark in found.items() if mark.score] == []
    for mark in found.values():
        assert all("replace the placeholder" in message for message in mark.messages)


def test_missing_names_score_nothing():
    assert all(mark.score == 0 for mark in marks({}, checks(made(A2, TERM))).values())


def test_each_question_has_at_least_five_wrong_answers():
    assert set(WRONG) == {f"q{i}" for i in range(1, 6)}
    assert all(len(cases) >= 5 for cases in WRONG.values())


@pytest.mark.parametrize(
    ("question", "what", "source", "words"), CASES, ids=[f"{q}-{w}" for q, w, *_ in CASES]
)
def test_a_wrong_answer_loses_marks_at_its_question_alone_and_is_told_why(
    names, question, what, source, words
):
    found = quick_marks(swapped(names, source), "q1", "q2", "q3", "q4", *{"q5"} & {question})
    assert {key for key, mark in found.items() if mark.score < mark.possible} == {question}
    assert words in " ".join(found[question].messages)


def test_question_5_stands_when_all_others_fall(names):
    for question in ("q1", "q2", "q3", "q4"):
        names = swapped(names, WRONG[question][0][1])
    (mark,) = quick_marks(names, "q5").values()
    assert mark == Mark(mark.possible, mark.possible, ())


def test_the_answers_that_the_wrong_ones_are_made_from_are_right(names):
    from tests.course import wrong_a2

    for question, source in zip(
        ("q1", "q2", "q3", "q4", "q4", "q5"),
        (getattr(wrong_a2, x) for x in ("TARGET", "GRADIENT", "INPUT", "MATRIX", "THRESHOLD", "TRAIN")),
        strict=True,
    ):
        assert quick_marks(swapped(names, source), question)[question].messages == ()


def test_training_without_slopes_fails_the_check_of_errors_alone(names):
    """It has steps 30 and below right, so that only the long run can tell."""
    short = "lam_s, lam_a = (lam_s, lam_a) if steps <= 30 else (0, 0)\n    rng, weights"
    found = marks(
        swapped(names, TRAIN.replace("rng, weights", short, 1)), {"q5": checks(made(A2, TERM))["q5"]}
    )
    assert found["q5"].score == found["q5"].possible - 1
    assert "does training see the slopes?" in found["q5"].messages[0]


def test_last_years_sheet_falls_where_numbers_matter(names):
    found = checks(made(A2, "2027-autumn"))
    last = marks(names, {question: quick(question, found[question]) for question in found})
    assert {key for key, mark in last.items() if mark.score < mark.possible} == {"q1", "q2", "q4", "q5"}


def test_public_checks_let_some_wrong_answers_pass(names):
    """They look at a few inputs; the hidden tests give most of the points."""
    seen = public(made(A2, TERM))
    for question, cases in WRONG.items():
        passed = [marks(swapped(names, source), {question: seen[question]}) for _, source, _ in cases]
        assert any(not found[question].messages for found in passed), question
        assert any(found[question].messages for found in passed), question


def test_solutions_agree_with_the_module(names):
    n = numbers(TERM)
    rng, column = np.random.default_rng(0), lambda x: torch.tensor(x)[None, :, None]
    s, a, b = rng.uniform(-1, 1, (3, 40))
    env = envs.make("toy1d", slope=n["c"], discount=n["gamma"], carry=n["carry"], dtype=torch.float64)
    transition = env.transition(column(s), column(a))
    w = torch.tensor([0.3, 1.0, 0.2, -0.4, 2.0, -1.5], dtype=torch.float64)

    def quadratic(s, a):
        s, a = s[..., 0], a[..., 0]
        return w[0] + w[1] * s + w[2] * a + w[3] * s**2 + w[4] * s * a + w[5] * a**2

    grid = torch.linspace(-1, 1, 100, dtype=torch.float64)
    target = td_target(transition, max_value(quadratic, grid[:, None]), n["gamma"])
    y, y_s, y_a = names["first_order_target"](w.numpy(), s, a)
    for found, wanted in ((y, target.y), (y_s, target.y_s), (y_a, target.y_a)):
        assert np.allclose(found, wanted.ravel())
    chosen = greedy_action(w.numpy(), np.tanh(n["carry"] * s + a), grid.numpy())
    step = names["features"](np.tanh(n["carry"] * s + a), chosen) @ w.numpy()
    assert np.allclose(y, n["c"] * a - (a - s) ** 2 + n["gamma"] * step)

    critic = MLPCritic(1, 1, (3,), (6, 5), "tanh", torch.float64)
    weights = [x.detach()[0] if i % 2 == 0 else x.detach()[0, 0] for i, x in enumerate(critic.parameters)]
    target = td_target(transition, lambda t: critic(t, column(b)), n["gamma"])
    q, q_s, q_a = critic.value_and_slopes(column(s), column(a))
    loss, _ = sobolev_loss(q, q_s, q_a, target, 0.5, 2.0)
    found = names["sobolev_gradient"](weights, *map(torch.tensor, (s, a, b)), 0.5, 2.0)
    assert np.isclose(found[0], loss.item())
    for x, wanted in zip(found[1], torch.autograd.grad(loss, critic.parameters), strict=True):
        assert torch.allclose(x.ravel(), wanted.ravel())
    slopes = names["input_gradient"]([x.numpy() for x in weights], np.stack([s, a], axis=-1))
    assert np.allclose(slopes, torch.cat([q_s, q_a], dim=-1)[0].detach())


def test_its_solutions_run_under_nbval():
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(A2)],
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
    """Tests may be longer: they are no cells of the sheet."""
    notebook = nbformat.read(A2, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.metadata == METADATA and cells[0].source == bootstrap_source()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    read = [cell for cell in cells if not cell.source.startswith(("# HIDDEN", "def test_"))]
    lengths = [sum(1 for line in cell.source.splitlines() if line.strip()) for cell in read]
    assert max(lengths) <= 25 and statistics.median(lengths) <= 8
    for cell in cells:
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            assert len(cell.metadata["mystnb"]["image"]["alt"].split()) >= 5
        assert not [output for output in cell.outputs if output.get("name") == "stderr"]
