"""Checkers for the exercises of chapter 02, the exact optimum."""

import numpy as np

from sobolev_book.check.verdict import Verdict, checker
from sobolev_mini.toy import ToyProblem

STATES = np.array([-1.0, -0.83, -0.61, -0.3, -0.12, 0.0, 0.07, 0.24, 0.45, 0.8, 0.93, 1.0])  # not symmetric
ACTIONS = np.linspace(-1, 1, 4001)
PROBLEMS = {
    f"({slope:g}, {discount:g})": (slope, discount)
    for slope, discount in ((0.2, 0.9), (-0.3, 0.5), (0.6, 0.5), (0.5, 0.5))
}


def _problem(name):
    """Return the problem of a name in ``PROBLEMS``, new each time: what a student does to it is gone."""
    return ToyProblem(*PROBLEMS[name])


# one guess at a number is no answer, so the number wanted is not told
SEALED = {"loose": True, "otherwise": "with your value{at} got {got:.6g}, which is not it"}


def _steps(slope, discount, k):
    """Return D_1, ..., D_k: c/2 times the sums 1, 1 + discount, ..., (k,)."""
    return slope / 2 * np.cumsum(discount ** np.arange(k, dtype=float))


def _states(slope, discount, k):
    """Return the first k breakpoints, (k,), from the wall."""
    return 1 - np.cumsum(_steps(slope, discount, k))


@checker(tolerance=1e-6, **SEALED)
def two_breakpoints():
    """Judge the pencil exercise: the first two breakpoints (s_1, s_2) for c = 0.5 and discount 0.8."""
    steps, states = _steps(0.5, 0.8, 2), _states(0.5, 0.8, 2)
    yield states, "the last step is c/2, the one before it is longer by gamma times that."
    yield 1 - states, "these are distances from the wall; the states are 1 minus them"
    yield steps, "these are the steps D_1 and D_2; the wall is their sum away"
    yield 1 - steps, "the second state is D_1 + D_2 from the wall, not D_2 alone"
    yield states[::-1], "right states, wrong order: the first breakpoint is the one nearest the wall"
    yield _states(0.5, 0, 2), "you forgot the discount: D_2 = c/2 + gamma D_1"
    yield (0.5, -0.4), "the step from the wall is c/2, not c"
    yield (0.5, 0.1), "the step from the wall is c/2, not c"
    yield -states, "the sign: with c > 0 the agent goes right, and the wall that stops it is at +1"
    yield 100 * states, "as percentages? States lie between -1 and 1"


@checker([(0.2, 0.9), (0.5, 0.8), (1.0, 0.0), (-0.3, 0.5), (0.0, 0.9)], loose=True)
def unconstrained_step(c, gamma):
    """Judge ``unconstrained_step(c, gamma)``: the optimal step without bounds, eq-02-unbounded."""
    yield c / (2 * (1 - gamma)), "with 0.2 and 0.9 it is 1: half the box in one stride."
    yield c / 2, "you forgot the discount: c/2 pays for one step, the next one saves some of it"
    yield c / (1 - gamma), "half of that: the derivative of d^2 is 2 d"
    yield c / (2 * (1 + gamma)), "a sign: d = c/2 + gamma d, so d (1 - gamma) = c/2"
    yield c / 2 * (1 + gamma), "the sum goes on: 1 + gamma + gamma^2 + ... for ever"
    yield -c / (2 * (1 - gamma)), "the sign: where c > 0 it pays to go right"


@checker([(0.2, 0.9, 6), (0.5, 0.8, 2), (0.3, 0.0, 4), (0.1, 0.99, 3), (0.8, 0.9, 6)], loose=True)
def breakpoints(c, gamma, k):
    """Judge ``breakpoints(c, gamma, k)``: the first k states of eq-02-breakpoints for c > 0, shape (k,)."""
    states = _states(c, gamma, k)
    yield states, "two cumulative sums are the whole closed form."
    yield _states(c, 0, k), "all your steps are c/2: where is the discount?"
    yield 1 - _steps(c, gamma, k), "one more sum: s_k is D_1 + ... + D_k from the wall"
    yield 1 - states, "these are distances from the wall; take them from 1"
    unbounded = 1 - c * np.arange(1, k + 1) / (2 * (1 - gamma))
    yield unbounded, "these steps are as long as without bounds; near the wall they are shorter"
    yield states[states > -1], "k states are asked for: keep those beyond the left end of the box"
    yield np.maximum(states, -1), "leave those beyond the left end of the box where they are"
    yield np.append(1, states[:-1]), "you began with D_0 = 0; the first step is D_1"
    yield 1 - np.cumsum(_steps(c, gamma, k + 1)[1:]), "your steps start with D_2: the last one is D_1 = c/2"
    yield states[::-1], "right states in rising order; s_1 is nearest the wall"
    yield 2 * states - 1, "your steps are twice too long: D_1 is c/2, not c"


def residual(answer, worst=None):
    """Judge ``residual(problem, value, s)``: eq-02-bellman's right side minus its left, s (n,).

    And ``worst``, the state where that of the clipped value is largest for c = 0.5 and discount 0.5.

    Notes
    -----
    ``value`` takes states of any shape. The maximum may be taken over any grid of 1,001 actions or more.
    """
    if not callable(answer):
        return Verdict(False, f"got {answer!r}, wanted a function of problem, value and s")
    verdict = _residual(lambda problem, value, s: answer(*_named(problem, value), s))
    if not verdict.right:
        return verdict
    unused = "the function is right; now use it: at which state is the clipped value's residual largest "
    return Verdict(False, unused + "for c = 0.5 and gamma = 0.5?") if worst is None else _worst(worst)


@checker(tolerance=0.006, **SEALED)
def _worst():
    half = _problem("(0.5, 0.5)")
    yield half.clipped_breakpoints()[0], "function and state agree: the kink, where a leap just reaches."
    yield _gap(half, half.clipped_value, np.array([0.5]), 0.5)[0], "that is how large it is; where is it?"
    yield 0.0, "0 is the place for c = 0.2 and gamma = 0.9; this problem has another stride"


def _named(problem, value):
    """Return a problem and its value function by their names, with which a message shows them."""
    problem = _problem(problem)
    values = {"optimal": problem.optimal_value, "clipped": problem.clipped_value}
    return problem, {**values, "optimal + 1": lambda s: problem.optimal_value(s) + 1}[value]


def _gap(problem, value, s, discount):
    """Return the backup of ``value`` less ``value``, (n,)."""
    return (problem.reward(s[:, None], ACTIONS) + discount * value(ACTIONS)).max(axis=1) - value(s)


@checker(
    (
        (name, value, STATES)
        for name in ("(0.2, 0.9)", "(-0.3, 0.5)")
        for value in ("optimal", "clipped", "optimal + 1")
    ),
    tolerance=2e-5,
    loose=True,
)
def _residual(problem, value, s):
    problem, value = _named(problem, value)
    right, a = _gap(problem, value, s, problem.discount), problem.clipped_policy(s)
    yield right, "zero for the optimum, above zero where a better first step is known."
    yield -right, "the sign: the backup minus the value"
    yield np.abs(right), "keep the sign: a value that promises too much has a residual below zero"
    yield _gap(problem, value, s, 1.0), "you forgot the discount before value(a)"
    yield _gap(problem, value, s, 0.9), "0.9 is the paper's discount; ask the problem for its own"
    yield right + value(s), "that is the backup; subtract value(s)"
    followed = problem.reward(s, a) + problem.discount * value(a) - value(s)
    yield followed, "you followed the clipped policy; the residual asks for the best action"


def mirrored_policy(answer):
    """Judge ``mirrored_policy(problem, s)``: a* for slope -c by means of ``problem``, whose slope is c."""
    if not callable(answer):
        return Verdict(False, f"got {answer!r}, wanted a function of problem and s")
    return _mirrored(lambda problem, s: answer(_problem(problem), s))


@checker(((name, STATES) for name in ("(0.2, 0.9)", "(0.6, 0.5)")), loose=True)
def _mirrored(problem, s):
    problem = _problem(problem)
    mirror = ToyProblem(-problem.slope, problem.discount)
    yield mirror.optimal_policy(s), "turn the axis, solve, turn it back: one solution serves both signs."
    yield problem.optimal_policy(s), "that is still the policy that goes right"
    yield -problem.optimal_policy(s), "the state needs its sign turned as well"
    yield problem.optimal_policy(-s), "the action needs its sign turned as well"
    yield -problem.optimal_policy(s)[::-1], "reversing the order is no mirror: turn the signs of the states"


def planner_return(answer, enough=None):
    """Judge ``planner_return(problem, s, n)``: what it earns to plan n rewards ahead, anew at each step.

    And ``enough``, the least n that loses less than 0.01 from every state for c = 0.2 and discount 0.9.
    """
    if not callable(answer):
        return Verdict(False, f"got {answer!r}, wanted a function of problem, s and n")
    verdict = _planner(lambda problem, s, n: answer(_problem(problem), s, n))
    if not verdict.right:
        return verdict
    if enough is None:
        return Verdict(False, "the function is right; now use it: which n is enough?")
    return _enough(enough)


def _planned(problem, s, n, steps=400, renewed=True):
    """Return the return, shape of ``s``, of plans for n rewards, made anew at each step or followed out."""
    total, longest = np.zeros_like(s), np.append(0, _steps(problem.slope, problem.discount, n))
    for k in range(steps):
        a = np.minimum(problem.optimal_policy(s), s + longest[n if renewed else max(n - k, 0)])
        total, s = total + problem.discount**k * problem.reward(s, a), a
    return total


@checker(
    ((name, STATES, n) for name in ("(0.2, 0.9)", "(0.6, 0.5)") for n in (1, 2, 4)),
    loose=True,
    tolerance=1e-4,  # a hundred steps are enough
)
def _planner(problem, s, n):
    problem = _problem(problem)
    yield _planned(problem, s, n), "each step is the first of a plan, and no longer than D_n."
    yield problem.optimal_value(s), "that is V*: this agent's steps are no longer than D_n"
    yield _planned(problem, s, n, steps=n, renewed=False), "that is V_n; this agent plans anew at each step"
    yield _planned(problem, s, n, steps=n), "it goes on for ever: walk 100 steps or more, not n"
    yield _planned(problem, s, n, renewed=False), "it plans anew at each step; yours follows one plan out"
    yield _planned(problem, s, n + 1), "the longest step is D_n, not D_(n+1)"
    for few in (10, 20, 30, 40, 50, 60):
        yield _planned(problem, s, n, steps=few), f"after {few} steps rewards still count: walk 100 or more"


@checker(**SEALED)
def _enough():
    s, problem = np.linspace(-1, 1, 2001), _problem("(0.2, 0.9)")
    lost = [np.max(problem.optimal_value(s) - _planned(problem, s, n)) for n in range(1, 9)]
    least = 1 + int(np.argmax(np.array(lost) < 0.01))
    yield least, "short sight is cheap once the wall is seen coming."
    yield 7, "from 7 on nothing at all is lost; a little may be"
    yield 6, "that is enough, but not the least"
    yield least - 1, "close: that one still loses more than 0.01 from the far end"
