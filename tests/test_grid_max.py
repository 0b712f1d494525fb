"""The fast maximum over a grid of actions against evaluating them all."""

import numpy as np
import pytest
import torch

from sobolev_book.records.grid_max import _bounds, _compiled, best_action_index
from sobolev_mini.networks import MLPCritic
from sobolev_mini.qlearning import measure


def critic(hidden=(32, 24, 16), activation="leaky_relu", dtype=torch.float64, scale=1.0):
    made = MLPCritic(1, 1, seeds=(0, 1, 2), hidden=hidden, activation=activation, dtype=dtype)
    with torch.no_grad():
        for weight in made.parameters:
            weight *= scale
    return made


def states(n=300, dtype=torch.float64):
    return torch.rand(3, n, 1, generator=torch.Generator().manual_seed(5), dtype=dtype) * 2 - 1


def grid(n, dtype=torch.float64):
    return torch.linspace(-1, 1, n, dtype=dtype)[:, None]


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("activation", ["leaky_relu", "relu"])
@pytest.mark.parametrize("n_actions", [2, 3, 8, 9, 100, 101])
@pytest.mark.parametrize("hidden", [(32, 24, 16), (24, 16)], ids=len)
def test_the_kernel_finds_what_a_scan_finds(hidden, n_actions, activation, scale):
    """Scale 10 makes critics so rugged that nothing is discarded for being far below."""
    made, s, actions = critic(hidden, activation, scale=scale), states(), grid(n_actions)
    assert _compiled(made, s)
    with torch.no_grad():
        assert torch.equal(best_action_index(made, s, actions), measure.best_action_index(made, s, actions))


def test_a_peak_between_the_coarse_actions_is_found():
    """Three units of the first layer make a tooth at action .5, narrower than two cells of a grid."""
    made = critic(scale=0.0)
    with torch.no_grad():
        made.parameters[0][:, 1, :3] = 1
        made.parameters[1][:, 0, :3] = -torch.tensor([0.47, 0.5, 0.53], dtype=torch.float64)
        made.parameters[2][:, :3, 0] = torch.tensor([100.0, -200, 100], dtype=torch.float64)
        made.parameters[4][:, 0, 0] = made.parameters[6][:, 0, 0] = 1
    for n_actions in range(60, 140):
        found = best_action_index(made, states(1), grid(n_actions))[0, 0]
        assert (grid(n_actions)[found] - 0.5).abs() <= 1 / (n_actions - 1) + 1e-12


def test_in_single_precision_only_ties_differ():
    made, s, actions = (
        critic((128, 128, 128), dtype=torch.float32),
        states(2000, torch.float32),
        grid(100).float(),
    )
    with torch.no_grad():
        fast, slow = best_action_index(made, s, actions), measure.best_action_index(made, s, actions)
        assert (fast == slow).double().mean() > 0.995
        assert (made(s, actions[fast]) - made(s, actions[slow])).abs().max() < 1e-6


def test_the_first_of_equals_is_taken():
    assert not best_action_index(critic(scale=0.0), states(), grid(100)).any()


@pytest.mark.parametrize(
    ("hidden", "activation"), [((8,), "leaky_relu"), ((8, 8, 8), "tanh"), ((7, 7, 7), "relu")]
)
def test_other_critics_are_scanned(hidden, activation):
    made, s = critic(hidden, activation), states(23)
    assert not _compiled(made, s)
    with torch.no_grad():
        assert torch.equal(best_action_index(made, s, grid(9)), measure.best_action_index(made, s, grid(9)))


@pytest.mark.parametrize("leak", [0.0, 0.01, 0.5])
@pytest.mark.parametrize("rough", [0.01, 1.0])
def test_no_action_exceeds_its_bound_and_some_come_near(leak, rough):
    """Second layers that wander by ``rough`` from a line: any critic has one of these."""
    rng, coarse = np.random.default_rng(0), np.array([0, 4, 9, 12])
    near = []
    for _ in range(50):
        ends, (w3, b3, w4) = rng.normal(size=(2, 8)), (rng.normal(size=x) for x in ((8, 12), 12, 12))
        t = np.linspace(0, 1, 13)[:, None]
        h = (1 - t) * ends[0] + t * ends[1] + rough * rng.normal(size=(13, 8))
        z = h @ w3 + b3
        q = np.maximum(z, leak * z) @ w4
        bound = _bounds(h, coarse, w3.T.copy(), np.linalg.norm(w3, axis=0), w4, leak, z[coarse])
        assert np.isneginf(bound[coarse]).all()
        between = np.setdiff1d(np.arange(13), coarse)
        assert (bound[between] >= q[between] - 1e-12).all()
        near.append((bound - q)[between].min())
    assert min(near) < 3 * rough


def test_a_critic_with_scales_is_scanned():
    made = MLPCritic(1, 1, (0, 1, 2), hidden=(24, 16), dtype=torch.float64, scales=(0.1, 5.0))
    s, actions = states(50), grid(30)
    assert not _compiled(made, s)
    with torch.no_grad():
        assert torch.equal(best_action_index(made, s, actions), measure.best_action_index(made, s, actions))
