"""Intervals over seeds. The seed is the unit: one number a seed goes in."""

import numpy as np

from sobolev_mini import validate


def mean_and_sd(x, axis=-1):
    """Return the mean and the sample standard deviation (n - 1) of ``x`` over ``axis``."""
    x = _seeds(x, axis)
    return x.mean(axis=axis), x.std(axis=axis, ddof=1)


def bootstrap_interval(x, axis=-1, level=0.95, draws=10_000, seed=0):
    """Return (low, high), the percentile bootstrap interval of the mean over ``axis``.

    Parameters
    ----------
    x : one number a seed along ``axis``, at least two
    level : coverage wanted, in (0, 1)
    draws, seed : resamples and the seed that draws them

    Notes
    -----
    Efron and Tibshirani 1993, chapter 13. With five seeds it is a rough guide, no more: it cannot
    reach past the seeds it has.
    """
    x = np.moveaxis(_seeds(x, axis), axis, -1)
    level = validate.real("level", level, above=0, below=1)
    picks = np.random.default_rng(seed).integers(x.shape[-1], size=(draws, x.shape[-1]))
    # Resampling is weighting: counts a draw, so that memory grows with draws and not with x too.
    counts = np.stack([(picks == i).sum(axis=1) for i in range(x.shape[-1])]) / x.shape[-1]
    low, high = np.quantile(x @ counts, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return low, high


def interquartile_mean(x):
    """Return the mean (...) of the middle half of ``x`` (..., n), a quarter left out below and above.

    Agarwal et al. 2021; quarters are rounded down.
    """
    x, n = np.sort(x, axis=-1), np.shape(x)[-1]
    return x[..., n // 4 : n - n // 4].mean(axis=-1)


def _seeds(x, axis):
    x = validate.finite("x", x)
    if x.ndim == 0 or x.shape[axis] < 2:
        raise ValueError(f"x: got shape {x.shape}, wanted at least two seeds along axis {axis}")
    return x
