"""One tidy table for runs of either critic: a row a seed and recorded step, a column a measure."""

import numpy as np

from sobolev_book.records.mlp_runs import train_mlp
from sobolev_book.records.returns import greedy, returns
from sobolev_book.records.tables import long
from sobolev_mini.qlearning import train_quadratic
from sobolev_mini.qlearning.measure import NAMES, midpoints, references
from sobolev_mini.quadratic import action_grid

SLOPE_WEIGHTS = {"value_only": 0.0, "sobolev": 1.0}  # of both slopes, in the paper's methods


def tidy(history):
    """Return a frame of a history: step, seed, errors against both truths, return and its gap.

    Columns "q" ... "policy_mae" are against the exact optimum, "clipped_q" ... against the shortcut.
    """
    measured, states = {}, midpoints(256)
    for reference in references(history.problem):
        errors = history.errors(reference)
        if "policy_mae" not in errors:  # of a quadratic critic
            taken = action_grid(history.config.n_actions)[greedy(history, states)]
            truth = getattr(history.problem, f"{reference}_policy")(states)
            errors["policy_mae"] = np.abs(taken - truth).mean(axis=-1)
        prefix = "" if reference == "optimal" else f"{reference}_"
        measured |= {f"{prefix}{name}": errors[name] for name in NAMES}
    earned = returns(history)
    if earned is not None:
        best = history.problem.optimal_value(states).mean()
        measured |= {"return": earned, "gap": best - earned}
    return long(history.steps, history.config.seeds, measured)


def train(model, problem, config, **options):
    """Return the history of the "quadratic" or the "mlp" critic."""
    return train_quadratic(problem, config) if model == "quadratic" else train_mlp(problem, config, **options)
