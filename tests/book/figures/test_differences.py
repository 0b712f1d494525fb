"""Chapter 03's figures: what is drawn is what was computed, in the book's colours."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_book import style
from sobolev_book.figures import differences

STEPS = np.geomspace(1e-8, 1, 9)
CURVES = {
    (dtype, scheme): (STEPS, STEPS**power + noise / STEPS)
    for dtype, noise in (("float64", 1e-16), ("float32", 1e-7))
    for scheme, power in (("central", 2), ("forward", 1))
}
LEVELS = {"float64": 1e-16, "float32": 6e-8}


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def by_label(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_step_error_draws_each_curve_and_the_level_of_its_format(ax):
    """eq-03-step."""
    differences.fig_step_error(ax, CURVES, LEVELS)
    for (dtype, scheme), (steps, errors) in CURVES.items():
        line = by_label(ax)[f"{scheme}, {dtype}"]
        np.testing.assert_array_equal(line.get_xdata(), steps)
        np.testing.assert_array_equal(line.get_ydata(), errors)
        assert line.get_color() == differences.COLORS[dtype]
        assert line.get_linestyle() == {"central": "-", "forward": "--"}[scheme]
    levels = {line.get_color(): line.get_ydata()[0] for line in ax.get_lines() if line.get_linestyle() == ":"}
    assert levels == {differences.COLORS[dtype]: error for dtype, error in LEVELS.items()}
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_grid_draws_measured_points_on_predicted_lines(ax):
    spacing = np.array([0.1, 1.0])
    errors = {"value": spacing**2, "slope in a": spacing}
    differences.fig_grid(ax, spacing, errors, {name: 2 * x for name, x in errors.items()})
    assert set(errors) <= set(by_label(ax))
    for name, error in errors.items():
        np.testing.assert_array_equal(by_label(ax)[name].get_ydata(), error)
    predicted = [line.get_ydata() for line in ax.get_lines() if line.get_label() == "_predicted"]
    np.testing.assert_array_equal(predicted, [2 * x for x in errors.values()])


def test_envelope_draws_the_value_over_every_frozen_curve(ax):
    """eq-03-envelope."""
    x = np.linspace(-1, 1, 11)
    frozen = [x - 0.25, -x - 0.25]
    value = np.maximum(*frozen)
    others = [x / 2 - 1]
    differences.fig_envelope(ax, x, value, frozen, (0.0, -0.25), "a tie", others)
    other, first, *rest = ax.get_lines()
    np.testing.assert_array_equal(other.get_ydata(), others[0])
    np.testing.assert_array_equal(first.get_ydata(), value)
    assert (first.get_color(), first.get_linestyle()) == (style.color("exact"), "-")
    for line, curve in zip(rest[:2], frozen, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve)
        assert line.get_color() == style.color("slope_a")
    assert rest[2].get_xydata().tolist() == [[0.0, -0.25]]
    assert ax.get_legend_handles_labels()[1] == ["other actions", "$a'$ moves along", "$a'$ held still"]
    assert ax.get_title() == "a tie"
