"""The spectrum of a network's semi-gradient step (eq-05-kernel) against its definition and chapter 04's."""

import numpy as np
import pytest
import torch

from sobolev_book.records.grid_max import best_action_index
from sobolev_book.records.mlp_runs import written_out
from sobolev_book.studies.tangent import semi_gradient_spectrum
from sobolev_mini import quadratic
from sobolev_mini.networks import MLPCritic

GRID = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]


def samples(n, seed=0):
    return torch.rand(2, n, 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2 - 1


def gradients(critic, s, a):
    """Gradients in the weights of the second network's Q, Q_s, Q_a, one sample at a time, (3, B, P)."""
    rows = []
    for x, u in zip(s.clone().requires_grad_(), a.clone().requires_grad_(), strict=True):
        q = critic(x.expand(2, 1, 1), u.expand(2, 1, 1))[1, 0]
        for z in (q, *torch.autograd.grad(q, (x, u), create_graph=True)):
            g = torch.autograd.grad(
                z, critic.parameters, retain_graph=True, allow_unused=True, materialize_grads=True
            )
            rows.append(torch.cat([y[1].flatten() for y in g]))
    return torch.stack(rows).unflatten(0, (len(s), 3)).transpose(0, 1)


@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "silu", "tanh"])
def test_slopes_written_out_are_the_critic_s_and_so_are_their_gradients(activation):
    critic = MLPCritic(1, 1, (0, 1), hidden=(5, 4, 3), activation=activation, dtype=torch.float64)
    batch = [x.expand(2, -1, -1) for x in samples(20)]
    gradients = []
    for way in (lambda: written_out(critic, *batch), lambda: critic.value_and_slopes(*batch)):
        loss = sum((x**2).sum() for x in way())
        gradients.append(torch.autograd.grad(loss, critic.parameters, allow_unused=True))
    for plain, other in zip(written_out(critic, *batch), critic.value_and_slopes(*batch), strict=True):
        torch.testing.assert_close(plain, other, atol=1e-12, rtol=0)
    for plain, other in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, other, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize(("lam_s", "lam_a"), [(0, 0), (1, 0), (0.3, 2)])
def test_it_is_the_spectrum_of_the_matrix_over_weights(lam_s, lam_a):
    critic = MLPCritic(1, 1, (0, 1), hidden=(4, 3), dtype=torch.float64)
    s, a = samples(40)
    b = GRID[best_action_index(critic, a.expand(2, -1, -1), GRID)][1]
    (q, q_s, q_a), (v, v_s, _) = gradients(critic, s, a), gradients(critic, a, b)
    matrix = q.T @ (q - 0.9 * v) + lam_s * q_s.T @ q_s + lam_a * q_a.T @ (q_a - 0.9 * v_s)
    wanted = np.linalg.eigvals(matrix.numpy() / 40)
    found = semi_gradient_spectrum(critic, (s, a), GRID, 0.9, lam_s, lam_a, seed_index=1).numpy()
    assert len(found) == 40 * (1 + (lam_s > 0) + (lam_a > 0))
    n = len(wanted)  # 31 weights; the other measurements add zeros
    for x in wanted[np.abs(wanted) > 1e-9]:
        assert np.abs(found - x).min() < 1e-9
    assert np.sort(np.abs(found))[:-n].max() < 1e-9
    np.testing.assert_allclose(found.sum(), wanted.sum(), atol=1e-9)


def test_a_critic_linear_in_its_weights_has_chapter_04_s_matrix():
    """With no hidden layer Q = b + w_s s + w_a a: three of the quadratic critic's six features."""
    critic = MLPCritic(1, 1, (0,), hidden=(), dtype=torch.float64)
    critic.parameters[0].data[0] = torch.tensor(
        [[0.1], [0.5]], dtype=torch.float64
    )  # greedy at the right end
    s, a = samples(400, seed=3)
    for lam in ((0, 0), (0.5, 2.0)):
        found = semi_gradient_spectrum(critic, (s, a), GRID, 0.9, *lam).numpy()
        phi, (phi_s, phi_a) = quadratic.features(s, a), quadratic.feature_gradients(s, a)
        ahead, (ahead_s, _) = quadratic.features(a, 1.0), quadratic.feature_gradients(a, 1.0)
        x, x_s, x_a, y, y_s = (z[:, 0, :3] for z in (phi, phi_s, phi_a, ahead, ahead_s))
        matrix = x.T @ (x - 0.9 * y) + lam[0] * x_s.T @ x_s + lam[1] * x_a.T @ (x_a - 0.9 * y_s)
        wanted = np.linalg.eigvals(matrix / 400)
        found = found[np.argsort(-np.abs(found))][:3]
        np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(wanted), atol=1e-10)


def test_an_activation_with_a_slope_of_its_own_is_refused():
    """Its masks move with the weights, which the two factors of a layer do not know."""
    critic = MLPCritic(1, 1, (0,), hidden=(4,), activation="tanh", dtype=torch.float64)
    with pytest.raises(ValueError, match="activation: got 'tanh'"):
        semi_gradient_spectrum(critic, samples(5), GRID, 0.9, 1, 1)
