"""Their SAC with our slopes: theirs to the bit without them, the right gradient with them."""

from dataclasses import dataclass

import gymnasium
import numpy as np
import pytest
import torch
from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecNormalize

from sobolev_mini.envs.robots.gym import GymEnv
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant, HugeSavine
from sobolev_mini.stable_baselines import SobolevSAC

SMALL = {"seed": 0, "device": "cpu", "learning_starts": 20, "batch_size": 16,
         "policy_kwargs": {"net_arch": [16]}}  # fmt: skip


@dataclass(frozen=True)
class Nothing:
    """A rule that is on and weighs nothing."""

    off = False

    def start(self, env, shape):
        return {}

    def weights(self, memory, critic_step):
        return 0.0, 0.0, None


def learned(kind, name="pendulum", steps=40, **kwargs):
    return kind("MlpPolicy", GymEnv(name), **SMALL, **kwargs).learn(steps)


def weights(model):
    return torch.cat([x.detach().flatten() for x in model.policy.parameters()])


@pytest.mark.parametrize("weighting", [VALUE_ONLY, Nothing()])
@pytest.mark.parametrize("name", ["pendulum", "cartpole_swingup"])
def test_without_slopes_it_is_theirs_bit_for_bit(weighting, name):
    assert torch.equal(weights(learned(SAC, name)), weights(learned(SobolevSAC, name, weighting=weighting)))


@pytest.mark.parametrize("weighting", [Constant(), HugeSavine(bound=3.0), Balanced()])
@pytest.mark.parametrize("name", ["pendulum", "lqr"])  # an angle as cosine and sine; free actions
def test_with_slopes_it_learns_something_else_and_stays_finite(weighting, name):
    model = learned(SobolevSAC, name, weighting=weighting, slope_batch=4)
    assert weights(model).isfinite().all() and not torch.equal(weights(model), weights(learned(SAC, name)))


@pytest.mark.parametrize("name", ["pendulum", "push"])
def test_the_gradient_that_it_adds_is_that_of_half_the_misfit(name):
    weighting = Constant(0.7, 0.3, bare=True)
    model = learned(SobolevSAC, name, steps=20, weighting=weighting, slope_batch=8)
    model.set_logger(Logger(None, []))
    model._batch = model.replay_buffer.sample(16)
    parameters = [*model.critic.parameters()]

    def half_misfit():
        torch.manual_seed(1)
        for x in parameters:
            x.grad = torch.zeros_like(x)
        model._add_slopes()
        told = model.logger.name_to_value
        return 0.5 * 2 * (0.7 * told["train/slope_s"] + 0.3 * told["train/slope_a"])  # of two critics

    half_misfit()
    gradient = [x.grad.clone() for x in parameters]
    square = sum((g**2).sum() for g in gradient).item()
    ends = []
    for sign in (1, -1):
        with torch.no_grad():
            for x, g in zip(parameters, gradient, strict=True):
                x += sign * 1e-2 / square**0.5 * g
        ends.append(half_misfit())
        with torch.no_grad():
            for x, g in zip(parameters, gradient, strict=True):
                x -= sign * 1e-2 / square**0.5 * g
    assert (ends[0] - ends[1]) / 2e-2 == pytest.approx(square**0.5, rel=2e-2)


def test_a_file_keeps_it_and_what_its_rule_remembers(tmp_path):
    model = learned(SobolevSAC, weighting=Balanced(every=5))
    model.save(tmp_path / "model")
    again = SobolevSAC.load(tmp_path / "model", env=GymEnv("pendulum"))
    assert again.weighting == Balanced(every=5) and again._memory["done"] == model._memory["done"] > 0
    seen = np.ones(3, np.float32)
    np.testing.assert_array_equal(*(x.predict(seen, deterministic=True)[0] for x in (model, again)))
    again.learn(30)
    assert again._memory["done"] > model._memory["done"]


def test_vectors_and_callbacks_are_theirs():
    class Count(BaseCallback):
        def _on_step(self):
            return self.n_calls < 25

    model = SobolevSAC("MlpPolicy", make_vec_env("sobolev_mini/pendulum-v0", 2), **SMALL)
    model.learn(1000, callback=Count())
    assert model.num_timesteps == 50 and weights(model).isfinite().all()


def test_what_has_no_slopes_to_give_is_refused():
    with pytest.raises(ValueError, match=r"^env: got PendulumEnv, wanted a GymEnv of sobolev_mini"):
        SobolevSAC("MlpPolicy", gymnasium.make("Pendulum-v1"), **SMALL).learn(30)
    with pytest.raises(ValueError, match=r"^env: got a normalised one"):
        SobolevSAC("MlpPolicy", VecNormalize(make_vec_env("sobolev_mini/pendulum-v0", 1)), **SMALL).learn(30)
    with pytest.raises(ValueError, match=r"^n_steps: got 3, wanted 1"):
        SobolevSAC("MlpPolicy", GymEnv("pendulum"), n_steps=3, **SMALL).learn(30)
    with pytest.raises(ValueError, match=r"^weighting: got .*Balanced.*, wanted a rule"):
        SobolevSAC("MlpPolicy", GymEnv("pendulum"), weighting=Balanced, **SMALL)
    with pytest.raises(ValueError, match=r"^slope_batch: got 0, wanted a whole number >= 1"):
        SobolevSAC("MlpPolicy", GymEnv("pendulum"), slope_batch=0, **SMALL)
