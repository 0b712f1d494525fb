"""Long runs stopped by Ctrl-C, a full disk or a kill at any moment end in the same bytes."""

import errno
import json
import multiprocessing
import os
import random
import time
from pathlib import Path

import pytest
import torch

from sobolev_book.records import atomic
from tests.book.records.test_runs import short

FORKS = multiprocessing.get_context("forkserver")  # processes that have the module loaded at their start
FORKS.set_forkserver_preload(["torch._dynamo", "tests.book.records.test_runs"])  # Adam wants the first


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return short(tmp_path_factory.mktemp("whole")).read_bytes()


def test_ctrl_c_and_the_same_command_again(tmp_path, undisturbed):
    for stop in (5, 20, 20):
        left = iter(range(stop))

        def interrupt(n, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            short(tmp_path, every=0.0, progress=interrupt)
    assert short(tmp_path).read_bytes() == undisturbed


def whole_files(folder):
    """Return the names of all files that a run puts in their place, in order."""
    put, own = [], os.replace

    def replaced(part, path):
        put.append(Path(path).name)
        own(part, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic.os, "replace", replaced)
        short(folder, every=0.0)
    return put


def test_a_full_disk_stops_it_at_any_file_and_loses_nothing(tmp_path, undisturbed, monkeypatch):
    """The clock's, a buffer's, a checkpoint's, and at the end the manifest's and the record's."""
    every, own = whole_files(tmp_path / "whole"), os.replace
    assert every[0] == "balanced-0.time" and every[-2:] == ["balanced-0.json", "balanced-0.csv"]
    for k, last in enumerate((0, 23, 24, len(every) - 2, len(every) - 1)):
        folder, left = tmp_path / str(k), iter(range(last))

        def full(part, path, left=left):
            if next(left, None) is None:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            own(part, path)

        monkeypatch.setattr(atomic.os, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            short(folder, every=0.0)
        monkeypatch.setattr(atomic.os, "replace", own)
        assert not list(folder.rglob("*.part")) and not list(folder.rglob("*.csv"))
        steps = []
        assert short(folder, progress=steps.append).read_bytes() == undisturbed
        assert sum(steps) == 60 and (steps[0] > 8 if last else steps[0] == 1)  # it went on
        assert json.loads((folder / "results" / "balanced-0.json").read_text())["seconds"]
        assert not list((folder / "runs").iterdir())


def started(folder):
    """Start the short run in a process of its own and wait until it has written down more than it found."""
    kept = folder / "runs"
    before = set(kept.glob("*.replay"))
    process = FORKS.Process(target=short, args=(folder,), kwargs={"every": 0.0})
    process.start()
    until = time.monotonic() + 120
    while process.is_alive() and not set(kept.glob("*.replay")) - before:
        assert time.monotonic() < until, "it wrote no checkpoint"
        time.sleep(0.002)
    return process


def step_of(folder):
    """Return the step that the checkpoint holds, 0 where there is none."""
    path = folder / "runs" / "balanced-0.pt"
    return torch.load(path, weights_only=False)["run"]["step"] if path.exists() else 0


def test_killed_at_twenty_random_moments_it_ends_in_the_same_bytes(tmp_path, undisturbed):
    moments, path, further = random.Random(0), tmp_path / "results" / "balanced-0.csv", []
    for _ in range(20):
        before, process = step_of(tmp_path), started(tmp_path)
        time.sleep(moments.uniform(0.0, 0.05))
        process.kill()
        process.join()
        if path.exists():  # it was faster: compare, and begin anew
            assert path.read_bytes() == undisturbed
            for left in tmp_path.rglob("balanced-0.*"):
                left.unlink()
        else:
            further.append(step_of(tmp_path) - before)
    assert min(further) >= 0 and sum(x > 0 for x in further) > 10, f"steps gained: {further}"
    assert short(tmp_path).read_bytes() == undisturbed
