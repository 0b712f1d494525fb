"""A system of one's own, as the page "Use it" says one may write it: Jacobians from elsewhere, and noise."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.envs.gate import gate
from tests.test_use_it import rod, trained

__all__ = ["rod"]  # a fixture


class Elsewhere(torch.autograd.Function):
    """A step in NumPy with a Jacobian of its own, in the state ``times`` as large."""

    times = 1.0

    @staticmethod
    def forward(ctx, s, a):
        ctx.save_for_backward(s)
        return torch.as_tensor(s.numpy() - 0.1 * s.numpy() ** 3 + a.numpy(), dtype=s.dtype)

    @staticmethod
    def backward(ctx, v):
        (s,) = ctx.saved_tensors
        return Elsewhere.times * v * (1 - 0.3 * s**2), v


class Wrapped(envs.DifferentiableEnv):
    n_s = n_a = 2

    def step(self, s, a):
        r = -(s**2).sum(dim=-1) - (a**2).sum(dim=-1)
        return envs.Step(Elsewhere.apply(s, a), r, torch.zeros_like(r, dtype=torch.bool))


def test_a_simulator_with_jacobians_of_its_own_is_wrapped_in_a_function(monkeypatch):
    gate(Wrapped(dtype=torch.float64))
    assert np.isfinite(trained(Wrapped).returns).all()
    monkeypatch.setattr(Elsewhere, "times", 1.1)
    with pytest.raises(ValueError, match=r"^env: derivatives disagree .* in f_s "):
        gate(Wrapped(dtype=torch.float64))


def test_noise_in_a_step_is_refused_by_the_gate_and_learned_with(rod):
    class Noisy(rod):
        def step(self, s, a):
            step = super().step(s, a)
            return replace(step, s_next=step.s_next + torch.randn_like(step.s_next))

    with pytest.raises(ValueError, match=r"^env: the same step gave states .* apart, .*: it has noise, or"):
        gate(Noisy(dtype=torch.float64))
    run = trained(Noisy)
    assert np.isfinite(run.returns).all() and (run.rows["dropped_slopes"] == 0).all()
