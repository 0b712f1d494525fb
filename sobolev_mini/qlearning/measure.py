"""What a Q-learning run leaves behind: weights, and errors against both truths."""

from dataclasses import dataclass

import numpy as np
import torch

from sobolev_mini import quadratic, validate
from sobolev_mini.qlearning.config import QConfig
from sobolev_mini.toy import ToyProblem

REFERENCES = ("optimal", "clipped")
NAMES = ("q", "q_centred", "q_s", "q_a", "policy", "policy_mae")


def midpoints(n):
    """Return the midpoints of n equal cells of [-1, 1], (n,)."""
    return (np.arange(n) + 0.5) / n * 2 - 1


@dataclass(frozen=True)
class History:
    """Weights of every seed at the recorded updates, for the quadratic critic.

    steps : (R,) int, updates; w : (R, S, 6); diverged_at : (S,) int, the update at which a seed's weights
    stopped being finite (its last finite ones are kept from there on), or -1
    """

    problem: ToyProblem
    config: QConfig
    steps: np.ndarray
    w: np.ndarray
    diverged_at: np.ndarray

    def errors(self, reference="optimal"):
        """Return ``quadratic.errors`` of every record: name -> (R, S)."""
        return quadratic.errors(self.problem, self.w, reference, self.config.n_actions)


@dataclass(frozen=True)
class MLPHistory:
    """What was measured at the recorded updates, for every seed of the MLP critic.

    steps : (R,) int; measured : name -> (R, S), the names of ``Measure``; weights : step -> the
    critic's parameters, a tensor a layer with its leading axis over seeds, at the updates kept
    """

    problem: object
    config: QConfig
    steps: np.ndarray
    measured: dict
    weights: dict

    def errors(self, reference="optimal"):
        """Return name -> (R, S), errors against "optimal" (exact) or "clipped", else ``ValueError``."""
        validate.one_of("reference", reference, references(self.problem))
        return {name: self.measured[f"{reference}/{name}"] for name in NAMES}


def references(problem):
    """Return the names of the reference solutions that ``problem`` has."""
    return tuple(name for name in REFERENCES if hasattr(problem, f"{name}_q"))


def best_action_index(critic, s, actions):
    """Return the index (S, B) of the grid action where the critic is greatest, the first of equals.

    Parameters
    ----------
    critic : MLPCritic with n_s = n_a = 1
    s : (S, B, 1) states
    actions : (A, 1) ascending grid
    """
    n_seeds, n, count = s.shape[0], s.shape[1], len(actions)
    with torch.no_grad():
        q = critic(s.repeat_interleave(count, dim=1), actions.repeat(n, 1).expand(n_seeds, -1, -1))
    return q.reshape(n_seeds, n, count).argmax(dim=-1)


class Measure:
    """Errors of an ``MLPCritic``: mean squares over 64 x 64 midpoints, 256 for the policy.

    ``argmax`` is as ``train_mlp`` has it.
    """

    def __init__(self, problem, actions, argmax=best_action_index):
        self.problem, self.actions, self.argmax = problem, actions, argmax
        self.s, self.a = (x.ravel() for x in np.meshgrid(midpoints(64), midpoints(64), indexing="ij"))
        self.states = midpoints(256)

    def __call__(self, critic):
        """Return name -> (S,): "reference/name" for every reference and name of NAMES."""
        grid = self.actions[:, 0].double().numpy()
        with torch.no_grad():
            s, a, states = (self.batch(critic, x) for x in (self.s, self.a, self.states))
            values = self.value_and_slopes(critic, s, a)
            q, q_s, q_a = (x.double().numpy().reshape(len(x), -1) for x in values)
            first = self.argmax(critic, states, self.actions).numpy()
        measured = {}
        for reference in references(self.problem):
            gap = q - getattr(self.problem, f"{reference}_q")(self.s, self.a)
            true_s, true_a = getattr(self.problem, f"{reference}_q_gradients")(self.s, self.a)
            miss = grid[first] - getattr(self.problem, f"{reference}_policy")(self.states)
            errors = (
                (gap**2).mean(axis=1),
                gap.var(axis=1),
                ((q_s - true_s) ** 2).mean(axis=1),
                ((q_a - true_a) ** 2).mean(axis=1),
                (miss**2).mean(axis=1),
                np.abs(miss).mean(axis=1),
            )
            measured |= {f"{reference}/{name}": error for name, error in zip(NAMES, errors, strict=True)}
        return measured

    def value_and_slopes(self, critic, s, a):
        """Return Q (S, B) and its slopes in s and a (S, B, 1)."""
        return critic.value_and_slopes(s, a)

    def batch(self, critic, x):
        """Return numbers x (N,) as states or actions (S, N, 1) of a critic."""
        x = torch.as_tensor(x, dtype=critic.parameters[0].dtype)[None, :, None]
        return x.expand(len(critic.seeds), -1, -1)
