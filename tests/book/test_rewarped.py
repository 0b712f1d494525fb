"""The paper's simulator; runs where its packages are (``make rewarped``)."""

import numpy as np
import pandas as pd
import pytest
import torch

pytest.importorskip("rewarped", reason="Rewarped is not installed: run `make rewarped`")

from sobolev_book.__main__ import main
from sobolev_book.records import runs
from sobolev_book.records.checkpoint import Checkpoint, Progress
from sobolev_book.rewarped import RewarpedAnt
from sobolev_mini.envs.gate import finite_difference_check, gate
from sobolev_mini.losses import Balanced
from sobolev_mini.sac import SACConfig, train_sac

DOUBLE = torch.float64
pytestmark = pytest.mark.filterwarnings("ignore")  # of packages as old as Rewarped's


@pytest.fixture(scope="module")
def ant():
    return RewarpedAnt(dtype=DOUBLE)


def actions(n, generator):
    return 2 * torch.rand(n, 8, generator=generator, dtype=DOUBLE) - 1


def visited(env, n, steps):
    generator = torch.Generator().manual_seed(1)
    s = env.reset(n, generator)
    for _ in range(steps):
        step = env.step(s, actions(n, generator))
        s = torch.where(step.terminated[:, None], s, step.s_next)
    return s, actions(n, generator)


def seen(s):
    """Return the part of Rewarped's observation that states are."""
    return torch.cat([s[:, :19], 0.1 * s[:, 19:]], dim=-1)


def test_steps_are_rewarpeds_own(ant):
    sim = RewarpedAnt()._sim(6)
    torch.manual_seed(0)
    observed = sim.reset()
    for t in range(30):
        s = observed[:, :27].detach().to(DOUBLE)
        s[:, 19:] *= 10
        a = actions(6, torch.Generator().manual_seed(t))
        found, (observed, r, *_) = ant.step(s, a), sim.step(a.float())
        torch.testing.assert_close(seen(found.s_next), observed[:, :27].to(DOUBLE), atol=2e-3, rtol=1e-3)
        torch.testing.assert_close(found.r, r.to(DOUBLE), atol=2e-3, rtol=1e-3)
        assert torch.equal(found.terminated, observed[:, 0] < sim.termination_height)
    assert found.s_next[:, 0].min() < 0.6 and found.s_next[:, 5:11].abs().max() > 1  # it moved


@pytest.mark.parametrize("steps", [0, 25])
def test_the_mended_adjoint_agrees_with_differences_and_the_other_does_not(ant, steps):
    s, a = visited(ant, 12, steps)
    right = finite_difference_check(ant, s, a)
    assert all(right.p50[block] < 0.1 for block in ("f_s", "f_a", "r_s", "r_a")), str(right)
    wrong = finite_difference_check(RewarpedAnt(mended=False, dtype=DOUBLE), s, a)
    assert wrong.p50["f_s"] > 0.4 and wrong.p50["r_s"] > 0.15, str(wrong)


def test_the_gate_lets_one_pass_and_refuses_the_other(ant):
    gate(ant)
    with pytest.raises(ValueError, match=r"env: derivatives disagree .* f_s \(p50"):
        gate(RewarpedAnt(mended=False, dtype=DOUBLE))


def test_any_state_in_any_batch_gives_the_same_step(ant):
    s, a = visited(ant, 6, 10)
    whole = ant.transition(s, a)
    v = torch.randn(6, 27, dtype=DOUBLE, generator=torch.Generator().manual_seed(0))
    slopes = whole.pullback(v)
    assert all(torch.equal(*pair) for pair in zip(slopes, whole.pullback(v), strict=True))
    order = [4, 1, 1]
    part = ant.transition(s[order], a[order])
    torch.testing.assert_close(part.s_next, whole.s_next[order], atol=1e-6, rtol=0)
    for found, wanted in zip(part.pullback(v[order]), slopes, strict=True):
        torch.testing.assert_close(found, wanted[order], atol=1e-3, rtol=1e-3)
    stacked = ant.step(s.view(2, 3, 27), a.view(2, 3, 8))
    assert stacked.r.shape == (2, 3) and stacked.s_next.shape == (2, 3, 27)


def test_physics_that_blew_up_terminates_in_the_state_that_it_left_and_leaves_the_others_alone(ant):
    s, a = visited(ant, 3, 5)
    wild = s.clone()
    wild[1, 5:] = 1e30
    found, calm = ant.transition(wild, a), ant.transition(s, a)
    assert found.terminated.tolist() == [False, True, False]
    assert torch.equal(found.s_next[1], wild[1]) and found.r.isfinite().all()
    torch.testing.assert_close(found.s_next[::2], calm.s_next[::2], atol=1e-6, rtol=0)
    v = torch.ones(3, 27, dtype=DOUBLE)
    for x, y in zip(found.pullback(v), calm.pullback(v), strict=True):
        torch.testing.assert_close(x[::2], y[::2], atol=1e-3, rtol=1e-3)


def test_a_slope_across_the_sphere_is_nothing(ant):
    s, a = visited(ant, 4, 5)
    g_s, _ = ant.transition(s, a).pullback(torch.ones(4, 27, dtype=DOUBLE))
    across = (g_s[:, 1:5] * s[:, 1:5]).sum(dim=-1).abs()
    assert (across < 1e-4 * g_s.norm(dim=-1)).all() and ant.tangent(s, g_s).shape == (4, 26)


def test_sac_learns_on_it_from_live_pullbacks_and_goes_on(tmp_path):
    config = SACConfig(steps=14, start=6, capacity=20, batch_size=4, hidden=(8, 8), weighting=Balanced(),
                       seeds=(0,), record=(14,), episodes=1, cached=False)  # fmt: skip

    def trained(progress=None):
        env = RewarpedAnt()
        env.time_limit = 5
        told = [Progress(progress)] if progress else []
        return train_sac(env, config, callbacks=[Checkpoint(tmp_path / "run.pt", 0.0), *told])

    def stop(n):
        if (taken.append(n) or sum(taken)) == 10:
            raise KeyboardInterrupt

    taken = []
    with pytest.raises(KeyboardInterrupt):
        trained(stop)
    assert trained().returns.shape == (1, 1)


def test_the_papers_setting_runs_small_and_says_which_simulator_lies(tmp_path, monkeypatch):
    monkeypatch.setattr(RewarpedAnt, "time_limit", 20)
    monkeypatch.setattr(runs, "HELD_OUT", 50)
    with pytest.warns(UserWarning, match=r"going on although env: derivatives disagree .* f_s"):
        where = ["--out", str(tmp_path), "--runs", str(tmp_path / "runs")]
        main(["sweep", "rewarped", "--small", "--jobs", "1", *where])
    frame = pd.read_csv(tmp_path / "rewarped_small.csv")
    assert set(frame.method) == {"value_only", "paper", "paper_unmended", "balanced"}
    assert np.isfinite(frame[["return", "q"]]).all(axis=None)
