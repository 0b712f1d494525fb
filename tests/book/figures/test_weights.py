"""Chapter 07's figures show what they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sobolev_book import style
from sobolev_book.figures import swingups, weights
from sobolev_book.studies import study


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_every_method_of_the_study_has_a_look_of_its_own():
    assert set(weights.LOOKS) == set(study.STUDY_METHODS)
    assert len(set(weights.LOOKS.values())) == len(weights.LOOKS)


def test_weights_are_drawn_as_medians_over_seeds():
    steps, lam = np.array([1, 2, 3]), np.array([[1.0, 5.0, 2.0], [2.0, 2.0, 9.0], [3.0, 3.0, 3.0]])
    ax = plt.subplots()[1]
    weights.fig_weights(ax, {"lqr": (steps, lam), "push": (steps, 10 * lam)})
    assert ax.lines[0].get_ydata().tolist() == [2, 2, 3]
    assert ax.lines[1].get_ydata().tolist() == [20, 20, 30]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle() and ax.get_yscale() == "log"


def test_selections_are_told_apart_by_dashes_and_methods_by_colour():
    curve = np.arange(3), np.array([[0.0, 1.0, np.nan], [1.0, 1.0, np.nan], [2.0, 3.0, np.nan]])
    axes = plt.subplots(1, 2)[1]
    weights.fig_selection(axes, {m: {"adam": curve, "trust": curve} for m in
                                                         ("value_only", "sobolev")})  # fmt: skip
    for ax, method in zip(axes, ("value_only", "sobolev"), strict=True):
        assert {line.get_color() for line in ax.lines} == {style.color(method)}
        assert len({line.get_linestyle() for line in ax.lines}) == 2
        assert ax.lines[0].get_ydata().tolist() == [0.5, 1.0, 2.5]


def table(ratio):
    rows = [("push", "td3", ratio / 2, 0.0, 9.0), ("push", "sac", 2 * ratio, 0.0, 9.0),
            ("all", "all", ratio, ratio - 0.1, ratio + 0.2)]  # fmt: skip
    return pd.DataFrame(rows, columns=["task", "algorithm", "ratio", "low", "high"])


def test_the_study_s_picture_has_a_row_a_method_with_its_interval_in_words():
    ax = plt.subplots()[1]
    weights.fig_ratios(ax, {"sobolev": table(1.4), "twice": table(1.0)})
    assert [t.get_text() for t in ax.texts] == ["1.40 [1.30, 1.60]", "1.00 [0.90, 1.20]"]
    drawn = [line.get_xdata() for line in ax.lines]
    assert [0.7] in [list(x) for x in drawn] and [pytest.approx(1.3), pytest.approx(1.6)] in [
        list(x) for x in drawn
    ]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Sobolev", "twice the updates"]


def test_scores_are_drawn_in_order_of_the_budget():
    curves = pd.DataFrame({"method": "sobolev", "share": [1.0, 0.0], "iqm": [0.9, 0.1], "low": [0.8, 0.0],
                           "high": [1.0, 0.2]})  # fmt: skip
    ax = plt.subplots()[1]
    weights.fig_scores(ax, curves, ["sobolev"])
    assert ax.lines[0].get_ydata().tolist() == [0.1, 0.9]


def test_poses_are_drawn_up_to_an_episode_s_end():
    x = np.zeros((80, 2, 2))
    x[:, 1, 1], x[20:] = 1.0, np.nan
    axes = plt.subplots(1, 1, squeeze=False)[1][0]
    swingups.fig_swingups(axes, {"pendulum": {"sobolev": x}})
    assert len(axes[0].lines) == 4  # steps 0, 6, 12, 18
    assert axes[0].lines[-1].get_label() == "Sobolev"
