"""Chapter 01: its figures draw the critics' values and slopes."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from sobolev_book import style
from sobolev_book.figures import ripple
from sobolev_mini.networks import MLPCritic
from sobolev_mini.toy import ToyProblem

PROBLEM = ToyProblem()
CHAPTER = Path(__file__).parents[3] / "notebooks" / "01_why_slopes.ipynb"


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


@pytest.fixture
def axes():
    figure, axes = plt.subplots(1, 2)
    yield axes
    plt.close(figure)


def test_two_critics_draws_values_samples_and_steps(axes):
    samples = np.linspace(-1, 1, 5)

    def twin(a):
        return PROBLEM.optimal_q(0.0, a) + 1, -PROBLEM.optimal_q_gradients(0.0, a)[1]

    ripple.fig_two_critics(axes, PROBLEM, 0.0, samples, twin)
    values, steps = axes
    exact, other = lines(values)["exact $Q^*$"], lines(values)["its twin"]
    np.testing.assert_allclose(exact.get_ydata(), PROBLEM.optimal_q(0.0, exact.get_xdata()))
    np.testing.assert_allclose(other.get_ydata(), exact.get_ydata() + 1)
    assert (exact.get_color(), other.get_color()) == (style.color("exact"), style.color("value_only"))
    np.testing.assert_allclose(lines(values)["samples"].get_ydata(), PROBLEM.optimal_q(0.0, samples))
    slope = PROBLEM.optimal_q_gradients(0.0, samples)[1]
    for drawn, sign in zip(steps.collections, (1, -1), strict=True):
        (begin, height), (end, level) = np.array(drawn.get_segments()).T.swapaxes(0, 1)
        np.testing.assert_allclose((begin, end), (samples, samples + sign * ripple.RATE * slope))
        np.testing.assert_allclose((height, level), (sign * slope, sign * slope))
    heads = {(x, y): line.get_marker() for line in steps.get_lines() for x, y in line.get_xydata()}
    for sign in (1, -1):
        ways = [heads[x + ripple.RATE * y, y] for x, y in zip(samples, sign * slope, strict=True)]
        assert ways == ["<>"[int(y > 0)] for y in sign * slope], "each head points where its step goes"
    for name, sign in (("exact $Q^*$", 1), ("its twin", -1)):
        np.testing.assert_allclose(lines(steps)[name].get_ydata(), sign * slope)
    for ax, names in ((values, ["exact $Q^*$", "its twin", "samples"]), (steps, ["exact $Q^*$", "its twin"])):
        assert [text.get_text() for text in ax.get_legend().get_texts()] == names
    best = PROBLEM.optimal_policy(0.0)
    assert all(any((np.array(x.get_xdata()) == best).all() for x in ax.get_lines()) for ax in axes)


def test_ends_draws_a_row_for_each_ripple(axes):
    starts, ends = np.linspace(-1, 1, 4), np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]])
    ripple.fig_ends(axes[0], starts, ends, 0.36, np.array([0.01, 0.1]))
    for row, name in zip(ends, ("ripple of 0.01", "ripple of 0.1"), strict=True):
        np.testing.assert_array_equal(lines(axes[0])[name].get_ydata(), row)
    assert lines(axes[0])["$a^*$"].get_ydata()[0] == 0.36


def test_loss_draws_medians_over_phases_and_both_bounds(axes):
    amplitudes, climbed = np.array([0.01, 0.1]), np.array([[0.1, 0.3, 0.8], [0.9, 0.2, 1.0]])
    ripple.fig_loss(axes[0], amplitudes, climbed, climbed / 10, frequency=10.0)
    drawn = [line.get_ydata() for line in axes[0].get_lines()]
    wanted = [[0.3, 0.9], (amplitudes * 10) ** 2 / 4, [0.03, 0.09], 2 * amplitudes]
    np.testing.assert_allclose(drawn, wanted)
    edges = axes[0].collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(edges[edges[:, 0] == 0.01, 1].max(), np.quantile(climbed[0], 0.75))


def test_learning_draws_a_return_and_rounds(axes):
    grid, rewards = np.linspace(-1, 1, 5), np.array([-1.0, 2.0, 2.0])
    ripple.fig_learning(axes, rewards, 0.5, grid, {1: grid, 9: 2 * grid}, 3 * grid)
    np.testing.assert_allclose([bar.get_height() for bar in axes[0].patches], [-1, 1, 0.5])
    np.testing.assert_allclose(axes[0].get_lines()[0].get_ydata(), [-1, 0, 0.5])
    drawn = [line.get_ydata() for line in axes[1].get_lines()]
    np.testing.assert_allclose(drawn, [grid, 2 * grid, 3 * grid])
    assert [text.get_text() for text in axes[1].texts] == ["1", "9"]


def test_ways_draws_an_interval_a_way_and_writes_the_share(axes):
    lost = np.random.default_rng(0).uniform(0.02, 0.4, (2, 400))
    summits = np.ones((2, 400))
    summits[0, :100], summits[1, :8] = 2, 5
    names = ("one value", "value and slope")
    draws = {n: {"climber": x, "summits": k} for n, x, k in zip(names, lost, summits, strict=True)}
    ripple.fig_ways(axes[0], draws)
    bars, dots = axes[0].get_lines()[::2], axes[0].get_lines()[1::2]
    for i, (bar, dot) in enumerate(zip(bars, dots, strict=True)):
        middle, low, high = ripple.median(lost[i])
        np.testing.assert_allclose(bar.get_xydata(), [[low, i], [high, i]])
        assert dot.get_xydata().tolist() == [[middle, i]]
        assert bar.get_color() == style.color(("value_only", "sobolev")[i])
    assert [text.get_text() for text in axes[0].texts] == ["25 %", "2 %"]
    assert [text.get_text() for text in axes[0].get_yticklabels()] == list(names)


def test_ends_are_the_next_crossing_uphill():
    slope = np.array([[1.0, 1, -1, -1, 1, 1], [-1, 0, 1, -1, -1, -1]])
    np.testing.assert_array_equal(ripple.ends(slope), [[2, 2, 1, 1, 5, 5], [0, 1, 3, 2, 2, 2]])


def test_readings_of_the_truth_and_of_a_rippled_critic():
    a = np.linspace(-1, 1, 2001)
    exact = np.array([PROBLEM.optimal_q(0.0, a), PROBLEM.optimal_q_gradients(0.0, a)[1]])
    omega = 20 * np.pi
    waves = 0.02 * np.array([np.sin(omega * a), omega * np.cos(omega * a)])
    found = ripple.readings(PROBLEM, 0.0, a, *np.stack([exact, exact + waves], axis=1))
    np.testing.assert_allclose(found["value"], [0, 0.02 / 2**0.5], rtol=1e-2)
    np.testing.assert_allclose(found["slope"], [0, 0.02 * omega / 2**0.5], rtol=1e-2)
    assert found["summits"][0] == 1 and found["summits"][1] > 3
    assert found["climber"][0] < 1e-5 and found["chooser"][0] < 1e-5
    assert found["climber"][1] > 0.2 and found["chooser"][1] < 0.04


def test_the_median_and_its_interval_are_those_of_the_order():
    middle, low, high = ripple.median(np.arange(401.0))
    assert (middle, low, high) == pytest.approx((200, 200 - 19.6, 200 + 19.6), abs=0.1)
    found = [ripple.median(np.random.default_rng(i).exponential(size=101)) for i in range(400)]
    assert 0.92 < np.mean([low < np.log(2) < high for _, low, high in found]) < 0.98


def test_drawn_are_a_network_s_values_and_slopes():
    critic = MLPCritic(1, 1, range(3), hidden=(8,), dtype=torch.float32)
    a = np.linspace(-0.9, 0.9, 7)
    q, q_a = ripple.drawn(critic, 0.5, a)
    up, down = (ripple.drawn(critic, 0.5, a + d)[0] for d in (1e-3, -1e-3))
    assert q.shape == q_a.shape == (3, 7)
    near_no_kink = np.abs(up + down - 2 * q) < 1e-6
    np.testing.assert_allclose(q_a[near_no_kink], ((up - down) / 2e-3)[near_no_kink], atol=1e-3)


def test_samples_draws_medians_and_middle_halves(axes):
    errors = {
        name: np.random.default_rng(i).uniform(1, 2, (2, 3, 9))
        for i, name in enumerate(("value_only", "sobolev"))
    }
    counts = np.array([4, 8, 16])
    ripple.fig_samples(axes, counts, errors, n_features=12)
    for row, ax in enumerate(axes):
        for (method, error), band in zip(errors.items(), ax.collections, strict=True):
            line = lines(ax)[style.METHODS[method][0]]
            np.testing.assert_allclose(line.get_ydata(), np.median(error[row], axis=-1))
            edges = band.get_paths()[0].vertices
            at = edges[edges[:, 0] == 8, 1]
            np.testing.assert_allclose([at.min(), at.max()], np.quantile(error[row, 1], [0.25, 0.75]))
        uprights = {line.get_xdata()[0] for line in ax.get_lines() if len(set(line.get_xdata())) == 1}
        assert uprights == {12, 6}
