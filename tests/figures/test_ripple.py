"""Chapter 01's figures: the drawn lines and arrows are the critics' values and slopes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_mini import style
from sobolev_mini.figures import ripple
from sobolev_mini.toy import ToyProblem

PROBLEM = ToyProblem()


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


@pytest.fixture
def axes():
    figure, axes = plt.subplots(1, 2)
    yield axes
    plt.close(figure)


def test_two_critics_draws_values_samples_and_steps(axes):
    samples = np.linspace(-1, 1, 5)

    def twin(a):
        return PROBLEM.optimal_q(0.0, a) + 1, -PROBLEM.optimal_q_gradients(0.0, a)[1]

    ripple.fig_two_critics(axes, PROBLEM, 0.0, samples, twin, label="other")
    values, steps = axes
    exact, other = lines(values)["exact $Q^*$"], lines(values)["other"]
    np.testing.assert_allclose(exact.get_ydata(), PROBLEM.optimal_q(0.0, exact.get_xdata()))
    np.testing.assert_allclose(other.get_ydata(), exact.get_ydata() + 1)
    assert (exact.get_color(), other.get_color()) == (style.color("exact"), style.color("value_only"))
    np.testing.assert_allclose(lines(values)["samples"].get_ydata(), PROBLEM.optimal_q(0.0, samples))
    slope = PROBLEM.optimal_q_gradients(0.0, samples)[1]
    for quiver, sign in zip(steps.collections, (1, -1), strict=True):
        np.testing.assert_allclose(quiver.U, sign * ripple.RATE * slope)
        np.testing.assert_allclose(quiver.X, samples)
        assert (quiver.V == 0).all()
    best = PROBLEM.optimal_policy(0.0)
    assert all(any((np.array(x.get_xdata()) == best).all() for x in ax.get_lines()) for ax in axes)


def test_ends_draws_a_row_for_each_ripple(axes):
    starts, ends = np.linspace(-1, 1, 4), np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]])
    ripple.fig_ends(axes[0], starts, ends, 0.36, np.array([0.01, 0.1]))
    for row, name in zip(ends, ("ripple of 0.01", "ripple of 0.1"), strict=True):
        np.testing.assert_array_equal(lines(axes[0])[name].get_ydata(), row)
    assert lines(axes[0])["$a^*$"].get_ydata()[0] == 0.36


def test_loss_draws_the_worst_start_and_both_bounds(axes):
    amplitudes, climbed = np.array([0.01, 0.1]), np.array([[0.1, 0.3], [0.9, 0.2]])
    ripple.fig_loss(axes[0], amplitudes, climbed, np.array([0.01, 0.02]), frequency=10.0)
    drawn = [line.get_ydata() for line in axes[0].get_lines()]
    wanted = [[0.3, 0.9], [0.01, 0.02], (amplitudes * 10) ** 2 / 4, 2 * amplitudes]
    np.testing.assert_allclose(drawn, wanted)


def test_samples_draws_medians_and_middle_halves(axes):
    errors = {
        name: np.random.default_rng(i).uniform(1, 2, (2, 3, 9))
        for i, name in enumerate(("value_only", "sobolev"))
    }
    counts = np.array([4, 8, 16])
    ripple.fig_samples(axes, counts, errors, n_features=12)
    for row, ax in enumerate(axes):
        for (method, error), band in zip(errors.items(), ax.collections, strict=True):
            line = lines(ax)[style.METHODS[method][0]]
            np.testing.assert_allclose(line.get_ydata(), np.median(error[row], axis=-1))
            edges = band.get_paths()[0].vertices
            at = edges[edges[:, 0] == 8, 1]
            np.testing.assert_allclose([at.min(), at.max()], np.quantile(error[row, 1], [0.25, 0.75]))
        uprights = {line.get_xdata()[0] for line in ax.get_lines() if len(set(line.get_xdata())) == 1}
        assert uprights == {12, 6}
