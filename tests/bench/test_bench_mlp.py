"""One training step of five MLP critics, side by side with a loop over seeds in eager PyTorch."""

import statistics
import time

import numba
import numpy as np
import pytest
import torch

from sobolev_book.records.grid_max import best_action_index
from sobolev_mini.qlearning import QConfig, measure
from sobolev_mini.qlearning.mlp_loop import MLPTraining
from sobolev_mini.toy import ToyProblem

SEEDS, BATCH, ACTIONS, WIDTH = 5, 50, 100, 128
PAPER = ToyProblem()


class Eager:
    """One seed as one would write it: ``torch.nn``, double backward, every action evaluated."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        layers = [torch.nn.Linear(2, WIDTH), torch.nn.LeakyReLU()]
        for _ in range(2):
            layers += [torch.nn.Linear(WIDTH, WIDTH), torch.nn.LeakyReLU()]
        self.net = torch.nn.Sequential(*layers, torch.nn.Linear(WIDTH, 1))
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-4)
        self.grid, self.rng = torch.linspace(-1, 1, ACTIONS), np.random.default_rng(seed)

    def q(self, s, a):
        return self.net(torch.stack([s, a], dim=-1))[..., 0]

    def step(self):
        s, a = torch.as_tensor(self.rng.uniform(-1, 1, (2, BATCH)), dtype=torch.float32)
        with torch.no_grad():
            b = self.grid[self.q(a[:, None].expand(-1, ACTIONS), self.grid.expand(BATCH, -1)).argmax(dim=1)]
        s_next = a.clone().requires_grad_()
        value = self.q(s_next, b)
        (slope,) = torch.autograd.grad(value.sum(), s_next)
        y, (r_s, r_a) = (PAPER.reward(s, a) + 0.9 * value).detach(), PAPER.reward_gradients(s, a)
        s.requires_grad_(), a.requires_grad_()
        q = self.q(s, a)
        q_s, q_a = torch.autograd.grad(q.sum(), (s, a), create_graph=True)
        loss = ((q - y) ** 2 + (q_s - r_s) ** 2 + (q_a - r_a - 0.9 * slope) ** 2).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


def matrix_rate(n=1024):
    """Return the machine's float32 matrix product in FLOP/s, the best of 30."""
    x = torch.rand(n, n)
    return 2 * n**3 / min(seconds(lambda: x @ x) for _ in range(30))


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(2), numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    yield
    torch.set_num_threads(before[0]), numba.set_num_threads(before[1])


def test_a_step_of_five_seeds(capsys):
    config = QConfig(lam_s=1, lam_a=1, seeds=range(SEEDS), steps=1, record=())
    run, eager = MLPTraining(PAPER, config, argmax=best_action_index), [Eager(x) for x in range(SEEDS)]

    def loop():
        for one in eager:
            one.step()

    for _ in range(300):  # past the start, where the critic is nearly flat and little can be ruled out
        run.take_step()
    s, actions = torch.rand(SEEDS, BATCH, 1) * 2 - 1, run.actions
    calls = {
        "five seeds at once": run.take_step,
        "loop over seeds, eager": loop,
        "  of it: the max, as here": lambda: best_action_index(run.critic, s, actions),
        "  of it: the max, every action": lambda: measure.best_action_index(run.critic, s, actions),
    }
    took = {name: [] for name in calls}
    for _ in range(8):
        for name, call in calls.items():
            took[name] += [seconds(call) for _ in range(10)][2:]  # as training runs: one step after another
    ms = {name: 1e3 * statistics.median(times) for name, times in took.items()}
    flop = SEEDS * 2 * WIDTH**2 * 2 * (BATCH * ACTIONS + 7 * BATCH)  # two square layers: max, target, update
    rate = matrix_rate()
    ratio = ms["loop over seeds, eager"] / ms["five seeds at once"]
    with capsys.disabled():
        print(f"\none Sobolev step, {torch.get_num_threads()} threads, median of 64")
        for name, each in ms.items():
            print(f"{name:32} {each:7.2f} ms")
        print(f"{'ratio, eager loop over ours':32} {ratio:7.2f}")
        print(f"{'arithmetic, every action':32} {1e3 * flop / rate:7.2f} ms", end=": ")
        print(f"{flop / 1e9:.2f} GFLOP at {rate / 1e9:.0f} GFLOP/s")
    fast, slow = (f(run.critic, s, actions) for f in (best_action_index, measure.best_action_index))
    assert (fast == slow).float().mean() > 0.99
