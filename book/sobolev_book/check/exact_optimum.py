"""Checkers for the exercises of chapter 02, the exact optimum."""

import numpy as np

from sobolev_book.check.verdict import Verdict, checker
from sobolev_mini.toy import ToyProblem

STATES = np.linspace(-1, 1, 21)
ACTIONS = np.linspace(-1, 1, 4001)
PROBLEMS = {
    f"({slope:g}, {discount:g})": ToyProblem(slope, discount)
    for slope, discount in ((0.2, 0.9), (-0.3, 0.5), (0.6, 0.5))
}


def _steps(slope, discount, k):
    """Return D_1, ..., D_k: c/2 times the sums 1, 1 + discount, ..., (k,)."""
    return slope / 2 * np.cumsum(discount ** np.arange(k, dtype=float))


def _states(slope, discount, k):
    """Return the first k breakpoints, (k,), from the wall."""
    return 1 - np.cumsum(_steps(slope, discount, k))


@checker(tolerance=1e-6)
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


@checker([(0.2, 0.9), (0.5, 0.8), (1.0, 0.0), (-0.3, 0.5), (0.0, 0.9)])
def unconstrained_step(c, gamma):
    """Judge ``unconstrained_step(c, gamma)``: the optimal step without bounds, eq-02-unbounded."""
    yield c / (2 * (1 - gamma)), "with 0.2 and 0.9 it is 1: half the box in one stride."
    yield c / 2, "you forgot the discount: c/2 pays for one step, the next one saves some of it"
    yield c / (1 - gamma), "half of that: the derivative of d^2 is 2 d"
    yield c / (2 * (1 + gamma)), "a sign: d = c/2 + gamma d, so d (1 - gamma) = c/2"
    yield c / 2 * (1 + gamma), "the sum goes on: 1 + gamma + gamma^2 + ... for ever"


@checker([(0.2, 0.9, 6), (0.5, 0.8, 2), (0.3, 0.0, 4), (0.1, 0.99, 3)])
def breakpoints(c, gamma, k):
    """Judge ``breakpoints(c, gamma, k)``: the first k states of eq-02-breakpoints for c > 0, shape (k,)."""
    states = _states(c, gamma, k)
    yield states, "two cumulative sums are the whole closed form."
    yield _states(c, 0, k), "all your steps are c/2: where is the discount?"
    yield 1 - _steps(c, gamma, k), "one more sum: s_k is D_1 + ... + D_k from the wall"
    yield 1 - states, "these are distances from the wall; take them from 1"
    unbounded = 1 - c * np.arange(1, k + 1) / (2 * (1 - gamma))
    yield unbounded, "these steps are as long as without bounds; near the wall they are shorter"
    late = 1 - np.cumsum(_steps(c, gamma, k + 1)[1:])
    yield late, "your steps start with D_2: the last one before the wall is D_1 = c/2"
    yield states[::-1], "right states in rising order; s_1 is nearest the wall"


def residual(answer):
    """Judge ``residual(problem, value, s)``: eq-02-bellman's right side minus its left, s (n,).

    Notes
    -----
    ``value`` takes states of any shape. The maximum may be taken over any grid of 1,001 actions or more.
    """
    if not callable(answer):
        return Verdict(False, f"got {answer!r}, wanted a function of problem, value and s")
    return _residual(lambda problem, value, s: answer(*_named(problem, value), s))


def _named(problem, value):
    """Return a problem and its value function by their names, with which a message shows them."""
    problem = PROBLEMS[problem]
    return problem, {"optimal": problem.optimal_value, "clipped": problem.clipped_value}[value]


@checker(
    ((name, value, STATES) for name in ("(0.2, 0.9)", "(-0.3, 0.5)") for value in ("optimal", "clipped")),
    tolerance=2e-5,
)
def _residual(problem, value, s):
    problem, value = _named(problem, value)

    def gap(discount):
        return (problem.reward(s[:, None], ACTIONS) + discount * value(ACTIONS)).max(axis=1) - value(s)

    right, a = gap(problem.discount), problem.clipped_policy(s)
    yield right, "zero for the optimum, positive somewhere for everything else that a policy earns."
    yield -right, "the sign: the backup minus the value"
    yield gap(1.0), "you forgot the discount before value(a)"
    yield gap(0.9), "0.9 is the paper's discount; ask the problem for its own"
    yield right + value(s), "that is the backup; subtract value(s)"
    followed = problem.reward(s, a) + problem.discount * value(a) - value(s)
    yield followed, "you followed the clipped policy; the residual asks for the best action"


def mirrored_policy(answer):
    """Judge ``mirrored_policy(problem, s)``: a* for slope -c by means of ``problem``, whose slope is c."""
    if not callable(answer):
        return Verdict(False, f"got {answer!r}, wanted a function of problem and s")
    return _mirrored(lambda name, s: answer(PROBLEMS[name], s))


@checker((name, STATES) for name in ("(0.2, 0.9)", "(0.6, 0.5)"))
def _mirrored(name, s):
    problem = PROBLEMS[name]
    mirror = ToyProblem(-problem.slope, problem.discount)
    yield mirror.optimal_policy(s), "turn the axis, solve, turn it back: one solution serves both signs."
    yield problem.optimal_policy(s), "that is still the policy that goes right"
    yield -problem.optimal_policy(s), "the state needs its sign turned as well"
    yield problem.optimal_policy(-s), "the action needs its sign turned as well"
