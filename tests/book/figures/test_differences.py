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
    assert differences.fig_step_error(ax, CURVES, LEVELS) is ax
    for (dtype, scheme), (steps, errors) in CURVES.items():
        line = by_label(ax)[f"{scheme}, {dtype}"]
        np.testing.assert_array_equal(line.get_xdata(), steps)
        np.testing.assert_array_equal(line.get_ydata(), errors)
        assert line.get_color() == differences.COLORS[dtype]
        assert line.get_linestyle() == {"central": "-", "forward": "--"}[scheme]
    levels = {line.get_color(): line.get_ydata()[0] for line in ax.get_lines() if line.get_linestyle() == ":"}
    assert levels == {differences.COLORS[dtype]: error for dtype, error in LEVELS.items()}
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


@pytest.mark.parametrize("h", [0.5, 1e-4])
def test_zoom_draws_tangent_and_chord_in_units_of_h(ax, h):
    offsets = np.linspace(-1.5, 1.5, 301) * h
    rise = 2 * offsets + 3 * offsets**2 + 4 * offsets**3
    differences.fig_zoom(ax, offsets, rise, 2.0, h)
    lines = by_label(ax)
    np.testing.assert_allclose(lines["target"].get_xdata(), offsets / h)
    np.testing.assert_allclose(lines["target"].get_ydata(), rise / h)
    np.testing.assert_allclose(lines["tangent"].get_ydata(), 2 * lines["tangent"].get_xdata())
    x, y = lines["central difference"].get_data()
    np.testing.assert_allclose(np.diff(y) / np.diff(x), 2 + 4 * h**2)
    np.testing.assert_allclose(np.interp([-1, 1], x, y), [-2 + 3 * h - 4 * h**2, 2 + 3 * h + 4 * h**2])
    np.testing.assert_allclose(lines["_ends"].get_xdata(), [-1, 1])
    assert ax.get_title() == f"h = {h:g}"


def test_envelope_draws_the_value_over_every_frozen_curve(ax):
    """eq-03-envelope."""
    x = np.linspace(-1, 1, 11)
    frozen = [x - 0.25, -x - 0.25]
    value = np.maximum(*frozen)
    differences.fig_envelope(ax, x, value, frozen, (0.0, -0.25), "a tie")
    first, *rest = ax.get_lines()
    np.testing.assert_array_equal(first.get_ydata(), value)
    assert (first.get_color(), first.get_linestyle()) == (style.color("exact"), "-")
    for line, curve in zip(rest[:2], frozen, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve)
        assert line.get_color() == style.color("sobolev")
    assert rest[2].get_xydata().tolist() == [[0.0, -0.25]]
    assert ax.get_legend_handles_labels()[1] == ["a′ moves with s′", "a′ frozen"]
    assert ax.get_title() == "a tie"
