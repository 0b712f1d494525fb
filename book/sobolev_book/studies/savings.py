"""What slopes save: the better of some methods over the better of others, paired by seed, tasks drawn anew.

By default ours over the baselines of ``book/study-plan-2.md``.
"""

import numpy as np
import pandas as pd

from sobolev_book.stats import resampled

BASELINES, OURS = ("value_only", "twice"), ("sobolev", "share")
PAIR = ["task", "algorithm"]


def savings(needed, what="samples", ours=OURS, base=BASELINES):
    """Return (task, algorithm) x seeds: log of the baseline's ``what`` over ours, paired by seed.

    ``needed`` has a row a cell and seed, as ``study_report.needed`` returns it. Of several methods on a
    side that counts whose geometric mean over seeds is the least.
    """
    logs = np.log(needed.set_index([*PAIR, "method", "seed"])[what].astype(float)).unstack("seed")

    def least(methods):
        those = logs[logs.index.isin(methods, level="method")]
        return those.loc[those.mean(axis=1).groupby(PAIR).idxmin()].droplevel("method")

    return least(base) - least(ours)


def overall(savings, draws=10_000):
    """Return (ratio, low, high): geometric mean, and its 95 % interval with tasks and seeds drawn anew."""
    x = np.stack([part.to_numpy() for _, part in savings.groupby("task")])  # tasks, algorithms, seeds
    rng = np.random.default_rng(0)
    picked = x[rng.integers(len(x), size=(draws, len(x)))]
    seeds = rng.integers(x.shape[-1], size=picked.shape)
    means = np.take_along_axis(picked, seeds, axis=-1).mean(axis=(1, 2, 3))
    return tuple(np.exp([x.mean(), *np.quantile(means, [0.025, 0.975])]))


def of_tasks(savings, draws=10_000):
    """Return a frame by task: ratio, low, high (geometric means over algorithms; seeds drawn anew)."""
    rng, rows = np.random.default_rng(0), {}
    for task, part in savings.groupby("task", sort=False):
        means = resampled(part.to_numpy(), rng, draws, apart=True).mean(axis=(1, 2))
        rows[task] = np.exp([part.to_numpy().mean(), *np.quantile(means, [0.025, 0.975])])
    return pd.DataFrame.from_dict(rows, "index", columns=["ratio", "low", "high"])
