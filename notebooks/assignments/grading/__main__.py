"""Grade a folder of submissions: ``python -m grading --autograders … --submissions … --out …``.

Exit status 0: every file has its row. 1: the grader itself failed on some. 2: it did not begin.
130: stopped by Ctrl-C; the same command goes on.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from . import reading
from .advice import advice
from .wall import Limits, Wall

UNGUARDED = "Or trust every sheet, since its code could do harm here, and add --unguarded."


def main(arguments=None):
    """Read the command line, say which guards are in force, mark, write; return the exit status."""
    parser = argparse.ArgumentParser(prog="grading", description="Grade a folder of submissions.")
    parser.add_argument("--autograders", type=Path, required=True, help="holds NAME/autograder/*.zip")
    parser.add_argument("--submissions", type=Path, required=True, help="STUDENT.ipynb or STUDENT/*.ipynb")
    parser.add_argument("--out", type=Path, required=True, help="for marks.csv, feedback/ and records/")
    parser.add_argument("--jobs", type=int, default=2, help="sheets at once")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help="for a sheet in all")
    parser.add_argument("--memory", type=int, default=Limits.memory >> 20, help="MB for a sheet")
    parser.add_argument("--with-module", nargs="*", default=["a3", "project"], metavar="NAME",
                        help="assignments whose sheets may import sobolev_mini, sobolev_book")  # fmt: skip
    parser.add_argument("--assign", nargs=2, action="append", default=[], metavar=("FILE", "NAME"),
                        help="FILE, a name or pattern below --submissions, is a sheet of NAME")  # fmt: skip
    parser.add_argument("--unguarded", action="store_true", help="run sheets even where guards are missing")
    chosen = parser.parse_args(arguments)
    if chosen.jobs < 1 or chosen.seconds <= 0 or chosen.memory <= 0:
        parser.error("--jobs, --seconds and --memory want positive numbers")
    if not chosen.submissions.is_dir():
        parser.error(f"no folder {chosen.submissions}")
    limits = Limits(chosen.seconds, call=chosen.seconds / 4, memory=chosen.memory << 20)
    wall = Wall(limits, _modules())
    _say(wall.guards)
    trouble = advice(wall)
    if trouble and not chosen.unguarded:
        lost = f"no guard for: {', '.join(wall.missing())}. " if wall.missing() else ""
        print(f"grading: {lost}{trouble} {UNGUARDED}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        try:
            autograders = reading.autograders(chosen.autograders, scratch)
            for _, name in chosen.assign:
                if name not in autograders:
                    known = ", ".join(sorted(autograders))
                    raise ValueError(f"--assign: got {name!r}, wanted one of {known}")
            submissions = reading.submissions(chosen.submissions, chosen.assign)
        except (ValueError, OSError) as error:
            parser.error(str(error))
        return _grade(chosen, limits, autograders, submissions, open_wall=bool(trouble))


def _say(guards):
    print("Guards:")
    for name, how in guards.items():
        print(f"  {name}: {how or 'NONE'}", flush=True)


def _modules():
    """Return the folders of both packages."""
    import sobolev_book
    import sobolev_mini

    return tuple(Path(each.__file__).parent for each in (sobolev_mini, sobolev_book))


def _turn(out):
    """Return the lock of a folder of marks, held; wait where another grader holds it."""
    from filelock import FileLock, Timeout

    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out.with_name(f".{out.name}.lock"))  # no file among the marks
    try:
        return lock.acquire(blocking=False)
    except Timeout:
        print(f"grading: another grader is at work in {out}; this one waits.", file=sys.stderr, flush=True)
        return lock.acquire(poll_interval=0.2)


def _grade(chosen, limits, autograders, submissions, open_wall):
    import sobolev_book.check  # noqa: F401  (what tests import, once for all forks)

    from . import batch, report  # otter takes seconds: after what can be wrong at once

    modules = {name: _modules() if name in chosen.with_module else () for name in autograders}
    walls = {name: Wall(limits, modules[name], open_wall) for name in autograders}
    with _turn(chosen.out):
        records = batch.run(submissions, autograders, walls, chosen.out / "records", chosen.jobs)
        table = report.write(chosen.out, submissions, records, autograders)
    unmarked = sum(each["assignment"] is None for each in records.values())
    failed = sum(each["reason"].startswith(batch.FAILED) for each in records.values())
    print(f"{len(submissions)} files, {unmarked} of them without marks: {table}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("grading: stopped. Finished sheets are kept; the same command goes on.", file=sys.stderr)
        sys.exit(130)
