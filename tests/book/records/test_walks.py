"""What a robot does: posture and distance against the simulator, policies kept, claims against returns."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from sobolev_book.records import runs
from sobolev_book.records.walks import claims, halved, posture, walks
from sobolev_book.studies.catalogue import EXPERIMENTS
from sobolev_mini import envs
from sobolev_mini.envs.rollout import rollout
from sobolev_mini.recording import evaluate, starts
from sobolev_mini.sac import SACConfig, SACLearner

SMALL = {"steps": 24, "start": 4, "batch_size": 8, "hidden": (8, 8), "seeds": (3, 5), "episodes": 2}


def run_on(name, time_limit=60, **settings):
    env = envs.make(name)
    env.time_limit = time_limit
    return SACLearner(env, SACConfig(**SMALL | settings))


def test_an_upright_ant_and_a_turned_one():
    env = envs.make("mujoco_ant")
    s = torch.zeros(3, env.n_s)
    s[:, 0] = torch.tensor([0.75, 0.5, 0.3])
    quarter, half = 0.5**0.5, 1.0
    s[:, 1:5] = torch.tensor([[1, 0, 0, 0], [quarter, quarter, 0, 0], [0, half, 0, 0]])
    height, tilt = posture(env, s)
    torch.testing.assert_close(height, s[:, 0])
    torch.testing.assert_close(tilt, torch.tensor([0.0, 90.0, 180.0]), atol=0.05, rtol=0)
    s[0, 1:5] = torch.tensor([quarter, 0, 0, quarter])  # a turn about the vertical is no tilt
    assert posture(env, s)[1][0] < 0.05


@pytest.mark.parametrize("name", ["mujoco_ant", "mujoco_hopper", "mujoco_half_cheetah"])
def test_a_walk_is_what_the_simulator_did(name):
    """Distance from MuJoCo's own positions, the return that evaluation finds, ends that add up."""
    run = run_on(name)
    measured, env = walks(run), run.env
    torch.testing.assert_close(measured["return"], evaluate(env, run.actor, 2))
    s = starts(env, 2).expand(2, -1, -1)
    lengths, skip, way = torch.zeros(2, 2), env.robot.skip, torch.zeros(2, 2)

    def watch(step, a, alive):
        nonlocal s
        flat = np.concatenate([np.zeros((4, skip)), s.reshape(4, -1).double().numpy()], axis=1)
        moved = env.physics.advance(flat, a.reshape(4, -1).double().numpy())[:, 0].reshape(2, 2)
        way[:] += torch.where(alive, torch.as_tensor(moved).float(), 0.0)
        lengths[:] += alive
        s = torch.where(alive[..., None] & ~step.terminated[..., None], step.s_next, s)

    with torch.no_grad():
        rollout(env, s, run.actor, env.time_limit, watch)
    torch.testing.assert_close(measured["length"], lengths.mean(dim=1))
    torch.testing.assert_close(measured["distance"], way.mean(dim=1), atol=2e-4, rtol=1e-3)
    ended = (lengths < env.time_limit).float().mean(dim=1)
    assert (measured["high"] + measured["low"] >= ended).all() and (measured["effort"] > 0).all()
    if name == "mujoco_hopper":
        assert (measured["low"] == 1).all()


def test_an_ant_that_jumps_ends_too_high():
    run = run_on("mujoco_ant", 1000)
    generator = torch.Generator().manual_seed(0)
    run.actor.__class__ = type("Wild", (type(run.actor),), {"__call__": lambda self, s: 2 * torch.rand(
        *s.shape[:-1], 8, generator=generator) - 1})  # fmt: skip
    measured = walks(run)
    assert measured["high"].mean() > 0.5 and (measured["low"] == 0).all()


def test_claims_are_held_against_discounted_returns():
    run = run_on("mujoco_hopper", discount=0.9, temperature=0.0)
    s = starts(run.env, 3)
    values = claims(run, s)
    assert {name: x.shape for name, x in values.items()} == dict.fromkeys(values, (2, 3))
    x, total = s.expand(2, -1, -1), torch.zeros(2, 3)
    alive = torch.ones(2, 3, dtype=torch.bool)
    with torch.no_grad():
        np.testing.assert_allclose(values["claimed"], run.critic(x, run.actor(x)).mean(dim=0), rtol=1e-5)
        for k in range(80):
            step = run.env.step(x, run.actor(x))
            total += torch.where(alive, 0.9**k * step.r, 0.0)
            alive &= ~step.terminated
            x = torch.where(alive[..., None], step.s_next, x)
    np.testing.assert_allclose(values["greedy"], total, atol=2e-2)
    assert not np.allclose(values["earned"], values["greedy"])


def test_a_run_keeps_its_last_and_its_best_policy(tmp_path):
    experiment = replace(EXPERIMENTS["hopper"].small(), walks=5)
    path = runs.run(experiment, "hopper", "balanced", 10, tmp_path / "results", tmp_path / "runs")
    frame, kept = pd.read_csv(path), np.load(path.with_suffix(".npz"))
    assert {"length", "high", "low", "distance", "tilt", "kept", "clipped_jacobians"} <= set(frame)
    assert kept["claimed"].shape == (1, 5) and kept["last_w0"].dtype == np.float16
    actor = SACLearner(experiment.make("balanced"), experiment.settings("balanced", 10)).actor
    assert set(halved(actor)) == {name.removeprefix("best_") for name in kept if name.startswith("best_")}
    for kind, earned in (("last", frame["return"].iloc[-1]), ("best", frame["return"].max())):
        names = [f"{kind}_{'wb'[i % 2]}{i // 2}" for i in range(len(actor.parameters))]
        actor.parameters = [torch.as_tensor(kept[name]).float() for name in names]
        assert evaluate(actor.env, actor, 1).item() == pytest.approx(earned, rel=0.02, abs=0.1)
    assert not list((tmp_path / "runs").iterdir())


def test_an_interrupted_run_with_a_share_of_slopes_ends_in_the_same_bytes(tmp_path):
    """Both buffers, the best policy so far and the claims go through a checkpoint."""
    small = EXPERIMENTS["hopper"].small()
    experiment = replace(small, walks=5, config=replace(small.config, steps=40, record=(0, 10, 20, 30, 40)))

    def run(folder, **more):
        return runs.run(experiment, "hopper", "balanced", 10, folder / "results", folder / "runs", **more)

    whole = run(tmp_path / "whole")
    for stop in (11, 9):
        left = iter(range(stop))

        def interrupt(n, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "cut", every=0.0, progress=interrupt)
    again = run(tmp_path / "cut")
    assert again.read_bytes() == whole.read_bytes()
    kept, expected = (np.load(path.with_suffix(".npz")) for path in (again, whole))
    assert kept.files == expected.files
    for name in kept.files:
        np.testing.assert_array_equal(kept[name], expected[name])
