"""LQR: exact values against rollouts and value iteration, slopes against differences, bad input."""

import numpy as np
import pytest
import torch

from sobolev_book.evaluation import regulated
from sobolev_mini import envs

DOUBLE = torch.float64


def points(env, n=40, seed=0):
    generator = torch.Generator().manual_seed(seed)
    s = env.reset(n, generator)
    return s, torch.randn(n, env.n_a, generator=generator, dtype=DOUBLE)


@pytest.fixture(params=[(4, 2, 1.0), (1, 1, 0.5), (6, 3, 1.2)], ids=str)
def env(request):
    n_s, n_a, radius = request.param
    return envs.make("lqr", n_s=n_s, n_a=n_a, radius=radius, seed=3, dtype=DOUBLE)


def test_the_drawn_system_has_the_radius_asked_for(env):
    again = envs.make("lqr", n_s=env.n_s, n_a=env.n_a, radius=2.0, seed=3)
    assert np.abs(np.linalg.eigvals(again.A)).max() == pytest.approx(2.0)
    np.testing.assert_array_equal(again.B, env.B)


def test_the_optimum_solves_bellman_s_equation(env):
    best, (s, a) = env.optimum(0.95), points(env)
    greedy = best.policy(s)
    torch.testing.assert_close(best.q(s, greedy), best.value(s))
    torch.testing.assert_close(best.q_gradients(s, greedy)[1], torch.zeros_like(greedy), atol=1e-10, rtol=0)
    assert (best.q(s, a) < best.value(s)).all()


def test_value_iteration_ends_at_the_optimum(env):
    P, g = np.zeros((env.n_s, env.n_s)), 0.95
    for _ in range(3000):
        cross = g * env.B.T @ P @ env.A
        P = (
            env.Q
            + g * env.A.T @ P @ env.A
            - cross.T @ np.linalg.solve(env.R + g * env.B.T @ P @ env.B, cross)
        )
        P = (P + P.T) / 2  # an unstable system would blow rounding up
    np.testing.assert_allclose(env.optimum(g).P.numpy(), P, rtol=1e-9, atol=1e-9)


def test_values_are_discounted_returns(env):
    """eq-06-regulator, by rolling out."""
    best, (s, _) = env.optimum(0.9), points(env, 5)
    worse = regulated(env, 0.8 * best.K, 0.9)
    for solution in (best, worse):
        x, total = s, torch.zeros(len(s), dtype=DOUBLE)
        for t in range(400):
            step = env.step(x, solution.policy(x))
            total, x = total + 0.9**t * step.r, step.s_next
        torch.testing.assert_close(solution.value(s), total, rtol=1e-9, atol=1e-9)
    assert (worse.value(s) < best.value(s)).all()
    torch.testing.assert_close(regulated(env, best.K, 0.9).P, best.P)


def test_slopes_are_differences(env):
    solution, (s, a) = env.optimum(0.9), points(env)
    s, a = s.requires_grad_(), a.requires_grad_()
    wanted = torch.autograd.grad(solution.q(s, a).sum(), (s, a))
    for found, right in zip(solution.q_gradients(s.detach(), a.detach()), wanted, strict=True):
        torch.testing.assert_close(found, right)
    (slope,) = torch.autograd.grad(solution.value(s).sum(), s)
    torch.testing.assert_close(solution.value_gradient(s.detach()), slope)


def test_a_leading_axis_may_hold_seeds(env):
    s, a = points(env)
    both = env.step(s.expand(3, -1, -1), a.expand(3, -1, -1))
    torch.testing.assert_close(both.s_next[2], env.step(s, a).s_next)
    assert env.optimum(0.9).q(s.expand(3, -1, -1), a.expand(3, -1, -1)).shape == (3, len(s))


def test_a_system_of_one_s_own():
    env = envs.make("lqr", A=[[1.0, 0.1], [0.0, 1.0]], B=[[0.0], [0.1]], R=[[2.0]])
    assert (env.n_s, env.n_a, env.R.tolist()) == (2, 1, [[2.0]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_s": 0}, r"^n_s: got 0"),
        ({"radius": 0}, r"^radius: got 0"),
        ({"A": [[1.0, 2.0]]}, r"^A: got shape \(1, 2\), wanted \(1, 1\)"),
        (
            {"Q": np.diag([1, 1, 1, -1.0])},
            r"^Q: got least eigenvalue -1, wanted a symmetric positive semi-definite",
        ),
        ({"R": np.zeros((2, 2))}, r"^R: got least eigenvalue 0, wanted a symmetric positive definite"),
        ({"Q": np.eye(4) + np.eye(4, k=1)}, r"^Q: got"),
        ({"A": [[np.nan]]}, r"^A: got nan"),
    ],
)
def test_bad_systems_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        envs.make("lqr", **change)


def test_riccati_and_lyapunov_without_solution_are_named():
    lost = envs.make("lqr", A=[[2.0]], B=[[0.0]], dtype=DOUBLE)
    with pytest.raises(ValueError, match=r"^A, B: the Riccati equation at discount 0.9 has no stabilising"):
        lost.optimum(0.9)
    with pytest.raises(
        ValueError, match=r"^K: got a policy of infinite cost \(discounted spectral radius 1.9\)"
    ):
        regulated(lost, [[0.0]], 0.9)
    with pytest.raises(ValueError, match=r"^K: got shape \(1, 2\), wanted \(1, 1\)"):
        regulated(lost, [[0.0, 1.0]], 0.9)
    with pytest.raises(ValueError, match=r"^discount: got 1"):
        lost.optimum(1)
