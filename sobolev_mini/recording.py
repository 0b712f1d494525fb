"""What an actor-critic run leaves behind, and how its policy is judged. Nothing here moves a weight."""

from dataclasses import dataclass

import numpy as np
import torch

from sobolev_mini.config import ControlConfig
from sobolev_mini.envs import DifferentiableEnv
from sobolev_mini.envs.rollout import rollout
from sobolev_mini.policy import Policy

STARTS = 20_000_003  # the seed of the evaluated start states: the same for every run
COUNTED = ("dropped_slopes", "clipped_jacobians")  # samples, since the start


@dataclass(frozen=True)
class ControlHistory:
    """Every seed's course at the recorded steps.

    steps : (R,) int, of the environment; rows : name -> (R, S), "return" among them, NaN from the step on
    at which a seed diverged; diverged_at : (S,) int, that step or -1; actor, critic : as they are at the end
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

    def policy(self, seed):
        """Return the ``Policy`` of ``seed`` at the end; a seed not of the config raises ``ValueError``."""
        return Policy(self.actor, self.config.seeds, seed)


@torch.no_grad()
def evaluate(env, actor, episodes):
    """Return the mean undiscounted return (S,) of ``actor`` over episodes to termination or time limit."""
    s = starts(env, episodes).expand(len(actor.seeds), -1, -1)
    return rollout(env, s, actor, env.time_limit).mean(dim=1)


def starts(env, episodes):
    """Return the start states (episodes, n_s) of evaluation, the same for every run."""
    return env.reset(episodes, torch.Generator().manual_seed(STARTS))


class Recorder:
    """Called with a run at its start and after every environment step: counts, and measures at records.

    Parameters
    ----------
    probe : as in ``ddpg.train_ddpg``

    Attributes
    ----------
    rows : step -> name -> (S,) NumPy
    counts : name -> (S,), of samples whose derivatives were dropped or clipped, since the start
    info : what the last update measured
    """

    def __init__(self, probe=None):
        self.probe, self.rows, self.counts, self.info = probe, {}, {}, {}

    def saw(self, info):
        """Take in what ``collect`` or an update measured: name -> (S,) or (C, S), a rule's "weights"."""
        info = dict(info)
        lam_s, lam_a, mask = info.pop("weights", (0, 0, None))
        if mask is not None:
            info |= {"lam_s": _mean(lam_s, len(mask)), "lam_a": _mean(lam_a, len(mask))}
            info |= {"kept": mask.float().mean(dim=-1), "dropped_slopes": (mask == 0).sum(dim=-1)}
        for name, x in info.items():
            name = name.replace("actor_", "")  # counted together, whoever asked for the slope
            if name in COUNTED:
                self.counts[name] = self.counts.get(name, 0) + x
            else:
                self.info[name] = x

    def __call__(self, run):
        """Measure what a recorded step asks for."""
        if run.step not in run.config.recorded or run.step in self.rows:
            return
        measured = self.probe(run) if self.probe else {}
        row = {} if "return" in measured else {"return": evaluate(run.env, run.actor, run.config.episodes)}
        row |= {name: x.mean(dim=0) if x.ndim == 2 else x for name, x in self.info.items()}
        if run.config.takes_slopes:
            nothing = torch.zeros(run.n_seeds, device=run.env.device)
            row |= {name: self.counts.get(name, nothing).to(run.env.dtype) for name in COUNTED}
        row |= measured
        run.mark(~torch.stack([x.isfinite().flatten(1).all(dim=1) for x in run.actor.parameters]).all(dim=0))
        self.rows[run.step] = {
            name: torch.where(run.alive, x.detach(), torch.nan).cpu().double().numpy()
            for name, x in row.items()
        }

    def history(self, run):
        """Return the ``ControlHistory``; names that some rows lack are NaN there."""
        steps, names = sorted(self.rows), sorted({name for row in self.rows.values() for name in row})
        nothing = np.full(run.n_seeds, np.nan)
        rows = {name: np.stack([self.rows[k].get(name, nothing) for k in steps]) for name in names}
        return ControlHistory(run.env, run.config, np.array(steps), rows, run.diverged_at.numpy().copy(),
                              run.actor, run.critic)  # fmt: skip


def _mean(lam, n):
    """Return the mean weight of a critic, (n,) or (C, n)."""
    lam = torch.as_tensor(lam)
    return lam.mean(dim=(-2, -1)) if lam.ndim > 2 else lam.mean().expand(n)
