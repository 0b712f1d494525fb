"""Stable-Baselines3's SAC on an environment of ours: our settings, resumed and judged as our own runs."""

import random
import time
from pathlib import Path

import cloudpickle
import numpy as np
import torch

from sobolev_book.records.atomic import written
from sobolev_book.records.checkpoint import TimeUp
from sobolev_mini.recording import ControlHistory, evaluate


class Policy:
    """The greedy policy of one of their models, with an actor's interface."""

    seeds = (0,)

    def __init__(self, model, scale=1.0):
        self.model, self.scale = model, scale

    def __call__(self, s):
        """Return actions (..., B, n_a) in states s (..., B, n_s)."""
        seen = (s / self.scale).flatten(0, -2).cpu().numpy()
        a = self.model.predict(seen, deterministic=True)[0]
        return torch.as_tensor(a, dtype=s.dtype, device=s.device).view(*s.shape[:-1], -1)


def train(env, config, checkpoint=None, progress=None, held_out=None, until=None, real=None):
    """Return the ``ControlHistory`` of their SAC under a ``SACConfig`` of one seed; slopes play no part.

    Parameters
    ----------
    env : DifferentiableEnv; states are divided by its scales, as our networks do inside
    config : SACConfig; a setting that theirs lacks is left out
    checkpoint : path, optional; written at each recorded step, and a run found there goes on
    progress : callable, optional; called with the steps since the last call
    held_out : (N, n_s) states whose values are recorded, as by ``runs.values_of``
    until : time (``time.time()``) after which the next recorded step is the last: ``TimeUp`` follows it
    real : Gymnasium environment that it learns in, as it is, instead of ``env``; no checkpoint then
    """
    path = checkpoint and Path(checkpoint)
    if path and path.exists():
        model, rows = _taken_up(path, env)
    else:
        model, rows = _made(_scaled(env) if real is None else real, config), {}
    policy, told = Policy(model, env.state_scale if real is None else 1.0), 0
    for step in config.recorded:
        if step in rows:
            continue
        if step > model.num_timesteps:
            model.learn(step - model.num_timesteps, reset_num_timesteps=model.num_timesteps == 0)
        if progress:
            progress(step - told)
            told = step
        rows[step] = {"return": evaluate(env, policy, config.episodes).double().numpy()}
        if held_out is not None:
            rows[step] |= _values(model, policy, held_out)
        if path:
            written(path, lambda part: _put_down(part, model, rows))
        if until is not None and time.time() >= until and step < max(config.recorded):
            raise TimeUp(f"step {step} of {config.steps}")
    steps = sorted(rows)
    rows = {name: np.stack([rows[step][name] for step in steps]) for name in rows[steps[0]]}
    return ControlHistory(env, config, np.array(steps), rows, np.array([-1]), policy, None)


def _scaled(env):
    """Return ``env`` for Gymnasium, its states divided by their scales."""
    from gymnasium.wrappers import TransformObservation

    from sobolev_mini.envs.robots.gym import GymEnv

    scale, limited = env.state_scale.cpu().numpy(), GymEnv(env)
    return TransformObservation(limited, lambda s: s / scale, limited.observation_space)


def _made(real, config):
    """Return their SAC in a Gymnasium environment."""
    from stable_baselines3 import SAC
    from stable_baselines3.common.logger import Logger

    activations = {"silu": torch.nn.SiLU, "relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}
    model = SAC(
        "MlpPolicy",
        real,
        seed=config.seeds[0],
        device="cpu",
        learning_rate=config.critic_lr,
        batch_size=config.batch_size,
        gamma=config.discount,
        tau=config.tau,
        learning_starts=config.start,
        buffer_size=config.steps if config.capacity is None else config.capacity,
        policy_kwargs={"net_arch": list(config.hidden), "activation_fn": activations[config.activation]},
    )
    model.set_logger(Logger(None, []))  # theirs would leave a folder behind
    return model


@torch.no_grad()
def _values(model, policy, s):
    """Return name -> (1,): the mean value of greedy actions over states s, its spread, and some each."""
    seen = (s / policy.scale).float()
    q = torch.stack(model.critic(seen, model.actor(seen, deterministic=True))).mean(dim=0)[:, 0]
    measured = {"q": q.mean(), "q_sd": q.std()} | {f"q{i:02}": q[i] for i in range(20)}
    return {name: np.array([x.item()]) for name, x in measured.items()}


def _put_down(part, model, rows):
    """Write all that the rest of the run depends on; the physics is made again."""
    inner = model.env.envs[0].unwrapped
    env, inner.env = inner.env, None
    state = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002  (theirs to use)
    try:
        with open(part, "wb") as file:
            cloudpickle.dump((model, rows, state), file)
    finally:
        inner.env = env


def _taken_up(path, env):
    with open(path, "rb") as file:
        model, rows, state = cloudpickle.load(file)
    model.env.envs[0].unwrapped.env = env
    random.setstate(state[0])
    np.random.set_state(state[1])  # noqa: NPY002
    torch.set_rng_state(state[2])
    return model, rows
