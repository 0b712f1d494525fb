"""Commands of experiments that are made of long runs."""

import importlib.util
import time
from argparse import ArgumentTypeError, Namespace
from functools import partial
from pathlib import Path

from tqdm import tqdm

from sobolev_mini import validate

ON_GPU = ("rewarped", "ant_batched")  # what the chapters still want of a machine with CUDA
AGAIN = 75  # exit status (EX_TEMPFAIL): time was up, the same command goes on


def _run(options):
    from sobolev_book.records import runs

    experiment, *where = _experiment(options)
    config = experiment.settings(options.method, options.seed)
    with tqdm(total=config.steps, unit=" steps") as bar:
        run = (experiment, options.name, options.method, options.seed, *where)
        return [_timed(lambda: runs.run(*run, progress=bar.update, **_how(options)))]


def _sweep(options):
    from sobolev_book import records
    from sobolev_book.records import runs
    from sobolev_book.records.jobs import spread

    experiment, results, kept = _experiment(options)
    missing = runs.together(experiment, results)[1]
    pieces = [(experiment, options.name, method, seed, results, kept) for method, seed in missing]
    work = spread(partial(runs.run, **_how(options)), pieces, options.jobs, options.dask)
    _timed(lambda: list(tqdm(work, total=len(pieces), unit=" runs")))
    frame, missing = runs.together(experiment, results)
    if missing:
        raise ValueError(f"out: got {results} less {len(missing)} finished runs, wanted a folder that "
                         "every worker sees")  # fmt: skip
    command = f"python -m sobolev_book sweep {options.name}" + " --small" * options.small
    return [records.save(frame, results.name, command, options.out)]


def _gpu(options):
    paths = []
    for name in ON_GPU:
        if name == "rewarped" and importlib.util.find_spec("rewarped") is None:
            print("LEFT OUT: rewarped, whose packages `make rewarped` installs", flush=True)
        else:
            paths += _sweep(Namespace(**vars(options), name=name, jobs=1, dask=None))
    return paths


def _from_now(minutes):
    """Return the time so many minutes from now; an argparse error for what is no number of them."""
    try:
        return time.time() + 60 * validate.real("minutes", minutes, low=0)
    except ValueError as error:
        raise ArgumentTypeError(error) from None


def _how(options):
    return {name: getattr(options, name) for name in ("every", "until", "trust", "device")}


def _timed(work):
    """Return what ``work`` returns; where time is up first, say so and exit with ``AGAIN``."""
    from sobolev_book.records.checkpoint import TimeUp

    try:
        return work()
    except TimeUp as stopped:
        print(f"time is up at {stopped}: the same command goes on")
        raise SystemExit(AGAIN) from None


def _experiment(options):
    """Return the ``Experiment`` of a command, where its results and its checkpoints lie."""
    from sobolev_book.studies import catalogue

    experiment, name = catalogue.experiment(options.name), options.name
    if options.small:
        experiment, name = experiment.small(), f"{name}_small"
    kept = options.runs or Path("_build/runs") / name
    return experiment, (options.out / name).resolve(), kept.resolve()  # a worker may stand in another folder


def _shared(device):
    """Return the options of every command here, with its ``device``."""
    return (
        ("--runs", {"type": Path, "help": "where checkpoints are kept"}),
        ("--trust", {"action": "store_true", "help": "go on though the gate is not passed"}),
        ("--every", {"type": float, "default": 180, "help": "seconds between checkpoints (180)"}),
        ("--minutes", {"dest": "until", "type": _from_now, "help": "stop after so many, to go on later"}),
        ("--device", {"default": device, "help": "cpu or cuda"}),
        ("--small", {"action": "store_true", "help": "a few steps only, to see that it works"}),
    )


NAME = ("name", {"help": "of an experiment: ant, ant_batched, rewarped or trial"})
COMMANDS = {
    "run": (
        "one long run of an experiment, resumed where it stopped", _run, *_shared("cpu"), NAME,
        ("--method", {"required": True, "help": "of the experiment's methods; an unknown one lists them"}),
        ("--seed", {"type": int, "help": "none where all seeds are one run"}),
    ),
    "sweep": (
        "every run of an experiment that is not done yet", _sweep, *_shared("cpu"), NAME,
        ("--jobs", {"type": int, "help": "runs at a time on this machine (as many as it has cores)"}),
        ("--dask", {"help": "address of a Dask scheduler to run on instead"}),
    ),
    "gpu": ("the experiments for a machine with CUDA, in pieces", _gpu, *_shared("cuda")),
}  # fmt: skip
