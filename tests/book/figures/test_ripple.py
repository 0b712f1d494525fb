"""Chapter 01: its figures draw the critics' values and slopes, its functions are its equations."""

import ast
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from numpy.polynomial.legendre import legder, leggauss, legvander

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


def test_ten_draws_every_network_in_one_style_beside_the_truth(axes):
    a, samples = np.linspace(-1, 1, 9), np.array([0.0, 0.5])
    curves = np.random.default_rng(0).normal(size=(2, 3, 9))
    ripple.fig_ten(axes, PROBLEM, 0.0, a, curves, samples, samples + 1, "sobolev")
    truth = PROBLEM.optimal_q(0.0, a), PROBLEM.optimal_q_gradients(0.0, a)[1]
    for ax, critics, exact in zip(axes, curves, truth, strict=True):
        drawn = ax.get_lines()
        np.testing.assert_allclose([line.get_ydata() for line in drawn[:4]], [*critics, exact])
        assert {line.get_color() for line in drawn[:3]} == {style.color("sobolev")}
    np.testing.assert_allclose(lines(axes[0])["labels"].get_xydata(), [[0, 1], [0.5, 1.5]])


def test_longer_draws_medians_and_the_range(axes):
    found = dict(zip(("slope", "value", "climber", "chooser"), np.arange(24.0).reshape(4, 2, 3), strict=True))
    ripple.fig_longer(axes, [10, 100], found)
    for ax, names in zip(axes, (("slope", "value"), ("climber", "chooser")), strict=True):
        for line, band, name in zip(ax.get_lines(), ax.collections, names, strict=True):
            np.testing.assert_allclose(line.get_ydata(), np.median(found[name], axis=1))
            edges = band.get_paths()[0].vertices
            at = edges[edges[:, 0] == 10, 1]
            assert (at.min(), at.max()) == (found[name][0].min(), found[name][0].max())


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


@pytest.fixture(scope="module")
def chapter():
    """The functions that a reader of the chapter sees, by name."""
    space = {"np": np, "legder": legder, "legvander": legvander, "problem": PROBLEM, "s": 0.0}
    cells = [cell for cell in nbformat.read(CHAPTER, 4).cells if cell.cell_type == "code"]
    for cell in cells:
        nodes = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
        if "nbval-ignore-output" not in cell.metadata.get("tags", []):
            exec(compile(ast.Module(nodes, []), "<chapter>", "exec"), space)
    return space


def test_eq_01_ripple_has_the_slope_of_its_value(chapter):
    a, h = np.linspace(-0.9, 0.9, 37), 1e-6
    up, down = (chapter["rippled"](a + d, 0.05, 7.0)[0] for d in (h, -h))
    np.testing.assert_allclose(chapter["rippled"](a, 0.05, 7.0)[1], (up - down) / (2 * h), atol=1e-6)


@pytest.mark.parametrize(("amplitude", "periods"), [(0.01, 10), (0.3, 1)])
def test_eq_01_mse(chapter, amplitude, periods):
    """Exact integration (Gauss-Legendre) over whole periods gives the two closed forms."""
    a, p = leggauss(200)
    errors = np.subtract(chapter["rippled"](a, amplitude, periods * np.pi), chapter["exact"](a))
    wanted = amplitude**2 / 2 * np.array([1, (periods * np.pi) ** 2])
    np.testing.assert_allclose(errors**2 @ p / 2, wanted, rtol=1e-10)


@pytest.mark.parametrize("k", [3, 9, 65])
def test_eq_01_twin_agrees_in_value_and_opposes_in_slope(chapter, k):
    a, h = np.linspace(-1, 1, k), 2 / (k - 1)
    value, slope = chapter["twin"](a, h)
    np.testing.assert_allclose(value, PROBLEM.optimal_q(0.0, a), atol=1e-12)
    np.testing.assert_array_equal(slope, -PROBLEM.optimal_q_gradients(0.0, a)[1])
    measured = chapter["difference"](lambda x: chapter["twin"](x, h), a[1:-1])
    np.testing.assert_allclose(slope[1:-1], measured, atol=1e-4)


@pytest.mark.parametrize("frequency", [3.0, 31.4, 100.0])
def test_eq_01_loss_bounds_the_climber_and_the_chooser(chapter, frequency):
    amplitudes, starts = np.geomspace(1e-3, 0.3, 7)[:, None], np.linspace(-1, 1, 41)
    rate = 1 / (4 + amplitudes * frequency**2)
    slope = lambda a: chapter["rippled"](a, amplitudes, frequency)[1]  # noqa: E731
    ends = chapter["climb"](slope, starts + 0 * amplitudes, rate)
    top = PROBLEM.optimal_value(0.0)
    assert (top - PROBLEM.optimal_q(0.0, ends) <= (amplitudes * frequency) ** 2 / 4 + 1e-9).all()
    a = np.linspace(-1, 1, 4001)
    chosen = a[np.argmax(chapter["rippled"](a, amplitudes, frequency)[0], axis=1)]
    assert (top - PROBLEM.optimal_q(0.0, chosen) <= 2 * amplitudes[:, 0]).all()
    short = a[ripple.ends(chapter["rippled"](a, amplitudes, frequency)[1])][:, ::100]
    assert np.mean(np.abs(short - ends) < 2e-3) > 0.9  # few starts lie beside a watershed


def test_eq_01_actor_climbs_to_the_best_action_on_the_exact_critic(chapter):
    ends = chapter["climb"](lambda a: chapter["exact"](a)[1], np.linspace(-1, 1, 5), 0.1)
    np.testing.assert_allclose(ends, PROBLEM.optimal_policy(0.0), atol=1e-12)


@pytest.mark.parametrize("discount", [0.9, 0.5])
def test_eq_01_target_leads_a_table_to_the_optimum(discount):
    problem, grid = ToyProblem(discount=discount), np.linspace(-1, 1, 201)
    q, r = np.zeros((201, 201)), problem.reward(grid[:, None], grid)
    for _ in range(150):
        q = r + discount * q.max(axis=1)
    np.testing.assert_allclose(q, problem.optimal_q(grid[:, None], grid), atol=1e-3)
    value, s = 0.0, -1.0  # eq-01-return of the best agent
    for t in range(200):
        a = problem.optimal_policy(s)
        value, s = value + discount**t * problem.reward(s, a), a
    assert value == pytest.approx(problem.optimal_value(-1.0), abs=1e-6)


@pytest.mark.parametrize("lam_a", [0.3, 2.0])
def test_eq_01_fit_makes_the_loss_stationary(chapter, lam_a):
    a, y, y_a = np.random.default_rng(0).uniform(-1, 1, (3, 20))
    phi, phi_a = chapter["features"](a)
    w = chapter["fit"](a, y, y_a, lam_a)
    gradient = phi.T @ (phi @ w - y) + lam_a * phi_a.T @ (phi_a @ w - y_a)
    np.testing.assert_allclose(gradient, 0, atol=1e-8)
    many = chapter["fit"](*(np.stack([x, x[::-1]]) for x in (a, y, y_a)), lam_a)
    np.testing.assert_allclose(many, [w, w], atol=1e-8)


def test_features_are_orthonormal_and_their_slopes_are_slopes(chapter):
    a, p = leggauss(40)
    phi, phi_a = chapter["features"](a)
    np.testing.assert_allclose((phi.T * p / 2) @ phi, np.eye(12), atol=1e-12)
    up, down = (chapter["features"](a + d)[0] for d in (1e-6, -1e-6))
    np.testing.assert_allclose(phi_a, (up - down) / 2e-6, atol=1e-5)
