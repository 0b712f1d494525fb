"""What a study says: samples and seconds to a threshold, paired ratios with intervals, curves."""

import numpy as np
import pandas as pd

from sobolev_book.stats import resampled
from sobolev_book.studies.study import STUDY_METHODS, TASKS

SHARE = 0.75  # of the way from the better of uniform actions and none to the reference: the threshold
COST = 1.25  # the regulator's: so many times the exact optimum's cost, its naive returns being far below
DRAWS = 10_000


def thresholds(references, share=SHARE):
    """Return task -> threshold from the record ``references``, or ``second_ends``; ``share`` of the way."""
    low, high = _ends(references)
    limits = (low + share * (high - low)).to_dict()
    return limits | ({"lqr": float(COST * high["lqr"])} if "lqr" in limits else {})


def _ends(references):
    rows = references.set_index("task")
    return rows[["uniform", "none"]].max(axis=1), rows.planned


def samples(frame, limits, tasks=TASKS):
    """Return a row a cell and seed: steps to the threshold, and whether it is a bound (never reached).

    The first recorded step after the first update at which the greedy policy's return is at or above the
    threshold counts; a seed that never gets there counts with the task's budget, also where its run, of lost
    seeds alone, ended before.
    """
    seeds = ["task", "algorithm", "method", "seed"]
    trained = frame.step > frame.task.map({name: task.start for name, task in tasks.items()})
    there = frame[trained & (frame["return"] >= frame.task.map(limits))]
    runs = frame.groupby(seeds, sort=False).size().index
    budget = frame.groupby("task").step.max().reindex(runs, level="task")
    first = there.groupby(seeds).step.min().reindex(runs)
    return pd.DataFrame({"samples": first.fillna(budget).astype(int), "bound": first.isna()}).reset_index()


def needed(frame, limits, tasks):
    """Return ``samples`` with the processor's seconds until then: a cell's whole time, in proportion."""
    cell = ["task", "algorithm", "method"]
    cells = frame.groupby(cell)
    pace = (cells.seconds.first() / cells.step.max()).rename("pace")
    each = samples(frame, limits, tasks).merge(pace, on=cell)
    return each.assign(seconds=each.samples * each.pace).drop(columns="pace")


def ratios(needed, method, base="value_only", seed=0):
    """Return a row a (task, algorithm) and one for all: ``samples`` of ``base`` over ``method``'s.

    Columns: task, algorithm, ratio, low, high (geometric means over seeds, 95 % paired bootstrap: seeds are
    drawn anew within each task and algorithm), bounds of each (seeds that never got there).
    """
    wide = needed.pivot(index=["task", "algorithm", "seed"], columns="method", values=["samples", "bound"])
    logs = np.log(wide["samples"][base].astype(float) / wide["samples"][method].astype(float)).dropna()
    rng, rows, drawn = np.random.default_rng(seed), [], []
    for (task, algorithm), group in logs.groupby(level=["task", "algorithm"], sort=False):
        x = group.to_numpy()
        means = resampled(x, rng, DRAWS).mean(axis=-1)
        drawn.append(means)
        bounds = wide["bound"].loc[group.index]
        rows.append(_row(task, algorithm, x.mean(), means) | {
            "base_bounds": int(bounds[base].sum()), "bounds": int(bounds[method].sum())})  # fmt: skip
    overall = np.mean([np.log(row["ratio"]) for row in rows])
    total = {name: sum(row[name] for row in rows) for name in ("base_bounds", "bounds")}
    return pd.DataFrame([*rows, _row("all", "all", overall, np.mean(drawn, axis=0)) | total])


def _row(task, algorithm, mean, means):
    low, high = np.exp(np.quantile(means, [0.025, 0.975]))
    return {"task": task, "algorithm": algorithm, "ratio": np.exp(mean), "low": low, "high": high}


def page(frame, references):
    """Return the study's table for the book: a row a (task, algorithm) and one for all, a column a method."""
    needed, columns = samples(frame, thresholds(references)), {}
    for method in (m for m in STUDY_METHODS if m != "value_only" and m in set(frame.method)):
        rows = ratios(needed, method).set_index(["task", "algorithm"])
        columns[method] = rows.apply(lambda x: f"{x.ratio:.2f} [{x.low:.2f}, {x.high:.2f}]", axis=1)
    return pd.DataFrame(columns).reset_index()


def scored(frame, references):
    """Return ``frame`` with score and share of the budget.

    A score of 0 is the better of uniform actions and none, 1 the reference; below -1 is cut off, and a
    diverged seed stands there.
    """
    low, high = (frame.task.map(end) for end in _ends(references))
    score = ((frame["return"] - low) / (high - low)).fillna(-1).clip(lower=-1)
    budget = frame.task.map({name: task.steps for name, task in TASKS.items()})
    return frame.assign(score=score, share=(frame.step / budget).round(3))
