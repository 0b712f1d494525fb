"""A sweep on a Dask cluster: a worker is killed in the middle, and nothing is lost."""

import os
import signal
import threading
import time
from functools import partial

import pytest
from distributed import Client, LocalCluster

from sobolev_mini.experiments import runs
from sobolev_mini.experiments.jobs import spread
from tests.experiments.test_runs import SHORT, short


@pytest.mark.filterwarnings("ignore")  # of distributed, when a worker goes away
def test_a_worker_killed_in_the_middle_of_a_sweep_changes_no_byte(tmp_path):
    whole = {seed: short(tmp_path / "whole", seed=seed).read_bytes() for seed in (0, 1)}
    folder = tmp_path / "swept"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
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
