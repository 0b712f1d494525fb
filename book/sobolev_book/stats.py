"""Intervals over seeds. The seed is the unit: one number a seed goes in."""

import numpy as np

from sobolev_mini import validate


def bootstrap_interval(x, draws=10_000):
    """Return (low, high), each (...), the 95 % percentile bootstrap interval of the mean of ``x`` (..., S).

    ``x`` holds one number a seed, finite and of at least two seeds, else ``ValueError``; ``draws`` resamples
    are drawn, the same for the same shape.

    Notes
    -----
    Efron and Tibshirani 1993, chapter 13. With five seeds it is a rough guide, no more: it cannot
    reach past the seeds it has.
    """
    x = validate.finite("x", x)
    if x.ndim == 0 or x.shape[-1] < 2:
        raise ValueError(f"x: got shape {x.shape}, wanted at least two seeds along its last axis")
    picks = np.random.default_rng(0).integers(x.shape[-1], size=(draws, x.shape[-1]))
    # Resampling is weighting: counts a draw, so that memory grows with draws and not with x too.
    counts = np.stack([(picks == i).sum(axis=1) for i in range(x.shape[-1])]) / x.shape[-1]
    low, high = np.quantile(x @ counts, [0.025, 0.975], axis=-1)
    return low, high


def resampled(x, rng, draws, apart=False):
    """Return x (..., n) with its last axis drawn anew with replacement, (draws, ..., n).

    The same places are drawn in every row of ``x`` or, with ``apart``, other places in each.
    """
    picks = rng.integers(x.shape[-1], size=(draws, *(x.shape if apart else x.shape[-1:])))
    return np.take_along_axis(x[None], picks, axis=-1) if apart else np.moveaxis(x[..., picks], -2, 0)


def iqm_interval(x, rng, draws):
    """Return the interquartile mean of x (..., n) over its last axis, and its 95 % interval's ends, (...)."""
    ends = np.quantile(interquartile_mean(resampled(x, rng, draws)), [0.025, 0.975], axis=0)
    return interquartile_mean(x), *ends


def interquartile_mean(x):
    """Return the mean (...) of the middle half of ``x`` (..., n), a quarter left out below and above.

    Agarwal et al. 2021; quarters are rounded down.
    """
    x, n = np.sort(x, axis=-1), np.shape(x)[-1]
    return x[..., n // 4 : n - n // 4].mean(axis=-1)
