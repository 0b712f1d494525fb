"""The explorer of chapter 05: the MLP critic over both weights and over training, from its records."""

import numpy as np

from sobolev_book import stats
from sobolev_book.explorers.recorded import fact, panel, recorded, series
from sobolev_mini.toy import ToyProblem

ERRORS = {"Q": "q", "Q less its offset": "q_centred", "slope": "q_a", "policy": "policy"}
WEIGHTS = ["lam_s", "lam_a"]


def mlp_grid(grid, slices):
    """Return the explorer of the records ``grid`` (errors of every seed) and ``slices`` (Q, mean and sd)."""
    weights, steps = sorted(grid.lam_s.unique()), sorted(grid.step.unique())
    states, actions = sorted(slices.s.unique()), sorted(slices.a.unique())
    axes = {
        "lam_s": ("weight λₛ", weights, 1.0),
        "lam_a": ("weight λₐ", weights, 1.0),
        "step": ("step", steps, 400.0),
        "state": ("state s", states, 0.5),
        "error": ("error of", list(ERRORS), "slope"),
    }
    by_seed = [_table(grid, [*WEIGHTS, "step", "seed"], name) for name in ERRORS.values()]
    errors = [(x.mean(axis=-1), *stats.bootstrap_interval(x, draws=2000)) for x in by_seed]
    facts = [fact(name, [*WEIGHTS, "step"], *x, log=True) for name, x in zip(ERRORS, errors, strict=True)]
    panels = [_slices(slices, states, actions), _errors(steps, errors)]
    return recorded("mlp", "The MLP over both weights", axes, panels, facts, {"sobolev": "your weights"})


def _slices(frame, states, actions):
    """Return the panel of Q over the action: mean over seeds, one standard deviation to each side."""
    keys = [*WEIGHTS, "step", "s", "a"]
    mean, sd = _table(frame, keys, "mean"), _table(frame, keys, "sd")
    truth = ToyProblem().optimal_q(np.array(states)[:, None], np.array(actions))
    lines = [
        series("exact", ["state"], truth),
        series("value_only", ["step", "state"], *(x[0, 0] for x in (mean, mean - sd, mean + sd))),
        series("sobolev", [*WEIGHTS, "step", "state"], mean, mean - sd, mean + sd),
    ]
    alt = "Q over the action at the chosen step and state: the truth, and means over five seeds with bands."
    return panel("Q at this step and state", "action a", "Q", actions, lines, alt)


def _errors(steps, errors):
    """Return the panel of an error over steps: mean over seeds and its 95 % interval."""
    mean, low, high = (np.stack(x, axis=2) for x in zip(*errors, strict=True))  # weights, error, step
    lines = [
        series("value_only", ["error"], mean[0, 0], low[0, 0], high[0, 0], log=True),
        series("sobolev", [*WEIGHTS, "error"], mean, low, high, log=True),
    ]
    alt = "Mean square error over training steps on a log scale, means over five seeds and 95 % intervals."
    return panel("the chosen error", "step", "mean square", steps, lines, alt, ylog=True, rule="step")


def _table(frame, keys, name):
    """Return the column ``name`` as an array with an axis for each key, in ascending order."""
    return frame.sort_values(keys)[name].to_numpy().reshape([frame[key].nunique() for key in keys])
