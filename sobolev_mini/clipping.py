"""Derivatives kept within bounds: what a simulator near a contact may hand out must not own a batch."""

import torch

from sobolev_mini import validate
from sobolev_mini.envs.protocol import Linearization


def jacobian_size(linearization, env):
    """Return the size (..., B) of f_s and f_a together: the Frobenius norm in units of the scales of ``env``.

    So many typical states does a typical change of state or action make.
    """
    out = env.state_scale[:, None]
    parts = [linearization.f_s * env.state_scale / out, linearization.f_a * env.action_scale / out]
    return torch.cat([x.flatten(-2) for x in parts], dim=-1).norm(dim=-1)


def clip_jacobians(linearization, env, bound):
    """Return the ``Linearization`` with Jacobians no larger than ``bound``, and which were (..., B) bool.

    A pair (f_s, f_a) of larger ``jacobian_size`` is shortened to ``bound``; the reward's gradients stay.
    What is not finite stays too, for a mask to drop.
    """
    bound = validate.real("bound", bound, above=0)
    size = jacobian_size(linearization, env)
    over = size.isfinite() & (size > bound)
    factor = torch.where(over, bound / size, 1.0)[..., None, None]
    found = linearization
    return Linearization(found.f_s * factor, found.f_a * factor, found.r_s, found.r_a), over


def clip_slopes(y_s, y_a, env, bound):
    """Return a target's slopes no longer than ``bound``, y_s in minimal coordinates, and which were (..., B).

    Their length is taken in units of the environment's scales: the change of y along a typical step.
    """
    bound = validate.real("bound", bound, above=0)
    scaled = torch.cat([y_s * env.tangent_scale, y_a * env.action_scale], dim=-1)
    size = scaled.norm(dim=-1)
    over = size.isfinite() & (size > bound)
    factor = torch.where(over, bound / size, 1.0)[..., None]
    return y_s * factor, y_a * factor, over


def usable(y_s, y_a):
    """Return whose slopes can be trained on (..., B) bool: finite, and of a size whose square is a number."""
    most = torch.finfo(y_s.dtype).max ** 0.25
    return (y_s.abs() < most).all(dim=-1) & (y_a.abs() < most).all(dim=-1)
