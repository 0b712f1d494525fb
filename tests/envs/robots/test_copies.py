"""Robots that are copied, pickled, and used by a forked child."""

import copy
import os
import pickle
import signal
import time

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.envs.robots.mujoco import ROBOTS


def _same(env, other, s, a):
    """Return whether both step and differentiate alike, to the bit."""
    return torch.equal(env.step(s, a).s_next, other.step(s, a).s_next) and torch.equal(
        env.linearize(s, a).f_s, other.linearize(s, a).f_s
    )


@pytest.mark.parametrize("name", [f"mujoco_{robot}" for robot in ROBOTS])
def test_robots_are_copied_and_pickled(name):
    env = envs.make(name, centred=True)
    s, a = env.reset(2, torch.Generator().manual_seed(0)), torch.zeros(2, env.n_a)
    for other in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        assert _same(env, other, s, a) and other.physics.centred


def test_a_copy_keeps_threads_and_softness():
    env = envs.make("mujoco_ant", threads=2, time_constant=0.1)
    s, a = env.reset(2, torch.Generator().manual_seed(0)), torch.zeros(2, env.n_a)
    other = copy.deepcopy(env)
    assert _same(env, other, s, a) and other.physics.threads == 2
    assert (other.physics.model.geom_solref == env.physics.model.geom_solref).all()
    assert not (envs.make("mujoco_ant").physics.model.geom_solref == env.physics.model.geom_solref).all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_steps_after_threads_were_used():
    env = envs.make("mujoco_ant", threads=2)
    s, a = env.reset(4, torch.Generator().manual_seed(0)), torch.zeros(4, 8)
    ahead, slopes = env.step(s, a).s_next, env.linearize(s, a).f_s
    child = os.fork()
    if child == 0:
        twice = [torch.equal(env.linearize(s, a).f_s, slopes) and torch.equal(env.step(s, a).s_next, ahead)
                 for _ in range(2)]  # fmt: skip
        os._exit(0 if all(twice) else 3)
    for _ in range(600):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.1)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.fail("the child hangs")
    assert os.waitstatus_to_exitcode(status) == 0
