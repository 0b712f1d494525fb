"""The second study's tasks: physics that can be checked, and derivatives through the gate."""

import pytest
import torch

from sobolev_book.studies import tasks
from sobolev_mini.envs.gate import gate

DOUBLE = torch.float64
OURS = [name for name in tasks.TASKS if name != "swimmer"]


@pytest.fixture(params=OURS)
def env(request):
    return tasks.TASKS[request.param](dtype=DOUBLE)


def test_derivatives_are_those_of_the_steps(env):
    gate(env)


def test_at_rest_where_it_should_be_nothing_moves():
    for name in ("hover", "hover_3d", "drag_3d", "two_poles"):
        env = tasks.TASKS[name](dtype=DOUBLE)
        rest, idle = torch.zeros(1, env.n_s, dtype=DOUBLE), torch.zeros(1, env.n_a, dtype=DOUBLE)
        step = env.step(rest, idle)
        torch.testing.assert_close(step.s_next, rest)
        assert not step.terminated and step.r == step.r.clamp_min(-0.0)


def test_more_thrust_lifts_and_more_of_the_right_rotor_tilts():
    env = tasks.Hover(dtype=DOUBLE)
    rest = torch.zeros(2, 6, dtype=DOUBLE)
    after = env.step(rest, torch.tensor([[1.0, 1.0], [-0.1, 0.1]], dtype=DOUBLE)).s_next
    assert after[0, 4] > 0.2 and after[0, 2] == 0 and after[1, 2] > 0


def test_in_space_a_quadrotor_flies_where_it_leans():
    """Pitch forward to x, roll to the right to -y; past 1.2 rad it has crashed."""
    env = tasks.Hover3D(dtype=DOUBLE)
    s = torch.zeros(3, 12, dtype=DOUBLE)
    s[0, 4], s[1, 3], s[2, 3] = 0.3, 0.3, 1.3
    step = env.step(s, torch.zeros(3, 4, dtype=DOUBLE))
    assert step.s_next[0, 6] > 0 and step.s_next[1, 7] < 0
    assert step.terminated.tolist() == [False, False, True]


def test_the_arm_without_friction_would_keep_its_energy(monkeypatch):
    env = tasks.Reach(dtype=DOUBLE)
    s = env.reset(4, torch.Generator().manual_seed(0))
    s[:, 4:] = torch.tensor([1.0, -0.5], dtype=DOUBLE)

    def energy(s):
        c, (v, w) = 0.5 * s[:, 2], s[:, 4:].unbind(dim=-1)
        return (5 / 3 + 2 * c) * v**2 / 2 + (1 / 3 + c) * v * w + w**2 / 6

    first, power = energy(s), 0.0
    for _ in range(40):  # what friction takes, half a newton metre a rad/s
        power = power + 0.05 * 0.5 * s[:, 4:].square().sum(dim=-1)
        s = env.step(s, torch.zeros(4, 2, dtype=DOUBLE)).s_next
    assert (energy(s) < first).all()
    torch.testing.assert_close(energy(s) + power, first, rtol=0.1, atol=0.02)


def test_the_arm_s_slopes_lie_along_its_angles():
    env = tasks.Reach(dtype=DOUBLE)
    s = env.reset(3, torch.Generator().manual_seed(0))
    slope = torch.cat([s[:, :4], torch.ones(3, 2, dtype=DOUBLE)], dim=-1)  # straight out of the circles
    torch.testing.assert_close(env.tangent(s, slope)[:, :2], torch.zeros(3, 2, dtype=DOUBLE))
    assert env.tangent_scale.shape == (4,)


def test_poles_fall_and_the_short_one_first():
    env = tasks.TwoPoles(dtype=DOUBLE)
    s = torch.zeros(1, 6, dtype=DOUBLE)
    s[0, 2] = s[0, 4] = 0.05
    step = env.step(s, torch.zeros(1, 1, dtype=DOUBLE))
    assert step.s_next[0, 5] > step.s_next[0, 3] > 0
    s[0, 2] = 0.61
    assert env.step(s, torch.zeros(1, 1, dtype=DOUBLE)).terminated
