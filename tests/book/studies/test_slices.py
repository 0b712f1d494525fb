"""Q over the action at recorded steps: against the trained critic itself, and gone on with after a stop."""

import numpy as np
import pytest
import torch

from sobolev_book import __main__ as command_line
from sobolev_book import records
from sobolev_book.studies import figure1, studies
from sobolev_mini.networks import MLPCritic
from sobolev_mini.qlearning import QConfig, train_mlp
from sobolev_mini.toy import ToyProblem
from tests.book.records.test_sweep import SMALL

CELLS = [({"lam_s": x, "lam_a": 0.0}, ToyProblem(), QConfig(lam_s=x, **SMALL)) for x in (0.0, 1.0)]


def test_they_are_means_and_spreads_over_the_seeds_of_each_cell(tmp_path):
    frame = figure1.of_cells(CELLS, tmp_path)
    config = CELLS[1][2]
    step = config.recorded[-1]
    assert len(frame) == 2 * len(config.recorded) * len(figure1.STATES) * len(figure1.FEW)
    critic = MLPCritic(1, 1, config.seeds, config.hidden, config.activation)
    critic.parameters = train_mlp(ToyProblem(), config, keep=(step,)).weights[step]
    for s in figure1.STATES:
        a = torch.as_tensor(figure1.FEW, dtype=torch.float32)[None, :, None].expand(
            len(config.seeds), -1, -1
        )
        q = critic(torch.full_like(a, s), a).detach().double().numpy()
        found = frame[(frame.lam_s == 1) & (frame.step == step) & (frame.s == s)].sort_values("a")
        np.testing.assert_allclose(found["mean"], q.mean(axis=0), atol=1e-4)
        np.testing.assert_allclose(found.sd, q.std(axis=0, ddof=1), atol=1e-4)


def test_finished_cells_are_kept(tmp_path, monkeypatch):
    first = figure1.of_cells(CELLS, tmp_path)
    monkeypatch.setattr(figure1, "train_mlp", lambda *_, **__: pytest.fail("trained again"))
    steps = []
    assert figure1.of_cells(CELLS, tmp_path, steps.append).equals(first)
    assert sum(steps) == sum(config.steps for _, _, config in CELLS)


def test_the_command_writes_the_record(tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "grid", lambda: CELLS)
    command_line.main(["slices", "--out", str(tmp_path), "--runs", str(tmp_path / "runs")])
    frame, manifest = records.load("slices", tmp_path)
    assert list(frame) == ["lam_s", "lam_a", "step", "s", "a", "mean", "sd"]
    assert manifest["command"] == "python -m sobolev_book slices"
