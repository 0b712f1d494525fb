"""The semi-gradient matrix: its eigenvalues, its threshold, and what they promise."""

import itertools

import numpy as np
import pytest

from sobolev_book import bases
from sobolev_book.fixed_points import (
    expected_path,
    least_real_part,
    projected_operator,
    rays,
    stability_threshold,
    td_matrix,
    training_matrix,
    training_threshold,
)
from sobolev_mini import quadratic
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.quadratic.critic import policy_kinks
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()


def test_value_only_td_is_unstable_at_the_optimum():
    matrix = td_matrix(PAPER, PAPER.optimal_policy, 0, 0)
    assert round(least_real_part(matrix), 5) == -0.00654


@pytest.mark.parametrize(("direction", "wanted"), [((1, 1), 0.01177), ((0, 1), 0.0145), ((1, 0), 0.116)])
def test_thresholds(direction, wanted):
    found = stability_threshold(PAPER, PAPER.optimal_policy, direction)
    assert found == pytest.approx(wanted, rel=5e-3)
    for factor, sign in [(0.999, -1), (1.001, 1)]:
        lam_s, lam_a = np.array(direction) * found * factor
        matrix = td_matrix(PAPER, PAPER.optimal_policy, lam_s, lam_a)
        assert np.sign(least_real_part(matrix)) == sign


@pytest.mark.parametrize(("lam", "wanted"), [(0, 1.35), (1, 0.9)])
def test_spectral_radius_at_the_policy_of_a_convex_critic(lam, wanted):
    operator = projected_operator(PAPER, np.sign, lam, lam, kinks=[0])
    assert np.abs(np.linalg.eigvals(operator)).max() == pytest.approx(wanted, abs=1e-12)


def test_td_matrix_against_dense_sums():
    """eq-04-td."""
    n = 600
    x = (np.arange(n) + 0.5) / n * 2 - 1
    s, a = np.repeat(x, n), np.tile(x, n)
    b = PAPER.optimal_policy(a)
    phi, phi_next = quadratic.features(s, a), quadratic.features(a, b)
    (phi_s, phi_a), by_a = quadratic.feature_gradients(s, a), quadratic.feature_gradients(a, b)[0]
    dense = phi.T @ (phi - 0.9 * phi_next) + 0.3 * phi_s.T @ phi_s + 2 * phi_a.T @ (phi_a - 0.9 * by_a)
    found = td_matrix(PAPER, PAPER.optimal_policy, 0.3, 2)
    np.testing.assert_allclose(found, dense / n**2, atol=1e-5)


@pytest.mark.parametrize("lam", [(0, 0), (1, 1), (0.05, 2)])
def test_training_matrix_is_the_derivative_of_the_expected_step(lam):
    """eq-04-training: gram (w - projection of w's target), by differences."""
    w, h, gram = np.array([1.5, 0.1, 1.0, -0.8, 1.7, -1.2]), 1e-6, quadratic.gram_matrix(*lam)

    def step(w):
        return gram @ (w - quadratic.bellman_projection(PAPER, w, *lam, n_actions=None))

    measured = np.transpose([(step(w + h * e) - step(w - h * e)) / (2 * h) for e in np.eye(6)])
    found = training_matrix(PAPER, w, *lam)
    np.testing.assert_allclose(found, measured, atol=1e-8)
    kinks = policy_kinks(w, None)
    frozen = td_matrix(PAPER, lambda s: quadratic.greedy_action(w, s), *lam, kinks)
    assert (np.abs(found - frozen).max() < 1e-12) == (lam == (0, 0))  # hidden from values, not from slopes


def test_training_threshold():
    """With the policy free to move, stability takes more than with the optimal policy held fixed."""
    found = training_threshold(PAPER)
    assert found == pytest.approx(0.0806, rel=1e-3)
    for factor, sign in [(0.99, -1), (1.01, 1)]:
        lam = found * factor
        w = quadratic.fitted_q_iteration(PAPER, lam, lam, n_actions=None)
        assert np.sign(least_real_part(training_matrix(PAPER, w, lam, lam))) == sign


@pytest.mark.parametrize(
    ("direction", "held", "moving"),
    [((1, 1), 0.0354, 0.0806), ((0, 1), 0.0449, 0.207), ((1, 0), np.inf, np.inf)],
)
def test_a_policy_that_moves_raises_the_threshold_only_through_action_slopes(direction, held, moving):
    assert training_threshold(PAPER, direction, moving=False) == pytest.approx(held, rel=5e-3)
    assert training_threshold(PAPER, direction) == pytest.approx(moving, rel=5e-3)


def test_stable_from_the_start_and_never_stable():
    near = ToyProblem(0.2, 0.1)
    assert stability_threshold(near, near.optimal_policy) == 0.0
    # discount .9 and the policy a' = s' leave the quadratic family unstable without slopes in s and a
    unstable = stability_threshold(PAPER, PAPER.optimal_policy, largest=0.01)
    assert unstable == np.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: td_matrix(PAPER, lambda s: 2 * s, 0, 0), "^policy: got .*, wanted values in"),
        (lambda: td_matrix(PAPER, np.sign, 0, -1), "^lam_a: got -1, wanted a finite number >= 0"),
        (lambda: stability_threshold(PAPER, np.sign, (0, 0)), "^direction: got .* not both 0"),
        (lambda: stability_threshold(PAPER, np.sign, (1, 1, 1)), r"^direction: got shape \(3,\)"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("rule", ["plain", "sign"])
def test_expected_path_takes_the_expected_step_by_its_rule(rule):
    path, gram = expected_path(PAPER, rule, 0.1, 1, 0.01, 3), quadratic.gram_matrix(0.1, 1)
    assert path.shape == (4, 6) and not path[0].any()
    for w, after in itertools.pairwise(path):
        gradient = gram @ (w - quadratic.bellman_projection(PAPER, w, 0.1, 1, n_actions=None))
        steps = {"plain": gradient, "sign": np.sign(gradient)}
        np.testing.assert_allclose(after, w - 0.01 * steps[rule], atol=1e-14)


def test_expected_path_begins_where_it_is_told_and_knows_its_rules():
    path = expected_path(PAPER, "sign", 0, 1, 0.01, 20)
    np.testing.assert_array_equal(expected_path(PAPER, "sign", 0, 1, 0.01, 15, start=path[5]), path[5:])
    with pytest.raises(ValueError, match=r"^rule: got 'adam'"):
        expected_path(PAPER, "adam", 0, 0, 0.1, 1)


def test_expected_steps_in_another_basis_are_steps_of_its_weights():
    """Weights u of basis @ phi give w = basis.T u; plain steps of u move w by basis.T basis times as much."""
    basis = bases.centred(s=False)
    np.testing.assert_array_equal(basis @ np.arange(6.0), [0, 1, 2, 3, 4, 5])  # a^2 less a third of 0
    np.testing.assert_allclose((basis @ np.ones(6))[[3, 5]], [1, 2 / 3])
    w, gram = np.zeros(6), quadratic.gram_matrix(0, 0)
    for after in expected_path(PAPER, "sign", 0, 0, 0.01, 3, basis=basis)[1:]:
        gradient = gram @ (w - quadratic.bellman_projection(PAPER, w, 0, 0, n_actions=None))
        u = np.linalg.solve(basis.T, w) - 0.01 * np.sign(basis @ gradient)
        w = basis.T @ u
        np.testing.assert_allclose(after, w, atol=1e-14)


def test_in_its_own_features_adam_trains_as_the_module_does():
    config = QConfig(steps=3000, lam_s=0.1, lam_a=1, seeds=(0, 1), init=0.5, record=(0, 1500, 3000))
    found = bases.train_in(np.eye(6), PAPER, config)
    np.testing.assert_array_equal(found.w, train_quadratic(PAPER, config).w)
    for field in ("optimizer", "sgd"), ("target", "hard"):
        with pytest.raises(ValueError, match=f"^{field[0]}: got '{field[1]}'"):
            bases.train_in(np.eye(6), PAPER, QConfig(**dict([field])))


def test_a_square_is_safe_where_it_is_centred_or_its_slope_is_in_the_loss():
    """Adam from zero, chapter 04: the run settles exactly where both squares are safe."""
    for s, a, lam_s, lam_a in itertools.product((0, 1), repeat=4):
        late = (45_000, 50_000, 55_000, 60_000)
        config = QConfig(lam_s=lam_s, lam_a=lam_a, seeds=(0,), record=late)
        run = bases.train_in(bases.centred(s, a), PAPER, config)
        settled = (run.errors()["policy"] < 0.005).all()
        assert settled == ((s or lam_s) and (a or lam_a)), (s, a, lam_s, lam_a)


def by_sign(pulls, w, steps=20_000, rate=1e-3):
    """Return the direction in which steps by sign have moved the weights, a unit a step."""
    start = w = np.array(w, dtype=float)
    for _ in range(steps):
        w = w - rate * np.sign(pulls @ w)
    return (w - start) / (rate * steps)


FAR = td_matrix(PAPER, np.ones_like, 0, 0, [])[np.ix_([0, 3, 5], [0, 3, 5])]


def constant(size):
    """Return the far region's matrix where 1 is replaced by a constant of this size."""
    return np.diag([size, 1, 1]) @ FAR @ np.diag([size, 1, 1])


@pytest.mark.parametrize(("size", "ray"), [(1, (1, 1, 1)), (3, (1, 0.8889, 1)), (4, (1, 0.5556, 1))])
def test_steps_by_sign_keep_to_a_ray(size, ray):
    """With a larger constant the weight of s squared lags."""
    found = rays(constant(size))[-1]
    assert found == pytest.approx(ray, abs=1e-4)
    np.testing.assert_allclose(by_sign(constant(size), 10 * found), found, atol=0.01)


@pytest.mark.parametrize("lam", [0.0, 0.05, 0.1])
def test_of_two_rays_one_attracts_and_the_other_parts_the_runs(lam):
    """A run beside the second one, a squared ahead or behind, goes to the first or turns back."""
    pulls = td_matrix(PAPER, np.ones_like, lam, lam, [])[np.ix_([0, 3, 5], [0, 3, 5])]
    repels, attracts = rays(pulls)
    np.testing.assert_allclose(by_sign(pulls, 10 * attracts + [0, -1, -1]), attracts, atol=0.1)
    aside = np.array([0, 0, 1.0])
    np.testing.assert_allclose(by_sign(pulls, 10 * repels + aside, 100_000), attracts, atol=0.05)
    assert by_sign(pulls, 10 * repels - aside, 100_000)[2] < 0.5 * repels[2]


@pytest.mark.parametrize("basis", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_rays_come_in_pairs_or_not_at_all(basis):
    turn, weights = bases.centred(*basis), (0, 0.02, 0.1, 0.5, 10)
    for lams in itertools.product(weights, weights):
        turned = turn @ td_matrix(PAPER, np.ones_like, *lams, []) @ turn.T
        assert len(rays(turned[np.ix_([0, 3, 5], [0, 3, 5])])) in (0, 2)


def test_without_a_ray_steps_by_sign_come_back():
    assert rays(constant(8.0)).shape == (0, 3)
    assert by_sign(constant(8.0), [10.0, 10, 10])[2] < 0


def test_a_ray_has_its_last_weight_growing_and_may_lag():
    assert rays(np.eye(3)).shape == (0, 3)
    assert rays(-np.eye(1)).tolist() == [[1]]
    lagging = np.array([[1.0, -0.5], [0.0, -1.0]])  # the first is pushed by the second, and damps itself
    assert rays(lagging).tolist() == [[0.5, 1]]
