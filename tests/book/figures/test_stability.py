"""Chapter 04's theory figure: what is drawn is what was computed."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_book.figures import stability

LAMS = np.array([0.01, 0.1, 1.0])
ERRORS = {name: np.array([3.0, 2.0, 1.0]) * (i + 1) for i, name in enumerate(stability.ERRORS)}
MARGINS = {"frozen": np.array([-0.01, 0.02, 0.05]), "training": np.array([-0.02, 0.01, 0.07])}
THRESHOLDS = {"frozen": 0.0118, "training": 0.0806}


@pytest.fixture
def axes():
    figure, axes = plt.subplots(2, 1)
    yield axes
    plt.close(figure)


def by_label(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_lambda_draws_errors_and_floors_and_margins_their_thresholds(axes):
    floors = {"q": 1e-3, "policy": 2e-3}
    stability.fig_lambda(axes[0], LAMS, ERRORS, floors)
    stability.fig_margins(axes[1], LAMS, MARGINS, THRESHOLDS)
    for name, look in stability.ERRORS.items():
        line = by_label(axes[0])[look["label"]]
        np.testing.assert_array_equal(line.get_ydata(), ERRORS[name])
        assert (line.get_color(), line.get_linestyle()) == (look["color"], look["linestyle"])
    marks = [line.get_ydata()[0] for line in axes[0].get_lines() if line.get_marker() == "_"]
    assert marks == list(floors.values())
    for name, look in stability.MATRICES.items():
        np.testing.assert_array_equal(by_label(axes[1])[look["label"]].get_ydata(), MARGINS[name])
    dots = [line.get_xdata()[0] for line in axes[1].get_lines() if line.get_marker() == "o"]
    assert dots == [0.0118, 0.0806]
    assert [text.get_text() for text in axes[1].texts] == ["0.0118", "0.0806"]
    assert axes[1].patches[0].get_x() + axes[1].patches[0].get_width() == pytest.approx(0.0806)


def drawn(ax):
    """Return name of an end -> sorted places of its marks."""
    lines = {line.get_label(): line for line in ax.get_lines() if line.get_label() in stability.ENDS}
    return {name: sorted(zip(*line.get_data(), strict=True)) for name, line in lines.items()}


def test_map_marks_every_run_and_shades_what_theory_leaves(axes):
    lams = (0, 1)
    ends = {(0, 0): ["away"], (0, 1): ["away"], (1, 0): ["circling"], (1, 1): ["settled", "away"]}
    margins = {(0, 0): -1.0, (0, 1): 1.0, (1, 0): -0.1, (1, 1): 2.0}
    ax = axes[0]
    stability.fig_map(ax, lams, ends, margins)
    marks = drawn(ax)  # lambda_a across, lambda_s up
    assert marks["circling"] == [(0, 1)] and marks["settled"] == [(pytest.approx(0.89), 1)]
    assert marks["away"] == [(0, 0), (1, 0), (pytest.approx(1.11), 1)]
    assert sorted((p.get_x(), p.get_y()) for p in ax.patches) == [(-0.5, -0.5), (-0.5, 0.5)]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "1"]


def test_targets_draw_rate_against_rate_times_period(axes):
    panels = {"a": [(1e-3, 0.1, "away"), (1e-4, 1, "settled")], "b": [(1e-3, 0.3, "circling")]}
    stability.fig_targets(axes, panels)
    assert drawn(axes[0]) == {"away": [(0.1, 1e-3)], "settled": [(1, 1e-4)]}
    assert drawn(axes[1]) == {"circling": [(0.3, 1e-3)]}
    assert [ax.get_title() for ax in axes] == ["a", "b"]
    looks = {(look["marker"], look["color"]) for look in stability.ENDS.values()}
    assert len(looks) == len(stability.ENDS), "told apart without a legend"
