"""Intervals over seeds: against formulas, and by how often they cover."""

import numpy as np
import pytest

from sobolev_book.stats import bootstrap_interval, interquartile_mean, iqm_interval, resampled


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


def test_it_repeats():
    x = np.random.default_rng(2).normal(size=(3, 20))
    np.testing.assert_array_equal(bootstrap_interval(x), bootstrap_interval(x))


def test_rows_are_drawn_together_or_apart():
    x = np.arange(10.0) + np.array([[0], [100]])
    together, apart = (resampled(x, np.random.default_rng(3), 50, apart) for apart in (False, True))
    assert together.shape == apart.shape == (50, 2, 10)
    np.testing.assert_array_equal(together[:, 1] - together[:, 0], 100)
    assert (apart[:, 1] - apart[:, 0] != 100).any()
    assert ((apart[:, 1] >= 100) & (apart[:, 1] < 110)).all()


def test_intervals_of_interquartile_means_are_quantiles_of_their_draws():
    x = np.random.default_rng(4).normal(size=(3, 8))
    picks = np.random.default_rng(5).integers(8, size=(200, 8))
    middle, low, high = iqm_interval(x, np.random.default_rng(5), 200)
    np.testing.assert_array_equal(middle, interquartile_mean(x))
    wanted = np.quantile(interquartile_mean(x[:, picks]), [0.025, 0.975], axis=1)
    np.testing.assert_allclose([low, high], wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bootstrap_interval([1.0]), r"^x: got shape \(1,\), wanted at least two seeds"),
        (lambda: bootstrap_interval(3.0), r"^x: got shape \(\)"),
        (lambda: bootstrap_interval([1.0, np.nan]), "^x: got nan, wanted finite"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
