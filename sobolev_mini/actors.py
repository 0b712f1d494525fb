"""Actors, all seeds in one set of weights: a deterministic one and SAC's squashed Gaussian."""

import math

import torch

from sobolev_mini import validate
from sobolev_mini.networks import ACTIVATIONS, drawn_layers, forward

LOG_STD = (-5.0, 2.0)  # bounds of the Gaussian's log standard deviation


class _Actor:
    """A network from the state, divided by its scale, to ``width`` numbers for an action component.

    Parameters
    ----------
    env : the environment acted in; its sizes, scales, limit, dtype and device are taken
    seeds : (S,) whole numbers; a seed fixes its own weights whatever the others are
    hidden : widths of the hidden layers
    activation : a name in ``networks.ACTIVATIONS``

    Notes
    -----
    Where actions are bounded they are ``action_limit * tanh(.)``; else the network's output times
    ``action_scale``.
    """

    width = 1

    def __init__(self, env, seeds, hidden=(64, 64), activation="silu"):
        self.env = env
        self.seeds = tuple(validate.whole("seeds", seed, 0) for seed in seeds)
        self.hidden = tuple(validate.whole("hidden", n, 1) for n in hidden)
        self.activation = validate.one_of("activation", activation, tuple(ACTIVATIONS))
        sizes = (env.n_s, *self.hidden, self.width * env.n_a)
        self.parameters = drawn_layers(sizes, self.seeds, env.dtype, env.device)

    def _outputs(self, s):
        n_seeds, n_s = len(self.seeds), self.env.n_s
        if s.ndim != 3 or s.shape[0] not in (1, n_seeds) or s.shape[2] != n_s:
            raise ValueError(f"s: got shape {tuple(s.shape)}, wanted ({n_seeds}, B, {n_s})")
        x = (s / self.env.state_scale).expand(n_seeds, -1, -1)
        return forward(self.parameters, x, self.activation)

    def noise(self, generators, n, times=1):
        """Return so many draws of standard normal noise (S, n, n_a), a seed's from its own generator."""
        env, draws = self.env, []
        for _ in range(times):  # on the CPU: the same numbers on every device
            draws.append([torch.randn(n, env.n_a, generator=g, dtype=env.dtype) for g in generators])
        return [torch.stack(draw).to(env.device) for draw in draws]

    def _squash(self, u):
        limit = self.env.action_limit
        return u * self.env.action_scale if limit is None else limit * torch.tanh(u)


class DeterministicActor(_Actor):
    """mu(s), for DDPG and TD3 (Silver et al. 2014); states of another shape raise ``ValueError``."""

    def __call__(self, s):
        """Return the actions (S, B, n_a) at s (S, B, n_s); a leading 1 stands for every seed."""
        return self._squash(self._outputs(s))


class GaussianActor(_Actor):
    """SAC's policy (Haarnoja et al. 2018): a = limit * tanh(mean + std * noise), reparameterised.

    Unbounded actions are not squashed: a = action_scale * (mean + std * noise). States of another shape raise
    ``ValueError``.
    """

    width = 2

    def __call__(self, s):
        """Return the action of the mean (S, B, n_a): the policy without its noise."""
        return self._squash(self._outputs(s).chunk(2, dim=-1)[0])

    def sample(self, s, noise):
        """Return (a (S, B, n_a), log pi(a | s) (S, B)) for standard normal ``noise`` (S, B, n_a).

        Both are differentiable in s and in the weights at fixed noise; a shorter batch takes the first of it.
        """
        noise = noise[:, : s.shape[1]]
        mean, raw = self._outputs(s).chunk(2, dim=-1)
        low, high = LOG_STD
        log_std = low + (high - low) * (torch.tanh(raw) + 1) / 2
        u = mean + log_std.exp() * noise
        log_prob = -0.5 * noise**2 - log_std - 0.5 * math.log(2 * math.pi)
        if self.env.action_limit is None:
            volume = self.env.action_scale.log()
        else:  # log of limit * (1 - tanh(u)^2), without cancellation
            bend = math.log(2) - u - torch.nn.functional.softplus(-2 * u)
            volume = self.env.action_limit.log() + 2 * bend
        return self._squash(u), (log_prob - volume).sum(dim=-1)
