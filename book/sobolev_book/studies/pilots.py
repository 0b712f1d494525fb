"""What the pilot says of every system that the book learns on: a record beside what learning then did."""

import pandas as pd

from sobolev_book.studies import dials, second, study
from sobolev_mini.pilot import pilot

STUDIES = {"dials": dials.TASKS, "first": study.TASKS, "second": second.TASKS}


def pilots(progress=None):
    """Return a row a task: study, task, the pilot's two errors ("values", "slopes") and its answer."""
    rows = []
    for name, tasks in STUDIES.items():
        for task, settings in tasks.items():
            found = pilot(settings.env(task), settings.settings.get("discount", 0.97))
            rows.append((name, task, found.values, found.slopes, found.answer))
            if progress:
                progress(1)
    return pd.DataFrame(rows, columns=["study", "task", "values", "slopes", "answer"])
