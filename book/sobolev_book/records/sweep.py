"""Many training runs, one record: each finished run is kept, so that a sweep goes on where it stopped."""

import hashlib
import itertools
from functools import partial
from pathlib import Path

import pandas as pd

from sobolev_book.records.atomic import write_text
from sobolev_book.records.jobs import spread
from sobolev_book.records.measures import tidy
from sobolev_book.records.mlp_runs import train_mlp
from sobolev_book.records.tables import labelled

SWEPT = ("q", "q_centred", "q_s", "q_a", "policy", "return")  # of the measures of a run


def sweep(cells, folder, progress=None):
    """Return the tidy frame of all ``cells``: their labels, step, seed and the measures ``SWEPT``.

    Parameters
    ----------
    cells : list of (labels, problem, QConfig), labels a dict that tells the runs apart
    folder : where finished runs and the one under way are kept
    progress : called with the number of steps done
    """
    frame = over_cells(_tidy, cells, folder, progress)
    return frame.filter(items=[*cells[0][0], "step", "seed", *SWEPT])


def over_cells(measure, cells, folder, progress=None, kind=()):
    """Return the frames of ``measure(problem, config, checkpoint, progress)`` under their cells' labels.

    The other arguments are as ``sweep`` has them; ``kind`` tells the files of measures apart.
    """
    frames = []
    for labels, problem, config in cells:
        path = place(folder, (*kind, problem, config))
        if progress and path.exists():
            progress(config.steps)
        frame = kept(path, partial(measure, problem, config, progress=progress))
        frames.append(labelled(frame, **labels))
    return pd.concat(frames, ignore_index=True)


def _tidy(problem, config, checkpoint, progress):
    return tidy(train_mlp(problem, config, checkpoint=checkpoint, progress=progress))


def place(folder, identity):
    """Return the path in ``folder`` of a frame that depends on ``identity``."""
    return Path(folder) / f"{hashlib.sha256(repr(identity).encode()).hexdigest()[:16]}.csv"


def kept(path, make, **written_as):
    """Return the frame of ``make(path of a checkpoint)``, from the CSV at ``path`` where it was made before.

    ``written_as`` goes to ``to_csv``. The CSV is written whole or not at all; then the checkpoint goes.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        checkpoint = path.with_suffix(".pt")
        frame = make(checkpoint)
        write_text(path, frame.to_csv(index=False, lineterminator="\n", **written_as))
        for left in path.parent.glob(f"{checkpoint.name}*"):
            left.unlink()
    return pd.read_csv(path)


def all_kept(work, pieces, jobs=1, progress=None):
    """Return the frames of all ``pieces``, (path, ...) each, in one: ``work(*piece)`` keeps one at its path.

    ``jobs`` work at a time; ``progress`` is called with the number of pieces done since it was last called.
    """
    missing = [piece for piece in pieces if not piece[0].exists()]
    if progress:
        progress(len(pieces) - len(missing))
    for _ in spread(work, missing, jobs):
        if progress:
            progress(1)
    return pd.concat([pd.read_csv(path) for path, *_ in pieces], ignore_index=True)


def product(**axes):
    """Return one dict for each combination of the values of ``axes``, the last fastest."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
