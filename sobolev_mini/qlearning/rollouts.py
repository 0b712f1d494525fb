"""The return of a greedy policy on the action grid, rolled out step by step."""

import numpy as np

HORIZON = 250  # steps of a rollout: at discount .9 what follows is worth less than 4e-12 of the return


def midpoints(n):
    """Return the midpoints of n equal cells of [-1, 1], (n,)."""
    return (np.arange(n) + 0.5) / n * 2 - 1


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
