"""Other ways through the same runner: Stable-Baselines3's SAC, and all seeds batched in pieces."""

import json
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest

from sobolev_book.__main__ import main
from sobolev_book.commands import experiments
from sobolev_book.records import runs
from sobolev_book.records.checkpoint import TimeUp
from sobolev_book.studies.catalogue import EXPERIMENTS

TRIAL = EXPERIMENTS["trial"]


def test_their_sac_is_recorded_as_ours_and_goes_on_to_the_same_bytes(tmp_path):
    beside = replace(
        TRIAL, beside=(0,), config=replace(TRIAL.config, record=(0, 60, 70, 90), steps=90, episodes=1)
    )

    def done(folder, progress=None):
        return runs.run(beside, "trial", "sb3", 0, folder / "results", folder / "runs", progress=progress)

    def stop(n):
        taken.append(n)
        if sum(taken) == 70:
            raise KeyboardInterrupt

    whole, taken = done(tmp_path / "whole"), []
    with pytest.raises(KeyboardInterrupt):
        done(tmp_path, stop)
    taken = [-1000]
    assert done(tmp_path, stop).read_bytes() == whole.read_bytes() and taken[1] == 70
    frame = pd.read_csv(whole)
    assert frame.method.tolist() == ["sb3"] * 4 and np.isfinite(frame[["return", "q", "q19"]]).all(axis=None)
    assert frame["return"].nunique() == 4  # 32 of the steps past 50 trained it
    assert ("sb3", 0) in beside.runs and ("sb3", 0) not in TRIAL.runs


def test_their_sac_stops_at_its_time_and_stays_on_the_cpu(tmp_path):
    beside = replace(
        TRIAL, beside=(0,), config=replace(TRIAL.config, record=(0, 5, 10), steps=10, episodes=1)
    )
    where = beside, "trial", "sb3", 0, tmp_path / "results", tmp_path / "runs"
    for step in (0, 5):
        with pytest.raises(TimeUp, match=f"step {step} of 10"):
            runs.run(*where, until=0.0)
    assert runs.run(*where, until=0.0).exists()
    with pytest.raises(ValueError, match="device: got 'cuda', wanted 'cpu' for method 'sb3'"):
        runs.run(*where[:4], tmp_path / "other", tmp_path / "runs", device="cuda")


def test_in_pieces_all_seeds_in_one_run(tmp_path, monkeypatch, capsys):
    """The way of a machine with CUDA, small, on the CPU, with one of the three methods."""
    monkeypatch.setattr(experiments, "ON_GPU", ("ant_batched",))
    whole = EXPERIMENTS["ant_batched"]
    monkeypatch.setitem(EXPERIMENTS, "ant_batched", replace(whole, methods={"paper": whole.methods["paper"]}))

    def piece(folder, minutes):
        main(["gpu", "--small", "--device", "cpu", "--minutes", str(minutes), "--out", str(folder),
              "--runs", str(folder / "runs")])  # fmt: skip

    for _ in range(3):
        with pytest.raises(SystemExit, match="75"):
            piece(tmp_path, 0)
    said = capsys.readouterr().out
    assert all(f"time is up at step {k} of 24: the same command goes on" in said for k in (1, 2, 3))
    piece(tmp_path, 10)
    piece(tmp_path / "whole", 10)
    made = [folder / "ant_batched_small.csv" for folder in (tmp_path, tmp_path / "whole")]
    assert made[0].read_bytes() == made[1].read_bytes()
    found = pd.read_csv(made[0])
    assert found.groupby("method").seed.unique().map(list).to_dict() == {"paper": [0, 1]}
    manifest = json.loads((tmp_path / "ant_batched_small" / "paper.json").read_text())
    assert manifest["command"].endswith("run ant_batched --method paper --small")
    assert manifest["diverged_at"] == [-1, -1] and manifest["versions"].keys() >= {"mujoco", "gymnasium"}
    assert EXPERIMENTS["ant_batched"].make("paper").physics.threads == joblib.cpu_count()
    assert EXPERIMENTS["ant"].make("paper").physics.threads == 1  # its seeds are runs of their own
    with pytest.raises(ValueError, match=r"seed: got 3, wanted none: all seeds are one run"):
        EXPERIMENTS["ant_batched"].settings("paper", 3)
    with pytest.raises(ValueError, match="seed: got None, wanted a seed"):
        EXPERIMENTS["ant"].settings("paper", None)


def test_what_cannot_run_here_is_left_out_loudly(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(experiments, "ON_GPU", ("rewarped",))
    monkeypatch.setattr(experiments.importlib.util, "find_spec", lambda name: None)
    main(["gpu", "--small", "--out", str(tmp_path)])
    assert "LEFT OUT: rewarped" in capsys.readouterr().out
