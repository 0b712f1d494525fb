"""Simulators that hand out derivatives: one protocol, several tasks, one check of their gradients."""

from sobolev_mini import validate
from sobolev_mini.envs.protocol import DifferentiableEnv, Linearization, Step, Transition
from sobolev_mini.envs.toy1d import Toy1D

_ENVS = {"toy1d": Toy1D}


def make(name, **kwargs):
    """Return the environment called ``name``; ``kwargs`` go to its constructor.

    Raises ``ValueError`` for an unknown name and lists the known ones.
    """
    return _ENVS[validate.one_of("name", name, tuple(_ENVS))](**kwargs)


__all__ = ["DifferentiableEnv", "Linearization", "Step", "Toy1D", "Transition", "make"]
