"""What a step of each of the study's methods costs: side by side, the fastest of several rounds."""

import time

import pandas as pd

from sobolev_book.studies.study import COMMON, LOOPS, METHODS, OFF_POLICY, SEEDS
from sobolev_mini import envs

START = 20  # uniform steps, not timed


def cost(task="push", updates=100, rounds=3, seeds=SEEDS, progress=None):
    """Return a row an algorithm and method: milliseconds a step of all seeds, and over value-only's."""
    best = {}
    for _ in range(rounds):
        for algorithm, (train, config, own) in LOOPS.items():
            for method, settings in METHODS.items():
                told = config(
                    steps=START + updates,
                    start=START,
                    record=(),
                    seeds=seeds,
                    **COMMON | OFF_POLICY | own | settings,
                )
                timer = _Timer()
                train(envs.make(task), told, callbacks=[timer])
                best[algorithm, method] = min(
                    best.get((algorithm, method), float("inf")), timer.seconds / updates
                )
                if progress:
                    progress(1)
    rows = [(*key, 1e3 * x, x / best[key[0], "value_only"]) for key, x in best.items()]
    return pd.DataFrame(rows, columns=["algorithm", "method", "milliseconds", "ratio"]).round(3)


class _Timer:
    """Called at each step; counts the seconds since the last uniform one."""

    def __init__(self):
        self.began = None

    def __call__(self, run, recorder):
        if run.step == START:
            self.began = time.perf_counter()
        self.seconds = time.perf_counter() - (self.began or 0)
