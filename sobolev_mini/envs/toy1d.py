"""The 1D problem as a batched environment: s' = a, or tanh(carry * s + a); r = slope * a - (a - s)^2."""

import torch

from sobolev_mini import validate
from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.targets import Linearization, Step, Transition
from sobolev_mini.toy import ToyProblem


class Toy1D(DifferentiableEnv):
    """``ToyProblem`` in PyTorch, with derivatives written by hand (n_s = n_a = 1).

    Parameters
    ----------
    slope, discount : as in ``ToyProblem``, kept in ``problem``
    carry : None for s' = a (the paper's), in [-2, 2] for s' = tanh(carry * s + a); else ``ValueError``
    dtype, device : of states and actions
    """

    n_s = n_a = 1
    time_limit = 50

    def __init__(self, slope=0.2, discount=0.9, carry=None, dtype=torch.float32, device="cpu"):
        super().__init__(dtype, device)
        self.problem = ToyProblem(slope, discount)
        self.carry = None if carry is None else validate.real("carry", carry, low=-2, high=2)
        self.action_limit = self.action_scale

    def reset(self, n, generator):
        """Return n states uniform on [-1, 1], (n, 1)."""
        return 2 * torch.rand(n, 1, generator=generator, dtype=self.dtype).to(self.device) - 1

    def step(self, s, a):
        """Return the ``Step``; it never terminates. Any real s and a are taken."""
        self.check(s, a)
        r = self.problem.reward(s, a)[..., 0]
        s_next = self.problem.dynamics(s, a) if self.carry is None else torch.tanh(self.carry * s + a)
        return Step(s_next, r, torch.zeros_like(r, dtype=torch.bool))

    def transition(self, s, a):
        """Return the ``Transition``: pullback(v) = (r_s + f_s v, r_a + f_a v)."""
        step = self.step(s, a)
        r_s, r_a = self.problem.reward_gradients(s, a)
        f_s, f_a = self._jacobians(step.s_next)
        pulled_back = lambda v: (r_s + f_s * v, r_a + f_a * v)  # noqa: E731
        return Transition(step.s_next, step.r, step.terminated, s, a, pulled_back)

    def linearize(self, s, a):
        """Return the ``Linearization``: the Jacobians f_s, f_a and the reward's gradients."""
        f_s, f_a = self._jacobians(self.step(s, a).s_next)
        return Linearization(f_s[..., None], f_a[..., None], *self.problem.reward_gradients(s, a))

    def _jacobians(self, s_next):
        """Return f_s and f_a, (..., B, 1), from s': 0 and 1, or carry (1 - s'^2) and 1 - s'^2."""
        if self.carry is None:
            return torch.zeros_like(s_next), torch.ones_like(s_next)
        f_a = 1 - s_next**2
        return self.carry * f_a, f_a
