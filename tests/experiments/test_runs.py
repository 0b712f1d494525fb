"""Long runs: killed at any moment they end in the same bytes; two in one place refuse each other."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from filelock import FileLock

from sobolev_mini import envs
from sobolev_mini.__main__ import main
from sobolev_mini.control import checkpoint as checkpoints
from sobolev_mini.experiments import runs
from sobolev_mini.experiments.catalogue import EXPERIMENTS
from sobolev_mini.experiments.jobs import spread

TRIAL = EXPERIMENTS["trial"]
SHORT = replace(TRIAL, config=replace(TRIAL.config, steps=60, record=(0, 30, 60), episodes=1))
ROOT = Path(__file__).resolve().parents[2]


def short(folder, method="balanced", seed=0, **more):
    return runs.run(SHORT, "trial", method, seed, folder / "results", folder / "runs", **more)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return short(tmp_path_factory.mktemp("whole")).read_bytes()


def test_a_run_leaves_its_record_and_manifest_and_nothing_else(tmp_path):
    path = short(tmp_path)
    frame, manifest = pd.read_csv(path), json.loads(path.with_suffix(".json").read_text())
    assert list(frame.columns[:4]) == ["experiment", "method", "seed", "step"]
    assert frame.step.tolist() == [0, 30, 60] and np.isfinite(frame[["return", "q", "q_sd", "q19"]]).all(
        axis=None
    )
    assert manifest["command"] == "python -m sobolev_mini run trial --method balanced --seed 0"
    assert len(manifest["config_hash"]) == 16 and "steps=60" in manifest["config"]
    assert manifest["device"] == "cpu" and set(manifest["seconds"]) == {"wall", "cpu"}
    assert len(manifest["commit"].rstrip("+")) == 40 or manifest["commit"] == "unknown"
    assert sorted(x.name for x in (tmp_path / "results").iterdir()) == ["balanced-0.csv", "balanced-0.json"]
    assert [x.name for x in (tmp_path / "runs").iterdir() if x.suffix != ".lock"] == []
    before = path.stat().st_mtime_ns
    assert short(tmp_path) == path and path.stat().st_mtime_ns == before  # a finished run is not run again


def test_ctrl_c_and_the_same_command_again(tmp_path, undisturbed):
    for stop in (5, 20, 20):
        left = iter(range(stop))

        def interrupt(n, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            short(tmp_path, every=0.0, progress=interrupt)
    assert short(tmp_path).read_bytes() == undisturbed


def test_a_full_disk_stops_it_and_loses_nothing(tmp_path, undisturbed, monkeypatch):
    save, calls = torch.save, []

    def full(state, path):
        calls.append(path)
        if len(calls) > 12:
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        save(state, path)

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left"):
        short(tmp_path, every=0.0)
    assert not list((tmp_path / "runs").glob("*.part"))
    monkeypatch.setattr(torch, "save", save)
    steps = []
    assert short(tmp_path, progress=steps.append).read_bytes() == undisturbed
    assert steps[0] > 1 and 50 < len(steps) < 60  # it went on, it did not begin again


COMMAND = """
import sys
from tests.experiments.test_runs import short
from pathlib import Path
print("at work", flush=True)
short(Path(sys.argv[1]), every=0.0)
"""


def started(folder):
    """Start the short run in a process of its own and wait until it is at work."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder)], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)  # fmt: skip
    process.stdout.readline()
    return process


def test_killed_at_twenty_random_moments_it_ends_in_the_same_bytes(tmp_path, undisturbed):
    moments, kills, path = random.Random(0), 0, tmp_path / "results" / "balanced-0.csv"
    while kills < 20:
        process = started(tmp_path)
        time.sleep(moments.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        kills += 1
        if path.exists():  # it was faster: compare, and begin anew
            assert path.read_bytes() == undisturbed
            path.unlink()
    assert short(tmp_path).read_bytes() == undisturbed


def test_two_at_work_in_one_place_refuse_each_other(tmp_path):
    (tmp_path / "runs").mkdir()
    with (
        FileLock(tmp_path / "runs" / "balanced-0.lock"),
        pytest.raises(ValueError, match=r"^runs: got .* where another process is at work on balanced-0"),
    ):
        short(tmp_path)
    assert not (tmp_path / "results").exists()


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    left = iter(range(40))

    def interrupt(n):
        if next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        short(tmp_path, every=0.0, progress=interrupt)
    other = replace(SHORT, config=replace(SHORT.config, batch_size=16))
    with pytest.raises(ValueError, match=r"^checkpoint: got .*another run"):
        runs.run(other, "trial", "balanced", 0, tmp_path / "results", tmp_path / "runs")


def test_the_same_run_has_the_same_identity_in_another_process():
    """MuJoCo's environment holds objects whose text is an address."""
    code = """
from types import SimpleNamespace
from sobolev_mini import envs
from sobolev_mini.control.checkpoint import _identity
print(_identity(SimpleNamespace(env=envs.make("mujoco_ant"), config=1)))
"""
    texts = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
             for _ in range(2)}  # fmt: skip
    assert len(texts) == 1 and "ant.xml" in texts.pop()


def test_a_sweep_runs_what_is_missing_and_puts_all_together(tmp_path, monkeypatch):
    monkeypatch.setitem(EXPERIMENTS, "trial", replace(SHORT, methods={"balanced": TRIAL.methods["balanced"]}))
    where = ["--out", str(tmp_path), "--runs", str(tmp_path / "runs")]
    main(["run", "trial", "--method", "balanced", "--seed", "1", *where])
    before = (tmp_path / "trial" / "balanced-1.csv").stat().st_mtime_ns
    main(["sweep", "trial", *where])
    assert (tmp_path / "trial" / "balanced-1.csv").stat().st_mtime_ns == before
    frame = pd.read_csv(tmp_path / "trial.csv")
    assert frame.groupby(["method", "seed"]).size().to_dict() == {("balanced", 0): 3, ("balanced", 1): 3}


def test_processes_of_this_machine_give_the_same_bytes(tmp_path, undisturbed):
    pieces = [(SHORT, "trial", "balanced", seed, tmp_path / "results", tmp_path / "runs") for seed in (0, 1)]
    paths = sorted(spread(runs.run, pieces, jobs=2))
    assert paths[0].read_bytes() == undisturbed != paths[1].read_bytes()


def test_held_out_states_are_the_same_for_every_run_and_not_the_start():
    env = envs.make("pendulum")
    s = runs.held_out(env)
    assert s.shape == (1000, 3) and torch.equal(s, runs.held_out(envs.make("pendulum")))
    assert s[:, 2].abs().max() > 2


@pytest.mark.parametrize(("arguments", "words"), [
    (["run", "horse", "--method", "balanced", "--seed", "0"], "name: got 'horse', wanted one of"),
    (["run", "trial", "--method", "magic", "--seed", "0"], "method: got 'magic', wanted one of"),
    (["run", "trial", "--method", "balanced", "--seed", "-1"], "seed: got -1"),
    (["sweep", "trial", "--dask", "tcp://127.0.0.1:1"], "dask: got 'tcp://127.0.0.1:1'")])  # fmt: skip
def test_bad_input_is_named(arguments, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        main([*arguments, "--out", str(tmp_path), "--runs", str(tmp_path)])
    assert not list(tmp_path.rglob("*.csv"))


def test_the_clock_counts_every_attempt(tmp_path):
    path = tmp_path / "a.time"
    path.write_text("100.0 50.0")
    wall, cpu = runs.Clock(path).tick(last=True)
    assert 100 <= wall < 101 and 50 <= cpu < 51 and float(path.read_text().split()[0]) == wall


def test_a_checkpoint_waits_for_its_time(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(checkpoints, "save", lambda run, path: saved.append(path))
    run, chosen = type("Run", (), {"step": 1}), checkpoints.Checkpoint(tmp_path / "x", every=60.0)
    chosen.keep(run, done=False)
    assert not saved
    chosen.last -= 61
    chosen.keep(run, done=False)
    chosen.keep(run, done=True)
    assert len(saved) == 2


def test_a_simulator_that_lies_is_refused_unless_told_to_go_on(tmp_path, monkeypatch):
    right = envs.Pendulum.linearize

    def wrong(self, s, a):
        found = right(self, s, a)
        return replace(found, r_s=3 * found.r_s)

    monkeypatch.setattr(envs.Pendulum, "linearize", wrong)
    with pytest.raises(ValueError, match=r"^env: derivatives disagree .* r_s \(p50 6.7e-01"):
        short(tmp_path)
    assert not list(tmp_path.rglob("*.csv")) and not list(tmp_path.rglob("*.pt"))
    assert short(tmp_path, method="value_only").exists()  # which never asks for them
    with pytest.warns(UserWarning, match=r"going on although env: .* r_s"):
        assert short(tmp_path, trust=True).exists()
