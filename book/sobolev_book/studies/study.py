"""The control study of chapter 07, as ``book/study-plan.md`` lays it down: cells that are run and kept.

A cell is a task, an algorithm and a method, ten seeds; ``study_report`` judges the cells.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from sobolev_book.records.atomic import write_text
from sobolev_book.records.checkpoint import Checkpoint
from sobolev_book.records.jobs import spread
from sobolev_book.studies.pods import PODSConfig, train_pods
from sobolev_book.studies.shac import SHACConfig, train_shac
from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.envs.gate import gate
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant
from sobolev_mini.sac import SACConfig, train_sac

SEEDS = tuple(range(1000, 1010))
RECORDS = 41
KEPT = ("return", "accepted", "shortened")  # of a run's rows; the last two where the actor's step is selected


@dataclass(frozen=True)
class Task:
    """An environment's name, its budget in steps a seed, uniform steps first, whether it was explored on."""

    env: str
    steps: int
    start: int
    explored: bool


TASKS = {
    "lqr": Task("lqr", 1000, 100, True),
    "pendulum": Task("pendulum", 3000, 200, True),
    "cartpole_swingup": Task("cartpole_swingup", 10_000, 500, True),
    "push": Task("push", 6000, 500, False),
    "acrobot": Task("acrobot", 10_000, 500, False),
}
RULE = Balanced()
METHODS = {
    "value_only": {"weighting": VALUE_ONLY},
    "sobolev": {"weighting": RULE},
    "svg": {"weighting": VALUE_ONLY, "actor_slope": "backup"},
    "twice": {"weighting": VALUE_ONLY, "updates": 2},
    "mage": {"weighting": Balanced(slopes="a")},
    "gdhp": {"weighting": Balanced(slopes="s")},
    "constant": {"weighting": Constant()},
}
ABLATIONS = {
    "held_action": METHODS["sobolev"] | {"actor_path": False},
    "no_entropy_slope": METHODS["sobolev"] | {"entropy_path": False},
}
STEPS = {
    f"{method}_{step}": METHODS[method] | {"actor_step": step}
    for method in ("value_only", "sobolev")
    for step in ("adam", "armijo", "trust")
}
COMMON = {"hidden": (64, 64), "activation": "silu", "discount": 0.97}
LOOPS = {
    "td3": (train_ddpg, DDPGConfig, {"noise": 0.3}),
    "sac": (train_sac, SACConfig, {}),
}
OFF_POLICY = {"batch_size": 128, "critic_lr": 3e-3, "actor_lr": 3e-3, "tau": 0.02}
ON_POLICY = {"shac": (train_shac, SHACConfig, COMMON), "pods": (train_pods, PODSConfig, {"hidden": (64, 64)})}


def cells(tasks=tuple(TASKS)):
    """Return every (task, algorithm, method), the comparison of the plan first, then its controls."""
    main, controls = ("value_only", "sobolev"), [m for m in METHODS if m not in ("value_only", "sobolev")]
    found = [(t, a, m) for m in main for t in tasks for a in LOOPS]
    found += [(t, a, m) for m in controls for t in tasks for a in LOOPS]
    return found + [(t, a, a) for a in ON_POLICY for t in tasks]


def ablation_cells(task="pendulum"):
    """Return the cells that leave a term out of the target's slopes, and the whole rule's; not planned."""
    return [
        (task, a, m) for a in LOOPS for m in ("sobolev", *ABLATIONS) if (a, m) != ("td3", "no_entropy_slope")
    ]


def step_cells(tasks=("lqr", "pendulum")):
    """Return the cells that compare step selections in TD3's actor; not planned."""
    return [(task, "td3", method) for task in tasks for method in STEPS]


def run_cell(task, algorithm, method, seeds=SEEDS, checkpoint=None, share=1.0):
    """Return a frame of one cell: task, algorithm, method, step, seed, return, seconds (of the whole cell).

    Where the actor's step is selected, also the shares of samples or seeds accepted and shortened at the last
    update. ``share`` of the task's budget is used, for a trial.
    """
    chosen, began = TASKS[task], time.monotonic()
    steps = max(1, round(share * chosen.steps))
    record, env = tuple(np.linspace(0, steps, RECORDS).astype(int).tolist()), envs.make(chosen.env)
    if algorithm in LOOPS:
        train, config, own = LOOPS[algorithm]
        settings = COMMON | OFF_POLICY | own | (METHODS | ABLATIONS | STEPS)[method]
        found = train(
            env,
            config(steps=steps, seeds=seeds, record=record, start=min(chosen.start, steps), **settings),
            callbacks=[] if checkpoint is None else [Checkpoint(checkpoint)],
        )
        at, rows = found.steps, {name: found.rows[name] for name in KEPT if name in found.rows}
    else:
        train, config, settings = ON_POLICY[algorithm]
        at, returns = train(env, config(steps=steps, seeds=seeds, record=record, **settings))
        rows = {"return": returns}
    labels = {"task": task, "algorithm": algorithm, "method": method}
    return pd.DataFrame(
        labels | {"step": step, "seed": seed} | {name: x[i, k] for name, x in rows.items()}
        for i, step in enumerate(at)
        for k, seed in enumerate(seeds)
    ).assign(seconds=round(time.monotonic() - began, 1))


def run(folder, jobs=1, wanted=None, progress=None, **options):
    """Run every cell of ``wanted`` that ``folder`` lacks, ``jobs`` at a time; return the frame of all.

    A cell is written whole or not at all; one under way leaves a checkpoint and goes on from there.
    Simulators are held against the gate first.
    """
    folder, wanted = Path(folder), cells() if wanted is None else wanted
    folder.mkdir(parents=True, exist_ok=True)
    missing = [cell for cell in wanted if not _path(folder, cell).exists()]
    for task in dict.fromkeys(cell[0] for cell in missing):
        gate(envs.make(TASKS[task].env, dtype=torch.float64))
    if progress:
        progress(len(wanted) - len(missing))
    for _ in spread(_keep, [(folder, cell, options) for cell in missing], jobs):
        if progress:
            progress(1)
    return pd.concat([pd.read_csv(_path(folder, cell)) for cell in wanted], ignore_index=True)


def _keep(folder, cell, options):
    path, under_way = _path(folder, cell), folder / f"{'-'.join(cell)}.pt"
    frame = run_cell(*cell, checkpoint=under_way, **options)
    write_text(path, frame.to_csv(index=False, float_format="%.7g", lineterminator="\n"))
    for left in folder.glob(f"{under_way.name}*"):
        left.unlink()


def _path(folder, cell):
    return folder / f"{'-'.join(cell)}.csv"
