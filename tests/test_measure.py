"""What is measured of a critic: the exact one has no errors and earns the optimal return."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sobolev_mini import quadratic
from sobolev_mini.networks import MLPCritic
from sobolev_mini.qlearning import History, QConfig, train_mlp
from sobolev_mini.qlearning.measure import HORIZON, NAMES, Measure, best_action_index, midpoints
from sobolev_mini.quadratic import action_grid
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()


def actions(n=100):
    return torch.as_tensor(action_grid(n))[:, None]


class Exact(SimpleNamespace):
    """Q* plus ``offset``, with an MLPCritic's interface."""

    seeds, hidden, activation, n_s, n_a, scales = (0, 1), (), "none", 1, 1, None
    parameters = (torch.zeros(1, dtype=torch.float64),)

    def value_and_slopes(self, s, a):
        slopes = PAPER.optimal_q_gradients(s.numpy(), a.numpy())
        return self(s, a), *map(torch.from_numpy, slopes)

    def __call__(self, s, a):
        return torch.from_numpy(PAPER.optimal_q(s.numpy(), a.numpy()))[..., 0] + self.offset


def test_the_exact_critic_has_no_error_but_its_offset_and_the_grid_s():
    found = Measure(PAPER, actions())(Exact(offset=0.3))
    for name, error in {"q": 0.09, "q_centred": 0, "q_s": 0, "q_a": 0}.items():
        np.testing.assert_allclose(found[f"optimal/{name}"], [error, error], atol=1e-12)
    spacing = 2 / 99  # a uniform miss within half a spacing
    np.testing.assert_allclose(found["optimal/policy"], spacing**2 / 12, rtol=0.25)
    np.testing.assert_allclose(found["optimal/policy_mae"], spacing / 4, rtol=0.25)
    best = PAPER.optimal_value(midpoints(256)).mean()
    assert (found["return"] < best).all() and (found["return"] > best - 2e-3).all()


def test_against_the_clipped_shortcut_it_is_as_far_off_as_the_two_differ():
    found = Measure(PAPER, actions())(Exact(offset=0.0))
    for name, error in {"q": 0.1333, "q_a": 0.2819, "policy": 0.2181}.items():
        np.testing.assert_allclose(found[f"clipped/{name}"], error, rtol=5e-3)


def test_the_return_is_that_of_rollouts_step_by_step():
    critic, n = MLPCritic(1, 1, (0, 1), hidden=(8, 8), dtype=torch.float64), 30
    found = Measure(PAPER, actions(n))(critic)["return"]
    s, total = torch.from_numpy(midpoints(256))[None, :, None].expand(2, -1, -1), 0.0
    for k in range(HORIZON):
        a = actions(n)[best_action_index(critic, s, actions(n))]
        total = total + PAPER.discount**k * PAPER.reward(s, a)[..., 0].mean(dim=1).numpy()
        s = a
    np.testing.assert_allclose(found, total, atol=1e-12)


def test_history_has_every_error_of_every_step_and_seed():
    config = QConfig(steps=4, seeds=(0, 1, 2), record=(0, 2, 4), hidden=(8, 8, 8), n_actions=5, batch_size=3)
    history = train_mlp(PAPER, config, keep=(0, 3))
    assert history.steps.tolist() == [0, 2, 4] and history.returns.shape == (3, 3)
    for reference in ("optimal", "clipped"):
        assert set(history.errors(reference)) == set(NAMES)
        assert all(error.shape == (3, 3) for error in history.errors(reference).values())
    assert set(history.weights) == {0, 3} and history.weights[3][0].shape == (3, 2, 8)
    assert not torch.equal(history.weights[0][0], history.weights[3][0])
    with pytest.raises(ValueError, match=r"^reference: got 'true', wanted one of 'optimal', 'clipped'"):
        history.errors("true")


def test_the_return_of_a_quadratic_critic_is_that_of_rollouts_step_by_step():
    w = np.random.default_rng(0).normal(size=(2, 3, 6))
    history = History(PAPER, QConfig(n_actions=7), np.arange(2), w, np.full(3, -1))
    s, total = np.broadcast_to(midpoints(256), (2, 3, 256)), 0.0
    for k in range(HORIZON):
        a = quadratic.greedy_action(w[:, :, None], s, action_grid(7))
        total, s = total + PAPER.discount**k * PAPER.reward(s, a), a
    np.testing.assert_allclose(history.returns, total.mean(axis=-1), atol=1e-12)
