"""Q over the action at the recorded steps of a study, for the explorer of chapter 05."""

import numpy as np
import pandas as pd
import torch

from sobolev_book.records.mlp_runs import critic_at, train_mlp
from sobolev_book.records.sweep import over_cells

STATES = (0.0, 0.5)
ACTIONS = np.linspace(-1, 1, 17)


def slices(cells, folder, progress=None):
    """Return a row for each cell, recorded step, state and action: the mean and sd of Q over seeds.

    ``cells``, ``folder`` and ``progress`` are as ``sweep.sweep`` has them. Rounded to 1e-4.
    """
    return over_cells(_slices, cells, folder, progress, kind=("slices",)).round(4)


def _slices(problem, config, checkpoint, progress):
    steps = config.recorded
    history = train_mlp(problem, config, keep=steps, checkpoint=checkpoint, progress=progress)
    frames = []
    for step in steps:
        s, a = (torch.as_tensor(x, dtype=torch.float32).ravel() for x in np.meshgrid(STATES, ACTIONS))
        with torch.no_grad():
            batch = (x[None, :, None].expand(len(config.seeds), -1, -1) for x in (s, a))
            q = critic_at(history, step)(*batch).double().numpy()
        columns = {"step": step, "s": s.numpy(), "a": a.numpy()}
        frames.append(pd.DataFrame({**columns, "mean": q.mean(axis=0), "sd": q.std(axis=0, ddof=1)}))
    return pd.concat(frames, ignore_index=True)
