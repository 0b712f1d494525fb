"""Grade a folder of submissions: ``python -m grading --autograders … --submissions … --out …``.

Exit status 0: every file has its row. 1: the grader itself failed on some. 2: it did not begin.
130: stopped by Ctrl-C; the same command goes on.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from . import reading
from .wall import Limits, Wall

ADVICE = (
    "A sheet's code could do harm here. Install bubblewrap (on Linux: `apt install bubblewrap`), "
    "or trust every sheet and add --unguarded."
)


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
    parser.add_argument("--unguarded", action="store_true", help="run sheets even where guards are missing")
    chosen = parser.parse_args(arguments)
    if chosen.jobs < 1 or chosen.seconds <= 0 or chosen.memory <= 0:
        parser.error("--jobs, --seconds and --memory want positive numbers")
    if not chosen.submissions.is_dir():
        parser.error(f"no folder {chosen.submissions}")
    limits = Limits(chosen.seconds, call=chosen.seconds / 4, memory=chosen.memory << 20)
    wall = Wall(limits)
    _say(wall.guards)
    if wall.missing() and not chosen.unguarded:
        print(f"grading: no guard for: {', '.join(wall.missing())}. {ADVICE}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        try:
            autograders = reading.autograders(chosen.autograders, scratch)
        except (ValueError, OSError) as error:
            parser.error(str(error))
        return _grade(chosen, limits, autograders, open_wall=bool(wall.missing()))


def _say(guards):
    print("Guards:")
    for name, how in guards.items():
        print(f"  {name}: {how or 'NONE'}", flush=True)


def _grade(chosen, limits, autograders, open_wall):
    import sobolev_book.check  # what tests import, once for all forks
    import sobolev_mini

    from . import batch, report  # otter takes seconds: after what can be wrong at once

    both = tuple(Path(each.__file__).parent for each in (sobolev_mini, sobolev_book))
    modules = {name: both if name in chosen.with_module else () for name in autograders}
    walls = {name: Wall(limits, modules[name], open_wall) for name in autograders}
    submissions = reading.submissions(chosen.submissions)
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
