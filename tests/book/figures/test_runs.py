"""Chapter 04's runs: lines are means of the history's errors, and bands hold them."""

import matplotlib.pyplot as plt
import numpy as np

from sobolev_book import style
from sobolev_book.figures import runs
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.toy import ToyProblem

HISTORIES = {
    method: train_quadratic(
        ToyProblem(),
        QConfig(lam_s=lam, lam_a=lam, steps=4000, lr=1e-3, seeds=(0, 1, 2), record=(0, 2000, 4000)),
    )
    for method, lam in (("value_only", 0), ("sobolev", 1))
}


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_errors_are_the_history_s(tmp_path):
    figure, axes = plt.subplots(1, 2)
    runs.fig_errors(axes, HISTORIES, ("policy", "q_a"), {"policy": 1e-4, "q_a": 2e-4})
    for ax, name in zip(axes, ("policy", "q_a"), strict=True):
        for method, history in HISTORIES.items():
            line = lines(ax)[style.METHODS[method][0]]
            error = history.errors()[name]
            np.testing.assert_allclose(line.get_ydata(), error.mean(axis=1))
            np.testing.assert_allclose(line.get_xdata(), [0, 2, 4])
            assert line.get_color() == style.color(method)
        assert lines(ax)["best quadratic"].get_ydata()[0] == {"policy": 1e-4, "q_a": 2e-4}[name]
        bands = [band.get_paths()[0].vertices for band in ax.collections]
        for band, history in zip(bands, HISTORIES.values(), strict=True):
            last, error = band[band[:, 0] == 4, 1], history.errors()[name][-1]
            assert error.min() <= last.min() <= error.mean() <= last.max() <= error.max()
    plt.close(figure)


def test_hero_is_saved(tmp_path):
    """Two panels, both methods and the floor; the picture in the book is made by the same call."""
    figure, axes = plt.subplots(1, 2)
    runs.fig_hero(axes, HISTORIES, {"policy": 1e-4, "q_a": 1e-4})
    assert {text.get_text() for text in figure.legends[0].get_texts()} == set(lines(axes[0]))
    plt.close(figure)
    runs.save_hero(tmp_path / "hero.png")
    assert (tmp_path / "hero.png").read_bytes().startswith(b"\x89PNG")
