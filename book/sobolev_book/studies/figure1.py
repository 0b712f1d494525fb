"""Q over the action at s = 0 and .5: Figure 1 again, every seed, and the studies' cells."""

import itertools

import numpy as np
import pandas as pd
import torch

from sobolev_book.records.measures import SLOPE_WEIGHTS
from sobolev_book.records.mlp_runs import critic_at, train_mlp
from sobolev_book.records.sweep import over_cells
from sobolev_book.records.tables import labelled
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem

STATES, STEPS = (0.0, 0.5), (200, 400)
ACTIONS, FEW = np.linspace(-1, 1, 41), np.linspace(-1, 1, 17)
RATES = {"stated": 1e-4, "three times the rate": 3e-4}
UPDATES = len(RATES) * max(STEPS)  # of each method


def slices(seeds=range(5), progress=None):
    """Return a row a value of Q: settings, method, seed, step, s, a, q."""
    frames = []
    for (settings, lr), (method, lam) in itertools.product(RATES.items(), SLOPE_WEIGHTS.items()):
        config = QConfig(lam_s=lam, lam_a=lam, lr=lr, steps=max(STEPS), seeds=tuple(seeds), record=())
        history = train_mlp(ToyProblem(), config, keep=STEPS, progress=progress)
        for step, s in itertools.product(STEPS, STATES):
            a = torch.as_tensor(ACTIONS, dtype=torch.float32)[None, :, None]
            values = critic_at(history, step)(torch.full_like(a, s), a).double().numpy()
            for seed, q in zip(config.seeds, values, strict=True):
                labels = {"settings": settings, "method": method, "seed": seed, "step": step, "s": s}
                frames.append(labelled(pd.DataFrame({"a": ACTIONS, "q": q}), **labels))
    return pd.concat(frames, ignore_index=True)


def curves(frame, settings, step):
    """Return method -> Q (S, len(STATES), len(ACTIONS)) of a recorded frame, as ``fig_slices`` wants it."""
    q, here = {}, frame[(frame.settings == settings) & (frame.step == step)]
    for method in SLOPE_WEIGHTS:
        part = here[here.method == method].sort_values(["seed", "s", "a"])
        q[method] = part.q.to_numpy().reshape(-1, len(STATES), len(ACTIONS))
    return q


def of_cells(cells, folder, progress=None):
    """Return a row for each cell, recorded step, state and action: the mean and sd of Q over seeds.

    ``cells``, ``folder`` and ``progress`` are as ``sweep.sweep`` has them. Rounded to 1e-4.
    """
    return over_cells(_of_cell, cells, folder, progress, kind=("slices",)).round(4)


def _of_cell(problem, config, checkpoint, progress):
    history = train_mlp(problem, config, keep=config.recorded, checkpoint=checkpoint, progress=progress)
    frames = []
    for step in config.recorded:
        s, a = (torch.as_tensor(x, dtype=torch.float32).ravel() for x in np.meshgrid(STATES, FEW))
        with torch.no_grad():
            batch = (x[None, :, None].expand(len(config.seeds), -1, -1) for x in (s, a))
            q = critic_at(history, step)(*batch).double().numpy()
        columns = {"step": step, "s": s.numpy(), "a": a.numpy()}
        frames.append(pd.DataFrame({**columns, "mean": q.mean(axis=0), "sd": q.std(axis=0, ddof=1)}))
    return pd.concat(frames, ignore_index=True)
