"""Measure how long each notebook runs and how much memory it takes: ``python tests/times.py``, `make times`.

The record, ``book/times/runs.json``, keeps this run and the last one; the tables of the book's page are
written from it. Notebooks are left as they are, and so is the record by tests.
"""

import csv
import datetime
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import nbformat  # noqa: E402

from notebooks.refresh import execute  # noqa: E402

FOLDER = ROOT / "book" / "times"
MEASURES = {"minutes": ".1f", "processor": ".1f", "megabytes": ",d"}  # as the page writes them
HEADS = "minutes", "of a processor", "peak memory (MB)"
MACHINES = "run", "date", "processor", "cores", "memory (GB)", "processes at work", "Python"


def measure(path):
    """Return the ``MEASURES`` of a notebook, run in a process of its own so that its peak is its own."""
    command = [sys.executable, __file__, str(Path(path).resolve())]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def one(path):
    """Run a notebook and return minutes until its last cell, its kernel's minutes of a processor and peak."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    execute(notebook, Path(path).parent)
    minutes = (time.perf_counter() - start) / 60
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = (used.ru_utime + used.ru_stime) / 60
    return {
        "minutes": round(minutes, 2),
        "processor": round(processor, 2),
        "megabytes": round(used.ru_maxrss / unit),
    }


def processor():
    """Return the processor's name."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    if sys.platform == "darwin":
        names = [subprocess.check_output(["sysctl", "-n", "machdep.cpu.brand_string"], text=True).strip()]
    return names[0] if names else platform.processor() or platform.machine()


def machine():
    """Return what the measures hang on; "load" is how many processes were at work before."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory": round(memory),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def tables(runs):
    """Return the rows of the page's two tables, headers first, from this run and the one before."""
    rows = [("chapter", *HEADS, *(f"{head}, the run before" for head in HEADS))]
    for name in runs[0]["notebooks"]:
        rows.append((f"{{doc}}`../notebooks/{name}`", *_both([run["notebooks"].get(name) for run in runs])))
    rows.append(("**in all; the most memory**", *_both(list(map(_whole, runs)))))
    facts = "date", "processor", "cores", "memory", "load", "python"
    machines = [
        (when, *(str(run[fact]) for fact in facts))
        for when, run in zip(("this", "the one before"), runs, strict=False)
    ]
    return rows, [MACHINES, *machines]


def _both(measured):
    """Return the cells of this run and the one before; a dash where nothing was measured."""
    both = [*measured, None][:2]
    return [f"{x[key]:{form}}" if x else "–" for x in both for key, form in MEASURES.items()]


def _whole(run):
    """Return the sums of a run's minutes and the largest peak."""
    found = {key: sum(x[key] for x in run["notebooks"].values()) for key in ("minutes", "processor")}
    return found | {"megabytes": max(x["megabytes"] for x in run["notebooks"].values())}


def write(folder, runs):
    """Write the record and both tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "runs.json").write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    for name, rows in zip(("chapters", "machines"), tables(runs), strict=True):
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


def main():
    """Measure every notebook and put the run before the last one."""
    record = FOLDER / "runs.json"
    runs = json.loads(record.read_text(encoding="utf-8")) if record.exists() else []
    run, measured = machine(), {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        measured[path.stem] = measure(path)
        print(f"{path.stem}: {measured[path.stem]}", flush=True)
    write(FOLDER, [run | {"notebooks": measured}, *runs[:1]])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(one(sys.argv[1])))
    else:
        main()
