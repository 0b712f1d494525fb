"""What an actor-critic run leaves behind, and how its policy is judged."""

from dataclasses import dataclass

import numpy as np
import torch

from sobolev_mini.config import ControlConfig
from sobolev_mini.envs import DifferentiableEnv

STARTS = 20_000_003  # the seed of the evaluated start states: the same for every run


@dataclass(frozen=True)
class ControlHistory:
    """Every seed's course at the recorded steps.

    steps : (R,) int; rows : name -> (R, S), "return" among them, NaN from the step on at which a seed
    diverged; diverged_at : (S,) int, that step or -1; actor, critic : as they are at the end
    """

    env: DifferentiableEnv
    config: ControlConfig
    steps: np.ndarray
    rows: dict
    diverged_at: np.ndarray
    actor: object
    critic: object

    @property
    def returns(self):
        """The greedy policy's mean undiscounted return, (R, S)."""
        return self.rows["return"]


@torch.no_grad()
def evaluate(env, actor, episodes):
    """Return the mean undiscounted return (S,) of ``actor`` over episodes to termination or time limit."""
    n_seeds = len(actor.seeds)
    s = env.reset(episodes, torch.Generator().manual_seed(STARTS)).expand(n_seeds, -1, -1)
    total = torch.zeros(n_seeds, episodes, dtype=env.dtype, device=env.device)
    alive = torch.ones_like(total, dtype=torch.bool)
    for _ in range(env.time_limit):
        step = env.step(s, actor(s))
        total += torch.where(alive, step.r, 0.0)
        alive &= ~step.terminated
        s = torch.where(alive[..., None], step.s_next, s)
        if not alive.any():
            break
    return total.mean(dim=1)
