"""One tidy table for runs of either critic: a row a seed and recorded step, a column a measure."""

import numpy as np
import pandas as pd

from sobolev_book.records.mlp_runs import train_mlp
from sobolev_book.records.returns import greedy, returns
from sobolev_mini.qlearning import train_quadratic
from sobolev_mini.qlearning.measure import midpoints
from sobolev_mini.quadratic import action_grid

METHODS = {"value_only": 0.0, "sobolev": 1.0}  # the paper's weights of both slopes
MEASURES = ("q", "q_centred", "q_s", "q_a", "policy", "policy_mae")


def tidy(history):
    """Return a frame of a history: step, seed, errors against both truths, return and its gap.

    Columns "q" ... "policy_mae" are against the exact optimum, "clipped_q" ... against the shortcut.
    """
    n_steps, n_seeds = len(history.steps), len(history.config.seeds)
    columns = {
        "step": np.repeat(history.steps, n_seeds),
        "seed": np.tile(history.config.seeds, n_steps),
    }
    for prefix, reference in (("", "optimal"), ("clipped_", "clipped")):
        if not hasattr(history.problem, f"{reference}_q"):
            continue
        errors = history.errors(reference)
        if "policy_mae" not in errors:
            errors["policy_mae"] = _policy_mae(history, reference)
        columns |= {f"{prefix}{name}": errors[name].ravel() for name in MEASURES}
    earned = returns(history)
    if earned is not None:
        columns["return"] = earned.ravel()
        columns["gap"] = history.problem.optimal_value(midpoints(256)).mean() - columns["return"]
    return pd.DataFrame(columns)


def _policy_mae(history, reference):
    """Return the mean absolute error of a quadratic critic's greedy action, (R, S)."""
    states, grid = midpoints(256), action_grid(history.config.n_actions)
    truth = getattr(history.problem, f"{reference}_policy")(states)
    return np.abs(grid[greedy(history, states)] - truth).mean(axis=-1)


def train(model, problem, config, **options):
    """Return the history of the "quadratic" or the "mlp" critic."""
    return train_quadratic(problem, config) if model == "quadratic" else train_mlp(problem, config, **options)
