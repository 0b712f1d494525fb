"""Chapter 06's figures: the paths of SAC's target, and how an error of a slope fares over backups."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_book import style
from sobolev_book.figures import control

CUT = {"direct": "cut: 0.9", "actor": "cut: 0.02", "entropy": "cut: 0.3"}


@pytest.fixture
def ax():
    with plt.rc_context():  # as the page draws it
        style.use()
        figure, ax = plt.subplots(figsize=(4.9, 2.6))
        yield ax
        plt.close(figure)


def test_each_error_has_the_colour_of_its_path_and_lies_on_nothing(ax):
    control.fig_paths(ax, CUT)
    ax.figure.canvas.draw()
    texts = {text.get_text(): text for text in ax.texts if text.get_text()}
    drawn = [text.arrow_patch for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(drawn) == 7
    spans = {name: (x.get_bbox_patch() or x).get_window_extent() for name, x in texts.items()}
    for path, (color, ways, _) in control.PATHS.items():
        label = CUT[path]
        edge = texts[label].get_bbox_patch().get_edgecolor()
        assert plt.matplotlib.colors.same_color(edge, color) and texts[label].get_color() == "black"
        assert sum(plt.matplotlib.colors.same_color(x.get_edgecolor(), color) for x in drawn) == len(
            ways.split()
        )
        assert not [x for x, span in spans.items() if x != label and span.overlaps(spans[label])]
        ways = [x.get_path().transformed(x.get_transform()) for x in drawn]
        assert not [x for x in ways if x.intersects_bbox(spans[label], filled=False)], label


def test_an_error_s_size_is_that_of_the_powers_of_the_discounted_jacobian():
    F, discount, n = np.array([[0.9, 1.5, 0.0], [0.0, 0.5, 2.0], [0.1, 0.0, 0.3]]), 0.9, 20
    sizes = control.slope_backups(F, discount, n)
    _, _, directions = np.linalg.svd(np.linalg.matrix_power(discount * F.T, 5))
    wanted = [np.linalg.norm(np.linalg.matrix_power(discount * F.T, k) @ directions[0]) for k in range(n + 1)]
    np.testing.assert_allclose(sizes, wanted, rtol=1e-12)


def test_each_closed_loop_is_named_beside_its_curve_s_end(ax):
    loops = {"calm": 0.6 * np.eye(2), "grows": 1.1 * np.eye(2)}
    control.fig_contraction(ax, 0.9, loops, n=20)
    ax.figure.canvas.draw()
    ends = {text.get_text().split(":")[0]: text for text in ax.texts}
    for name, line in zip(loops, ax.lines, strict=False):
        assert ends[name].get_position()[1] == line.get_ydata()[-1]
    assert "norm 0.99, radius 0.99" in ends["grows"].get_text()
    first, second = (text.get_window_extent() for text in ends.values())
    assert not first.overlaps(second) and min(first.x0, second.x0) > ax.get_window_extent().x1
