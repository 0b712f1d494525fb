"""``train_mlp`` against a plain loop with double backpropagation; resuming, seeds, data, bad input.

The loop is the method's; what resumes, shakes its start and finds the maximum faster is the records'.
"""

import contextlib
import itertools

import numpy as np
import pytest
import torch

from sobolev_book.records import mlp_runs
from sobolev_book.studies.coupled import CoupledToy
from sobolev_mini.networks import MLPCritic
from sobolev_mini.qlearning import QConfig, train_mlp
from sobolev_mini.qlearning.measure import NAMES
from sobolev_mini.qlearning.mlp_loop import Sampler
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()
SMALL = {"hidden": (16, 12, 8), "n_actions": 20, "batch_size": 10, "lr": 1e-2}


def plain_loop(config, dtype, seed, carry=None):
    """Algorithm 1's Q-learning branch for one seed, as a reader would write it."""
    made = [MLPCritic(1, 1, (seed,), config.hidden, config.activation, dtype) for _ in range(2)]
    critic, target = made[0], made[0] if config.target == "current" else made[1]
    optimizer = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[config.optimizer](
        critic.parameters, config.lr
    )
    rng, grid = np.random.default_rng(seed), torch.linspace(-1, 1, config.n_actions, dtype=dtype)
    for step in range(1, config.steps + 1):
        s, a = torch.as_tensor(rng.uniform(-1, 1, (2, 1, config.batch_size, 1)), dtype=dtype)
        with torch.no_grad():
            s_next = a if carry is None else torch.tanh(carry * s + a)
            q = [target(s_next, b.expand_as(a)) for b in grid]
        b = grid[torch.stack(q).argmax(dim=0)][..., None]
        s_next = s_next.clone().requires_grad_()
        value = target(s_next, b)
        (slope,) = torch.autograd.grad(value.sum(), s_next)
        y = (PAPER.reward(s, a)[..., 0] + PAPER.discount * value).detach()
        r_s, r_a = PAPER.reward_gradients(s, a)
        f_a = 1.0 if carry is None else 1 - s_next.detach() ** 2
        y_s = r_s + PAPER.discount * slope * (0.0 if carry is None else carry * f_a)
        y_a = r_a + PAPER.discount * slope * f_a
        s.requires_grad_(), a.requires_grad_()
        q = critic(s, a)
        loss = ((q - y) ** 2).mean()
        if config.lam_s or config.lam_a:
            q_s, q_a = torch.autograd.grad(q.sum(), (s, a), create_graph=True)
            loss = loss + config.lam_s * ((q_s - y_s) ** 2).mean()
            loss = loss + config.lam_a * ((q_a - y_a) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if config.target == "polyak":
            for x, z in zip(target.parameters, critic.parameters, strict=True):
                x.data = (1 - config.tau) * x.data + config.tau * z.data
        elif config.target == "hard" and step % config.refresh_every == 0:
            for x, z in zip(target.parameters, critic.parameters, strict=True):
                x.data = z.data.clone()
    return [x.data for x in critic.parameters]


@pytest.mark.parametrize(
    "settings",
    [
        {"lam_s": 1, "lam_a": 1},
        {"lam_s": 0.3, "target": "polyak", "tau": 0.1},
        {"lam_a": 2, "target": "hard", "refresh_every": 7},
        {"optimizer": "sgd"},
        {"lam_s": 1, "lam_a": 1, "activation": "tanh"},
    ],
    ids=str,
)
def test_a_run_is_the_plain_loop(settings):
    config = QConfig(**SMALL | settings, steps=40, seeds=(3, 8), record=(40,))
    weights = train_mlp(PAPER, config, keep=(40,), dtype=torch.float64).weights[40]
    for i, seed in enumerate(config.seeds):
        for found, wanted in zip(weights, plain_loop(config, torch.float64, seed), strict=True):
            torch.testing.assert_close(found[i], wanted[0], atol=1e-10, rtol=1e-10)


def test_the_coupled_toy_s_slopes_go_through_its_dynamics():
    config = QConfig(**SMALL, lam_s=1, lam_a=1, steps=40, seeds=(3,), record=(40,))
    history = train_mlp(CoupledToy(0.5), config, keep=(40,), dtype=torch.float64)
    for found, wanted in zip(
        history.weights[40], plain_loop(config, torch.float64, 3, carry=0.5), strict=True
    ):
        torch.testing.assert_close(found, wanted, atol=1e-10, rtol=1e-10)
    assert set(history.errors()) == set(NAMES)
    with pytest.raises(ValueError, match=r"^reference: got 'clipped', wanted one of 'optimal'$"):
        history.errors("clipped")


@pytest.mark.parametrize(("lam", "bound"), [(0, 1e-6), (1, 1e-6)])
def test_the_paper_s_network_in_single_precision_is_the_plain_loop_too(lam, bound):
    """Fused Adam once read transposed gradients in the wrong order: this saw it."""
    config = QConfig(lam_s=lam, lam_a=lam, steps=5, seeds=(0,), record=(5,))
    weights = train_mlp(PAPER, config, keep=(5,)).weights[5]
    for found, wanted in zip(weights, plain_loop(config, torch.float32, 0), strict=True):
        torch.testing.assert_close(found, wanted, atol=bound, rtol=0)


class Stop(Exception):
    pass


def stop_after(n):
    calls = itertools.count(1)

    def progress(_):
        if next(calls) == n:
            raise Stop

    return progress


@pytest.mark.parametrize("settings", [{}, {"target": "polyak", "samples": 30}])
def test_interrupted_and_resumed_it_ends_in_the_same_bytes(tmp_path, settings):
    steps, record = 2 * mlp_runs.EVERY + 50, (0, 100, 450)
    config = QConfig(**SMALL | settings, lam_s=1, lam_a=1, steps=steps, seeds=(0, 1), record=record)
    keep = (100, 450)
    whole = mlp_runs.train_mlp(PAPER, config, keep=keep)
    path = tmp_path / "run.pt"
    for n in (1, 1, 5):  # killed after the first chunk, after the second, not at all
        with pytest.raises(Stop) if n == 1 else contextlib.nullcontext():
            again = mlp_runs.train_mlp(PAPER, config, keep=keep, checkpoint=path, progress=stop_after(n))
    for name, found in again.measured.items():
        assert found.tobytes() == whole.measured[name].tobytes(), name
    for step in keep:
        assert all(map(torch.equal, again.weights[step], whole.weights[step]))
    assert not list(tmp_path.glob("*.part"))


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    mlp_runs.train_mlp(PAPER, QConfig(**SMALL, steps=3, record=()), checkpoint=tmp_path / "x")
    with pytest.raises(ValueError, match=r"^checkpoint: got .*x, which holds another run"):
        mlp_runs.train_mlp(PAPER, QConfig(**SMALL, steps=4, record=()), checkpoint=tmp_path / "x")


def test_records_are_of_the_method_s_own_loop_bit_for_bit_and_jitter_moves_its_start_alone():
    """In double precision no two actions tie, so the faster maximum is the same one."""
    config = QConfig(**SMALL, lam_s=1, lam_a=1, target="polyak", steps=30, seeds=(0, 3), record=(0, 30))
    done, keep = [], (0, 30)
    plain = train_mlp(PAPER, config, keep=keep, dtype=torch.float64, progress=done.append)
    found = mlp_runs.train_mlp(PAPER, config, keep=keep, dtype=torch.float64)
    shaken = mlp_runs.train_mlp(PAPER, config, keep=keep, dtype=torch.float64, jitter=1e-7)
    assert done == [1] * 30
    for step in keep:
        assert all(map(torch.equal, found.weights[step], plain.weights[step]))
    for x, y in zip(shaken.weights[0], plain.weights[0], strict=True):
        assert 0 < (x / y - 1).abs().max() < 1e-6


def test_a_seed_is_its_own_whatever_the_others_are():
    settings = {**SMALL, "lam_a": 1, "steps": 30, "record": (30,)}
    together = train_mlp(PAPER, QConfig(**settings, seeds=(0, 4, 2)), dtype=torch.float64)
    alone = train_mlp(PAPER, QConfig(**settings, seeds=(4,)), dtype=torch.float64)
    for name, found in together.errors().items():
        np.testing.assert_allclose(found[:, 1], alone.errors()[name][:, 0], rtol=1e-9)


def test_methods_see_the_same_samples_and_a_data_set_is_drawn_once():
    fresh, fixed = QConfig(batch_size=4), QConfig(batch_size=4, samples=6)
    sampler = Sampler(3, fresh)
    assert np.array_equal([sampler(), sampler()], np.random.default_rng(3).uniform(-1, 1, (2, 2, 4)))
    sampler = Sampler(3, fixed)
    drawn = np.array([sampler() for _ in range(500)])
    assert drawn.shape == (500, 2, 4)
    pairs = {tuple(pair) for pair in drawn.transpose(0, 2, 1).reshape(-1, 2)}
    assert pairs == {tuple(pair) for pair in np.random.default_rng(3).uniform(-1, 1, (2, 6)).T}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train_mlp(None, QConfig()), "^problem: got NoneType, wanted a ToyProblem"),
        (lambda: train_mlp(PAPER, {}), "^config: got dict, wanted a QConfig"),
        (lambda: train_mlp(PAPER, QConfig(init=1.0)), "^init: got 1.0, but train_mlp has no use for it"),
        (
            lambda: train_mlp(PAPER, QConfig(steps=5), keep=(6,)),
            r"^keep: got \[6\], wanted steps from 0 to 5",
        ),
        (lambda: QConfig(activation="gelu"), "^activation: got 'gelu', wanted one of 'leaky_relu'"),
        (lambda: QConfig(hidden=(8, 0)), "^hidden: got 0, wanted a whole number >= 1"),
        (lambda: QConfig(samples=0), "^samples: got 0, wanted a whole number >= 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
