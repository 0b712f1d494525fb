"""Many training runs, one record: each finished run is kept, so that a sweep goes on where it stopped."""

import hashlib
import itertools
from pathlib import Path

import pandas as pd

from sobolev_book.records.atomic import write_text
from sobolev_book.records.measures import tidy
from sobolev_book.records.mlp_runs import train_mlp

KEPT = ("q", "q_centred", "q_s", "q_a", "policy", "return")


def sweep(cells, folder, progress=None):
    """Return the tidy frame of all ``cells``: their labels, step, seed and the measures ``KEPT``.

    Parameters
    ----------
    cells : list of (labels, problem, QConfig), labels a dict that tells the runs apart
    folder : where finished runs and the one under way are kept
    progress : called with the number of steps done
    """
    frames = []
    for labels, problem, config in cells:
        frame = kept(
            folder, (problem, config), lambda path, run=(problem, config): _tidy(*run, path, progress)
        )
        if progress and frame.attrs["kept"]:
            progress(config.steps)
        frames.append(frame[["step", "seed", *(name for name in KEPT if name in frame)]].assign(**labels))
    frame = pd.concat(frames, ignore_index=True)
    return frame[[*cells[0][0], *(column for column in frame if column not in cells[0][0])]]


def kept(folder, identity, make):
    """Return the frame of ``make(path of a checkpoint)``, from ``folder`` where it was made before.

    ``identity`` is what the frame depends on; ``attrs["kept"]`` says whether it was there.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
    done, under_way = folder / f"{key}.csv", folder / f"{key}.pt"
    was_there = done.exists()
    if not was_there:
        frame = make(under_way)
        write_text(done, frame.to_csv(index=False, lineterminator="\n"))
        under_way.unlink(missing_ok=True)
    frame = pd.read_csv(done)
    frame.attrs["kept"] = was_there
    return frame


def _tidy(problem, config, checkpoint, progress):
    return tidy(train_mlp(problem, config, checkpoint=checkpoint, progress=progress))


def product(**axes):
    """Return one dict for each combination of the values of ``axes``, the last fastest."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
