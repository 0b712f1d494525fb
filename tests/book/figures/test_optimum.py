"""Chapter 02's figures: what is drawn is the optimum, its pieces, and the paths of agents."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_book import style
from sobolev_book.figures import optimum
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()
SETTINGS = [(0.2, 0.9), (-0.4, 0.9), (0.2, 0.0), (0.05, 0.5)]


@pytest.fixture
def axes():
    figure, axes = plt.subplots(2, 2)
    yield axes.ravel()
    plt.close(figure)


def by_label(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def looks_like(line, method):
    wanted = style.line(method)
    return (line.get_color(), line.get_linestyle()) == (wanted["color"], wanted["linestyle"])


@pytest.mark.parametrize(("slope", "discount"), SETTINGS)
def test_pieces_run_from_the_wall_and_count_the_steps(slope, discount):
    """eq-02-breakpoints: as many steps to the wall as the piece's number."""
    problem = ToyProblem(slope, discount)
    edges = optimum.pieces(problem)
    wall = 1.0 if slope > 0 else -1.0
    assert (edges[0], edges[-1]) == (wall, -wall)
    for k, s in enumerate((edges[1:] + edges[:-1]) / 2, start=1):
        steps = 0
        while s != wall:
            s, steps = float(problem.optimal_policy(s)), steps + 1
        assert steps == k or (discount == 0 and steps >= k == 2)


def test_pieces_without_a_reward_for_moving_are_one():
    np.testing.assert_array_equal(optimum.pieces(ToyProblem(0.0, 0.9)), [1, -1])


@pytest.mark.parametrize(("slope", "discount"), SETTINGS)
def test_staircase_follows_the_policy_from_the_far_end_to_the_wall(slope, discount):
    problem = ToyProblem(slope, discount)
    x, y = optimum.staircase(problem)
    np.testing.assert_array_equal(x[::2], y[::2])  # on the diagonal,
    np.testing.assert_array_equal(x[1::2], x[:-1:2])  # up
    np.testing.assert_array_equal(y[1::2], problem.optimal_policy(x[1::2]))  # to the policy,
    np.testing.assert_array_equal(x[2::2], y[1::2])  # and across
    assert (x[0], y[-1]) == ((-1, 1) if slope > 0 else (1, -1))


def test_staircase_takes_seven_steps_and_stops_where_it_rests():
    assert len(optimum.staircase(PAPER)[0]) == 2 * 7 + 1
    assert len(optimum.staircase(ToyProblem(0.001, 0.9))[0]) == 2 * optimum.MOST_BANDS + 1
    assert len(optimum.staircase(ToyProblem(0.0, 0.9))[0]) == 1


@pytest.mark.parametrize(("slope", "discount"), SETTINGS)
def test_a_walk_returns_what_its_rule_is_worth(slope, discount):
    """One action of one's own, then the rule: r + discount * V, eq-02-bellman."""
    problem, (s, a) = ToyProblem(slope, discount), np.random.default_rng(0).uniform(-1, 1, (2, 3, 4))
    for name in ("optimal", "clipped"):
        path, total = optimum.walks(problem, getattr(problem, f"{name}_policy"), s, a)
        np.testing.assert_allclose(total, getattr(problem, f"{name}_q")(s, a), atol=1e-12)
        assert path.shape == (3, 4, optimum.STEPS + 1)
        np.testing.assert_array_equal(path[..., :2], np.stack([s, a], axis=-1))
        np.testing.assert_array_equal(path[..., 2], getattr(problem, f"{name}_policy")(a))
    column, total = optimum.walks(problem, problem.optimal_policy, 0.5, a)
    assert column.shape == (3, 4, optimum.STEPS + 1) and total.shape == (3, 4)


def test_what_a_path_has_collected():
    leap = optimum.collected(PAPER, np.array([0.0, 1.0]), 3)
    np.testing.assert_allclose(leap, [-0.8, -0.8 + 0.18, -0.8 + 0.18 + 0.162])
    path, total = optimum.walks(PAPER, PAPER.optimal_policy, -1.0, PAPER.optimal_policy(-1.0))
    assert optimum.collected(PAPER, path, 400)[-1] == pytest.approx(float(total))
    assert optimum.collected(PAPER, path, 5) == pytest.approx(optimum.collected(PAPER, path, 400)[:5])


@pytest.mark.parametrize(("slope", "discount"), SETTINGS)
def test_policy_value_and_slices_are_drawn_as_computed(axes, slope, discount):
    problem = ToyProblem(slope, discount)
    for draw, ax in zip((optimum.fig_policy, optimum.fig_value, optimum.fig_slices), axes[:3], strict=True):
        draw(ax, problem)
    for method, kind in (("exact", "optimal"), ("clipped", "clipped")):
        for ax, what in ((axes[0], "policy"), (axes[1], "value")):
            line = by_label(ax)[style.line(method)["label"]]
            truth = getattr(problem, f"{kind}_{what}")(optimum.STATES)
            np.testing.assert_array_equal(line.get_xydata(), np.stack([optimum.STATES, truth], axis=1))
            assert looks_like(line, method)
        slices = [x for x in axes[2].get_lines() if x.get_label() == style.line(method)["label"]]
        for s, line in zip((-0.8, 0.5), slices, strict=True):
            np.testing.assert_array_equal(line.get_ydata(), getattr(problem, f"{kind}_q")(s, optimum.STATES))
    dots = [x for x in axes[2].get_lines() if x.get_marker() == "o"]
    tops = [x for x in dots if x.get_color() == style.color("exact")]
    assert [float(x.get_xdata()[0]) for x in tops] == [float(problem.optimal_policy(s)) for s in (-0.8, 0.5)]
    assert len(dots) == 4
    assert [text.get_text() for text in axes[2].texts] == ["$s = -0.8$", "$s = 0.5$"]


def test_bands_and_dots_are_the_pieces_and_numbered(axes):
    ax = axes[0]
    optimum.fig_policy(ax, PAPER)
    edges = optimum.pieces(PAPER)
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]
    np.testing.assert_allclose(spans, np.stack([edges[1:], edges[:-1]], axis=1))
    numbers = [text for text in ax.texts if text.get_text() != "stay"]
    assert [text.get_text() for text in numbers] == list("1234567")
    np.testing.assert_allclose([t.get_position()[0] for t in numbers], (edges[1:] + edges[:-1]) / 2)
    dots = next(line for line in ax.get_lines() if line.get_marker() == "o")
    np.testing.assert_array_equal(dots.get_xdata(), PAPER.breakpoints())
    np.testing.assert_array_equal(dots.get_ydata(), PAPER.optimal_policy(PAPER.breakpoints()))


@pytest.mark.parametrize(
    ("slope", "discount", "bands", "last"),
    [
        (0.2, 0.9, 7, "7"),
        (-0.4, 0.9, 5, "5"),
        (0.2, 0.0, 2, "2 or more"),
        (0.0, 0.9, 0, "stay"),
        (0.001, 0.9, 0, "stay"),
    ],
)
def test_bands_at_the_extremes(axes, slope, discount, bands, last):
    optimum.fig_policy(axes[0], ToyProblem(slope, discount))
    assert len(axes[0].patches) == bands
    assert last in [text.get_text() for text in axes[0].texts]


def test_backups_draw_values_and_worst_errors(axes):
    value, slope = PAPER.optimal_value(optimum.STATES), PAPER.optimal_value_gradient(optimum.STATES)
    sizes = 0.5 ** np.arange(9)
    values, slopes = value - sizes[:, None] * (1 + optimum.STATES), slope + 3 * sizes[:, None]
    optimum.fig_backups(axes[:2], PAPER, values, slopes)
    curves = axes[0].get_lines()
    for n, line in enumerate(curves[:-1], start=1):
        np.testing.assert_array_equal(line.get_ydata(), values[n])
    assert [text.get_text() for text in axes[0].texts] == list("1234567")
    assert looks_like(curves[-1], "exact")
    np.testing.assert_array_equal(curves[-1].get_ydata(), value)
    np.testing.assert_allclose(by_label(axes[1])["worst value error"].get_ydata(), 2 * sizes)
    np.testing.assert_allclose(by_label(axes[1])["worst slope error"].get_ydata(), 3 * sizes)
