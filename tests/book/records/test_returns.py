"""Returns of greedy policies: by rollouts, step by step; the exact one earns the optimal return."""

import numpy as np
import torch

from sobolev_book.records.mlp_runs import RecordedMeasure
from sobolev_book.records.returns import HORIZON, returns
from sobolev_mini import quadratic
from sobolev_mini.networks import MLPCritic
from sobolev_mini.qlearning import History, QConfig
from sobolev_mini.qlearning.measure import best_action_index, midpoints
from sobolev_mini.quadratic import action_grid
from tests.test_measure import PAPER, Exact, actions


class Measured(RecordedMeasure):
    """Its critic is no network: slopes and maximum come from itself."""

    def value_and_slopes(self, critic, s, a):
        return critic.value_and_slopes(s, a)


def test_the_exact_critic_earns_the_optimal_return_but_for_the_grid():
    found = Measured(PAPER, actions())(Exact(offset=0.3))
    best = PAPER.optimal_value(midpoints(256)).mean()
    assert (found["return"] < best).all() and (found["return"] > best - 2e-3).all()


def test_the_return_is_that_of_rollouts_step_by_step():
    critic, n = MLPCritic(1, 1, (0, 1), hidden=(8, 8), dtype=torch.float64), 30
    found = RecordedMeasure(PAPER, actions(n))(critic)["return"]
    s, total = torch.from_numpy(midpoints(256))[None, :, None].expand(2, -1, -1), 0.0
    for k in range(HORIZON):
        a = actions(n)[best_action_index(critic, s, actions(n))]
        total = total + PAPER.discount**k * PAPER.reward(s, a)[..., 0].mean(dim=1).numpy()
        s = a
    np.testing.assert_allclose(found, total, atol=1e-12)


def test_the_return_of_a_quadratic_critic_is_that_of_rollouts_step_by_step():
    w = np.random.default_rng(0).normal(size=(2, 3, 6))
    history = History(PAPER, QConfig(n_actions=7), np.arange(2), w, np.full(3, -1))
    s, total = np.broadcast_to(midpoints(256), (2, 3, 256)), 0.0
    for k in range(HORIZON):
        a = quadratic.greedy_action(w[:, :, None], s, action_grid(7))
        total, s = total + PAPER.discount**k * PAPER.reward(s, a), a
    np.testing.assert_allclose(returns(history), total.mean(axis=-1), atol=1e-12)
