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

from sobolev_mini import envs
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


class Looks(Nothing):
    """Keeps what a rule is shown."""

    seen: list = []  # noqa: RUF012  (the test's own)

    def weights(self, memory, critic_step):
        self.seen.append(critic_step)
        return super().weights(memory, critic_step)


@pytest.mark.parametrize("name", ["pendulum", "lqr", "push"])
def test_values_and_slopes_are_those_of_their_formulas_in_the_environments_units(name):
    model = learned(SobolevSAC, name, steps=20, weighting=Looks(), slope_batch=8)
    model.set_logger(Logger(None, []))
    env, batch = model.env.get_attr("env")[0].unwrapped.env, model.replay_buffer.sample(16)
    model._batch, unit = batch, torch.as_tensor(model.action_space.high)
    torch.manual_seed(1)
    model._add_slopes()
    step = Looks.seen.pop()
    s, a = batch.observations[:8], batch.actions[:8] * unit
    alpha = model.log_ent_coef.detach().exp()

    def target(s, a):
        torch.manual_seed(1)
        with torch.no_grad():
            after = env.step(s[None], a[None])
            b, log_prob = model.actor.action_log_prob(after.s_next[0])
            q = torch.cat(model.critic_target(after.s_next[0], b), dim=1).min(dim=1).values
            return after.r[0] + 0.99 * ~after.terminated[0] * (q - alpha * log_prob)

    def critics(s, a):
        with torch.no_grad():
            return torch.cat(model.critic(s, a / unit), dim=1).T[:, None]

    def quotient(f, x, i, h=2e-3):
        shift = torch.zeros_like(x)
        shift[:, i] = h
        return (f(x + shift) - f(x - shift)) / (2 * h)

    torch.testing.assert_close(step.target.y[0], target(s, a), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(step.q, critics(s, a), rtol=1e-5, atol=1e-5)
    close = {"rtol": 0.03, "atol": 0.03}
    for i in range(env.n_a):
        torch.testing.assert_close(step.target.y_a[0, :, i], quotient(lambda a: target(s, a), a, i), **close)
        torch.testing.assert_close(step.q_a[..., i], quotient(lambda a: critics(s, a), a, i), **close)
    if env.turn is None:
        torch.testing.assert_close(step.target.y_s[0, :, 0], quotient(lambda s: target(s, a), s, 0), **close)


def test_double_precision_serves_and_the_buffer_is_left_as_it_was():
    env = GymEnv(envs.make("lqr", dtype=torch.float64))
    model = SobolevSAC("MlpPolicy", env, **SMALL).learn(40)
    assert weights(model).isfinite().all() and "sample" not in vars(model.replay_buffer)
    SobolevSAC("MlpPolicy", env, weighting=Looks(), **SMALL).learn(40)
    assert Looks.seen[-1].q.dtype == Looks.seen[-1].target.y.dtype == torch.float64


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
    with pytest.raises(ValueError, match=r"^env: got one behind VecNormalize"):
        SobolevSAC("MlpPolicy", VecNormalize(make_vec_env("sobolev_mini/pendulum-v0", 1)), **SMALL).learn(30)
    scaled = gymnasium.wrappers.RescaleAction(GymEnv("pendulum"), -1, 1)
    with pytest.raises(ValueError, match=r"^env: got one behind \['ActionWrapper'\], wanted it as it is"):
        SobolevSAC("MlpPolicy", scaled, **SMALL).learn(30)
    seen = gymnasium.wrappers.NormalizeObservation(GymEnv("pendulum"))
    with pytest.raises(ValueError, match=r"^env: got one behind \['ObservationWrapper'\]"):
        SobolevSAC("MlpPolicy", seen, **SMALL).learn(30)
    with pytest.raises(ValueError, match=r"^n_steps: got 3, wanted 1"):
        SobolevSAC("MlpPolicy", GymEnv("pendulum"), n_steps=3, **SMALL).learn(30)
    with pytest.raises(ValueError, match=r"^weighting: got .*Balanced.*, wanted a rule"):
        SobolevSAC("MlpPolicy", GymEnv("pendulum"), weighting=Balanced, **SMALL)
    with pytest.raises(ValueError, match=r"^slope_batch: got 0, wanted a whole number >= 1"):
        SobolevSAC("MlpPolicy", GymEnv("pendulum"), slope_batch=0, **SMALL)
    with pytest.raises(
        ValueError, match=rf"^slope_batch: got 999, wanted at most the batch, {SMALL['batch_size']}"
    ):
        SobolevSAC("MlpPolicy", GymEnv("pendulum"), slope_batch=999, **SMALL)
