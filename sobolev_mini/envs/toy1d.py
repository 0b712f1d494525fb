"""The paper's 1D problem as a batched environment: s' = a, r = slope * a - (a - s)^2."""

import torch

from sobolev_mini.envs.protocol import DifferentiableEnv, Linearization, Step, Transition
from sobolev_mini.toy import ToyProblem


class Toy1D(DifferentiableEnv):
    """``ToyProblem`` in PyTorch, with derivatives written by hand (n_s = n_a = 1).

    Parameters
    ----------
    slope, discount : as in ``ToyProblem``, kept in ``problem``
    dtype, device : of states and actions
    """

    n_s = n_a = 1

    def __init__(self, slope=0.2, discount=0.9, dtype=torch.float32, device="cpu"):
        self.problem = ToyProblem(slope, discount)
        self.dtype, self.device = dtype, torch.device(device)
        self.state_scale = self.action_scale = torch.ones(1, dtype=dtype, device=device)

    def reset(self, n, generator):
        """Return n states uniform on [-1, 1], (n, 1)."""
        return 2 * torch.rand(n, 1, generator=generator, dtype=self.dtype, device=self.device) - 1

    def step(self, s, a):
        """Return the ``Step``; it never terminates. Any real s and a are taken."""
        self.check(s, a)
        r = self.problem.reward(s, a)[..., 0]
        return Step(self.problem.dynamics(s, a), r, torch.zeros_like(r, dtype=torch.bool))

    def transition(self, s, a):
        """Return the ``Transition``: f_s = 0 and f_a = 1, so pullback(v) = (r_s, r_a + v)."""
        step = self.step(s, a)
        r_s, r_a = self.problem.reward_gradients(s, a)
        return Transition(step.s_next, step.r, step.terminated, s, a, lambda v: (r_s, r_a + v))

    def linearize(self, s, a):
        """Return the ``Linearization``: f_s = 0, f_a = 1, and the reward's gradients."""
        self.check(s, a)
        one = torch.ones_like(s)[..., None]
        return Linearization(0 * one, one, *self.problem.reward_gradients(s, a))
