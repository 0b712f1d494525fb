"""Intervals over seeds: against formulas, and by how often they cover."""

import numpy as np
import pytest

from sobolev_book.stats import bootstrap_interval, mean_and_sd


def test_mean_and_sample_standard_deviation():
    mean, sd = mean_and_sd([[1.0, 2.0, 6.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(mean, [3, 0])
    np.testing.assert_allclose(sd, [7**0.5, 0])  # ((4 + 1 + 9) / 2)^(1/2), n - 1 and not n


def test_interval_is_that_of_resampled_means():
    x = np.array([0.0, 1.0, 5.0, 2.0])
    rng = np.random.default_rng(0)
    means = x[rng.integers(4, size=(10_000, 4))].mean(axis=1)
    np.testing.assert_allclose(bootstrap_interval(x), np.quantile(means, [0.025, 0.975]))


def test_interval_covers_nearly_as_often_as_it_says():
    """Percentile intervals of 20 seeds fall a little short of 95 percent, as is well known."""
    x = np.random.default_rng(1).exponential(size=(400, 20))
    low, high = bootstrap_interval(x, draws=1000)
    assert 0.86 < ((low < 1) & (high > 1)).mean() < 0.96


def test_axis_level_and_repeatability():
    x = np.random.default_rng(2).normal(size=(20, 3))
    wide, narrow = bootstrap_interval(x, axis=0), bootstrap_interval(x, axis=0, level=0.5)
    assert (wide[0] < narrow[0]).all()
    assert (narrow[1] < wide[1]).all()
    np.testing.assert_array_equal(wide, bootstrap_interval(x.T))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bootstrap_interval([1.0]), r"^x: got shape \(1,\), wanted at least two seeds"),
        (lambda: mean_and_sd(3.0), r"^x: got shape \(\)"),
        (lambda: bootstrap_interval([1.0, np.nan]), "^x: got nan, wanted finite"),
        (lambda: bootstrap_interval([1.0, 2.0], level=1), "^level: got 1, wanted a finite number"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
