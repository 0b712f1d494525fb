"""Small runs that the tests of control, DDPG and SAC share."""

import torch

from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, DDPGLearner
from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.sac import SACConfig, SACLearner
from sobolev_mini.targets import Step

SMALL = {"steps": 40, "start": 20, "batch_size": 16, "hidden": (8, 8), "seeds": (3, 5), "record": (0, 40)}


def learner(kind, env=None, collected=30, **settings):
    """Return a ``Learner`` of "ddpg" or "sac" with some uniform actions behind it."""
    env = env or envs.make("pendulum", dtype=torch.float64)
    make, config = (DDPGLearner, DDPGConfig) if kind == "ddpg" else (SACLearner, SACConfig)
    run = make(env, config(**(SMALL | settings)))
    for _ in range(collected):
        run.collect(run.uniform_actions())
    return run


class Scaled(DifferentiableEnv):
    """``env`` with its state written ``factor`` times as large, and declared so."""

    def __init__(self, env, factor):
        self.env, self.factor = env, factor
        self.n_s, self.n_a, self.dtype, self.device = env.n_s, env.n_a, env.dtype, env.device
        self.state_scale, self.action_scale = env.state_scale * factor, env.action_scale
        self.action_limit, self.time_limit = env.action_limit, env.time_limit

    def reset(self, n, generator):
        return self.factor * self.env.reset(n, generator)

    def step(self, s, a):
        step = self.env.step(s / self.factor, a)
        return Step(self.factor * step.s_next, step.r, step.terminated)


class Opaque(Scaled):
    """``env`` without derivatives: whoever asks for one fails."""

    def __init__(self, env):
        super().__init__(env, 1.0)

    def transition(self, s, a):
        raise AssertionError("the simulator was asked for a derivative")

    linearize = transition


def weights(run):
    """Return every trained number of ``run`` in one row."""
    return torch.cat([x.detach().flatten() for x in run.actor.parameters + run.critic.parameters])
