"""The compiled loop against plain ones: a NumPy loop, PyTorch's autograd and Adam, and bare TD."""

import numpy as np
import pytest
import torch

from sobolev_mini import quadratic
from sobolev_mini.envs import make
from sobolev_mini.losses import sobolev_loss
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.qlearning.quadratic_loop import _greedy, _train, batch_gradient
from sobolev_mini.targets import max_value, td_target
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()
GRID = quadratic.action_grid()
SHORT = {"steps": 400, "seeds": (3, 7), "record": (0, 1, 100, 400), "lr": 1e-2}


def batches(config, seed):
    return np.random.default_rng(seed).uniform(-1, 1, (config.steps, 2, config.batch_size))


def reference_run(problem, config, seed):
    """Algorithm 1's Q-learning branch in NumPy, as one would write it first."""
    w, w_targ = np.full(6, 0.0) + config.init, np.full(6, 0.0) + config.init
    m, v, kept = np.zeros(6), np.zeros(6), {0: w.copy()}
    for step, (s, a) in enumerate(batches(config, seed), start=1):
        if config.target == "current":
            w_targ = w.copy()
        b = quadratic.greedy_action(w_targ, a, GRID)
        y = problem.reward(s, a) + problem.discount * quadratic.features(a, b) @ w_targ
        r_s, r_a = problem.reward_gradients(s, a)
        y_a = r_a + problem.discount * quadratic.feature_gradients(a, b)[0] @ w_targ
        phi, (phi_s, phi_a) = quadratic.features(s, a), quadratic.feature_gradients(s, a)
        slopes = config.lam_s * phi_s.T @ (phi_s @ w - r_s) + config.lam_a * phi_a.T @ (phi_a @ w - y_a)
        g = 2 * (phi.T @ (phi @ w - y) + slopes) / len(s)
        if config.optimizer == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            w = w - config.lr * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        else:
            w = w - config.lr * g
        if config.target == "polyak":
            w_targ = (1 - config.tau) * w_targ + config.tau * w
        elif config.target == "hard" and step % config.refresh_every == 0:
            w_targ = w.copy()
        kept[step] = w.copy()
    return np.array([kept[step] for step in config.recorded])


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize(
    "target",
    [{"target": "current"}, {"target": "polyak", "tau": 0.05}, {"target": "hard", "refresh_every": 30}],
)
@pytest.mark.parametrize(("lam_s", "lam_a"), [(0, 0), (1, 1), (0.2, 0), (0, 3)])
def test_whole_run_equals_a_plain_loop(optimizer, target, lam_s, lam_a):
    config = QConfig(lam_s=lam_s, lam_a=lam_a, optimizer=optimizer, **target, **SHORT)
    found = train_quadratic(PAPER, config)
    for i, seed in enumerate(config.seeds):
        np.testing.assert_allclose(found.w[:, i], reference_run(PAPER, config, seed), atol=1e-10)
    np.testing.assert_array_equal(found.steps, config.recorded)


@pytest.mark.parametrize("problem", [ToyProblem(-0.5, 0.7), ToyProblem(0.05, 0.99)])
def test_whole_run_on_other_problems_and_starts(problem):
    config = QConfig(lam_s=0.5, lam_a=0.1, init=(0.1, -0.2, 0.3, 0.4, 0.5, -0.6), **SHORT)
    found = train_quadratic(problem, config)
    np.testing.assert_allclose(found.w[:, 0], reference_run(problem, config, 3), atol=1e-10)


def torch_critic(w):
    """Return Q(s, a) (..., B) of weights (6,), differentiable in w, s and a."""

    def critic(s, a):
        s, a = s[..., 0], a[..., 0]
        return w[0] + w[1] * s + w[2] * a + w[3] * s * s + w[4] * s * a + w[5] * a * a

    return critic


def first_order_loss(w, w_targ, s, a, lam_s, lam_a):
    env = make("toy1d", dtype=torch.float64)
    s, a = (torch.tensor(x[:, None], requires_grad=True) for x in (s, a))
    actions = torch.tensor(GRID[:, None])
    target = td_target(env.transition(s.detach(), a.detach()), max_value(torch_critic(w_targ), actions), 0.9)
    q = torch_critic(w)(s, a)
    q_s, q_a = torch.autograd.grad(q.sum(), (s, a), create_graph=True)
    return sobolev_loss(q, q_s, q_a, target, lam_s, lam_a)[0]


@pytest.mark.parametrize(("lam_s", "lam_a"), [(0, 0), (1, 1), (0.3, 0), (0, 2)])
def test_gradient_equals_td_target_and_sobolev_loss(lam_s, lam_a):
    """eq-04-loss: the compiled gradient is autograd's of the loss of the first-order target."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        w, w_targ = rng.normal(size=(2, 6))
        s, a = rng.uniform(-1, 1, (2, 50))
        leaf = torch.tensor(w, requires_grad=True)
        first_order_loss(leaf, torch.tensor(w_targ), s, a, lam_s, lam_a).backward()
        found = batch_gradient(w, w_targ, s, a, 0.2, 0.9, float(lam_s), float(lam_a), GRID)
        np.testing.assert_allclose(found, leaf.grad.numpy(), atol=1e-10)


def test_adam_is_pytorch_adam():
    config = QConfig(lam_s=1, lam_a=1, steps=200, seeds=(0,), record=(200,), lr=1e-2)
    w = torch.zeros(6, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([w], lr=config.lr)
    for s, a in batches(config, 0):
        adam.zero_grad()
        first_order_loss(w, w.detach().clone(), s, a, 1, 1).backward()
        adam.step()
    np.testing.assert_allclose(train_quadratic(PAPER, config).w[0, 0], w.detach().numpy(), atol=1e-10)


def bare_td(state, batch, lr):
    """Value-only TD with plain gradient steps, scalar by scalar in the order of the definition."""
    w = [float(x) for x in state]
    for s_all, a_all in batch:
        g = [0.0] * 6
        for s, a in zip(s_all.tolist(), a_all.tolist(), strict=True):
            tilt, bend = w[2] + w[4] * a, w[5]
            q = [tilt * b + bend * b**2 for b in GRID.tolist()]
            b = GRID.tolist()[q.index(max(q))]
            value = w[0] + w[1] * a + w[2] * b
            value += w[3] * a * a + w[4] * a * b + w[5] * b * b
            y = 0.2 * a - (a - s) ** 2 + 0.9 * value
            gap = w[0] + w[1] * s + w[2] * a + w[3] * s * s + w[4] * s * a + w[5] * a * a - y
            for i, part in enumerate((gap, gap * s, gap * a, gap * s * s, gap * s * a, gap * a * a)):
                g[i] += part
        w = [x - lr * (y * (2.0 / len(s_all))) for x, y in zip(w, g, strict=True)]
    return np.array(w)


def test_lambda_zero_is_plain_td_bit_for_bit():
    config = QConfig(steps=150, seeds=(0,), record=(150,), optimizer="sgd", lr=0.05, init=0.1)
    expected = bare_td(np.full(6, 0.1), batches(config, 0), 0.05)
    assert train_quadratic(PAPER, config).w[0, 0].tobytes() == expected.tobytes()


def test_greedy_without_a_scan_is_the_scan():
    rng = np.random.default_rng(0)
    w = rng.normal(size=(20_000, 6)) * 10.0 ** rng.uniform(-9, 2, (20_000, 6))
    w[:100, 5], w[100:200, 4], w[200:300, 2:] = 0, 0, 0
    s = rng.uniform(-1, 1, 20_000)
    for grid in (GRID, quadratic.action_grid(2), quadratic.action_grid(3)):
        fast = [_greedy(row, x, grid) for row, x in zip(w, s, strict=True)]
        q = (w[:, 2] + w[:, 4] * s)[:, None] * grid + w[:, 5:] * grid**2
        np.testing.assert_array_equal(fast, grid[q.argmax(axis=1)])
        np.testing.assert_array_equal(quadratic.greedy_action(w, s, grid), grid[q.argmax(axis=1)])


def test_a_seed_is_its_own_and_runs_repeat():
    together = train_quadratic(PAPER, QConfig(lam_a=1, **SHORT))
    alone = train_quadratic(PAPER, QConfig(lam_a=1, **{**SHORT, "seeds": (7,)}))
    assert together.w[:, 1].tobytes() == alone.w[:, 0].tobytes()
    assert (together.w[1:, 0] != together.w[1:, 1]).any()


def test_chunks_of_samples_leave_no_seam():
    once = train_quadratic(PAPER, QConfig(steps=2500, seeds=(0,), record=(2500,)))
    often = train_quadratic(PAPER, QConfig(steps=2500, seeds=(0,), record=(*range(0, 2501, 77), 2500)))
    assert once.w[-1].tobytes() == often.w[-1].tobytes()


def test_divergence_stops_the_seed_and_keeps_its_last_finite_weights():
    config = QConfig(steps=20_000, seeds=(0, 1), optimizer="sgd", lr=3.0, record=(0, 10_000, 20_000))
    history = train_quadratic(PAPER, config)
    assert (history.diverged_at > 0).all()
    assert np.isfinite(history.w).all()
    assert np.isfinite(train_quadratic(PAPER, QConfig(lam_a=1, **SHORT)).w).all()
    assert (train_quadratic(PAPER, QConfig(lam_a=1, **SHORT)).diverged_at == -1).all()
    state = np.zeros((4, 6))
    state[:2, 0] = 1e308
    rest = (0.2, 0.9, 0.0, 0.0, 1e300, 0, 0, 0.1, 1, GRID)
    assert _train(state, np.ones((3, 2, 5)), 40, *rest) == 41


def test_the_paper_s_runs():
    """Value-only passes near the optimum and runs away; with slopes the run settles and stays."""
    marks = (20_000, 40_000, 60_000)
    plain = train_quadratic(PAPER, QConfig(record=marks)).errors()
    slopes = train_quadratic(PAPER, QConfig(lam_s=1, lam_a=1, record=marks)).errors()
    mean = {name: error.mean(axis=1) for name, error in plain.items()}
    assert mean["q_a"][0] == pytest.approx(0.10, abs=0.02)
    assert mean["policy"][0] == pytest.approx(0.0097, abs=0.002)
    assert mean["q"][0] == pytest.approx(3.8, abs=0.2)
    assert mean["policy"][1] == pytest.approx(0.64, abs=0.03)
    mean = {name: error.mean(axis=1)[-1] for name, error in slopes.items()}
    assert mean["q"] == pytest.approx(5e-4, abs=1e-4)
    assert mean["q_a"] == pytest.approx(5e-3, abs=1e-3)
    assert mean["policy"] == pytest.approx(7e-4, abs=1e-4)


@pytest.mark.parametrize(
    "target", [{"target": "polyak", "tau": 0.005}, {"target": "hard", "refresh_every": 1000}]
)
def test_the_usual_target_networks_do_not_save_the_value_only_run(target):
    config = QConfig(record=(150_000,), steps=150_000, seeds=(0, 1), **target)
    assert (train_quadratic(PAPER, config).errors()["policy"] > 0.5).all()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"lam_s": -1}, "^lam_s: got -1, wanted a finite number >= 0"),
        ({"lam_a": np.nan}, "^lam_a: got nan"),
        ({"target": "soft"}, "^target: got 'soft', wanted one of 'current', 'polyak', 'hard'"),
        ({"optimizer": "rmsprop"}, "^optimizer: got 'rmsprop'"),
        ({"steps": 0}, "^steps: got 0, wanted a whole number >= 1"),
        ({"steps": 1.5}, "^steps: got 1.5"),
        ({"lr": 0}, "^lr: got 0, wanted a finite number > "),
        ({"tau": 1.5}, "^tau: got 1.5"),
        ({"seeds": ()}, r"^seeds: got \(\), wanted at least one"),
        ({"seeds": (1, 1)}, r"^seeds: got \(1, 1\), wanted at least one and none twice"),
        ({"seeds": (0, -1)}, "^seeds: got -1"),
        ({"init": (0, 1)}, r"^init: got shape \(2,\), wanted \(\) or \(6,\)"),
        ({"init": np.inf}, "^init: got inf"),
        ({"record": (0, 70_000)}, "^record: got step 70000, wanted steps up to 60000"),
    ],
)
def test_bad_settings_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        QConfig(**kwargs)


def test_wrong_kinds_of_argument_are_refused():
    with pytest.raises(ValueError, match=r"^problem: got dict, wanted a ToyProblem"):
        train_quadratic({}, QConfig())
    with pytest.raises(ValueError, match=r"^config: got dict, wanted a QConfig"):
        train_quadratic(PAPER, {})
