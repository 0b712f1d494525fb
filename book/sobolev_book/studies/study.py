"""The control study of chapter 07, as ``book/study-plan.md`` lays it down: cells that are run and kept.

A cell is a task, an algorithm and a method, ten seeds; ``study_report`` judges the cells. ``dials`` has tasks
of its own.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

import torch

from sobolev_book.records.checkpoint import Checkpoint
from sobolev_book.records.experiment import evenly
from sobolev_book.records.sweep import all_kept, kept
from sobolev_book.records.tables import labelled, long
from sobolev_book.studies.on_policy import OnPolicyConfig
from sobolev_book.studies.pods import train_pods
from sobolev_book.studies.shac import train_shac
from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.envs.gate import gate
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant, HugeSavine
from sobolev_mini.sac import SACConfig, train_sac

SEEDS = tuple(range(1000, 1010))
RECORDS = 41
MEASURED = ("return", "accepted", "shortened")  # of a run's rows; the last two of a selected actor's step


@dataclass(frozen=True)
class Task:
    """An environment's budget in steps a seed, uniform steps first, whether it was explored on.

    ``made`` makes the environment, by default ``envs.make`` of the task's name; ``gated``: its slopes are
    meant to be right; ``settings`` are its learner's.
    """

    steps: int
    start: int
    explored: bool
    made: object = None
    gated: bool = True
    settings: dict = field(default_factory=dict)

    def env(self, name, **kwargs):
        """Return the environment of the task called ``name``."""
        return self.made(**kwargs) if self.made else envs.make(name, **kwargs)


TASKS = {
    "lqr": Task(1000, 100, True),
    "pendulum": Task(3000, 200, True),
    "cartpole_swingup": Task(10_000, 500, True),
    "push": Task(6000, 500, False),
    "acrobot": Task(10_000, 500, False),
}
STUDY_METHODS = {  # the comparison of the plan, then its controls
    "value_only": {"weighting": VALUE_ONLY},
    "sobolev": {"weighting": Balanced()},
    "svg": {"weighting": VALUE_ONLY, "actor_slope": "backup"},
    "twice": {"weighting": VALUE_ONLY, "updates": 2},
    "mage": {"weighting": Balanced(slopes="a")},
    "gdhp": {"weighting": Balanced(slopes="s")},
    "constant": {"weighting": Constant()},
}
ABLATIONS = {
    "held_action": STUDY_METHODS["sobolev"] | {"actor_path": False},
    "no_entropy_slope": STUDY_METHODS["sobolev"] | {"entropy_path": False},
}
STEP_METHODS = {
    f"{method}_{step}": STUDY_METHODS[method] | {"actor_step": step}
    for method in ("value_only", "sobolev")
    for step in ("adam", "armijo", "trust")
}
SHARES = {  # of the second study
    "share": {"weighting": Balanced(), "slope_batch": 32},
    "share_twice": {"weighting": Balanced(), "slope_batch": 32, "updates": 2},
    "normalised": {"weighting": HugeSavine()},
}
# Samples against seconds: so many of 128 samples with slopes, so many updates a step, two rules.
GRID = {f"values x{u}": {"weighting": VALUE_ONLY, "updates": u} for u in (1, 2, 4)}
GRID |= {
    f"{name} {m} x{u}": {"weighting": rule, "slope_batch": m, "updates": u}
    for name, rule, repeats in (("normalised", HugeSavine(), (1, 2, 4)), ("balanced", Balanced(), (1,)))
    for m in (4, 16, 32, 128)
    for u in repeats
}
METHODS = STUDY_METHODS | ABLATIONS | STEP_METHODS | SHARES | GRID
COMMON = {"hidden": (64, 64), "activation": "silu", "discount": 0.97}
LOOPS = {"td3": (train_ddpg, DDPGConfig, {"noise": 0.3}), "sac": (train_sac, SACConfig, {})}
OFF_POLICY = {"batch_size": 128, "critic_lr": 3e-3, "actor_lr": 3e-3, "tau": 0.02}
ON_POLICY = {"shac": train_shac, "pods": train_pods}


def cells():
    """Return every (task, algorithm, method), the comparison of the plan first, then its controls."""
    planned = [(t, a, m) for m in STUDY_METHODS for t in TASKS for a in LOOPS]
    return planned + [(t, a, a) for a in ON_POLICY for t in TASKS]


def ablation_cells():
    """Return the cells that leave a term out of the target's slopes, and the whole rule's; not planned."""
    pairs = [(a, m) for a in LOOPS for m in ("sobolev", *ABLATIONS)]
    return [("pendulum", a, m) for a, m in pairs if (a, m) != ("td3", "no_entropy_slope")]


def step_cells():
    """Return the cells that compare step selections in TD3's actor; not planned."""
    return [(task, "td3", method) for task in ("lqr", "pendulum") for method in STEP_METHODS]


def off_policy(algorithm, method, **settings):
    """Return (train, config) of an algorithm of ``LOOPS`` under a method; ``settings`` go to the config."""
    train, config, own = LOOPS[algorithm]
    return train, config(**COMMON | OFF_POLICY | own | METHODS[method] | settings)


def run_cell(task, algorithm, method, seeds=SEEDS, checkpoint=None, share=1.0, tasks=TASKS, rate=None):
    """Return a frame of one cell: task, algorithm, method, step, seed, return, seconds (of the whole cell).

    Where the actor's step is selected, also the shares of samples or seeds accepted and shortened at the last
    update. ``share`` of the task's budget is used, for a trial; ``rate`` is actor's and critic's, if not the
    first study's. Seconds are the processor's.
    """
    env, began = tasks[task].env(task), time.process_time()
    steps = max(1, round(share * tasks[task].steps))
    told = {"steps": steps, "seeds": seeds, "record": evenly(steps, RECORDS - 1)} | tasks[task].settings
    told |= {"actor_lr": rate, "critic_lr": rate} if rate else {}
    if algorithm in LOOPS:
        train, config = off_policy(algorithm, method, start=min(tasks[task].start, steps), **told)
        history = train(env, config, callbacks=[Checkpoint(checkpoint)])
        steps, measured = history.steps, {x: history.rows[x] for x in MEASURED if x in history.rows}
    else:
        steps, returns = ON_POLICY[algorithm](env, OnPolicyConfig(**COMMON | told))
        measured = {"return": returns}
    frame = labelled(long(steps, seeds, measured), task=task, algorithm=algorithm, method=method)
    return frame.assign(seconds=round(time.process_time() - began, 1))


def run(folder, jobs=1, planned=None, progress=None, tasks=TASKS, **options):
    """Run every cell of ``planned`` that ``folder`` lacks, ``jobs`` at a time; return the frame of all.

    A cell is written whole or not at all; one under way leaves a checkpoint and goes on from there.
    Simulators are held against the gate first: ``ValueError`` where one fails.
    """
    planned = cells() if planned is None else planned
    options["tasks"] = tasks
    pieces = [(Path(folder) / f"{'-'.join(cell)}.csv", cell, options) for cell in planned]
    for task in dict.fromkeys(cell[0] for path, cell, _ in pieces if not path.exists()):
        if tasks[task].gated:
            gate(tasks[task].env(task, dtype=torch.float64))
    return all_kept(_keep, pieces, jobs, progress)


def _keep(path, cell, options):
    kept(path, lambda checkpoint: run_cell(*cell, checkpoint=checkpoint, **options), float_format="%.7g")
