import os
import re
import statistics
import subprocess
import sys
from urllib.parse import quote, unquote

import nbformat
import numpy as np
import pytest
import torch
import yaml

from notebooks.assignments import term
from notebooks.refresh import METADATA, bootstrap_source
from sobolev_mini import evaluation
from sobolev_mini.envs.lqr import LQR
from sobolev_mini.weighting import Constant
from tests.course.sheets import ASSIGNMENTS, checks, empty, made, marks, public, solved, swapped
from tests.course.wrong_a3 import WRONG

A3, PROJECT = ASSIGNMENTS / "a3.ipynb", ASSIGNMENTS / "project.ipynb"
TERM, LATER = "2027-spring", "2029-spring"
CASES = [(question, *case) for question, cases in WRONG.items() for case in cases]
TRAINED = "not yet"  # the wrong answer that only the training finds


@pytest.fixture(scope="module", autouse=True)
def constants_trained_once():
    """Question 5 trains the same constant weights for every answer; here each is trained once."""
    train, kept = evaluation.fitted_evaluation, {}

    def once(env, policy, truth, config):
        if not isinstance(config.weighting, Constant):
            return train(env, policy, truth, config)
        if config not in kept:
            kept[config] = train(env, policy, truth, config)
        return kept[config]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "fitted_evaluation", once)
        yield


@pytest.fixture(scope="module", params=["master", TERM])
def any_sheet(request):
    return made(A3, request.param)


@pytest.fixture(scope="module")
def names():
    return solved(made(A3, TERM))


def quick(tests):
    """Return the tests without question 5's training, which takes most of the time."""

    def short():
        file = tests["q5"]()
        file.test_cases = file.test_cases[:-1]
        return file

    return tests | {"q5": short}


def test_solutions_score_full_marks(any_sheet):
    found = marks(solved(any_sheet), checks(any_sheet))
    assert {question: mark.messages for question, mark in found.items() if mark.messages} == {}
    assert sum(mark.score for mark in found.values()) == sum(mark.possible for mark in found.values()) == 24


def test_the_empty_sheet_scores_nothing_and_says_what_to_do(any_sheet):
    found = marks(empty(any_sheet), checks(any_sheet))
    assert [question for question, mark in found.items() if mark.score] == []
    for mark in found.values():
        assert all("replace the placeholder" in message for message in mark.messages)


def test_missing_names_score_nothing(any_sheet):
    assert all(mark.score == 0 for mark in marks({}, checks(any_sheet)).values())


def test_a_student_sees_one_test_a_question_and_not_what_others_look_for(any_sheet):
    shown, every = public(any_sheet), checks(any_sheet)
    for question, file in shown.items():
        assert [case.hidden for case in file().test_cases] == [False]
        assert [case.hidden for case in every[question]().test_cases][1:] == [True] * (
            len(every[question]().test_cases) - 1
        )


def test_each_question_has_at_least_five_wrong_answers():
    assert set(WRONG) == {f"q{i}" for i in range(1, 6)}
    assert all(len(cases) >= 5 for cases in WRONG.values())


@pytest.mark.parametrize(
    ("question", "what", "source", "words"), CASES, ids=[f"{q}-{w}" for q, w, *_ in CASES]
)
def test_a_wrong_answer_loses_marks_at_its_question_alone_and_is_told_why(
    names, question, what, source, words
):
    tests = checks(made(A3, TERM))
    found = marks(swapped(names, source), tests if what == TRAINED else quick(tests))
    assert {key for key, mark in found.items() if mark.score < mark.possible} == {question}
    assert words in " ".join(found[question].messages)


def test_public_checks_let_some_wrong_answers_pass(names):
    seen = public(made(A3, TERM))
    for question, cases in WRONG.items():
        passed = [marks(swapped(names, source), {question: seen[question]}) for _, source, _ in cases]
        assert any(not found[question].messages for found in passed), question


def test_last_terms_sheet_loses_marks_where_numbers_count(names):
    numbers = [term.numbers(name) for name in (TERM, LATER)]
    assert all(numbers[0][key] != numbers[1][key] for key in ("gamma", "temperature", "A", "discount"))
    found = marks(names, quick(checks(made(A3, LATER))))
    assert {key for key, mark in found.items() if mark.score < mark.possible} == {"q1", "q2", "q4"}


RULES = {
    "averaged": """
def weights(memory, y, y_s, y_a, pull, pull_s, pull_a):
    new = np.concatenate([[pull], pull_s, pull_a])
    memory = new if memory is None else memory
    memory = np.where(np.isfinite(new) & (new > 0), 0.9 * memory + 0.1 * np.nan_to_num(new, posinf=0), memory)
    lam = np.divide(memory[0], memory[1:], out=np.zeros(len(new) - 1), where=memory[1:] > 0)
    lam = np.nan_to_num(lam, posinf=0)
    return lam[:2], lam[2:], memory
""",
    "the book's": """
def weights(memory, y, y_s, y_a, pull, pull_s, pull_a):
    x = np.hstack([y_s, y_a])
    square = np.mean(np.where(np.abs(x) < 1e50, x, 0) ** 2, axis=0)
    lam = np.divide(y.var(), square, out=np.zeros(3), where=square > 0)
    total = (lam * np.nan_to_num(np.concatenate([pull_s, pull_a]), posinf=0)).sum()
    lam = lam * np.nan_to_num(pull, posinf=0) / total if total > 0 else 0 * lam
    return lam[:2], lam[2:], memory
""",
}


@pytest.mark.parametrize("rule", RULES)
def test_other_right_rules_score_full_marks(names, rule):
    found = marks(swapped(names, RULES[rule]), {"q5": checks(made(A3, TERM))["q5"]})
    assert found["q5"].messages == () and found["q5"].score == 5


def test_an_answer_by_autograd_is_as_right_as_one_by_hand(names):
    source = """
def entropy_slope(s_next, noise, W, b, C, d):
    s = s_next.clone().requires_grad_()
    log_sigma = s @ C + d
    u = s @ W + b + log_sigma.exp() * noise
    log_prob = -log_sigma - 2 * (-u - torch.nn.functional.softplus(-2 * u))
    return torch.autograd.grad(-temperature * log_prob.sum(), s)[0]
"""
    found = marks(swapped(names, source), {"q1": checks(made(A3, TERM))["q1"]})
    assert found["q1"].messages == ()


def test_without_power_the_regulator_is_the_module_s(names):
    """The one known case: N set to zero."""
    plain = swapped(names, "N_ROW = np.zeros((1, 2))")
    for name in ("q_slope", "improved", "cost_to_go"):
        plain[name].__globals__["N_ROW"] = plain["N_ROW"]
    try:
        env = LQR(A=names["A"], B=names["B"], R=[[0.1]], dtype=torch.float64)
        best = env.optimum(names["discount"])
        K, (s, a) = 0.9 * best.K, torch.randn(2, 5, 2, dtype=torch.float64)
        exact = env.evaluate(K, names["discount"]).q_gradients(s, a[:, :1])[1]
        assert np.allclose(plain["q_slope"](K.numpy(), s.numpy(), a[:, :1].numpy()), exact.numpy())
        assert np.allclose(plain["improved"](best.K.numpy()), best.K.numpy())
    finally:
        names["q_slope"].__globals__["N_ROW"] = names["N_ROW"]


@pytest.mark.parametrize("path", [A3, PROJECT], ids=["a3", "project"])
def test_solutions_run_under_nbval(path):
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
        cwd=ASSIGNMENTS.parents[1],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "passed" in ran.stdout


@pytest.mark.parametrize("path", [A3, PROJECT], ids=["a3", "project"])
def test_the_master_is_as_a_chapter_must_be_and_hidden_tests_may_be_longer(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert notebook.metadata == METADATA and cells[0].source == bootstrap_source()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    shown = [cell for cell in cells if "def test_" not in cell.source]
    lengths = [sum(1 for line in cell.source.splitlines() if line.strip()) for cell in shown[1:]]
    assert max(lengths) <= 25 and statistics.median(lengths) <= 8
    for cell in cells:
        assert not [output for output in cell.outputs if output.get("name") == "stderr"]


def test_the_instructors_link_follows_the_configuration():
    root = ASSIGNMENTS.parents[1]
    repository = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]
    page = (root / "book" / "instructors.md").read_text(encoding="utf-8")
    name = repository["url"].rpartition("/")[2]
    assert f"repo={quote(repository['url'], safe='')}&branch={repository['branch']}&" in page
    chapter = next(part for part in page.split() if "urlpath=" in part).partition("urlpath=")[2]
    assert unquote(chapter).startswith(f"lab/tree/{name}/notebooks/")
    assert (root / unquote(chapter).removeprefix(f"lab/tree/{name}/")).exists()


def test_the_instructors_page_and_the_project_show_one_rubric():
    sheet = "\n".join(cell.source for cell in nbformat.read(PROJECT, as_version=4).cells)
    page = (ASSIGNMENTS.parents[1] / "book" / "instructors.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| \*\*.*\|$", sheet)
    assert len(rows) == 7 and sum(int(row.split("|")[2]) for row in rows) == 40
    assert all(row in page for row in rows)
