"""Right answers of chapter 02, and wrong ones with a known mistake."""

import numpy as np

from sobolev_mini.toy import ToyProblem


def steps(c, gamma, k):
    return c / 2 * np.cumsum(gamma ** np.arange(float(k)))


def breakpoints(c, gamma, k):
    return 1 - np.cumsum(steps(c, gamma, k))


def residual(problem, value, s, n=4001):
    actions = np.linspace(-1, 1, n)
    return (problem.reward(s[:, None], actions) + problem.discount * value(actions)).max(axis=1) - value(s)


def planner(problem, s, n, more=0, steps=400):
    """The return of planning n rewards ahead, anew at each step."""
    longest = problem.slope / 2 * np.sum(problem.discount ** np.arange(n + more))
    total = 0
    for k in range(steps):
        a = np.minimum(problem.optimal_policy(s), s + longest)
        total, s = total + problem.discount**k * problem.reward(s, a), a
    return total


def plan_followed(problem, s, n, rest=400):
    total = 0
    for k in range(n + rest):
        longest = problem.slope / 2 * np.sum(problem.discount ** np.arange(max(n - k, 0)))
        a = np.minimum(problem.optimal_policy(s), s + longest)
        total, s = total + problem.discount**k * problem.reward(s, a), a
    return total


def discounted_by(discount):
    def answer(problem, value, s):
        return residual(
            ToyProblem(problem.slope, discount) if discount < 1 else Undiscounted(problem), value, s
        )

    return answer


class Undiscounted:
    """The reward of a problem, with the discount left out."""

    discount = 1.0

    def __init__(self, problem):
        self.reward = problem.reward


def followed(problem, value, s):
    a = problem.clipped_policy(s)
    return problem.reward(s, a) + problem.discount * value(a) - value(s)


def fails(*_):
    raise ZeroDivisionError("by nothing")
