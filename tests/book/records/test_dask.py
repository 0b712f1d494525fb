"""A sweep on a Dask cluster: its workers do the work, and one that is killed in the middle loses nothing."""

import os
import signal
import threading
import time
from functools import partial

import pandas as pd
import pytest
from distributed import Client, LocalCluster

from sobolev_book.__main__ import main
from sobolev_book.records import runs
from sobolev_book.records.jobs import spread
from tests.book.records.test_runs import SHORT, short


def cluster_of(workers, threads=1):
    return LocalCluster(
        n_workers=workers, threads_per_worker=threads, dashboard_address=None, host="127.0.0.1"
    )


AT_WORK = []  # pieces under way in a worker's process


def most_at_once(_):
    """Return the process, and how many pieces it has under way at most."""
    AT_WORK.append(1)
    try:
        time.sleep(0.1)
        return os.getpid(), len(AT_WORK)
    finally:
        AT_WORK.pop()


def test_workers_do_the_work_one_piece_at_a_time_from_wherever_they_stand(tmp_path, monkeypatch):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    monkeypatch.chdir(elsewhere)
    with cluster_of(1, threads=2) as cluster:
        with Client(cluster) as client:
            (worker,) = client.run(os.getpid).values()
        pieces = [(k,) for k in range(4)]
        assert set(spread(most_at_once, pieces, dask=cluster.scheduler_address)) == {(worker, 1)}
        monkeypatch.chdir(here)
        where = ["--out", "results", "--runs", "runs"]
        main(["sweep", "trial", "--small", *where, "--dask", cluster.scheduler_address])
    assert not list(elsewhere.rglob("*.csv"))
    swept = (here / "results" / "trial_small.csv").read_bytes()
    assert len(pd.read_csv(here / "results" / "trial_small.csv")) == 3 * 2 * 3  # methods, seeds, records
    main(["sweep", "trial", "--small", "--jobs", "1", "--out", "alone", "--runs", "runs"])
    assert (here / "alone" / "trial_small.csv").read_bytes() == swept


@pytest.mark.filterwarnings("ignore")  # of distributed, when a worker goes away
def test_a_worker_killed_in_the_middle_of_a_sweep_changes_no_byte(tmp_path):
    whole = {seed: short(tmp_path / "whole", seed=seed).read_bytes() for seed in (0, 1)}
    folder = tmp_path / "swept"
    with cluster_of(2) as cluster:
        with Client(cluster) as client:
            workers = list(client.run(os.getpid).values())

        def kill():
            until = time.monotonic() + 60
            while not list(folder.glob("runs/*.pt")) and time.monotonic() < until:
                time.sleep(0.01)
            os.kill(workers[0], signal.SIGKILL)
            killed.append(workers[0])

        killed, killer = [], threading.Thread(target=kill)
        killer.start()
        pieces = [(SHORT, "trial", "balanced", seed, folder / "results", folder / "runs") for seed in (0, 1)]
        paths = list(spread(partial(runs.run, every=0.0), pieces, dask=cluster.scheduler_address))
        killer.join()
    assert killed and len(paths) == 2
    assert {path.name: path.read_bytes() for path in paths} == {
        f"balanced-{seed}.csv": found for seed, found in whole.items()
    }
