"""Long runs: what they leave behind, who may run them, what they refuse."""

import functools
import json
import re
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import distributed
import numpy as np
import pandas as pd
import pytest
import torch
from filelock import FileLock

from sobolev_book.__main__ import main
from sobolev_book.records import checkpoint as checkpoints
from sobolev_book.records import runs
from sobolev_book.records.jobs import spread
from sobolev_book.studies.catalogue import EXPERIMENTS
from sobolev_mini import envs

TRIAL = EXPERIMENTS["trial"]
SHORT = replace(TRIAL, config=replace(TRIAL.config, steps=60, record=(0, 30, 60), episodes=1))


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
    assert manifest["command"] == "python -m sobolev_book run trial --method balanced --seed 0"
    assert len(manifest["config_hash"]) == 16 and "steps=60" in manifest["config"]
    assert manifest["device"] == "cpu" and set(manifest["seconds"]) == {"wall", "cpu"}
    assert len(manifest["commit"].rstrip("+")) == 40 or manifest["commit"] == "unknown"
    assert sorted(x.name for x in (tmp_path / "results").iterdir()) == ["balanced-0.csv", "balanced-0.json"]
    assert not list((tmp_path / "runs").iterdir())
    before = path.stat().st_mtime_ns
    assert short(tmp_path) == path and path.stat().st_mtime_ns == before  # a finished run is not run again


@pytest.mark.parametrize("place", ["runs", "results"])
def test_two_at_work_in_one_place_refuse_each_other(tmp_path, place):
    (tmp_path / place).mkdir()
    with (
        FileLock(tmp_path / place / "balanced-0.lock"),
        pytest.raises(ValueError, match=rf"^runs: got .*{place}, where another .* on balanced-0"),
    ):
        short(tmp_path)
    assert not list(tmp_path.rglob("*.csv")) and not list(tmp_path.rglob("*.pt"))


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
from sobolev_book.records.checkpoint import _identity
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


def test_a_sweep_whose_runs_lie_elsewhere_writes_no_record(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(EXPERIMENTS, "trial", SHORT)
    monkeypatch.setattr(runs, "run", lambda *_, **__: tmp_path)  # as if a worker saw another disk
    with pytest.raises(SystemExit, match=r"^2$"):
        main(["sweep", "trial", "--jobs", "1", "--out", str(tmp_path), "--runs", str(tmp_path / "runs")])
    assert re.search(r"out: got .* less 6 finished runs, wanted a folder that every", capsys.readouterr().err)
    assert not list(tmp_path.rglob("*.csv"))


def test_processes_of_this_machine_give_the_same_bytes(tmp_path, undisturbed):
    pieces = [(SHORT, "trial", "balanced", seed, tmp_path / "results", tmp_path / "runs") for seed in (0, 1)]
    paths = sorted(spread(runs.run, pieces, jobs=2))
    assert paths[0].read_bytes() == undisturbed != paths[1].read_bytes()


def test_held_out_states_are_the_same_for_every_run_and_not_the_start():
    env = envs.make("pendulum")
    s = runs.held_out(env)
    assert s.shape == (1000, 3) and torch.equal(s, runs.held_out(envs.make("pendulum")))
    assert s[:, 2].abs().max() > 2


def hurried(client, address, timeout):
    return client(address, timeout="0.5s")  # nobody listens there, however long one waits


@pytest.mark.parametrize(("arguments", "words"), [
    (["run", "horse", "--method", "balanced", "--seed", "0"], "name: got 'horse', wanted one of"),
    (["run", "trial", "--method", "magic", "--seed", "0"], "method: got 'magic', wanted one of"),
    (["run", "trial", "--method", "balanced", "--seed", "-1"], "seed: got -1"),
    (["sweep", "trial", "--dask", "tcp://127.0.0.1:1"], "dask: got 'tcp://127.0.0.1:1'")])  # fmt: skip
def test_bad_input_is_named(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(distributed, "Client", functools.partial(hurried, distributed.Client))
    with pytest.raises(SystemExit, match=r"^2$"):
        main([*arguments, "--out", str(tmp_path), "--runs", str(tmp_path)])
    assert words in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.csv"))


def test_the_clock_counts_every_attempt_and_names_every_commit(tmp_path, monkeypatch):
    path, now = tmp_path / "a.time", runs.commit()
    path.write_text(json.dumps({"seconds": [100.0, 50.0], "commits": ["before"]}))
    clock = runs.Clock(path)
    clock.tick(last=True)
    wall, cpu = clock.seconds
    assert 100 <= wall < 101 and 50 <= cpu < 51 and json.loads(path.read_text())["seconds"] == [wall, cpu]
    assert clock.commits == ["before", now] == runs.Clock(path).commits


def test_a_checkpoint_wants_seconds():
    with pytest.raises(ValueError, match=r"^every: got -1, wanted a finite number >= 0"):
        checkpoints.Checkpoint(None, every=-1)


def test_a_checkpoint_waits_for_its_time(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(checkpoints, "save", lambda run, recorder, path: saved.append(path))
    run, keep = SimpleNamespace(step=1, done=False), checkpoints.Checkpoint(tmp_path / "x", every=60.0)
    keep(run, None)  # the start
    keep(run, None)
    assert not saved
    keep.last -= 61
    keep(run, None)
    keep(SimpleNamespace(step=2, done=True), None)
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


def test_the_commit_is_this_code_s_whatever_surrounds_it(tmp_path, monkeypatch):
    """A hook's GIT_DIR names another repository; an environment may lie inside one."""
    here, other = runs.commit(), tmp_path / "other"
    inside = other / "lib" / "sobolev_book"
    inside.mkdir(parents=True)
    git = ["git", "-C", other, "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert runs.commit() == here
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.setattr(runs, "HERE", inside)
    assert runs.commit() == "unknown"
