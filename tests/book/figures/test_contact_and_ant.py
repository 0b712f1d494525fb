"""Chapters 08's and 09's figures: medians, shares, ranks and interquartile means where they belong."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sobolev_book import style
from sobolev_book.figures import ant, contact
from sobolev_book.studies import ant_report
from sobolev_book.studies.catalogue import EXPERIMENTS


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_errors_are_medians_up_to_the_ninetieth_percentile():
    x = np.outer([1.0, 10.0], np.arange(1, 12))
    ax = plt.subplots()[1]
    contact.fig_errors(ax, np.array([1e-3, 1e-2]), {"air": x, "touching": 2 * x})
    assert [line.get_label() for line in ax.lines] == ["air", "touching"]
    assert ax.lines[0].get_ydata() == pytest.approx([6, 60])
    assert ax.collections[1].get_paths()[0].vertices[:, 1].max() == pytest.approx(200)


def test_the_horizon_s_courses_are_drawn_a_panel_a_pair_of_differences():
    ahead, course = np.array([1, 5, 10]), np.arange(18.0).reshape(2, 3, 3) / 18
    axes = plt.subplots(1, 2)[1]
    courses = {"uniform actions": course, "value_only": course + 0.1}
    contact.fig_horizon(axes, ahead, courses, {"value_only": "its policies"})
    assert [line.get_label() for line in axes[0].lines] == ["uniform actions", "its policies"]
    for ax, (middle, low, high) in zip(axes, course, strict=True):
        assert [line.get_color() for line in ax.lines] == ["#000000", style.color("value_only")]
        assert ax.lines[0].get_ydata() == pytest.approx(middle)
        ends = ax.collections[0].get_paths()[0].vertices[:, 1]
        assert (ends.min(), ends.max()) == pytest.approx((low.min(), high.max()))


def test_tangents_pass_through_the_dot_and_leave_the_panel_to_the_curve():
    x = np.linspace(-1, 1, 5)
    ax = plt.subplots()[1]
    contact.fig_tangents(ax, x, x**3 + 2, {"near": 0.5, "far": 100.0})
    _, near, far, dot = ax.lines
    assert near.get_ydata() == pytest.approx(2 + 0.5 * x) and far.get_ydata() == pytest.approx(2 + 100 * x)
    assert [line.get_label() for line in (near, far)] == ["near", "far"]
    assert dot.get_xydata().tolist() == [[0, 2]] and ax.get_ylim() == pytest.approx((0.8, 3.2))


def test_false_slopes_are_told_apart_by_place_and_by_mending():
    rows = [
        {"place": place, "mended": mended, "cosine": 0.9 + 0.05 * mended, "length": length}
        for place, length in (("air", 1.1), ("touching", 2.5))
        for mended in (False, True)
    ]
    ax = plt.subplots()[1]
    contact.fig_shape(ax, pd.DataFrame(rows))
    drawn = {line.get_label(): line.get_xydata()[0].tolist() for line in ax.lines[:4]}
    assert drawn["touching, as it is"] == [0.9, 2.5] and drawn["air, mended"] == pytest.approx([0.95, 1.1])
    assert len({(line.get_color(), line.get_marker()) for line in ax.lines[:4]}) == 4


def test_every_method_of_the_ant_has_a_look_of_its_own():
    methods = {method for name in ("ant", "ant_batched", "rewarped") for method, _ in EXPERIMENTS[name].runs}
    assert methods == set(ant.LOOKS)
    assert len({name for name, _ in ant.LOOKS.values()}) == len(ant.LOOKS)


def test_curves_and_followed_states_of_the_ant():
    steps = np.arange(3)
    one = pd.DataFrame({"step": steps} | {f"q{i:02}": steps + i for i in range(20)})
    frame = pd.concat(
        one.assign(method=m, seed=k, **{"return": 10 * steps + k}) for m in ("paper", "sb3") for k in range(3)
    )
    ax = plt.subplots()[1]
    ant.fig_curves(ax, ant_report.curves(frame), "return")
    assert [line.get_label() for line in ax.lines] == ["the paper's weights", "Stable-Baselines3"]
    assert ax.lines[0].get_ydata() == pytest.approx(10 * steps + 1)
    axes = plt.subplots(1, 2)[1]
    ant.fig_followed(axes, {"paper": one, "sb3": one})
    assert all(len(ax.lines) == 20 for ax in axes)
