"""Chapter 04's theory figure: what is drawn is what was computed."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_book import style
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


def test_lambda_draws_errors_floors_margins_and_thresholds(axes):
    floors = {"q": 1e-3, "policy": 2e-3}
    stability.fig_lambda(axes, LAMS, ERRORS, floors, MARGINS, THRESHOLDS)
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
    assert all(ax.patches[0].get_x() + ax.patches[0].get_width() == pytest.approx(0.0806) for ax in axes)


def test_end_tells_settled_runs_from_others(axes):
    ends = np.array([[0.6, 0.5], [0.6, 0.001], [0.001, 0.002]])
    ax = stability.fig_end(axes[0], LAMS, ends, limit=0.005)
    drawn = {"settled": [], "other": []}
    for line in ax.get_lines():
        if line.get_marker() == "o":
            kind = "settled" if line.get_color() == style.color("sobolev") else "other"
            assert (line.get_markerfacecolor() == "none") == (kind == "other")
            drawn[kind] += zip(np.round(line.get_xdata()), line.get_ydata(), strict=True)
    assert sorted(drawn["settled"]) == [(1, 0.001), (2, 0.001), (2, 0.002)]
    assert sorted(drawn["other"]) == [(0, 0.5), (0, 0.6), (1, 0.6)]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.01", "0.1", "1"]
