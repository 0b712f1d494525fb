"""MuJoCo's differences, one-sided and centred; and where gymnasium's Ant is paid for another moment."""

import gymnasium
import mujoco
import numpy as np
import pytest
import torch

from sobolev_mini.envs.gate import finite_difference_check
from sobolev_mini.envs.robots.mujoco import MuJoCo
from tests.envs.robots.test_mujoco import DOUBLE, visited


def test_centred_differences_are_exact_where_one_sided_ones_are_not():
    reports = {}
    for centred in (False, True):
        env = MuJoCo("ant", dtype=DOUBLE, centred=centred)
        reports[centred] = finite_difference_check(env, *visited(env, n=24))
    for block in ("f_s", "f_a", "r_s"):
        assert reports[True].p90[block] < 1e-5 and reports[True].p90[block] < 1e-2 * reports[False].p90[block]


def test_gymnasium_measures_the_ant_s_speed_a_physics_step_earlier():
    """The torso's ``xpos`` is that of the last physics step's start; so rewards differ, ways hardly do."""
    theirs = gymnasium.make("Ant-v5", contact_cost_weight=0.0).unwrapped
    theirs.model.opt.integrator = mujoco.mjtIntegrator.mjINT_EULER
    ours, rng = MuJoCo("ant", dtype=DOUBLE), np.random.default_rng(0)
    theirs.reset(seed=0)
    gaps, dt, lag = [], ours.dt, ours.physics.model.opt.timestep
    for _ in range(15):
        s = torch.as_tensor(np.concatenate([theirs.data.qpos[2:], theirs.data.qvel]))[None]
        before, a = theirs.data.qpos[0] - theirs.data.body(1).xpos[0], rng.uniform(-1, 1, 8)
        r = theirs.step(a)[1]
        after = theirs.data.qpos[0] - theirs.data.body(1).xpos[0]
        assert after == pytest.approx(lag * theirs.data.qvel[0], abs=1e-12)
        gaps.append(ours.step(s, torch.as_tensor(a)[None]).r.item() - r)
        if len(gaps) > 1:  # the first starts from a reset, where both are one
            assert gaps[-1] == pytest.approx((after - before) / dt, abs=1e-6)
    assert 0.05 < max(map(abs, gaps)) < 1
