"""Checkers for the exercises of chapter 02, the exact optimum."""

import numpy as np

from sobolev_book.check.verdict import Verdict, checker, judge
from sobolev_mini.toy import ToyProblem

STATES = np.linspace(-1, 1, 21)
ACTIONS = np.linspace(-1, 1, 4001)


def _steps(slope, discount, k):
    """Return D_1, ..., D_k: c/2 times the sums 1, 1 + discount, ..., (k,)."""
    return slope / 2 * np.cumsum(discount ** np.arange(k, dtype=float))


def _states(slope, discount, k):
    """Return the first k breakpoints, (k,), from the wall."""
    return 1 - np.cumsum(_steps(slope, discount, k))


@checker(
    praise="the last step is c/2, the one before it is longer by gamma times that.",
    tolerance=1e-6,
    mistakes={
        "these are distances from the wall; the states are 1 minus them": 1 - _states(0.5, 0.8, 2),
        "these are the steps D_1 and D_2; the wall is their sum away": _steps(0.5, 0.8, 2),
        "the second state is D_1 + D_2 from the wall, not D_2 alone": 1 - _steps(0.5, 0.8, 2),
        "right states, wrong order: the first breakpoint is the one nearest the wall": (
            _states(0.5, 0.8, 2)[::-1]
        ),
        "you forgot the discount: D_2 = c/2 + gamma D_1": _states(0.5, 0, 2),
        "the step from the wall is c/2, not c": 1 - 0.5 * np.array([1, 2 + 0.8]),
    },
)
def two_breakpoints():
    """Judge the pencil exercise: the first two breakpoints (s_1, s_2) for c = 0.5 and discount 0.8."""
    return _states(0.5, 0.8, 2)


@checker(
    [(0.2, 0.9), (0.5, 0.8), (1.0, 0.0), (-0.3, 0.5), (0.0, 0.9)],
    praise="with 0.2 and 0.9 it is 1: half the box in one stride.",
    mistakes={
        "you forgot the discount: c/2 pays for one step, the next one saves some of it": (
            lambda c, gamma: c / 2
        ),
        "half of that: the derivative of d^2 is 2 d": lambda c, gamma: c / (1 - gamma),
        "a sign: d = c/2 + gamma d, so d (1 - gamma) = c/2": lambda c, gamma: c / (2 * (1 + gamma)),
        "the sum goes on: 1 + gamma + gamma^2 + ... for ever": lambda c, gamma: c / 2 * (1 + gamma),
    },
)
def unconstrained_step(c, gamma):
    """Judge ``unconstrained_step(c, gamma)``: the optimal step without bounds, eq-02-unbounded."""
    return c / (2 * (1 - gamma))


@checker(
    [(0.2, 0.9, 6), (0.5, 0.8, 2), (0.3, 0.0, 4), (0.1, 0.99, 3)],
    praise="two cumulative sums are the whole closed form.",
    mistakes={
        "all your steps are c/2: where is the discount?": lambda c, gamma, k: _states(c, 0, k),
        "one more sum: s_k is D_1 + ... + D_k from the wall": lambda *case: 1 - _steps(*case),
        "these are distances from the wall; take them from 1": lambda *case: 1 - _states(*case),
        "these steps are as long as without bounds; near the wall they are shorter": (
            lambda c, gamma, k: 1 - c * np.arange(1, k + 1) / (2 * (1 - gamma))
        ),
        "your steps start with D_2: the last one before the wall is D_1 = c/2": (
            lambda c, gamma, k: 1 - np.cumsum(_steps(c, gamma, k + 1)[1:])
        ),
        "right states in rising order; s_1 is nearest the wall": lambda *case: _states(*case)[::-1],
    },
)
def breakpoints(c, gamma, k):
    """Judge ``breakpoints(c, gamma, k)``: the first k states of eq-02-breakpoints for c > 0, shape (k,)."""
    return _states(c, gamma, k)


def residual(answer):
    """Judge ``residual(problem, value, s)``: eq-02-bellman's right side minus its left, s (n,).

    Notes
    -----
    ``value`` takes states of any shape. The maximum may be taken over any grid of 1,001 actions or more.
    """
    problems = {"(0.2, 0.9)": ToyProblem(), "(-0.3, 0.5)": ToyProblem(-0.3, 0.5)}
    if not callable(answer):
        return Verdict(False, f"got {answer!r}, wanted a function of problem, value and s")

    def student(problem, value, s):
        return answer(problems[problem], getattr(problems[problem], f"{value}_value"), s)

    def gap(problem, value, s, discount=None):
        problem, value = problems[problem], getattr(problems[problem], f"{value}_value")
        discount = problem.discount if discount is None else discount
        return (problem.reward(s[:, None], ACTIONS) + discount * value(ACTIONS)).max(axis=1) - value(s)

    def backup(problem, value, s):
        return gap(problem, value, s) + getattr(problems[problem], f"{value}_value")(s)

    def followed(problem, value, s):  # the clipped action where the best one is wanted
        problem, value = problems[problem], getattr(problems[problem], f"{value}_value")
        a = problem.clipped_policy(s)
        return problem.reward(s, a) + problem.discount * value(a) - value(s)

    hints = [
        (lambda *case: -gap(*case), "the sign: the backup minus the value"),
        (lambda *case: gap(*case, discount=1.0), "you forgot the discount before value(a)"),
        (lambda *case: gap(*case, discount=0.9), "0.9 is the paper's discount; ask the problem for its own"),
        (backup, "that is the backup; subtract value(s)"),
        (followed, "you followed the clipped policy; the residual asks for the best action"),
    ]
    cases = [(problem, value, STATES) for problem in problems for value in ("optimal", "clipped")]
    praise = "zero for the optimum, positive somewhere for everything else that a policy earns."
    return judge(student, gap, cases, praise=praise, hints=hints, tolerance=2e-5)


def mirrored_policy(answer):
    """Judge ``mirrored_policy(problem, s)``: a* for slope -c by means of ``problem``, whose slope is c."""
    problems = {"(0.2, 0.9)": ToyProblem(), "(0.6, 0.5)": ToyProblem(0.6, 0.5)}
    if not callable(answer):
        return Verdict(False, f"got {answer!r}, wanted a function of problem and s")

    def right(name, s):
        return ToyProblem(-problems[name].slope, problems[name].discount).optimal_policy(s)

    hints = [
        (lambda name, s: problems[name].optimal_policy(s), "that is still the policy that goes right"),
        (lambda name, s: -problems[name].optimal_policy(s), "the state needs its sign turned as well"),
        (lambda name, s: problems[name].optimal_policy(-s), "the action needs its sign turned as well"),
    ]
    cases = [(name, STATES) for name in problems]
    praise = "turn the axis, solve, turn it back: one solution serves both signs."
    return judge(lambda name, s: answer(problems[name], s), right, cases, praise=praise, hints=hints)
