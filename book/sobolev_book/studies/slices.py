"""Q over the action at the recorded steps of a study, for the explorer of chapter 05."""

import numpy as np
import pandas as pd
import torch

from sobolev_book.records.mlp_runs import train_mlp
from sobolev_book.records.sweep import kept
from sobolev_mini.networks import MLPCritic

STATES = (0.0, 0.5)
ACTIONS = np.linspace(-1, 1, 17)


def slices(cells, folder, progress=None):
    """Return a row for each cell, recorded step, state and action: the mean and sd of Q over seeds.

    ``cells``, ``folder`` and ``progress`` are as ``sweep.sweep`` has them. Rounded to 1e-4.
    """
    frames = []
    for labels, problem, config in cells:
        make = lambda path, run=(problem, config): _slices(*run, path, progress)  # noqa: E731
        frame = kept(folder, ("slices", problem, config), make)
        if progress and frame.attrs["kept"]:
            progress(config.steps)
        frames.append(frame.assign(**labels))
    frame = pd.concat(frames, ignore_index=True)
    return frame[[*cells[0][0], "step", "s", "a", "mean", "sd"]].round(4)


def _slices(problem, config, checkpoint, progress):
    steps = config.recorded
    weights = train_mlp(problem, config, keep=steps, checkpoint=checkpoint, progress=progress).weights
    critic = MLPCritic(1, 1, config.seeds, config.hidden, config.activation)
    rows = []
    for step in steps:
        critic.parameters = weights[step]
        s, a = (torch.as_tensor(x, dtype=torch.float32).ravel() for x in np.meshgrid(STATES, ACTIONS))
        with torch.no_grad():
            batch = (x[None, :, None].expand(len(config.seeds), -1, -1) for x in (s, a))
            q = critic(*batch).double().numpy()
        columns = {"step": step, "s": s.numpy(), "a": a.numpy()}
        rows.append(pd.DataFrame({**columns, "mean": q.mean(axis=0), "sd": q.std(axis=0, ddof=1)}))
    return pd.concat(rows, ignore_index=True)
