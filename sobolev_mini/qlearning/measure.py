"""What is measured of an MLP critic along its training: errors against both truths, and the return."""

from dataclasses import dataclass

import numpy as np
import torch

from sobolev_mini import validate
from sobolev_mini.coupled import CoupledToy
from sobolev_mini.qlearning.config import QConfig
from sobolev_mini.qlearning.grid_max import best_action_index
from sobolev_mini.qlearning.rollouts import midpoints, rollout_return
from sobolev_mini.toy import ToyProblem

REFERENCES = ("optimal", "clipped")
NAMES = ("q", "q_centred", "q_s", "q_a", "policy", "policy_mae")


def references(problem):
    """Return the names of the reference solutions that ``problem`` has."""
    return tuple(name for name in REFERENCES if hasattr(problem, f"{name}_q"))


class Measure:
    """Errors and return of an ``MLPCritic``: mean squares over 64 x 64 midpoints, 256 for the policy."""

    def __init__(self, problem, actions, n_points=64, n_states=256):
        self.problem, self.actions = problem, actions
        x = midpoints(n_points)
        self.s, self.a = (z.ravel() for z in np.meshgrid(x, x, indexing="ij"))
        self.states = midpoints(n_states)

    def __call__(self, critic):
        """Return name -> (S,): "reference/name" for each reference and of NAMES, and "return".

        The return is measured where the next state is the action (``ToyProblem``).
        """
        grid = self.actions[:, 0].double().numpy()
        with torch.no_grad():
            s, a = (self._batch(critic, x) for x in (self.s, self.a))
            q, q_s, q_a = (x.double().numpy().reshape(len(x), -1) for x in critic.value_and_slopes(s, a))
            first = best_action_index(critic, self._batch(critic, self.states), self.actions).numpy()
            then = best_action_index(critic, self._batch(critic, grid), self.actions).numpy()
        found = {}
        if isinstance(self.problem, ToyProblem):  # the next state is the action: rollouts are look-ups
            found["return"] = rollout_return(self.problem, self.states, grid, first, then)
        for reference in references(self.problem):
            true_q = getattr(self.problem, f"{reference}_q")(self.s, self.a)
            true_s, true_a = getattr(self.problem, f"{reference}_q_gradients")(self.s, self.a)
            policy = getattr(self.problem, f"{reference}_policy")(self.states)
            gap = q - true_q
            errors = (
                (gap**2).mean(axis=1),
                gap.var(axis=1),
                ((q_s - true_s) ** 2).mean(axis=1),
                ((q_a - true_a) ** 2).mean(axis=1),
                ((grid[first] - policy) ** 2).mean(axis=1),
                np.abs(grid[first] - policy).mean(axis=1),
            )
            found |= {f"{reference}/{name}": error for name, error in zip(NAMES, errors, strict=True)}
        return found

    def _batch(self, critic, x):
        x = torch.as_tensor(x, dtype=critic.parameters[0].dtype)[None, :, None]
        return x.expand(len(critic.seeds), -1, -1)


@dataclass(frozen=True)
class MLPHistory:
    """What was measured at the recorded steps, for every seed.

    steps : (R,) int; measured : name -> (R, S), the names of ``Measure``; weights : step -> the
    critic's parameters, one tensor a layer with its leading axis over seeds, at the steps kept
    """

    problem: ToyProblem | CoupledToy
    config: QConfig
    steps: np.ndarray
    measured: dict
    weights: dict

    @classmethod
    def of(cls, problem, config, rows, weights):
        """Return the history of ``rows``: step -> what ``Measure`` found."""
        steps = sorted(rows)
        names = rows[steps[0]] if steps else ()
        measured = {name: np.stack([rows[step][name] for step in steps]) for name in names}
        return cls(problem, config, np.array(steps, dtype=int), measured, weights)

    def errors(self, reference="optimal"):
        """Return errors against a reference, "optimal" (exact) or "clipped": name -> (R, S)."""
        validate.one_of("reference", reference, references(self.problem))
        return {name: self.measured[f"{reference}/{name}"] for name in NAMES}

    @property
    def returns(self):
        """The greedy policy's mean return over 256 even states, by rollouts, (R, S); None if not measured."""
        return self.measured.get("return")
