"""Simulators that hand out derivatives: one protocol, several tasks, one check of their gradients."""

from sobolev_mini import validate
from sobolev_mini.envs.lqr import LQR, LQRSolution
from sobolev_mini.envs.pendulum import Acrobot, CartPoleSwingUp, Pendulum
from sobolev_mini.envs.protocol import DifferentiableEnv, Linearization, Step, Transition
from sobolev_mini.envs.push import Push
from sobolev_mini.envs.toy1d import Toy1D

_ENVS = {
    "toy1d": Toy1D,
    "lqr": LQR,
    "pendulum": Pendulum,
    "cartpole_swingup": CartPoleSwingUp,
    "acrobot": Acrobot,
    "push": Push,
}
NAMES = tuple(_ENVS)


def make(name, **kwargs):
    """Return the environment called ``name``; ``kwargs`` go to its constructor.

    Raises ``ValueError`` for an unknown name and lists the known ones.
    """
    return _ENVS[validate.one_of("name", name, NAMES)](**kwargs)


def time_limit(name):
    """Return the steps of an episode of ``name``: after them it is truncated, not terminated."""
    return _ENVS[validate.one_of("name", name, NAMES)].time_limit


__all__ = [
    "LQR",
    "NAMES",
    "Acrobot",
    "CartPoleSwingUp",
    "DifferentiableEnv",
    "LQRSolution",
    "Linearization",
    "Pendulum",
    "Push",
    "Step",
    "Toy1D",
    "Transition",
    "make",
    "time_limit",
]
