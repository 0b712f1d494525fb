"""A trained seed's policy: what it answers, what a file keeps of it, and callers of other libraries."""

import re
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.envs.robots.gym import GymEnv
from sobolev_mini.policy import Policy
from sobolev_mini.sac import SACConfig, train_sac

SMALL = {
    "steps": 12,
    "start": 4,
    "hidden": (8,),
    "batch_size": 4,
    "seeds": (3, 5),
    "record": (12,),
    "episodes": 1,
}


@pytest.fixture(params=[(train_ddpg, DDPGConfig, "pendulum"), (train_sac, SACConfig, "pendulum"),
                        (train_sac, SACConfig, "lqr")], ids=["ddpg", "sac", "free actions"])  # fmt: skip
def history(request):
    train, config, name = request.param
    return train(envs.make(name), config(**SMALL))


def test_it_acts_as_its_seed_does(history):
    s = torch.randn(7, history.env.n_s)
    with torch.no_grad():
        actions = history.actor(s[None])
    for i, seed in enumerate((3, 5)):
        a, state = history.policy(seed).predict(s.numpy())
        assert state is None and a.dtype == np.float32
        np.testing.assert_allclose(a, actions[i].numpy(), rtol=1e-6, atol=1e-7)
        one, _ = history.policy(seed).predict(s[0].tolist())
        np.testing.assert_allclose(one, a[0], rtol=1e-6, atol=1e-7)


def test_a_file_keeps_it_and_the_default_loader_reads_it(history, tmp_path):
    policy, s = history.policy(5), np.ones(history.env.n_s)
    policy.save(tmp_path / "policy.pt")
    assert torch.load(tmp_path / "policy.pt")["kind"] == type(history.actor).__name__
    np.testing.assert_array_equal(Policy.load(tmp_path / "policy.pt").predict(s)[0], policy.predict(s)[0])


def test_further_training_leaves_it_alone(history):
    policy, s = history.policy(3), np.ones(history.env.n_s)
    before = policy.predict(s)[0]
    with torch.no_grad():
        for x in history.actor.parameters:
            x += 1
    np.testing.assert_array_equal(policy.predict(s)[0], before)


def test_samples_are_those_of_sac_and_repeat_with_torchs_seed():
    history = train_sac(envs.make("pendulum"), SACConfig(**SMALL))
    s = np.random.default_rng(0).normal(size=(4, 3))
    torch.manual_seed(0)
    drawn = history.policy(3).predict(s, deterministic=False)[0]
    torch.manual_seed(0)
    noise, batch = torch.randn(1, 4, 1), torch.as_tensor(s, dtype=torch.float32)[None].expand(2, -1, -1)
    with torch.no_grad():
        wanted = history.actor.sample(batch, noise.expand(2, -1, -1))[0][0]
    np.testing.assert_allclose(drawn, wanted, rtol=1e-5, atol=1e-6)
    assert np.abs(drawn - history.policy(3).predict(s)[0]).max() > 0.1


def test_a_policy_without_noise_samples_its_own_action():
    policy, s = train_ddpg(envs.make("pendulum"), DDPGConfig(**SMALL)).policy(3), np.ones(3)
    np.testing.assert_array_equal(policy.predict(s, deterministic=False)[0], policy.predict(s)[0])


def test_activation_and_precision_are_the_actors_own(tmp_path):
    config = SACConfig(**SMALL, activation="tanh")
    history = train_sac(envs.make("pendulum", dtype=torch.float64), config)
    s = torch.ones(1, 3, dtype=torch.float64)
    history.policy(5).save(tmp_path / "policy.pt")
    a, _ = Policy.load(tmp_path / "policy.pt").predict(s[0].numpy())
    with torch.no_grad():
        wanted = history.actor(s[None].expand(2, -1, -1))[1, 0]
    assert a.dtype == np.float32
    np.testing.assert_array_equal(a, wanted.float().numpy())


def test_what_it_cannot_answer_is_refused(history, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"^seed: got 4, wanted one of 3, 5"):
        history.policy(4)
    with pytest.raises(ValueError, match=r"^observation: got shape"):
        history.policy(3).predict(np.ones(history.env.n_s + 1))
    for made in ({"other": 1}, [1, 2], {"kind": "GaussianActor"}):
        torch.save(made, tmp_path / "other.pt")
        with pytest.raises(ValueError, match=r"^path: got .*other.pt, wanted a file that Policy.save wrote"):
            Policy.load(tmp_path / "other.pt")
    (tmp_path / "other.pt").write_text("no policy", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^path: got .*other.pt, wanted a file that Policy.save wrote"):
        Policy.load(tmp_path / "other.pt")
    with pytest.raises(FileNotFoundError):
        Policy.load(tmp_path / "missing.pt")
    monkeypatch.setattr(torch, "load", Mock(side_effect=PermissionError))
    with pytest.raises(PermissionError):
        Policy.load(tmp_path / "other.pt")


def test_stable_baselines_judges_it():
    evaluation = pytest.importorskip("stable_baselines3.common.evaluation")
    from stable_baselines3.common.monitor import Monitor

    history = train_sac(envs.make("pendulum"), SACConfig(**SMALL))
    policy, env = history.policy(3), Monitor(GymEnv("pendulum"))
    rewards, lengths = evaluation.evaluate_policy(policy, env, n_eval_episodes=2, return_episode_rewards=True)
    assert lengths == [200, 200] and all(-2000 < r < 0 for r in rewards)


def test_the_readme_s_lines_run(tmp_path, monkeypatch):
    text = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
    lines, found = re.search(r"(?s)```python\n(.*?)```", text)[1], {}
    assert "steps=2000" in lines
    monkeypatch.chdir(tmp_path)
    exec(lines.replace("steps=2000", "steps=20, start=5"), found)
    np.testing.assert_array_equal(Policy.load("policy.pt").predict([1.0, 0.0, 0.5])[0], found["action"])
