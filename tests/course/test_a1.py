import numpy as np
import pytest

from notebooks.assignments.term import numbers
from sobolev_mini.toy import ToyProblem
from tests.course.common import TERM, Common
from tests.course.sheets import ASSIGNMENTS, made, solved
from tests.course.wrong_a1 import WRONG

A1 = ASSIGNMENTS / "a1.ipynb"
TERMS = ("master", TERM, "2027-autumn")


class TestSheet(Common):
    path, points, questions, wrong, terms = A1, 20, 9, WRONG, TERMS
    short_tests = True


@pytest.mark.parametrize("term", TERMS)
def test_answers_agree_with_the_module(term):
    names, (s, a) = solved(made(A1, term)), np.random.default_rng(0).uniform(-1, 1, (2, 500))
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
    for term in (*TERMS[1:], "term-1", "term-2"):
        problem = ToyProblem(*(numbers(term)[key] for key in ("c", "gamma")))
        s = np.linspace(-0.999, 1, 4001)
        cost = problem.optimal_value(s) - problem.clipped_value(s)
        peaks = s[1:-1][(cost[1:-1] > cost[:-2]) & (cost[1:-1] > cost[2:])]
        assert np.allclose(peaks[::-1], problem.clipped_breakpoints(), atol=1e-3)
