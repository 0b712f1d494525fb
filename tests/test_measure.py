"""What is measured of a critic: the exact one has no errors and earns the optimal return."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sobolev_mini.qlearning import QConfig, train_mlp
from sobolev_mini.qlearning.measure import NAMES, Measure
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


def test_against_the_clipped_shortcut_it_is_as_far_off_as_the_two_differ():
    found = Measure(PAPER, actions())(Exact(offset=0.0))
    for name, error in {"q": 0.1333, "q_a": 0.2819, "policy": 0.2181}.items():
        np.testing.assert_allclose(found[f"clipped/{name}"], error, rtol=5e-3)


def test_history_has_every_error_of_every_step_and_seed():
    config = QConfig(steps=4, seeds=(0, 1, 2), record=(0, 2, 4), hidden=(8, 8, 8), n_actions=5, batch_size=3)
    history = train_mlp(PAPER, config, keep=(0, 3))
    assert history.steps.tolist() == [0, 2, 4]
    for reference in ("optimal", "clipped"):
        assert set(history.errors(reference)) == set(NAMES)
        assert all(error.shape == (3, 3) for error in history.errors(reference).values())
    assert set(history.weights) == {0, 3} and history.weights[3][0].shape == (3, 2, 8)
    assert not torch.equal(history.weights[0][0], history.weights[3][0])
    with pytest.raises(ValueError, match=r"^reference: got 'true', wanted one of 'optimal', 'clipped'"):
        history.errors("true")
