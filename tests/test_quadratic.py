"""The quadratic critic: exact integrals, fixed points and stability, each against an independent way."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sobolev_book import fixed_points
from sobolev_mini import quadratic
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()
GRID = quadratic.action_grid()
WEIGHTS = st.lists(st.floats(-3, 3), min_size=6, max_size=6).map(np.array)


def gauss(n):
    x, p = np.polynomial.legendre.leggauss(n)
    return x, p / 2


def lattice_fixed_point(problem, lam, x, p, in_s=None):
    """Fitted Q-iteration on a tensor grid of nodes that knows nothing of kinks: the independent way."""
    y, py = in_s or (x, p)
    s, a, p = np.repeat(y, len(x)), np.tile(x, len(y)), np.outer(py, p).ravel()
    rows = np.stack([np.ones_like(s), s, a, s * s, s * a, a * a], axis=1)
    by_s = np.stack([0 * s, 0 * s + 1, 0 * s, 2 * s, a, 0 * s], axis=1)
    by_a = np.stack([0 * s, 0 * s, 0 * s + 1, 0 * s, s, 2 * a], axis=1)
    gram = (rows.T * p) @ rows + lam * ((by_s.T * p) @ by_s + (by_a.T * p) @ by_a)
    w = np.zeros(6)
    for _ in range(400):
        q = (w[2] + w[4] * x)[:, None] * GRID + w[5] * GRID**2
        b = np.tile(GRID[q.argmax(axis=1)], len(y))
        best = w[0] + w[1] * a + w[2] * b + w[3] * a * a + w[4] * a * b + w[5] * b * b
        target = problem.slope * a - (a - s) ** 2 + problem.discount * best
        y_s = 2 * (a - s)
        y_a = problem.slope - 2 * (a - s) + problem.discount * (w[1] + 2 * w[3] * a + w[4] * b)
        w = np.linalg.solve(gram, rows.T @ (p * target) + lam * (by_s.T @ (p * y_s) + by_a.T @ (p * y_a)))
    return w


# Fixed points ----------------------------------------------------------------------------------------

EXACT = {  # lam: q, q_a, policy; computed with every kink of the grid max split
    0: (0.1229, 0.0205, 0.0033),
    0.1: (0.0253, 0.0085, 0.0013),
    1: (0.00045, 0.0046, 0.0007),
    10: (0.00056, 0.0043, 0.0007),
}
GAUSS_200 = {  # the same with 200 Gauss points an axis, kinks not split: near, but not the limit
    0: (0.123, 0.0205, 0.0033),
    0.1: (0.0250, 0.0085, 0.0012),
    1: (0.00054, 0.0046, 0.0007),
    10: (0.00093, 0.0043, 0.0007),
}


@pytest.mark.parametrize("lam", EXACT)
def test_fixed_points_against_the_exact_optimum(lam):
    found = quadratic.errors(PAPER, quadratic.fitted_q_iteration(PAPER, lam, lam))
    np.testing.assert_allclose(
        [found[x] for x in ("q", "q_a", "policy")], EXACT[lam], rtol=0.02, atol=5e-6 + 5e-5
    )
    assert found["q_s"] < 1e-20  # s' does not depend on s, and the reward's slope is in the family


@pytest.mark.parametrize("lam", GAUSS_200)
def test_fixed_points_on_gauss_nodes_by_the_independent_way(lam):
    found = quadratic.errors(PAPER, lattice_fixed_point(PAPER, lam, *gauss(200)))
    np.testing.assert_allclose(
        [found[x] for x in ("q", "q_a", "policy")], GAUSS_200[lam], rtol=0.02, atol=1e-4
    )


def test_the_independent_way_comes_to_the_exact_fixed_point_on_a_fine_lattice():
    """What a lattice misses is the staircase of the grid max; a fine one in a sees it too."""
    exact = quadratic.fitted_q_iteration(PAPER, 1, 1)
    n = 3000
    fine = lattice_fixed_point(PAPER, 1, (np.arange(n) + 0.5) / n * 2 - 1, np.full(n, 1 / n), gauss(4))
    coarse = lattice_fixed_point(PAPER, 1, np.linspace(-1, 1, 201), np.full(201, 1 / 201))
    assert np.abs(fine - exact).max() < 1e-3 < np.abs(coarse - exact).max()


@pytest.mark.parametrize(("lam_s", "lam_a"), [(0, 0), (1, 0), (0, 1), (0.3, 2)])
@pytest.mark.parametrize("n_actions", [100, 7, None])
def test_fixed_point_is_one(lam_s, lam_a, n_actions):
    w = quadratic.fitted_q_iteration(PAPER, lam_s, lam_a, n_actions)
    again = quadratic.bellman_projection(PAPER, w, lam_s, lam_a, n_actions)
    np.testing.assert_allclose(again, w, atol=1e-11)


def test_projection_leaves_no_residual_along_any_feature():
    """eq-04-normal: the Sobolev residual of the target is orthogonal to the six features."""
    w, lam_s, lam_a = np.array([0.3, -0.2, 0.5, -0.4, 0.8, -0.9]), 0.7, 1.3
    new, (x, p) = quadratic.bellman_projection(PAPER, w, lam_s, lam_a), gauss(3000)
    s, ps = gauss(8)
    S, A = np.meshgrid(s, x, indexing="ij")
    weight = np.outer(ps, p)
    b = quadratic.greedy_action(w, A, GRID)
    r_s, r_a = PAPER.reward_gradients(S, A)
    gap = quadratic.features(S, A) @ new - PAPER.reward(S, A) - 0.9 * quadratic.features(A, b) @ w
    phi_s, phi_a = quadratic.feature_gradients(S, A)
    gap_s, gap_a = phi_s @ new - r_s, phi_a @ new - r_a - 0.9 * quadratic.feature_gradients(A, b)[0] @ w
    left = sum(
        m * np.einsum("ij,ij,ijk->k", weight, g, f)
        for m, g, f in [(1, gap, quadratic.features(S, A)), (lam_s, gap_s, phi_s), (lam_a, gap_a, phi_a)]
    )
    assert np.abs(left).max() < 2e-3  # Gauss nodes meet the staircase at random; a wrong term leaves > .1


def test_no_fixed_point_in_time_says_how_far_it_still_moved():
    with pytest.raises(RuntimeError, match=r"still moved by .* after 3 steps"):
        quadratic.fitted_q_iteration(PAPER, 1, 1, iterations=3)


# Accuracy --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["optimal", "clipped"])
def test_errors_against_dense_sums(reference):
    w = np.array([[1.5, 0.1, 1.0, -0.9, 1.8, -1.1], [0.0, 0.0, 0.2, 0.1, -0.3, 0.4]])
    found = quadratic.errors(PAPER, w, reference)
    n = 1000
    x = (np.arange(n) + 0.5) / n * 2 - 1
    q = getattr(PAPER, f"{reference}_q")(x[:, None], x)
    q_s, q_a = getattr(PAPER, f"{reference}_q_gradients")(x[:, None], x)
    policy = getattr(PAPER, f"{reference}_policy")(x)
    phi, (phi_s, phi_a) = quadratic.features(x[:, None], x), quadratic.feature_gradients(x[:, None], x)
    for i, row in enumerate(w):
        gap = phi @ row - q
        np.testing.assert_allclose(found["q"][i], (gap**2).mean(), rtol=1e-4)
        np.testing.assert_allclose(found["q_centred"][i], gap.var(), rtol=1e-4)
        np.testing.assert_allclose(found["q_s"][i], ((phi_s @ row - q_s) ** 2).mean(), rtol=1e-4)
        np.testing.assert_allclose(found["q_a"][i], ((phi_a @ row - q_a) ** 2).mean(), rtol=1e-4)
        dense = ((quadratic.greedy_action(row, x, GRID) - policy) ** 2).mean()
        np.testing.assert_allclose(found["policy"][i], dense, rtol=1e-2)


def test_family_floors():
    """No quadratic does better, by trying; against the clipped policy's Q its slope floor is high."""
    optimal, clipped = fixed_points.family_floors(PAPER), fixed_points.family_floors(PAPER, "clipped")
    np.testing.assert_allclose(
        [optimal[x] for x in ("q", "q_a", "policy")], [5.8e-5, 3.1e-3, 2.8e-4], rtol=0.02
    )
    np.testing.assert_allclose([clipped[x] for x in ("q", "q_a")], [3.44e-3, 0.1647], rtol=1e-3)
    assert clipped["policy"] < 1e-20  # clip(s + 1) is what a quadratic with its vertex at s + 1 does
    x = (np.arange(2000) + 0.5) / 1000 - 1
    lines = np.clip(np.linspace(0.6, 1, 41)[:, None, None] * x + np.linspace(0.2, 0.6, 41)[:, None], -1, 1)
    tried = ((lines - PAPER.optimal_policy(x)) ** 2).mean(axis=-1).min()
    assert optimal["policy"] <= tried <= 1.1 * optimal["policy"]


@settings(max_examples=20)
@given(WEIGHTS)
@example(np.array([0, 0, 0, 0, 5e-324, -1]))
def test_no_weights_are_below_the_floors(w):
    for reference in ("optimal", "clipped"):
        floors = fixed_points.family_floors(PAPER, reference)
        found = quadratic.errors(PAPER, w, reference, None)
        assert all(found[x] >= floors[x] * (1 - 1e-9) for x in floors)


# The critic ------------------------------------------------------------------------------------------


def test_feature_gradients_are_central_differences():
    """eq-04-critic."""
    s, a, h = *np.random.default_rng(0).uniform(-1, 1, (2, 50)), 1e-6
    phi_s, phi_a = quadratic.feature_gradients(s, a)
    f = quadratic.features
    np.testing.assert_allclose(phi_s, (f(s + h, a) - f(s - h, a)) / (2 * h), atol=1e-9)
    np.testing.assert_allclose(phi_a, (f(s, a + h) - f(s, a - h)) / (2 * h), atol=1e-9)


@settings(max_examples=60)
@given(WEIGHTS)
@example(np.array([0, 0, 1, 0, 0, -1e-309]))
def test_greedy_action_is_where_q_is_greatest(w):
    s = np.linspace(-1, 1, 41)
    best = quadratic.features(s, quadratic.greedy_action(w, s)) @ w
    on_grid = quadratic.features(s, quadratic.greedy_action(w, s, GRID)) @ w
    every = quadratic.features(s[:, None], GRID) @ w
    np.testing.assert_allclose(on_grid, every.max(axis=1), atol=1e-12)
    assert (best >= every.max(axis=1) - 1e-12).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quadratic.greedy_action(np.zeros(5), 0), r"^w: got shape \(5,\), wanted \(..., 6\)"),
        (lambda: quadratic.greedy_action(np.full(6, np.nan), 0), "^w: got nan, wanted finite"),
        (lambda: quadratic.greedy_action(np.zeros(6), 2), r"^s: got 2.0, wanted values in \[-1, 1\]"),
        (lambda: quadratic.fitted_q_iteration(PAPER, -1, 0), "^lam_s: got -1, wanted a finite number >= 0"),
        (lambda: quadratic.fitted_q_iteration(PAPER, 0, np.inf), "^lam_a: got inf"),
        (
            lambda: quadratic.fitted_q_iteration(PAPER, 0, 0, 1),
            "^n_actions: got 1, wanted a whole number >= 2",
        ),
        (
            lambda: quadratic.errors(PAPER, np.zeros(6), "best"),
            "^reference: got 'best', wanted one of 'optimal'",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
