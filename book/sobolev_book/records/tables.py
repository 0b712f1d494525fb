"""Records: a CSV that a command makes again, and beside it a manifest of what made it."""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numba
import numpy as np
import pandas as pd
import torch

from sobolev_book.records.atomic import write_text

_INSIDE = Path(__file__).resolve().parents[1] / "results"  # where a wheel has the records
RESULTS = _INSIDE if _INSIDE.is_dir() else _INSIDE.parents[1] / "results"  # in a clone: book/results
PACKAGES = ("numba", "numpy", "pandas", "torch")
SIMULATORS = {  # module -> package, named when used
    "gymnasium": "gymnasium",
    "mujoco": "mujoco",
    "rewarped": "rewarped",
    "stable_baselines3": "stable-baselines3",
    "warp": "warp-lang",
}


def save(frame, name, command, folder=RESULTS, **more):
    """Write ``frame`` to folder/name.csv and its manifest to folder/name.json; each whole or not at all.

    The manifest holds the command, versions, processor, threads and ``more``. It is written first: where the
    CSV stands, the record is complete. Raises ``ValueError`` for an empty frame, which is no record.
    """
    if frame.empty:
        raise ValueError(f"frame: got an empty one for {name}, wanted rows")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    used = PACKAGES + tuple(SIMULATORS[name] for name in SIMULATORS if name in sys.modules)
    manifest = {"command": command, "python": platform.python_version(), **machine(used), **more}
    write_text(folder / f"{name}.json", json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    text = frame.to_csv(index=False, float_format="%.9g", lineterminator="\n")
    return write_text(folder / f"{name}.csv", text)


def long(steps, seeds, measured):
    """Return a row a step and seed: "step", "seed" and a column for each of ``measured``, name -> (R, S)."""
    columns = {"step": np.repeat(steps, len(seeds)), "seed": np.tile(seeds, len(steps))}
    return pd.DataFrame(columns | {name: np.ravel(x) for name, x in measured.items()})


def labelled(frame, **labels):
    """Return ``frame`` with ``labels`` as its first columns, also where it has them already."""
    return frame.assign(**labels)[list(dict.fromkeys([*labels, *frame]))]


def machine(packages):
    """Return what rounding depends on here: versions of ``packages``, class of processor, threads."""
    return {
        "versions": {name: version(name) for name in packages},
        "processor": f"{platform.machine()}, {_cpu()}, {torch.backends.cpu.get_cpu_capability()}",
        "threads": {"torch": torch.get_num_threads(), "numba": numba.get_num_threads()},
    }


def elsewhere(manifest):
    """Return in words where this machine is not the ``manifest``'s; where that is "", bytes must agree."""
    here = machine(manifest["versions"])
    return "; ".join(f"{name} {x}, not {manifest[name]}" for name, x in here.items() if x != manifest[name])


def load(name, folder=None):
    """Return (frame, manifest) of a record in ``folder``, by default the book's.

    Raises ``ValueError`` where there is none.
    """
    folder = RESULTS if folder is None else Path(folder)
    if not (folder / f"{name}.csv").exists():
        raise ValueError(f"name: got {name!r}, wanted a record in {folder}")
    manifest = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return pd.read_csv(folder / f"{name}.csv"), manifest


def _cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
