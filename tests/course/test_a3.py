import re
from urllib.parse import quote, unquote

import nbformat
import numpy as np
import pytest
import torch
import yaml

from notebooks.assignments import term
from sobolev_book import evaluation
from sobolev_mini.envs.lqr import LQR
from sobolev_mini.losses import Constant
from tests.course.common import TERM, Common, is_as_a_chapter_must_be, runs_under_nbval
from tests.course.sheets import ASSIGNMENTS, marks, swapped
from tests.course.wrong_a3 import WRONG

PROJECT, LATER = ASSIGNMENTS / "project.ipynb", "2029-spring"


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


class TestSheet(Common):
    path, points, questions, wrong = ASSIGNMENTS / "a3.ipynb", 24, 5, WRONG
    slow, alone, trains = "q5", ("not yet",), "action_slope_errors(rule"


SHEET = TestSheet()


@pytest.fixture(scope="module")
def names():
    return SHEET.answered()


def test_last_terms_sheet_loses_marks_where_numbers_count(names):
    numbers = [term.numbers(name) for name in (TERM, LATER)]
    assert all(numbers[0][key] != numbers[1][key] for key in ("gamma", "temperature", "A", "discount"))
    found = marks(names, SHEET.files(LATER))
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
    found = marks(swapped(names, RULES[rule]), {"q5": SHEET.files(whole=True)["q5"]})
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
    found = marks(swapped(names, source), {"q1": SHEET.files()["q1"]})
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
        exact = evaluation.regulated(env, K, names["discount"]).q_gradients(s, a[:, :1])[1]
        assert np.allclose(plain["q_slope"](K.numpy(), s.numpy(), a[:, :1].numpy()), exact.numpy())
        assert np.allclose(plain["improved"](best.K.numpy()), best.K.numpy())
    finally:
        names["q_slope"].__globals__["N_ROW"] = names["N_ROW"]


@pytest.mark.parametrize("check", [runs_under_nbval, is_as_a_chapter_must_be])
def test_the_project_too(check):
    check(PROJECT)


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
