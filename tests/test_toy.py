"""The exact optimum and the paper's shortcut, against Bellman's equation, value iteration and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sobolev_mini.quadratic import quadrature
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()
# name the hard corners: mirrored, no slope, no future, far-sighted, hundreds of pieces, steep, short-sighted
PAIRS = [
    (0.2, 0.9),
    (-0.2, 0.9),
    (0.0, 0.9),
    (0.2, 0.0),
    (0.05, 0.99),
    (1e-4, 0.99),
    (3.0, 0.9),
    (-0.7, 0.3),
    (1e-6, 0.5),
    (0.2, 1e-3),
    (1e-9, 0.999999),
    (1e-300, 0.9),
    (1e300, 0.5),
    (5e-324, 0.9),
]
SLOPES = st.floats(-5, 5) | st.floats(-1e-3, 1e-3)
DISCOUNTS = st.floats(0, 0.999)


def states(n=10_000, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, n)


def best_backup(problem, s):
    """max_a r + discount V*(a): V* is concave, so bisect on the sign of a difference quotient."""
    low, high = -np.ones_like(s), np.ones_like(s)
    for _ in range(200):
        third = (high - low) / 3
        rises = problem.optimal_q(s, low + third) < problem.optimal_q(s, high - third)
        low, high = np.where(rises, low + third, low), np.where(rises, high, high - third)
    ends = [problem.optimal_q(s, np.full_like(s, a)) for a in (-1.0, 1.0)]
    return np.max([problem.optimal_q(s, low), *ends], axis=0)


@pytest.mark.parametrize(("slope", "discount"), PAIRS)
def test_bellman_residual_without_a_grid(slope, discount):
    """eq-02-bellman."""
    problem, s = ToyProblem(slope, discount), states()
    scale = 1 + abs(slope) / (1 - discount)
    value = problem.optimal_value(s)
    assert np.abs(best_backup(problem, s) - value).max() <= 1e-9 * scale
    assert np.abs(problem.optimal_q(s, problem.optimal_policy(s)) - value).max() <= 1e-12 * scale


@settings(max_examples=60)
@given(SLOPES, DISCOUNTS)
def test_bellman_residual_for_any_slope_and_discount(slope, discount):
    problem, s = ToyProblem(slope, discount), states(200)
    assert np.abs(best_backup(problem, s) - problem.optimal_value(s)).max() <= 1e-9 * (
        1 + abs(slope) / (1 - discount)
    )


@pytest.mark.parametrize(("slope", "discount"), [(0.2, 0.9), (-0.3, 0.7), (0.05, 0.95), (0.2, 0.0)])
def test_value_iteration_agrees_and_its_error_falls_with_the_grid(slope, discount):
    problem, gaps = ToyProblem(slope, discount), []
    for n in (101, 401):
        grid = np.linspace(-1, 1, n)
        r = problem.reward(grid[:, None], grid[None, :])
        value = np.zeros(n)
        for _ in range(600):
            value = (r + discount * value).max(axis=1)
        gaps.append(np.abs(value - problem.optimal_value(grid)).max())
    assert gaps[0] < 4e-3
    assert gaps[1] < gaps[0] / 8 + 1e-12  # second order in the spacing: 16 less the luck of the grid


def test_paper_numbers():
    """eq-02-breakpoints, eq-02-value: c = .2, discount = .9, worked out by hand."""
    s_k = 1 - np.cumsum(1 - 0.9 ** np.arange(1, 7))
    np.testing.assert_allclose(PAPER.breakpoints(), s_k, rtol=0, atol=1e-14)
    np.testing.assert_allclose(s_k, [0.9, 0.71, 0.439, 0.0951, -0.31441, -0.782969], atol=1e-12)
    np.testing.assert_allclose(PAPER.optimal_value([-1, 0, 0.5, 1]), [0.6704, 1.5316, 1.8419, 2], atol=5e-5)
    np.testing.assert_allclose(PAPER.optimal_policy([-1, 0, 0.5]), [-0.5093, 0.3591, 0.7528], atol=5e-5)


@pytest.mark.parametrize("k", range(1, 8))
def test_paper_policy_piece_by_piece(k):
    """eq-02-piece: on the piece k steps from the wall a* = s + 1 - (s + k - 1) / S_k, S_k = 9 (.9^-k - 1)."""
    edges = np.concatenate([[1], PAPER.breakpoints(), [-1]])
    s = np.linspace(edges[k], edges[k - 1], 50)
    expected = s + 1 - (s + k - 1) / (9 * (0.9**-k - 1))
    np.testing.assert_allclose(PAPER.optimal_policy(s), expected, atol=1e-12)


def test_optimal_steps_pay_for_the_next():
    """eq-02-step: d = c/2 + discount d' wherever the action is inside the bounds."""
    s = states(1000)
    a = PAPER.optimal_policy(s)
    step, following = a - s, PAPER.optimal_policy(a) - a
    np.testing.assert_allclose(step[a < 1], (0.1 + 0.9 * following)[a < 1], atol=1e-12)


def test_unbounded_optimum_solves_its_bellman_equation():
    """eq-02-unbounded: V = 2 s + 10 and a* = s + 1, which is what clipping cuts off."""
    s, a = np.linspace(-1, 0, 11), np.linspace(-4, 4, 801)
    q = PAPER.reward(s[:, None], a) + 0.9 * (2 * a + 10)
    np.testing.assert_allclose(q.max(axis=1), 2 * s + 10, atol=1e-12)
    np.testing.assert_allclose(PAPER.clipped_policy(s), a[q.argmax(axis=1)], atol=1e-12)


def test_clipped_against_exact():
    """The clipped shortcut's distances from the truth, over [-1, 1]^2 and at worst."""
    kinks = np.concatenate([PAPER.breakpoints(), PAPER.clipped_breakpoints()])
    x, p = quadrature(kinks)
    s, a = np.meshgrid(x, x, indexing="ij")
    q = PAPER.clipped_q(s, a) - PAPER.optimal_q(s, a)
    q_a = PAPER.clipped_q_gradients(s, a)[1] - PAPER.optimal_q_gradients(s, a)[1]
    policy = PAPER.clipped_policy(x) - PAPER.optimal_policy(x)
    np.testing.assert_allclose(
        [p @ q**2 @ p, p @ q_a**2 @ p, p @ policy**2], [0.1333, 0.2819, 0.2181], atol=1e-4
    )
    ends = np.linspace(-1, 1, 4001)
    worst = [
        np.abs(PAPER.clipped_q(0, ends) - PAPER.optimal_q(0, ends)).max(),
        np.abs(PAPER.clipped_q_gradients(0, ends)[1] - PAPER.optimal_q_gradients(0, ends)[1]).max(),
        np.abs(PAPER.clipped_policy(ends) - PAPER.optimal_policy(ends)).max(),
    ]
    np.testing.assert_allclose(worst, [0.693, 1.154, 0.641], atol=5e-4)


def test_clipped_q_is_no_fixed_point_of_the_max_backup():
    s = np.linspace(-1, 1, 801)
    backup = np.max(PAPER.clipped_q(s[:, None], s[None, :]), axis=1)
    assert round(np.abs(backup - PAPER.clipped_value(s)).max(), 2) == 0.43


def test_value_iteration_has_exact_slopes_after_seven_backups_and_a_decaying_offset():
    """Constants lie in the null space of slopes: only the wall's reward is still missing, 2 * .9^n."""
    s = np.linspace(-1, 1, 1601)
    r, value, spread = PAPER.reward(s[:, None], s[None, :]), np.zeros(1601), []
    for n in range(1, 13):
        value = (r + 0.9 * value).max(axis=1)
        missing = PAPER.optimal_value(s) - value
        spread.append(np.ptp(missing))
        if n >= 7:
            np.testing.assert_allclose(missing, 2 * 0.9**n, atol=2e-5)  # the grid's own error
    assert min(spread[:5]) > 1e-2
    assert max(spread[6:]) < 2e-5


@settings(max_examples=40)
@given(SLOPES, DISCOUNTS)
def test_clipped_value_is_what_the_clipped_policy_earns(slope, discount):
    problem, s = ToyProblem(slope, discount), states(50)
    earned, weight, x = np.zeros_like(s), 1.0, s
    while weight > 1e-12:
        a = problem.clipped_policy(x)
        earned, weight, x = earned + weight * problem.reward(x, a), weight * discount, a
    # what is left out of the sum is at most the last weight times the value
    assert np.abs(earned - problem.clipped_value(s)).max() <= 1e-9 * (1 + abs(slope) / (1 - discount) ** 2)


@pytest.mark.parametrize(("slope", "discount"), PAIRS[:8])
@pytest.mark.parametrize("name", ["optimal", "clipped"])
def test_gradients_are_central_differences(slope, discount, name):
    problem, h = ToyProblem(slope, discount), 1e-6
    s, a = np.random.default_rng(1).uniform(-0.99, 0.99, (2, 2000))
    q = getattr(problem, f"{name}_q")
    q_s, q_a = getattr(problem, f"{name}_q_gradients")(s, a)
    scale = 1 + abs(slope) / (1 - discount)
    np.testing.assert_allclose(q_s, (q(s + h, a) - q(s - h, a)) / (2 * h), atol=1e-8 * scale)
    gap = np.abs(q_a - (q(s, a + h) - q(s, a - h)) / (2 * h))
    assert np.quantile(gap, 0.99) <= 1e-8 * scale  # the clipped value has kinks; few samples straddle one
    if name == "optimal":
        assert gap.max() <= 1e-5 * scale
        v_s = problem.optimal_value_gradient(s)
        both = (problem.optimal_value(s + h) - problem.optimal_value(s - h)) / (2 * h)
        np.testing.assert_allclose(v_s, both, atol=1e-5 * scale)


def test_reward_gradients_are_central_differences():
    s, a, h = *np.random.default_rng(2).uniform(-3, 3, (2, 100)), 1e-6
    r_s, r_a = PAPER.reward_gradients(s, a)
    np.testing.assert_allclose(r_s, (PAPER.reward(s + h, a) - PAPER.reward(s - h, a)) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(r_a, (PAPER.reward(s, a + h) - PAPER.reward(s, a - h)) / (2 * h), atol=1e-8)


@settings(max_examples=40)
@given(SLOPES, DISCOUNTS)
def test_mirror(slope, discount):
    """r(-s, -a) with -c is r(s, a) with c, so everything else mirrors too."""
    one, other, s = ToyProblem(slope, discount), ToyProblem(-slope, discount), states(50)
    np.testing.assert_array_equal(one.optimal_policy(s), -other.optimal_policy(-s))
    np.testing.assert_array_equal(one.optimal_value(s), other.optimal_value(-s))
    np.testing.assert_array_equal(one.clipped_value(s), other.clipped_value(-s))


def test_breakpoints_of_corner_cases():
    np.testing.assert_allclose(ToyProblem(0.2, 0).breakpoints(), [0.9])  # only the first one is real
    assert ToyProblem(0, 0.9).breakpoints().size == 0
    np.testing.assert_allclose(ToyProblem(-0.2, 0.9).breakpoints(), -PAPER.breakpoints()[::-1])
    assert len(ToyProblem(1e-4, 0.99).breakpoints()) == 498
    for slope in (0.05, -0.05, 1e-3):
        found = ToyProblem(slope, 0.99).breakpoints()
        assert (np.diff(found) < 0).all()
        assert (np.abs(found) < 1).all()
    np.testing.assert_allclose(PAPER.clipped_breakpoints(), [0], atol=1e-14)


@pytest.mark.parametrize("problem", [PAPER, ToyProblem(-0.05, 0.95)])
def test_breakpoints_are_where_the_policy_bends(problem):
    """Second differences of a* vanish everywhere but at the breakpoints."""
    s = np.linspace(-1, 1, 2001)
    bends = np.abs(np.diff(problem.optimal_policy(s), 2)) > 1e-9
    places = s[1:-1][bends]
    assert all(np.abs(places - b).min() < 1.1e-3 for b in problem.breakpoints())
    assert all(np.abs(problem.breakpoints() - x).min() < 1.1e-3 for x in places)


@pytest.mark.parametrize("method", ["breakpoints", "clipped_breakpoints"])
def test_pieces_without_end_are_refused_but_values_work(method):
    problem = ToyProblem(1e-6, 0.5)
    with pytest.raises(ValueError, match=r"slope: got 1e-06 .* at most 100,000"):
        getattr(problem, method)()
    assert np.isfinite(problem.optimal_value(0.3))
