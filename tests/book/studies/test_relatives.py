"""SHAC and PODS: their targets and rollouts by definition, that they learn, bad settings."""

import numpy as np
import pytest
import torch

from sobolev_book.studies import shac
from sobolev_book.studies.on_policy import OnPolicyConfig
from sobolev_book.studies.pods import _imitate, roll, train_pods
from sobolev_book.studies.shac import _clipped, _returns, train_shac
from sobolev_mini import envs
from sobolev_mini.actors import DeterministicActor
from sobolev_mini.recording import evaluate

LQR = {"n_s": 3, "n_a": 2, "radius": 0.9, "dtype": torch.float64}


def test_shac_s_critic_learns_td_lambda_s_returns(monkeypatch):
    monkeypatch.setattr(shac, "TRACE", 0.7)
    g = torch.Generator().manual_seed(0)
    r, v = torch.randn(2, 4, 1, 1, generator=g, dtype=torch.float64)
    over = torch.tensor([False, True, False, True]).reshape(4, 1, 1)  # an episode ends at the second step
    got = torch.stack(_returns(list(r), list(over), list(v), 0.9)).flatten()
    r, v = r.flatten(), v.flatten()
    last, mid = r[3] + 0.9 * v[3], r[1] + 0.9 * v[1]
    wanted = [r[0] + 0.9 * (0.3 * v[0] + 0.7 * mid), mid, r[2] + 0.9 * (0.3 * v[2] + 0.7 * last), last]
    torch.testing.assert_close(got, torch.stack(wanted))


def test_shac_clips_each_seed_s_gradient_and_drops_one_that_is_not_finite():
    g = [torch.ones(3, 2, 2), torch.ones(3, 1, 5)]
    g[0][1] *= 1e-3
    g[1][1] *= 1e-3
    g[0][2, 0, 0] = torch.nan
    got = _clipped(g, 1.0)
    sizes = [sum(x[i].square().sum() for x in got).sqrt().item() for i in range(3)]
    np.testing.assert_allclose(sizes, [1.0, 3e-3, 0.0], rtol=1e-6)


@pytest.mark.parametrize(("train", "taken"), [(train_shac, 1500), (train_pods, 8000)])
def test_they_learn_a_linear_regulator_and_repeat(train, taken):
    settings = OnPolicyConfig(steps=taken, seeds=(0, 1), record=(0, taken))
    steps, returns = train(envs.make("lqr", **LQR), settings)
    assert list(steps) == [0, taken]
    assert (returns[1] > 0.7 * returns[0]).all()  # negative: costs fall by three tenths or more
    np.testing.assert_array_equal(train(envs.make("lqr", **LQR), settings)[1], returns)


@pytest.mark.parametrize("train", [train_shac, train_pods])
def test_they_survive_termination_and_count_every_step(train):
    taken = []
    steps, returns = train(
        envs.make("cartpole_swingup"), OnPolicyConfig(steps=900, seeds=(0, 1), hidden=(8,)), taken.append
    )
    assert sum(taken) >= 900 > sum(taken) - max(taken)
    assert len(steps) == 21
    assert np.isfinite(returns).all()


def test_pods_rolls_out_as_evaluation_does():
    env = envs.make("cartpole_swingup", dtype=torch.float64)
    actor = DeterministicActor(env, (0, 1), (8,))
    actor.parameters[-1].data[1] = 8.0  # one drives off the track
    s = env.reset(10, torch.Generator().manual_seed(20_000_003)).expand(2, -1, -1)
    with torch.no_grad():
        total, actions, states = roll(env, s, actor, env.time_limit)
        again, _, seen = roll(env, s, actions, env.time_limit)
    torch.testing.assert_close(total.mean(dim=1), evaluate(env, actor, 10))
    assert torch.equal(total, again)
    assert torch.equal(states, seen)
    assert states.shape == (251, 2, 10, 5)


def test_pods_imitates_what_it_found():
    env = envs.make("lqr", **LQR)
    actor, g = DeterministicActor(env, (0, 1), (32,)), torch.Generator().manual_seed(0)
    states = torch.randn(5, 2, 4, 3, generator=g, dtype=torch.float64)
    actions = states[..., :2] * torch.tensor([1.0, -2.0])
    adam = torch.optim.Adam(actor.parameters, lr=1e-2)
    _imitate(actor, adam, states, actions, env.action_scale, 400)
    gap = torch.stack([actor(states[k]) for k in range(5)]) - actions
    assert (gap**2).mean() < 0.02 * (actions**2).mean()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OnPolicyConfig(steps=0), "^steps: got 0"),
        (lambda: OnPolicyConfig(discount=1.0), "^discount: got 1"),
        (lambda: OnPolicyConfig(activation="step"), "^activation: got 'step'"),
    ],
)
def test_bad_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
