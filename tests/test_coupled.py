"""The toy whose next state depends on the state: its solution against Bellman, brute force and simulation."""

import numpy as np
import pytest

from sobolev_book.studies import coupled
from sobolev_book.studies.coupled import CoupledToy

HALF = CoupledToy()
# no carry, the default, strong, alternating, mirrored, long steps, short- and far-sighted
SMOOTH = [
    CoupledToy(0.0),
    HALF,
    CoupledToy(0.9),
    CoupledToy(-0.5),
    CoupledToy(0.9, slope=-0.2),
    CoupledToy(-1.0, slope=3.0),
    CoupledToy(0.5, discount=0.0),
    CoupledToy(0.5, discount=0.99),
]


def states(n=10_000, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, n)


def best_backup(problem, s):
    """max_a Q*(s, a): the best of 101 actions, then a ternary search between its neighbours."""
    grid = np.linspace(-1, 1, 101)
    best = grid[problem.optimal_q(s[:, None], grid).argmax(axis=1)]
    low, high = np.maximum(best - 0.02, -1), np.minimum(best + 0.02, 1)
    for _ in range(60):
        third = (high - low) / 3
        rises = problem.optimal_q(s, low + third) < problem.optimal_q(s, high - third)
        low, high = np.where(rises, low + third, low), np.where(rises, high, high - third)
    return np.max([problem.optimal_q(s, x) for x in (low, high, best)], axis=0)


@pytest.mark.parametrize("problem", SMOOTH, ids=str)
def test_bellman_residual_off_the_nodes(problem):
    s, scale = states(), 1 + abs(problem.slope) / (1 - problem.discount)
    value, policy = problem.optimal_value(s), problem.optimal_policy(s)
    for backup in (best_backup(problem, s), problem.optimal_q(s, policy)):
        residual = np.abs(backup - value)
        assert residual.max() <= 3e-9
        assert np.quantile(residual, 0.99) <= 1e-11 * scale  # the rest lies where V'' jumps
    q_s, q_a = problem.optimal_q_gradients(s, policy)
    gap = np.abs(q_s - problem.optimal_value_gradient(s))  # the envelope theorem
    assert gap.max() <= 1e-4
    assert np.quantile(gap, 0.99) <= 2e-8 * scale
    inside = np.abs(policy) < 1
    np.testing.assert_allclose(q_a[inside], 0, atol=1e-9 * scale)
    assert (q_a * np.sign(policy) > -1e-9 * scale)[~inside].all()


@pytest.mark.parametrize("problem", [HALF, CoupledToy(0.9), CoupledToy(-0.9, -0.3, 0.7)], ids=str)
def test_brute_force_value_iteration_agrees_and_its_error_falls_with_the_grid(problem):
    gaps = []
    for n in (101, 401):
        grid = np.linspace(-1, 1, n)
        r = problem.slope * grid - (grid - grid[:, None]) ** 2
        place = (np.tanh(problem.carry * grid[:, None] + grid) + 1) * (n - 1) / 2
        left = place.astype(int)
        value, share = np.zeros(n), place - left
        for _ in range(300):
            rise = np.append(np.diff(value), 0)
            value = (r + problem.discount * (value[left] + share * rise[left])).max(axis=1)
        gaps.append(np.abs(value - problem.optimal_value(grid)).max())
    assert gaps[0] < 1e-2
    assert gaps[1] < gaps[0] / 8  # second order in the spacing: 16 less the luck of the grid


def test_twice_the_nodes_change_nothing(monkeypatch):
    monkeypatch.setattr(coupled, "FINE", 16001)
    finer = coupled._solve.__wrapped__(HALF)(states())
    np.testing.assert_allclose(HALF.optimal_value(states()), finer, rtol=0, atol=3e-9)


@pytest.mark.parametrize("problem", SMOOTH[:5], ids=str)
def test_gradients_are_central_differences(problem):
    h = 1e-6
    s, a = np.random.default_rng(1).uniform(-0.99, 0.99, (2, 2000))
    pairs = [
        (problem.reward_gradients, problem.reward),
        (problem.dynamics_gradients, problem.dynamics),
        (problem.optimal_q_gradients, problem.optimal_q),
    ]
    for gradients, f in pairs:
        by_s, by_a = gradients(s, a)
        np.testing.assert_allclose(by_s, (f(s + h, a) - f(s - h, a)) / (2 * h), atol=1e-5)
        np.testing.assert_allclose(by_a, (f(s, a + h) - f(s, a - h)) / (2 * h), atol=1e-5)
    both = (problem.optimal_value(s + h) - problem.optimal_value(s - h)) / (2 * h)
    np.testing.assert_allclose(problem.optimal_value_gradient(s), both, atol=1e-5)


def test_without_carry_the_state_slope_is_the_rewards_alone():
    problem, (s, a) = CoupledToy(carry=0), np.random.default_rng(2).uniform(-1, 1, (2, 500))
    np.testing.assert_array_equal(problem.optimal_q_gradients(s, a)[0], 2 * (a - s))
    away = np.abs(s - 0.834) > 1e-3  # V'' jumps there: the policy meets the bound
    slope = 2 * (problem.optimal_policy(s) - s)
    np.testing.assert_allclose(problem.optimal_value_gradient(s)[away], slope[away], atol=1e-9)
    assert np.abs(HALF.optimal_q_gradients(s, a)[0] - 2 * (a - s)).mean() > 0.2  # with carry it bootstraps


POLICIES = {
    "random": lambda s, rng: rng.uniform(-1, 1, s.shape),
    "clipped": lambda s, rng: np.clip(s + 1, -1, 1),
    "stay": lambda s, rng: s,
    "short steps": lambda s, rng: np.clip(s + 0.1, -1, 1),
}


def earned(problem, policy, s):
    """The return of ``policy`` over 300 steps; the rest is worth less than 1e-12."""
    total, weight = np.zeros_like(s), 1.0
    for _ in range(300):
        a = policy(s)
        total, weight = total + weight * problem.reward(s, a), weight * problem.discount
        s = np.tanh(problem.carry * s + a)
    return total


@pytest.mark.parametrize("problem", [*SMOOTH[:5], CoupledToy(2.0)], ids=str)
def test_no_policy_earns_more_than_the_value_and_the_optimal_one_earns_it(problem):
    s, rng = np.linspace(-1, 1, 101), np.random.default_rng(3)
    value = problem.optimal_value(s)
    for policy in POLICIES.values():
        assert (earned(problem, lambda x, policy=policy: policy(x, rng), s) <= value + 1e-8).all()
    np.testing.assert_allclose(earned(problem, problem.optimal_policy, s), value, rtol=0, atol=1e-8)


def test_the_optimal_policy_meets_its_bound_near_the_right_end_only():
    for carry, first in ((0.0, 0.83434), (0.5, 0.87883), (0.9, 0.89478)):
        s = np.linspace(-1, 1, 2001)
        policy = CoupledToy(carry).optimal_policy(s)
        np.testing.assert_array_equal(policy == 1, s > first)
        assert policy.min() > -0.7
        assert CoupledToy(carry).optimal_policy(0.95) == 1  # one state alone gets there too
        assert CoupledToy(carry, slope=-0.2).optimal_policy(-0.95) == -1


def test_a_large_carry_makes_the_policy_jump_and_the_value_bend_there_only():
    problem, s = CoupledToy(2.0), states()
    jump = np.abs(np.diff(problem.optimal_policy(np.sort(s)))).max()
    residual = np.abs(best_backup(problem, s) - problem.optimal_value(s))
    assert jump > 0.3
    assert residual.max() < 1e-3
    assert (residual > 1e-8).sum() <= 10  # of 10,000 states: one cell or two


def test_mirror():
    """r(-s, -a) with -c is r(s, a) with c, and tanh is odd."""
    one, other, s = HALF, CoupledToy(slope=-0.2), states(500)
    np.testing.assert_allclose(one.optimal_value(s), other.optimal_value(-s), atol=1e-12)
    np.testing.assert_allclose(one.optimal_policy(s), -other.optimal_policy(-s), atol=1e-9)


def test_shapes_broadcast():
    assert HALF.optimal_policy(0.3).shape == HALF.optimal_value(0.3).shape == ()
    assert HALF.optimal_policy(np.zeros((0, 3))).shape == (0, 3)
    s, a = np.zeros((4, 1)), np.linspace(-1, 1, 3)
    assert HALF.optimal_q(s, a).shape == (4, 3)
    assert all(x.shape == (4, 3) for x in HALF.optimal_q_gradients(s, a))
    many = states(2 * coupled.BLOCK + 5).reshape(-1, 3)
    np.testing.assert_array_equal(HALF.optimal_policy(many)[-1], HALF.optimal_policy(many[-1]))


def test_one_solution_a_problem():
    assert coupled._solve(HALF) is coupled._solve(CoupledToy(carry=0.5))
    assert coupled._solve(HALF) is not coupled._solve(CoupledToy(carry=0.9))


def test_what_does_not_settle_is_said(monkeypatch):
    monkeypatch.setattr(coupled, "MAX_IMPROVEMENTS", 3)
    with pytest.raises(RuntimeError, match=r"CoupledToy\(carry=0.5.* did not settle in 3 improvements"):
        coupled._solve.__wrapped__(HALF)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"carry": 2.1}, "^carry: got 2.1, wanted a finite number >= -2 and <= 2"),
        ({"carry": float("nan")}, "^carry: got nan, wanted a finite number"),
        ({"carry": "half"}, "^carry: got 'half', wanted a finite number"),
        ({"slope": float("inf")}, "^slope: got inf, wanted a finite number"),
        ({"discount": 1}, "^discount: got 1, wanted a finite number >= 0 and <= 0.99"),
        ({"discount": -0.1}, "^discount: got -0.1, wanted"),
    ],
)
def test_bad_parameters_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CoupledToy(**arguments)


@pytest.mark.parametrize("method", ["optimal_policy", "optimal_value", "optimal_value_gradient"])
def test_states_outside_the_box_are_refused(method):
    with pytest.raises(ValueError, match=r"^s: got 1.01, wanted values in \[-1, 1\]"):
        getattr(HALF, method)([0.0, 1.01])


@pytest.mark.parametrize("method", ["optimal_q", "optimal_q_gradients"])
def test_pairs_outside_the_box_are_refused_and_the_problem_takes_any(method):
    with pytest.raises(ValueError, match=r"^s: got -1.5, wanted"):
        getattr(HALF, method)(-1.5, 0)
    with pytest.raises(ValueError, match=r"^a: got 2.0, wanted"):
        getattr(HALF, method)(0, 2)
    assert HALF.dynamics(-1.5, 2) == np.tanh(1.25)
    assert HALF.reward(-1.5, 2) == 0.4 - 3.5**2
