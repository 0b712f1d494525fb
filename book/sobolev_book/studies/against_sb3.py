"""Is our value-only SAC as good as the field's? Beside Stable-Baselines3's on Pendulum-v1, equal in all."""

from dataclasses import replace

import pandas as pd

from sobolev_book.records import sb3
from sobolev_book.records.checkpoint import Progress
from sobolev_book.records.tables import labelled, long
from sobolev_mini import envs
from sobolev_mini.sac import SACConfig, train_sac

RECORD = (1000, 2000, 3000, 4000, 5000)
SETTINGS = {"hidden": (64, 64), "activation": "relu", "batch_size": 128, "critic_lr": 1e-3, "actor_lr": 1e-3,
            "discount": 0.99, "tau": 0.005, "start": 100}  # fmt: skip


def compare(seeds=range(10), record=RECORD, progress=None):
    """Return the greedy policies' returns: library, step, seed, return; the same ten start states for all.

    Theirs learns in Gymnasium's own pendulum. ``progress(n)`` is called with the environment steps done.
    """
    import gymnasium

    env, seeds = envs.make("pendulum"), tuple(seeds)
    config = SACConfig(steps=max(record), seeds=seeds, record=record, **SETTINGS)
    told = [Progress(lambda n: progress(n * len(seeds)))] if progress else []
    frames = [_returns(train_sac(env, config, callbacks=told), "sobolev_mini")]
    for seed in seeds:
        alone, real = replace(config, seeds=(seed,)), gymnasium.make("Pendulum-v1")
        theirs = sb3.train(env, alone, progress=progress, real=real)
        frames.append(_returns(theirs, "stable_baselines3"))
    return pd.concat(frames, ignore_index=True)


def _returns(history, library):
    frame = long(history.steps, history.config.seeds, {"return": history.returns})
    return labelled(frame, library=library)
