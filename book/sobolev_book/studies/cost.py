"""What a step of each of the study's methods costs: side by side, the fastest of several rounds."""

import itertools
import time

import pandas as pd

from sobolev_book.studies.study import LOOPS, SEEDS, STUDY_METHODS, off_policy
from sobolev_mini import envs

START = 20  # uniform steps, not timed


def cost(task="push", updates=100, rounds=3, seeds=SEEDS, progress=None):
    """Return a row an algorithm and method: milliseconds a step of all seeds, and over value-only's."""
    best = {}
    for _ in range(rounds):
        for name in itertools.product(LOOPS, STUDY_METHODS):
            train, config = off_policy(*name, steps=START + updates, start=START, record=(), seeds=seeds)
            best[name] = min(best.get(name, float("inf")), _seconds(train, envs.make(task), config) / updates)
            if progress:
                progress(1)
    rows = [(*name, 1e3 * x, x / best[name[0], "value_only"]) for name, x in best.items()]
    return pd.DataFrame(rows, columns=["algorithm", "method", "milliseconds", "ratio"]).round(3)


def _seconds(train, env, config):
    """Return the seconds that training takes after its last uniform step."""
    times = []
    train(env, config, callbacks=[lambda run, recorder: times.append(time.perf_counter())])
    return times[-1] - times[START]
