"""Commands of experiments that are made of long runs."""

import importlib.util
import time
from argparse import Namespace
from functools import partial
from pathlib import Path

from tqdm import tqdm

ON_GPU = ("rewarped", "ant_batched")  # what the chapters still want of a machine with CUDA
AGAIN = 75  # exit status (EX_TEMPFAIL): time was up, the same command goes on


def add(command):
    """Declare them, as in ``commands.toy``."""
    run = command("run", "one long run of an experiment, resumed where it stopped", _run)
    sweep = command("sweep", "every run of an experiment that is not done yet", _sweep)
    gpu = command("gpu", "the experiments for a machine with CUDA, in pieces", _gpu)
    for each in (run, sweep, gpu):
        each.add_argument("--runs", type=Path, default=None, help="where checkpoints are kept")
        each.add_argument("--trust", action="store_true", help="go on though the gate is not passed")
        each.add_argument("--every", type=float, default=180, help="seconds between checkpoints (180)")
        each.add_argument(
            "--minutes", dest="until", type=_from_now, help="stop after so many, to go on later"
        )
        each.add_argument("--device", default="cuda" if each is gpu else "cpu", help="cpu or cuda")
        each.add_argument("--small", action="store_true", help="a few steps only, to see that it works")
    for each in (run, sweep):
        each.add_argument("name", help="of an experiment: ant, ant_batched, rewarped or trial")
    run.add_argument("--method", required=True, help="of the experiment's methods; an unknown one lists them")
    run.add_argument("--seed", type=int, help="none where all seeds are one run")
    sweep.add_argument("--jobs", type=int, help="runs at a time on this machine (as many as it has cores)")
    sweep.add_argument("--dask", default=None, help="address of a Dask scheduler to run on instead")
    gpu.set_defaults(jobs=1, dask=None)


def _run(chosen):
    from sobolev_book.records import runs

    experiment, *where = _experiment(chosen)
    config = experiment.settings(chosen.method, chosen.seed)
    with tqdm(total=config.steps, unit=" steps") as bar:
        one = (experiment, chosen.name, chosen.method, chosen.seed, *where)
        return _timed(lambda: runs.run(*one, progress=bar.update, **_options(chosen)))


def _sweep(chosen):
    from sobolev_book import records
    from sobolev_book.records import runs
    from sobolev_book.records.jobs import spread

    experiment, results, folder = _experiment(chosen)
    missing = runs.together(experiment, results)[1]
    pieces = [(experiment, chosen.name, *which, results, folder) for which in missing]
    work = spread(partial(runs.run, **_options(chosen)), pieces, chosen.jobs, chosen.dask)
    _timed(lambda: list(tqdm(work, total=len(pieces), unit=" runs")))
    frame, missing = runs.together(experiment, results)
    if missing:
        raise ValueError(f"out: got {results} less {len(missing)} finished runs, wanted a folder that "
                         "every worker sees")  # fmt: skip
    command = f"python -m sobolev_book sweep {chosen.name}" + " --small" * chosen.small
    return records.save(frame, results.name, command, chosen.out)


def _gpu(chosen):
    made = []
    for name in ON_GPU:
        if name == "rewarped" and importlib.util.find_spec("rewarped") is None:
            print("LEFT OUT: rewarped, whose packages `make rewarped` installs", flush=True)
        else:
            made.append(str(_sweep(Namespace(**vars(chosen), name=name))))
    return " and ".join(made)


def _from_now(minutes):
    """Return the time so many minutes from now."""
    return time.time() + 60 * float(minutes)


def _options(chosen):
    return {name: getattr(chosen, name) for name in ("every", "until", "trust", "device")}


def _timed(work):
    """Return what ``work`` returns; where time is up first, say so and exit with ``AGAIN``."""
    from sobolev_mini.checkpoint import TimeUp

    try:
        return work()
    except TimeUp as stopped:
        print(f"time is up at {stopped}: the same command goes on")
        raise SystemExit(AGAIN) from None


def _experiment(chosen):
    """Return the ``Experiment`` of a command, where its results and its checkpoints lie."""
    from sobolev_book.studies.catalogue import EXPERIMENTS
    from sobolev_mini import validate

    experiment = EXPERIMENTS[validate.one_of("name", chosen.name, tuple(EXPERIMENTS))]
    name = f"{chosen.name}_small" if chosen.small else chosen.name
    made = experiment.small() if chosen.small else experiment
    runs = chosen.runs or Path("_build/runs") / name
    return made, (chosen.out / name).resolve(), runs.resolve()  # a worker may stand in another folder
