"""What stops the bursts of value-only critics: runs go on from step 300 with one thing changed."""

import copy
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import torch

from sobolev_book import records
from sobolev_book.records.grid_max import best_action_index
from sobolev_book.records.measures import tidy
from sobolev_book.records.mlp_runs import critic_at
from sobolev_book.records.tables import labelled
from sobolev_mini.qlearning import QConfig
from sobolev_mini.qlearning.mlp_loop import MLPTraining
from sobolev_mini.targets import Target
from sobolev_mini.toy import ToyProblem

BURST, BEGIN, END = 20, 300, 1200  # an error of Q above it; steps
BOTH, TENTH = dict.fromkeys(("lam_s", "lam_a"), 1), dict.fromkeys(("lam_s", "lam_a"), 0.1)
CHANGES = {  # name -> settings from step 300 on
    "nothing": {},
    "other samples drawn": {},
    "half the rate": {"lr": 5e-5},
    "target held still": {"refresh_every": 10**6},
    "both slopes": BOTH,
    "action slopes": {"lam_a": 1},
    "state slopes": {"lam_s": 1},
    "both slopes, weight 0.1": TENTH,
    "slopes of other samples": BOTH,
    "slopes of 0, weight 0.03": dict.fromkeys(BOTH, 0.03),
    "slopes of 0, weight 0.1": TENTH,
    "slopes of 0, weight 0.3": dict.fromkeys(BOTH, 0.3),
}
STEPS = len(CHANGES) * (END - BEGIN)


def begun(seeds, step=BEGIN, **settings):
    """Return value-only runs of these seeds at a step, by settings that ``QConfig`` takes."""
    steps = step + END - BEGIN
    told = {"steps": steps, "seeds": seeds, "record": tuple(range(step + 50, steps + 1, 50))}
    told |= {"target": "hard", "refresh_every": 1} | settings  # the current critic, and it can be held
    run = MLPTraining(ToyProblem(), QConfig(**told), keep=told["record"], argmax=best_action_index)
    while run.step < step:
        run.take_step()
    return run


def go_on(start, name="nothing", progress=None, **settings):
    """Return the ``MLPHistory`` of a copy of a run, gone on with under a change and settings."""
    run = copy.deepcopy(start)
    run.config = replace(run.config, **CHANGES[name], **settings)
    run.optimizer.param_groups[0]["lr"] = run.config.lr
    if name.startswith("slopes of 0"):
        run.labels = partial(_relabelled, run.labels, torch.zeros_like)
    elif name == "slopes of other samples":
        run.labels = partial(_relabelled, run.labels, partial(torch.roll, shifts=1, dims=1))
    elif name == "other samples drawn":
        for seed, sampler in zip(run.config.seeds, run.samplers, strict=True):
            sampler.rng = np.random.default_rng((seed, 1))
    while run.step < run.config.steps:
        run.take_step()
        if progress:
            progress(1)
    return run.history()


@torch.no_grad()
def levels(history, step, n=64):
    """Return (2, S) at a step whose weights were kept: the mean of Q, and E[max_a Q] less it."""
    x = (torch.arange(n) + 0.5) / (n / 2) - 1
    s, a = (z.reshape(1, -1, 1).expand(len(history.config.seeds), -1, -1) for z in
            torch.meshgrid(x, x, indexing="ij"))  # fmt: skip
    q = critic_at(history, step)(s, a).double().reshape(len(s), n, n)
    mean = q.mean(dim=(1, 2))
    return np.stack([mean, q.amax(dim=2).mean(dim=1) - mean])


def _relabelled(labels, new, *batch):
    target = labels(*batch)
    return Target(target.y, new(target.y_s), new(target.y_a))


def bursts(progress=None):
    """Return the record: change, step (350 to 1,200), seed, errors of Q and of its slope, and ``levels``."""
    late = records.load("tangent")[0].query("method == 'value_only' and step >= @BEGIN")
    start, frames = begun(tuple(sorted(late[late.q > BURST].seed.unique().tolist()))), []
    for name in CHANGES:
        history = go_on(start, name, progress)
        errors = tidy(history).filter(["step", "seed", "q", "q_a"])
        found = np.stack([levels(history, step) for step in history.steps])
        errors["mean"], errors["gap"] = found.transpose(1, 0, 2).reshape(2, -1)
        frames.append(labelled(errors, change=name))
    return pd.concat(frames, ignore_index=True)
