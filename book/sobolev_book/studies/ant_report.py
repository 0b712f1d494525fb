"""Chapter 09's numbers: returns over steps, and how soon and how calmly Q-values settle."""

from pathlib import Path

import numpy as np
import pandas as pd

from sobolev_book import records
from sobolev_book.records import runs
from sobolev_book.stats import iqm_interval
from sobolev_book.studies.catalogue import experiment

NEAR = 0.1  # of the last value: within it a course has settled
WINDOW = 5  # records, over which a course is smoothed
LEARNING = 10_000  # steps after which fluctuation counts


def recorded(name="ant", folder=records.RESULTS):
    """Return (frame of all finished runs, the runs (method, seed) that are missing).

    Raises ``ValueError`` for an experiment that is not known.
    """
    return runs.together(experiment(name), Path(folder) / name)


def minutes(name="ant"):
    """Return a row a finished run: method, seed, processor and ``minutes`` of it, from its manifest."""
    missing, rows = recorded(name)[1], []
    for method, seed in experiment(name).runs:
        if (method, seed) not in missing:
            manifest = records.load(runs.stem_of(method, seed), records.RESULTS / name)[1]
            row = {"method": method, "seed": seed, "processor": manifest["processor"]}
            rows.append(row | {"minutes": manifest["seconds"]["cpu"] / 60})
    return pd.DataFrame(rows)


def curves(frame, measure="return", draws=2000, seed=0):
    """Return method, step and the interquartile mean of ``measure`` over seeds, with its 95 % interval.

    The interval draws seeds anew within each method; a method of fewer than three seeds has none.
    """
    rng, out = np.random.default_rng(seed), []
    for method, rows in frame.groupby("method", sort=False):
        x = rows.pivot(index="step", columns="seed", values=measure)
        middle, low, high = iqm_interval(x.to_numpy(), rng, draws)
        row = {"method": method, "step": x.index, "iqm": middle, "low": low, "high": high}
        out.append(pd.DataFrame(row if x.shape[1] > 2 else row | {"low": np.nan, "high": np.nan}))
    return pd.concat(out, ignore_index=True)


def settled(steps, q):
    """Return the first of ``steps`` (R,) from which on ``q`` (R,) is near its last value (eq-09-settled).

    Raises ``ValueError`` where shapes differ or nothing is recorded.
    """
    steps, q = np.asarray(steps), np.asarray(q, dtype=float)
    if steps.ndim != 1 or q.shape != steps.shape or not len(q):
        raise ValueError(f"q: got shape {q.shape}, wanted that of steps, {steps.shape}, (R,) with R > 0")
    away = ~(np.abs(q - q[-1]) <= NEAR * np.abs(q[-1]))  # what is no number has not settled
    last = len(q) - 1 - np.argmax(away[::-1]) if away.any() else -1
    return int(steps[min(last + 1, len(q) - 1)])


def fluctuation(steps, q):
    """Return how far courses ``q`` (R, N) stray from their running means, over their last size.

    The root mean square over courses and records after ``LEARNING``, running means over ``WINDOW`` records;
    fewer records raise ``ValueError``.
    """
    q = np.asarray(q, dtype=float)[np.asarray(steps) >= LEARNING]
    if len(q) < WINDOW:
        raise ValueError(f"steps: got {len(q)} records from step {LEARNING:,} on, wanted at least {WINDOW}")
    smooth = np.lib.stride_tricks.sliding_window_view(q, WINDOW, axis=0).mean(axis=-1)
    half = WINDOW // 2
    return float(np.sqrt(np.mean((q[half:-half] - smooth) ** 2)) / _size(q))


def _size(q):
    """Return the mean size of courses ``q`` (R, N) over the last ``WINDOW`` records."""
    return np.abs(q[-WINDOW:]).mean()


def values(frame):
    """Return a row a run: method, seed, ``settled``, ``fluctuation``, ``size``, "return" and "best".

    ``settled`` is the mean Q's; ``fluctuation`` is that of followed states, whose ``size`` over the last
    ``WINDOW`` records divides it. "return" is the mean over the last fifth of the records, "best" that of the
    best ``WINDOW`` in a row after ``LEARNING``: before, an untrained actor that hardly moves earns what
    standing still does.
    """
    rows = []
    for (method, seed), run in frame.groupby(["method", "seed"], sort=False):
        run = run.sort_values("step")
        followed, earned = run[[f"q{i:02}" for i in range(runs.FOLLOWED)]], run["return"]
        rows.append({
            "method": method,
            "seed": seed,
            "settled": settled(run.step, run.q),
            "fluctuation": fluctuation(run.step, followed),
            "size": _size(followed.to_numpy()),
            "return": earned.iloc[-len(earned) // 5 :].mean(),
            "best": earned[run.step >= LEARNING].rolling(WINDOW).mean().max(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def summary(frame, draws=2000, seed=0):
    """Return a row a method: ``n`` seeds, and the interquartile mean and interval of what ``values`` has."""
    rng, out = np.random.default_rng(seed), []
    for method, seeds in values(frame).groupby("method", sort=False):
        row = {"method": method, "n": len(seeds)}
        for name in ("return", "best", "settled", "fluctuation"):
            ends = iqm_interval(seeds[name].to_numpy(dtype=float), rng, draws)
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
        out.append(row)
    return pd.DataFrame(out)
