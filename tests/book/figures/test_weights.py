"""Chapter 07's figures show what they are given."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.text import Annotation

from sobolev_book import style
from sobolev_book.figures import swingups, weights
from sobolev_book.studies import study
from sobolev_mini.pilot import Pilot


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


def test_each_weight_s_name_stands_at_its_line_s_end_and_on_no_other():
    figure, ax = plt.subplots(figsize=(4.6, 3.3))
    ends = {"a": 0.26, "b": 0.23, "c": 5.0, "d": 0.1, "e": 0.07}
    weights.fig_weights(ax, {x: (np.array([0, 9]), np.array([[1.0] * 3, [y] * 3])) for x, y in ends.items()})
    assert [t.get_text() for t in ax.texts] == sorted(ends, key=ends.get)
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in ax.lines}) == 5
    figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in ax.texts]
    for text, box in zip(ax.texts, boxes, strict=True):
        at = ax.transData.transform((9, ends[text.get_text()]))
        assert box.x0 > at[0] and abs((box.y0 + box.y1) / 2 - at[1]) < box.height
    assert all(low.y1 <= high.y0 for low, high in itertools.pairwise(boxes))


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


def test_the_frontier_has_a_point_and_a_cross_a_method():
    ax, x = plt.subplots()[1], np.array([0.5, 2.0, 1.0])
    weights.fig_frontier(ax, {"share": (x, 2 * x), "twice": (4 * x, x)}, {"share": "a", "twice": "b"})
    points = [line.get_xydata()[0] for line in ax.lines if len(line.get_xydata()) == 1]
    assert points[0] == pytest.approx([1, 2]) and points[1] == pytest.approx([4, 1])
    assert [t.get_text() for t in ax.texts] == ["a", "b"] and ax.get_xscale() == ax.get_yscale() == "log"


def test_shares_join_what_nothing_beats_in_both_and_marks_tell_share_updates_and_rule():
    rows = {"values x1": (1, 1), "normalised 32 x1": (0.5, 0.4), "normalised 4 x2": (0.9, 0.5),
            "normalised 128 x4": (0.8, 0.2), "balanced 32 x1": (0.6, 0.4)}  # fmt: skip
    means = pd.DataFrame.from_dict(rows, "index", columns=["seconds", "samples"])
    ax = plt.subplots()[1]
    weights.fig_shares(ax, means)
    front, *marks = ax.lines
    assert front.get_xydata().tolist() == [[0.5, 0.4], [0.6, 0.4], [0.8, 0.2]]  # a tie in samples stays
    assert [tuple(mark.get_xydata()[0]) for mark in marks] == list(rows.values())
    assert [mark.get_marker() for mark in marks] == ["o", "o", "s", "^", "o"]
    sizes = dict(zip(rows, (mark.get_markersize() for mark in marks), strict=True))
    assert sizes["normalised 4 x2"] < sizes["normalised 32 x1"] < sizes["normalised 128 x4"]
    assert [mark.get_mfc() == "none" for mark in marks] == [False, False, False, False, True]
    assert [t.get_text() for t in ax.texts] == ["value-only x1", "32 x1", "128 x4"]


def test_the_map_has_a_row_a_system_with_samples_filled_and_seconds_open():
    samples, seconds = (pd.Series(x, index=["size 2", "drag 8"]) for x in ([1.5, 0.6], [1.2, 0.4]))
    ax = plt.subplots()[1]
    spans = pd.DataFrame({"low": [1.1, 0.5], "high": [2.0, 0.8]}, index=samples.index)
    weights.fig_map(ax, samples, seconds, spans, apart=[1])
    spans, filled, opened, parted = ax.collections
    bars = [bar[:, 0].tolist() for bar in spans.get_segments()]
    assert bars == [[1.1, 2.0], [0.5, 0.8]]
    assert filled.get_offsets()[:, 0].tolist() == [1.5, 0.6]
    assert opened.get_offsets()[:, 0].tolist() == [1.2, 0.4]
    assert len(opened.get_facecolors()) == 0
    colors = [to_rgba(x) for x in (weights.ANSWERS["pays"], weights.ANSWERS["does not pay"])]
    assert filled.get_facecolors().tolist() == opened.get_edgecolors().tolist() == [list(x) for x in colors]
    assert [x[0, 1] for x in parted.get_segments()] == [0.5]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["size 2", "drag 8"]


def test_the_pilot_s_picture_names_where_it_wrongly_says_that_slopes_do_not_pay():
    rows = {"values": [0.3, 0.4, 0.9], "slopes": [0.1, 0.25, 0.8],
            "answer": ["pays", "does not pay", "does not pay"]}  # fmt: skip
    names = ["chain", "walls", "drag"]
    ax = plt.subplots()[1]
    weights.fig_pilot(ax, pd.DataFrame(rows, index=names)[::-1], pd.Series([2.0, 1.5, 0.7], index=names))
    assert [t.get_text() for t in ax.texts if isinstance(t, Annotation)] == ["walls"]
    paid, lost = (x for x in ax.collections if x.get_label() in ("paid", "lost"))
    assert paid.get_offsets().tolist() == [[0.3, 0.1], [0.4, 0.25]]
    assert lost.get_offsets().tolist() == [[0.9, 0.8]]


def test_what_the_pilot_says_is_shaded_where_it_says_it():
    frame = pd.DataFrame({"values": [1.0], "slopes": [0.1], "answer": ["pays"]}, index=["chain"])
    ax = plt.subplots()[1]
    weights.fig_pilot(ax, frame, pd.Series([2.0], index=["chain"]))
    regions = [path for x in ax.collections[:-2] for path in x.get_paths()]
    for values, slopes in ((1.0, 0.1), (0.1, 0.04), (1.0, 0.4), (10.0, 0.7), (1.0, 0.6)):
        (at,) = [k for k, path in enumerate(regions) if path.contains_point((values, slopes))]
        assert list(weights.ANSWERS)[at] == Pilot(values, slopes).answer
    words = {t.get_position(): t.get_text() for t in ax.texts}
    assert all(words[at].endswith(Pilot(*at).answer) for at in words) and len(words) == 5
    for line, (x, y) in zip(ax.lines, ((1, 0.05), (1, 0.5), (0.6, 0.3), (0.9, 0.3)), strict=True):
        (x0, y0), (x1, y1) = line.get_xydata()  # straight on log scales
        assert np.log(y / y0) * np.log(x1 / x0) == pytest.approx(np.log(x / x0) * np.log(y1 / y0))


def test_poses_are_drawn_up_to_an_episode_s_end():
    x = np.zeros((80, 2, 2))
    x[:, 1, 1], x[20:] = 1.0, np.nan
    axes = plt.subplots(1, 1, squeeze=False)[1][0]
    swingups.fig_swingups(axes, {"pendulum": {"sobolev": x}})
    assert len(axes[0].lines) == 4  # steps 0, 6, 12, 18
    assert axes[0].lines[-1].get_label() == "Sobolev"
