"""The second study, as ``book/study-plan-2.md`` lays it down: ends of the scale, rates tuned alike, cells."""

from pathlib import Path

import pandas as pd

from sobolev_book import records
from sobolev_book.records.atomic import write_text
from sobolev_book.studies import study, tasks
from sobolev_book.studies.references import references
from sobolev_book.studies.study import Task

SEEDS, TRIAL_SEEDS = tuple(range(2000, 2010)), tuple(range(100, 105))  # of the cells, and of exploration
RATES, TRIAL_SHARE = (1e-3, 3e-3), 0.5  # of actor and critic; of a task's budget
BUDGETS = {"hover": (4000, 300), "hover_3d": (6000, 500), "drag_3d": (2000, 200), "reach": (4000, 300),
           "two_poles": (6000, 500), "swimmer": (6000, 500)}  # fmt: skip
TASKS = {name: Task(*BUDGETS[name], explored=False, made=made) for name, made in tasks.TASKS.items()}
TUNED = {  # method -> the method whose trials give its rate
    "value_only": "value_only",
    "sobolev": "sobolev",
    "share": "sobolev",
    "twice": "value_only",
    "share_twice": "sobolev",
    "svg": "value_only",
    "normalised": "sobolev",
}
KEYS = ["task", "algorithm", "method"]


def ends(progress=None):
    """Return the record of each task's naive actions and reference."""
    return references({name: task.env(name) for name, task in TASKS.items()}, progress)


def trials(folder, jobs=1, progress=None):
    """Return the record of the trials: tuned methods at both rates, half the budget, exploration seeds."""
    cells = [(t, a, m) for t in TASKS for m in dict.fromkeys(TUNED.values()) for a in study.LOOPS]
    told = {"tasks": TASKS, "seeds": TRIAL_SEEDS, "share": TRIAL_SHARE}
    frames = [
        study.run(Path(folder) / f"{rate:g}", jobs, cells, progress, rate=rate, **told).assign(rate=rate)
        for rate in RATES
    ]
    return pd.concat(frames, ignore_index=True)


def rates(tried):
    """Return (task, algorithm, tuned method) -> rate: where the median seed's returns are the higher.

    They are averaged over the second half of the recorded steps. A diverged seed counts as the worst.
    """
    late = tried[tried.step > tried.groupby("task").step.transform("max") / 2]
    late = late.assign(**{"return": late["return"].fillna(-float("inf"))})
    medians = late.groupby([*KEYS, "rate", "step"])["return"].median()
    means = medians.groupby([*KEYS, "rate"]).mean().unstack("rate")
    return means.idxmax(axis=1).to_dict()


def cells(folder, jobs=1, progress=None, begun=None, kept=False):
    """Return the record of all cells, of those that ``folder`` has where ``kept``.

    The cells of ``begun``, a record, are put into the folder before.
    """
    chosen, frames = rates(records.load("second_trials")[0]), []
    for cell, part in () if begun is None else begun.groupby(KEYS, sort=False):
        path = Path(folder) / f"{'-'.join(cell)}.csv"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, part.to_csv(index=False, float_format="%.7g"))
    for task in TASKS:
        for rate in RATES:
            planned = [(task, a, m) for m in TUNED for a in study.LOOPS if chosen[task, a, TUNED[m]] == rate]
            planned = [x for x in planned if not kept or (Path(folder) / f"{'-'.join(x)}.csv").exists()]
            told = {"tasks": TASKS, "seeds": SEEDS, "rate": rate}
            frames.append(study.run(folder, jobs, planned, progress, **told) if planned else None)
    return pd.concat(frames, ignore_index=True)
