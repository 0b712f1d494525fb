"""Simulators that hand out derivatives: a protocol, several tasks, a check of their gradients."""

from functools import partial

from sobolev_mini import validate
from sobolev_mini.envs.lqr import LQR, LQRSolution
from sobolev_mini.envs.pendulum import Acrobot, CartPoleSwingUp, Pendulum
from sobolev_mini.envs.protocol import DifferentiableEnv, Tolerance
from sobolev_mini.envs.push import Push
from sobolev_mini.envs.robots.mujoco import ROBOTS, MuJoCo, Robot
from sobolev_mini.envs.toy1d import Toy1D
from sobolev_mini.targets import Linearization, Step, Transition

_ENVS = {"toy1d": Toy1D, "lqr": LQR, "pendulum": Pendulum, "cartpole_swingup": CartPoleSwingUp,
         "acrobot": Acrobot, "push": Push}  # fmt: skip
_ENVS |= {f"mujoco_{robot}": partial(MuJoCo, robot) for robot in ROBOTS}
NAMES = tuple(_ENVS)


def make(name, **kwargs):
    """Return the environment called ``name``; ``kwargs`` go to its constructor.

    Raises ``ValueError`` for an unknown name and lists the known ones.
    """
    return _ENVS[validate.one_of("name", name, tuple(_ENVS))](**kwargs)


def register(name, made):
    """Let ``make`` know the class ``made`` as ``name``; ``ValueError`` for a taken name or no environment."""
    if not isinstance(name, str) or not callable(made) or not hasattr(made, "time_limit"):
        raise ValueError(f"made: got {name!r}, {made!r}, wanted a name and a DifferentiableEnv class")
    if _ENVS.setdefault(name, made) is not made:
        raise ValueError(f"name: got {name!r}, wanted one that is not taken yet")


def time_limit(name):
    """Return the steps after which an episode of ``name`` is truncated; else ``ValueError``, as ``make``."""
    made = _ENVS[validate.one_of("name", name, tuple(_ENVS))]
    return getattr(made, "func", made).time_limit


__all__ = ["LQR", "NAMES", "Acrobot", "CartPoleSwingUp", "DifferentiableEnv", "LQRSolution", "Linearization",
           "MuJoCo", "Pendulum", "Push", "Robot", "Step", "Tolerance", "Toy1D", "Transition", "make",
           "register", "time_limit"]  # fmt: skip
