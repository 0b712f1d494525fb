"""MuJoCo's robots: gymnasium's own physics, Jacobians through contact and turns, and what must not pass."""

from dataclasses import replace

import gymnasium
import mujoco
import numpy as np
import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.envs.gate import finite_difference_check, gate
from sobolev_mini.envs.protocol import jacobian_size
from sobolev_mini.envs.robots.mujoco import ROBOTS, MuJoCo
from sobolev_mini.envs.robots.quaternion import normal, turn
from sobolev_mini.losses import Balanced
from sobolev_mini.replay import ReplayBuffer
from sobolev_mini.sac import SACConfig, train_sac

DOUBLE = torch.float64
IDS = {"ant": "Ant-v5", "half_cheetah": "HalfCheetah-v5", "hopper": "Hopper-v5", "swimmer": "Swimmer-v5",
       "walker2d": "Walker2d-v5"}  # fmt: skip


@pytest.fixture(scope="module", params=ROBOTS)
def env(request):
    return MuJoCo(request.param, dtype=DOUBLE)


@pytest.fixture(scope="module")
def ant():
    return envs.make("mujoco_ant", dtype=DOUBLE)


def visited(env, n=20, steps=25, seed=0):
    """Return states and actions (n, .) after random behaviour from a start, ended episodes begun anew."""
    generator = torch.Generator().manual_seed(seed)
    s = env.reset(n, generator)
    for _ in range(steps):
        a = 2 * torch.rand(n, env.n_a, generator=generator, dtype=DOUBLE) - 1
        step = env.step(s, a)
        s = torch.where(step.terminated[:, None], env.reset(n, generator), step.s_next)
    return s, 2 * torch.rand(n, env.n_a, generator=generator, dtype=DOUBLE) - 1


def test_the_physics_is_gymnasium_s_with_another_integrator(env):
    name = env.robot.file.removesuffix(".xml").removesuffix("_v5")
    theirs = gymnasium.make(IDS[name]).unwrapped
    theirs.model.opt.integrator = mujoco.mjtIntegrator.mjINT_EULER
    s, a = visited(env, n=8, steps=10)
    step = env.step(s, a)
    for i in range(len(s)):
        start = np.concatenate([np.zeros(env.robot.skip), s[i].numpy()])
        theirs.reset()
        theirs.set_state(start[: theirs.model.nq], start[theirs.model.nq :])
        theirs.data.qacc_warmstart[:] = 0
        _, _, terminated, _, info = theirs.step(a[i].numpy())
        end = np.concatenate([theirs.data.qpos[env.robot.skip :], theirs.data.qvel])
        np.testing.assert_allclose(step.s_next[i], end, atol=1e-9)
        assert step.terminated[i] == terminated
        ahead = theirs.data.qpos[0] / theirs.dt
        cost = env.robot.cost * np.square(a[i].numpy()).sum()
        assert step.r[i].item() == pytest.approx(ahead - cost + env.robot.alive * (not terminated), abs=1e-9)
        assert info["reward_ctrl"] == pytest.approx(-cost)


@pytest.mark.parametrize("steps", [0, 25], ids=["air", "contact"])
def test_jacobians_pass_the_gate(env, steps):
    finite_difference_check(env, *visited(env, steps=steps)).require(p50=1e-3, p90=1e-2)


@pytest.mark.parametrize("integrator", ["euler", "implicitfast"])
def test_so_they_do_with_either_integrator(integrator):
    chosen = MuJoCo("ant", integrator, dtype=DOUBLE)
    finite_difference_check(chosen, *visited(chosen, n=6)).require(p50=1e-4, p90=1e-2)


def test_soft_contacts_and_stops_push_less_and_pass_the_gate(ant):
    soft, sizes = MuJoCo(time_constant=0.16, dtype=DOUBLE), []
    for env in (ant, soft):
        s, a = visited(env, n=40, steps=30)
        sizes.append(float(jacobian_size(env.linearize(s, a), env).median()))
        finite_difference_check(env, s, a).require(p50=1e-3, p90=1e-2)
    assert sizes[1] < 0.75 * sizes[0]
    with pytest.raises(ValueError, match=r"time_constant: got 0.01, wanted a finite number >= 0.02"):
        MuJoCo(time_constant=0.01)


def test_runge_kutta_is_refused():
    with pytest.raises(ValueError, match=r"^integrator: got 'rk4', wanted one of"):
        MuJoCo("ant", "rk4")


def test_slopes_along_the_sphere_come_back_and_slopes_across_it_do_not(ant):
    s, a = visited(ant, n=6)
    v = torch.randn(6, ant.n_s, dtype=DOUBLE)
    g_s, g_a = ant.transition(s, a).pullback(v)
    q = slice(ant.quaternion, ant.quaternion + 4)
    assert (g_s[:, q] * s[:, q]).sum(dim=-1).abs().max() < 1e-9 * g_s.abs().max()
    across = torch.zeros_like(v)
    across[:, q] = ant.step(s, a).s_next[:, q]
    for found, plain in zip(ant.transition(s, a).pullback(v + across), (g_s, g_a), strict=True):
        torch.testing.assert_close(found, plain, atol=1e-6, rtol=1e-9)


def test_a_tangent_slope_is_the_derivative_along_a_turn(ant):
    s, _ = visited(ant, n=5)
    weights = torch.randn(ant.n_s, dtype=DOUBLE)
    i, h = ant.quaternion, 1e-6
    slope = ant.tangent(s, weights.expand_as(s))
    assert slope.shape == (5, 26) and ant.tangent_scale.shape == (26,)
    for k in range(3):
        step = torch.zeros_like(s)
        step[:, i : i + 4] = h * turn(s[:, i : i + 4])[..., k]
        difference = (normal(s + step, i) @ weights - normal(s - step, i) @ weights) / (2 * h)
        torch.testing.assert_close(slope[:, i + k], difference, atol=1e-8, rtol=1e-6)


def plant(monkeypatch, fault):
    """Put a fault into the chain of Jacobians."""
    right = envs.robots.mujoco.Physics.jacobians

    def wrong(self, states, actions):
        end, J_s, J_a = right(self, states, actions)
        if fault == "f_a":
            J_a = 2 * J_a
        elif fault == "nan":
            J_s[len(J_s) // 2 :] = np.nan
        elif fault == "inf":
            J_a[len(J_a) // 2 :] = np.inf
        return end, J_s, J_a

    if fault == "quaternion":
        monkeypatch.setattr(
            MuJoCo, "_basis", lambda self, s, factor=1: np.eye(27)[None, :, 1:].repeat(len(s), 0)
        )
    elif fault == "frames":
        monkeypatch.setattr(envs.robots.mujoco.Physics, "advance", lambda *x: advance(*x))
        advance = lambda self, s, a: _short(self, s, a)  # noqa: E731
    else:
        monkeypatch.setattr(envs.robots.mujoco.Physics, "jacobians", wrong)


def test_a_warm_start_left_over_is_refused(ant, monkeypatch):
    def warm(physics, states, actions):
        (data, *_), model, end = physics._datas, physics.model, np.empty_like(states)
        for i, (state, action) in enumerate(zip(states, actions, strict=True)):
            left = data.qacc_warmstart.copy()
            mujoco.mj_resetData(model, data)
            data.qacc_warmstart[:] = left
            data.qpos[:], data.qvel[:], data.ctrl[:] = state[: model.nq], state[model.nq :], action
            mujoco.mj_step(model, data, physics.frames)
            end[i] = np.concatenate([data.qpos, data.qvel])
        return end

    gate(ant)
    monkeypatch.setattr(envs.robots.mujoco.Physics, "advance", warm)
    with pytest.raises(ValueError, match=r"^env: the same step gave states .* apart"):
        gate(ant)


def _short(physics, states, actions):
    from mujoco import rollout

    start = np.concatenate([np.zeros((len(states), 1)), states], axis=1)
    held = np.repeat(actions[:, None], physics.frames - 1, axis=1)
    return rollout.rollout(physics.model, physics._datas[0], start, held)[0][:, -1, 1:]


@pytest.mark.parametrize(("fault", "block"), [
    ("f_a", "f_a"), ("nan", "f_s"), ("inf", "f_a"), ("quaternion", "f_s"), ("frames", "f_s")])  # fmt: skip
def test_planted_faults_are_named(ant, monkeypatch, fault, block):
    s, a = visited(ant, n=10)
    plant(monkeypatch, fault)
    with pytest.raises(ValueError, match=rf"^env: derivatives disagree .* {block} \(p50"):
        finite_difference_check(ant, s, a).require(p50=1e-3, p90=1e-2)


def test_a_step_starts_cold_so_it_repeats_to_the_bit_whatever_went_before(ant):
    s, a = visited(ant, n=4)
    first, jacobians = ant.step(s, a), ant.linearize(s, a)
    ant.step(*visited(ant, n=3, seed=1))
    again = ant.step(s, a)
    assert torch.equal(first.s_next, again.s_next) and torch.equal(first.r, again.r)
    both = zip(vars(jacobians).values(), vars(ant.linearize(s, a)).values(), strict=True)
    assert all(torch.equal(x, y) for x, y in both)


def test_threads_share_the_work_and_change_nothing(ant):
    s, a = visited(ant, n=5)
    two = MuJoCo("ant", threads=2, dtype=DOUBLE)
    assert torch.equal(ant.step(s, a).s_next, two.step(s, a).s_next)
    for n in (1, 5):
        both = (vars(x.linearize(s[:n], a[:n])).values() for x in (ant, two))
        assert all(torch.equal(x, y) for x, y in zip(*both, strict=True))


def test_seeds_may_lead(ant):
    s, a = (x.view(2, 3, -1) for x in visited(ant, n=6))
    step, flat = ant.step(s, a), ant.step(s.view(6, -1), a.view(6, -1))
    assert step.s_next.shape == (2, 3, 27) and step.r.shape == step.terminated.shape == (2, 3)
    assert torch.equal(step.s_next.view(6, -1), flat.s_next)
    assert ant.linearize(s, a).f_a.shape == (2, 3, 27, 8)


def test_a_fall_terminates_and_physics_that_blew_up_stays_finite(ant):
    s, a = visited(ant, n=2)
    s[0, 0] = 1.5  # too high
    s[1, -1] = 1e200
    step = ant.step(s, a)
    assert step.terminated.tolist() == [True, True]
    assert step.s_next.isfinite().all() and step.r.isfinite().all()


def test_the_buffer_pulls_back_without_the_simulator(ant, monkeypatch):
    s, a = (x.view(1, 6, -1) for x in visited(ant, n=6))
    replay, live = ReplayBuffer(ant, 10), ant.transition(s, a)
    replay.add(live)
    v = torch.randn(1, 6, 27, dtype=DOUBLE)
    wanted = live.pullback(v)
    for name in ("advance", "jacobians"):
        monkeypatch.setattr(envs.robots.mujoco.Physics, name, None)
    for x, y in zip(replay.at(torch.arange(6)[None]).pullback(v), wanted, strict=True):
        torch.testing.assert_close(x, y, atol=1e-9, rtol=1e-9)


def test_sac_trains_on_the_ant():
    config = SACConfig(steps=30, start=20, seeds=(0, 1), hidden=(8, 8), batch_size=8, weighting=Balanced(),
                       record=(0, 30), episodes=1)  # fmt: skip
    run = train_sac(envs.make("mujoco_ant"), config)
    assert np.isfinite(run.returns).all() and (run.diverged_at == -1).all()


@pytest.mark.parametrize(("changes", "words"), [
    ({"frames": 0}, "^frames: got 0"), ({"skip": -1}, "^skip: got -1"),
    ({"noise": np.nan}, "^noise: got nan"),
    ({"within": {99: (0, 1)}}, "^within: got position 99, wanted one below 15")])  # fmt: skip
def test_a_robot_that_cannot_be_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        MuJoCo(replace(ROBOTS["ant"], **changes))


def test_an_unknown_robot_is_refused():
    with pytest.raises(ValueError, match=r"^robot: got 'horse', wanted one of"):
        MuJoCo("horse")
