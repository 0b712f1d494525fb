"""Marks a folder of submissions, each in a process group of its own, and goes on where it was stopped.

A finished submission's record lies in OUT/records under a number made from its bytes, the autograders' and
the limits, written whole or not at all: what is there is not marked again.
"""

import contextlib
import ctypes
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.connection import wait

from tqdm import tqdm

from sobolev_book.records.atomic import write_text

from .mark import mark, nothing
from .remote import end
from .wall import a_user_of_its_own

GRACE = 60  # seconds that checks may take beside the sheet's own
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
FAILED = "the grader itself failed"
processes = multiprocessing.get_context("fork")  # otter takes seconds to import, a fork none


def run(submissions, autograders, walls, records, jobs=2):
    """Mark what has no record yet; return {submission's digest: record}; ``KeyboardInterrupt`` if stopped.

    Parameters
    ----------
    submissions : list of reading.Submission
    autograders : {name: reading.Autograder}
    walls : {name: Wall}
    records : Path of the folder for records
    jobs : how many at once
    """
    records.mkdir(parents=True, exist_ok=True)
    paths = {each.digest: records / f"{_key(each, autograders, walls)}.json" for each in submissions}
    first = {each.digest: each for each in reversed(submissions)}
    waiting = [digest for digest, path in paths.items() if _kept(path) is None]
    seconds = GRACE + max(wall.limits.seconds for wall in walls.values())
    tqdm.monitor_interval = 0  # no thread in a process that forks
    bar = tqdm(total=len(paths), initial=len(paths) - len(waiting), unit="sheet", file=sys.stderr)
    at_work, failed = {}, {}
    with _stopped(at_work) as stopped, bar:
        while waiting or at_work:
            if stopped:
                raise KeyboardInterrupt
            while waiting and len(at_work) < jobs:
                digest = waiting.pop(0)
                arguments = first[digest], autograders, walls, paths[digest]
                process = processes.Process(target=_one, args=arguments, daemon=True)
                process.start()
                at_work[process] = digest, time.monotonic() + seconds
            wait([process.sentinel for process in at_work], timeout=0.2)
            for process, (digest, end) in list(at_work.items()):
                late = time.monotonic() > end
                if process.is_alive() and not late:
                    continue
                _end(process)
                del at_work[process]
                if _kept(paths[digest]) is None:
                    why = "its checks took too long" if late else f"{FAILED}, status {process.exitcode}"
                    failed[digest] = nothing(why)
                bar.update()
    return {digest: failed.get(digest) or _kept(path) for digest, path in paths.items()}


def _key(submission, autograders, walls):
    """Return the number of a record: another sheet, other tests or other limits make another."""
    parts = [submission.digest]
    for name, each in sorted(autograders.items()):
        parts += [name, each.digest, walls[name].described]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _kept(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _one(submission, autograders, walls, record):
    """Mark one submission, in a process of its own that ends with the batch."""
    os.setsid()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    if sys.platform == "linux":
        kernel = ctypes.CDLL(None)
        kernel.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != multiprocessing.parent_process().pid:  # it has ended already
            return
        kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans of an open wall are still found
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), a_user_of_its_own() as uid:
        try:
            found = mark(submission, autograders, walls, uid)
        finally:
            end(os.getpid(), itself=False)
    write_text(record, json.dumps(found, indent=1) + "\n")


def _end(process):
    """Kill a process, what it started and its group, if anything of it is left."""
    end(process.pid)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.join()


@contextlib.contextmanager
def _stopped(at_work):
    """Yield a list, empty until Ctrl-C or SIGTERM; whatever ends the batch ends what is at work.

    An exception raised by the signal itself would be lost where it meets a finaliser.
    """
    asked = []
    both = signal.SIGINT, signal.SIGTERM
    before = [signal.signal(each, lambda number, _: asked.append(number)) for each in both]
    try:
        yield asked
    finally:
        for process in list(at_work):
            _end(process)
        for each, handler in zip(both, before, strict=True):
            signal.signal(each, handler)
