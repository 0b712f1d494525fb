"""The control tasks: gymnasium's own steps, the gate, the limits; and each as a gymnasium environment."""

import copy
import pickle

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as stable_baselines_check

import sobolev_mini.envs.robots.gym
from sobolev_mini import envs
from sobolev_mini.envs.gate import finite_difference_check

DOUBLE = torch.float64
TASKS = ("pendulum", "cartpole_swingup", "acrobot", "push", "lqr")


def visited(env, n=200, steps=15):
    """Return states and actions (n, .) along random behaviour."""
    generator = torch.Generator().manual_seed(0)
    s, kept = env.reset(n, generator), []
    for _ in range(steps):
        a = (2 * torch.rand(n, env.n_a, generator=generator, dtype=DOUBLE) - 1) * env.action_scale
        kept.append((s, a))
        s = env.step(s, a).s_next
    return (torch.cat(x)[:: steps // 2] for x in zip(*kept, strict=True))


@pytest.mark.parametrize("name", TASKS)
def test_derivatives_pass_the_gate(name):
    env = envs.make(name, dtype=DOUBLE)
    finite_difference_check(env, *visited(env)).require(p50=1e-7, p90=1e-5)


def test_a_wrong_derivative_does_not(monkeypatch):
    env = envs.make("push", dtype=DOUBLE)
    s, a = visited(env)
    right = type(env).linearize
    monkeypatch.setattr(
        type(env), "linearize", lambda *x: envs.Linearization(*(2 * y for y in vars(right(*x)).values()))
    )
    with pytest.raises(ValueError, match="derivatives disagree with finite differences"):
        finite_difference_check(env, s, a).require(p50=1e-7, p90=1e-5)


def test_the_pendulum_is_gymnasium_s():
    ours, theirs = envs.make("pendulum", dtype=DOUBLE), gymnasium.make("Pendulum-v1").unwrapped
    rng = np.random.default_rng(0)
    for _ in range(500):
        angle, speed, torque = rng.uniform(-np.pi, np.pi), rng.uniform(-8, 8), rng.uniform(-3, 3)
        theirs.state = np.array([angle, speed])
        s_next, r, terminated, *_ = theirs.step(np.array([torque]))
        s = torch.tensor([[np.cos(angle), np.sin(angle), speed]], dtype=DOUBLE)
        step = ours.step(s, torch.tensor([[torque]], dtype=DOUBLE))
        np.testing.assert_allclose(step.s_next[0], s_next, atol=1e-6)
        assert step.r.item() == pytest.approx(r, abs=1e-6) and step.terminated.item() == terminated


def test_the_acrobot_moves_as_gymnasium_s():
    ours, theirs = envs.make("acrobot", dtype=DOUBLE), gymnasium.make("Acrobot-v1").unwrapped
    rng = np.random.default_rng(0)
    for _ in range(500):
        angles, speeds, action = rng.uniform(-np.pi, np.pi, 2), rng.uniform(-9, 9, 2), rng.integers(3)
        theirs.state = np.concatenate([angles, speeds])
        s_next, *_ = theirs.step(action)
        first, second = angles
        s = torch.tensor(
            [[np.cos(first), np.sin(first), np.cos(second), np.sin(second), *speeds]], dtype=DOUBLE
        )
        step = ours.step(s, torch.tensor([[action - 1.0]], dtype=DOUBLE))
        np.testing.assert_allclose(step.s_next[0], s_next, atol=1e-5)
        height = -np.cos(first) - np.cos(first + second)
        assert step.r.item() == pytest.approx(height / 2)


def test_the_cart_pole_keeps_its_energy_without_a_force():
    env = envs.make("cartpole_swingup", dtype=DOUBLE)
    s, still = (
        torch.tensor([[0.0, np.cos(2.0), np.sin(2.0), 0.0, 0.0]], dtype=DOUBLE),
        torch.zeros(1, 1, dtype=DOUBLE),
    )
    energies = []
    for _ in range(100):
        _, cos, _, speed, turn = s[0].tolist()
        kinetic = 0.5 * 1.1 * speed**2 + 0.05 * speed * turn * cos + 0.5 * 0.1 * 0.25 * (4 / 3) * turn**2
        energies.append(kinetic + 0.1 * 9.8 * 0.5 * cos)
        s = env.step(s, still).s_next
    assert np.ptp(energies) < 0.05 * 0.1 * 9.8  # semi-implicit Euler wobbles and does not drift


def test_the_cart_terminates_outside_and_nowhere_else():
    env = envs.make("cartpole_swingup", dtype=DOUBLE)
    s = torch.tensor([[x, 1.0, 0, 0, 0] for x in (-2.5, -2.3, 0, 2.3, 2.5)], dtype=DOUBLE)
    step = env.step(s, torch.zeros(5, 1, dtype=DOUBLE))
    assert step.terminated.tolist() == [True, False, False, False, True]
    assert step.r.argmax() == 2 and (step.r > 0).all()


def test_the_finger_pushes_and_does_not_pull():
    env = envs.make("push", dtype=DOUBLE)
    s = torch.tensor([[-0.8, -0.7, 0, 0]], dtype=DOUBLE)
    for a in [1.0] * 10 + [-1.0] * 20:
        s = env.step(s, torch.full((1, 1), a, dtype=DOUBLE)).s_next
    finger, block, speed, slide = s[0].tolist()
    assert block > -0.69 and finger < block and speed < 0 < slide


@pytest.mark.parametrize("name", ("pendulum", "cartpole_swingup", "acrobot", "push"))
def test_actions_are_cut_off_at_their_limit(name):
    env = envs.make(name, dtype=DOUBLE)
    s = env.reset(5, torch.Generator().manual_seed(0))
    far, limit = (x * torch.ones(5, 1, dtype=DOUBLE) * env.action_limit for x in (7, 1))
    torch.testing.assert_close(env.step(s, far).s_next, env.step(s, limit).s_next)
    assert not env.linearize(s, far).f_a.any()


@pytest.mark.filterwarnings("ignore:.*(normalized|infinit|Box).*")
@pytest.mark.parametrize("name", envs.NAMES)
def test_each_is_a_gymnasium_environment(name):
    made = gymnasium.make(f"sobolev_mini/{name}-v0")
    check_env(made.unwrapped, skip_render_check=True)
    stable_baselines_check(made)


def test_gymnasium_sees_the_same_steps_and_tells_truncation_from_termination():
    made, env = gymnasium.make("sobolev_mini/cartpole_swingup-v0"), envs.make("cartpole_swingup")
    s, _ = made.reset(options={"state": [0.0, -1, 0, 0, 0]})
    for t in range(250):
        action = np.array([0.1 * (-1) ** ((t + 5) // 10)], np.float32)
        wanted = env.step(torch.tensor(s)[None], torch.tensor(action)[None])
        s, r, terminated, truncated, _ = made.step(action)
        np.testing.assert_allclose(s, wanted.s_next[0], atol=1e-6)
        assert r == pytest.approx(wanted.r.item(), abs=1e-6) and truncated == (t == 249) and not terminated
    s, _ = made.reset(options={"state": [2.5, -1, 0, 0, 0]})
    assert made.step(np.zeros(1, np.float32))[2:4] == (True, False)


def test_gymnasium_s_bad_input_is_named():
    made = sobolev_mini.envs.robots.gym.GymEnv("pendulum")
    with pytest.raises(gymnasium.error.ResetNeeded):
        made.step([0.0])
    made.reset(seed=0)
    with pytest.raises(ValueError, match=r"^action: got nan"):
        made.step([float("nan")])
    with pytest.raises(ValueError, match=r"^state: got shape \(2,\)"):
        made.reset(options={"state": [0, 1]})
    with pytest.raises(ValueError, match=r"^state: got shape \(5, 3\), wanted \(3,\)"):
        made.reset(options={"state": np.zeros((5, 3))})


def test_an_environment_of_ones_own_is_truncated_at_its_limit_again_and_again():
    made = sobolev_mini.envs.robots.gym.GymEnv(envs.make("lqr"))
    for _ in range(2):
        made.reset(seed=0)
        assert [made.step([0.0, 0.0])[3] for _ in range(50)] == [False] * 49 + [True]


def test_pictures_show_how_far_each_component_is():
    made = sobolev_mini.envs.robots.gym.GymEnv("pendulum", render_mode="rgb_array")
    assert made.render() is None
    made.reset(options={"state": [1.0, 0.0, -8.0]})
    image = made.render()
    assert image.dtype == np.uint8 and image.shape == (70, 201, 3)
    lengths = [int((image[20 * i + 15] != 255).any(axis=1).sum()) for i in range(3)]
    assert lengths == [77, 1, 77] and (image[15, 150] != 255).any() and (image[55, 50] != 255).any()
    with pytest.raises(ValueError, match=r"^render_mode: got 'human'"):
        sobolev_mini.envs.robots.gym.GymEnv("pendulum", render_mode="human")


def test_a_limit_told_to_gymnasium_is_the_only_one():
    made = gymnasium.make("sobolev_mini/pendulum-v0", max_episode_steps=230)
    made.reset(seed=0)
    assert [made.step([0.0])[3] for _ in range(230)] == [False] * 229 + [True]


def test_an_environment_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"^env: got int, wanted a DifferentiableEnv"):
        sobolev_mini.envs.robots.gym.GymEnv(5)
    with pytest.raises(ValueError, match=r"^kwargs: got \['dtype'\] beside an environment"):
        sobolev_mini.envs.robots.gym.GymEnv(envs.make("lqr"), dtype=DOUBLE)


def test_a_copy_of_a_gymnasium_environment_goes_on_from_where_it_stands():
    made = sobolev_mini.envs.robots.gym.GymEnv("pendulum")
    made.reset(seed=0)
    for _ in range(150):
        made.step([1.0])
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        np.testing.assert_array_equal(other.step([0.5])[0], copy.deepcopy(made).step([0.5])[0])
        assert [other.step([0.5])[3] for _ in range(49)] == [False] * 48 + [True]
