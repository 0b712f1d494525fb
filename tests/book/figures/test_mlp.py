"""Chapter 05's figures draw what their data say."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sobolev_book import style
from sobolev_book.figures import mlp
from sobolev_book.studies import figure1
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()


@pytest.fixture
def axes():
    figure, axes = plt.subplots(1, 3)
    yield axes
    plt.close(figure)


def test_slices_draw_every_seed_and_the_truth(axes):
    actions, curves = np.linspace(-1, 1, 5), {"sobolev": np.arange(30.0).reshape(3, 2, 5)}
    mlp.fig_slices(axes[:2], PAPER, (0.0, 0.5), actions, curves)
    lines = [line.get_ydata() for line in axes[1].lines]
    for seed in range(3):
        assert any(np.array_equal(line, curves["sobolev"][seed, 1]) for line in lines)
    assert any(np.array_equal(line, PAPER.optimal_q(0.5, actions)) for line in lines)
    assert axes[1].get_title() == "$s = 0.5$"


def test_curves_are_means_over_seeds(axes):
    frame = pd.DataFrame(
        {"method": "sobolev", "step": [0, 0, 9, 9], "seed": [0, 1] * 2, "q": [1, 3, 0.1, 0.3]}
    )
    mlp.fig_curves(axes[:1], frame, ["q"], methods=["sobolev"])
    np.testing.assert_allclose(axes[0].lines[0].get_xydata(), [[0, 2], [9, 0.2]])
    assert axes[0].lines[0].get_color() == style.color("sobolev")


def test_weights_are_mapped_with_lam_s_upwards(axes):
    outlier = {2: 1e9}  # the map shows medians
    rows = [
        (s, a, 5, seed, 10.0 ** (s - a) * outlier.get(seed, 1))
        for s in (0.0, 1.0)
        for a in (0.0, 2.0)
        for seed in (0, 1, 2)
    ]
    frame = pd.DataFrame(rows, columns=["lam_s", "lam_a", "step", "seed", "q"])
    mlp.fig_weights(axes[:1], frame, 5, ["q"])
    image = axes[0].images[0]
    np.testing.assert_allclose(image.get_array(), [[0, -2], [1, -1]])
    assert axes[0].get_title() == "$Q$" and axes[0].get_ylabel() == r"$\lambda_s$"
    bar = image.colorbar.ax.get_xticklabels()
    assert [tick.get_text() for tick in bar] == ["0.01", "0.32", "10"]
    assert image.origin == "lower" and [t.get_text() for t in axes[0].get_xticklabels()] == ["0", "2"]


def test_figure_1_s_record_becomes_curves(monkeypatch):
    monkeypatch.setattr(figure1, "STEPS", (2, 4))
    frame = figure1.slices(seeds=(0, 3))
    assert len(frame) == 2 * 2 * 2 * 2 * 2 * 41
    one = frame.query("settings == 'stated' and step == 4 and method == 'sobolev' and seed == 3 and s == 0.5")
    found = figure1.curves(frame, "stated", 4)["sobolev"]
    assert found.shape == (2, 2, 41)
    np.testing.assert_array_equal(found[1, 1], one.q)
    start = figure1.curves(frame, "stated", 2)["sobolev"]
    assert not np.allclose(found, start)


def test_bursts_have_a_ring_where_an_eigenvalue_is_below_the_mark_and_other_seeds_are_grey(axes):
    frame = pd.DataFrame(
        {
            "method": ["value_only"] * 4 + ["sobolev"] * 4,
            "step": [250, 300] * 4,
            "seed": [0, 0, 1, 1] * 2,
            "q": [21.0, 2, 3, 21, 5, 6, 7, 8],
            "share": [0, -0.01, 0, -0.0009, 0, 0, 0, 0],
        }
    )
    mlp.fig_bursts(axes[:2], frame)
    *lines, rings = axes[0].lines
    assert [line.get_ydata().tolist() for line in lines] == [[21, 2], [3, 21]]
    assert [line.get_color() for line in lines] == ["#7f7f7f", style.color("value_only")]
    assert rings.get_xydata().tolist() == [[300, 2]] and not len(axes[1].lines[-1].get_xydata())
    assert {line.get_color() for line in axes[1].lines[:2]} == {"#7f7f7f"}
    mlp.fig_bursts(axes[2:], frame[frame.method == "sobolev"].drop(columns="share"))
    assert len(axes[2].lines) == 2
