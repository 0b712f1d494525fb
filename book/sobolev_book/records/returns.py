"""Returns of greedy policies on the toy: there the next state is the action, so rollouts are look-ups."""

import numpy as np

from sobolev_mini import quadratic
from sobolev_mini.qlearning.measure import midpoints

HORIZON = 250  # steps of a rollout: at discount .9 what follows is worth less than 4e-12 of the return


def greedy(history, s):
    """Return the index (R, S, N) on the grid of a quadratic critic's greedy action in states ``s`` (N,)."""
    grid = quadratic.action_grid(history.config.n_actions)
    return np.searchsorted(grid, quadratic.greedy_action(history.w[..., None, :], s, grid))


def returns(history):
    """Return the greedy policy's mean return over 256 even states, (R, S); None if it was not measured."""
    if not hasattr(history, "w"):
        return history.measured.get("return")
    grid, states = quadratic.action_grid(history.config.n_actions), midpoints(256)
    return rollout_return(history.problem, states, grid, greedy(history, states), greedy(history, grid))


def rollout_return(problem, states, grid, first, then):
    """Return the mean discounted return (...,) over ``states`` (N,), each the start of one rollout.

    Parameters
    ----------
    problem : ToyProblem; the next state is the action, so after one step the agent is on the grid
    grid : (A,) actions
    first : (..., N) index of the action taken in each of ``states``
    then : (..., A) index of the action taken in each state of ``grid``
    """
    s, index, total = np.broadcast_to(states, first.shape), first, 0.0
    for k in range(HORIZON):
        a = grid[index]
        total = total + problem.discount**k * problem.reward(s, a)
        s, index = a, np.take_along_axis(then, index, axis=-1)
    return total.mean(axis=-1)
