"""Figure 1 again: Q over the action at s = 0 and .5 after 200 and 400 steps, every seed."""

import itertools

import numpy as np
import pandas as pd
import torch

from sobolev_book.records.measures import SLOPE_WEIGHTS
from sobolev_book.records.mlp_runs import critic_at, train_mlp
from sobolev_book.records.tables import labelled
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem

STATES, STEPS = (0.0, 0.5), (200, 400)
ACTIONS = np.linspace(-1, 1, 41)
RATES = {"stated": 1e-4, "three times the rate": 3e-4}


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
