"""Ratios measured side by side in one run: compiled Q-learning and the closed form against plain NumPy.

Printed, not asserted: machines are shared and noisy. Run with `make bench`.
"""

import time

import numpy as np

from sobolev_mini import quadratic
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()


def seconds(call, repeats=3):
    """Return the least wall-clock time of a few calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def plain_loop(steps, seeds, lam):
    """Q-learning as one writes it first: NumPy, one seed at a time, a scan over 100 actions."""
    actions = quadratic.action_grid()
    for seed in range(seeds):
        rng, w, m, v = np.random.default_rng(seed), np.zeros(6), np.zeros(6), np.zeros(6)
        for step in range(1, steps + 1):
            s, a = rng.uniform(-1, 1, (2, 50))
            q = (w[2] + w[4] * a)[:, None] * actions + w[5] * actions**2
            b = actions[q.argmax(axis=1)]
            y = PAPER.reward(s, a) + 0.9 * quadratic.features(a, b) @ w
            phi = quadratic.features(s, a)
            g = phi.T @ (phi @ w - y)
            if lam:
                r_s, r_a = PAPER.reward_gradients(s, a)
                (phi_s, phi_a), (next_s, _) = (
                    quadratic.feature_gradients(s, a),
                    quadratic.feature_gradients(a, b),
                )
                g = g + lam * (phi_s.T @ (phi_s @ w - r_s) + phi_a.T @ (phi_a @ w - r_a - 0.9 * next_s @ w))
            g = g * (2 / 50)
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            w = w - 1e-4 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


def test_compiled_training():
    train_quadratic(PAPER, QConfig(steps=10))  # compile first
    steps, seeds, share = 60_000, 5, 50  # the plain loop runs 1/50 of the steps
    total = [0.0, 0.0]
    for lam in (0, 1):
        config = QConfig(lam_s=lam, lam_a=lam, steps=steps, seeds=tuple(range(seeds)))
        fast = seconds(lambda config=config: train_quadratic(PAPER, config))
        slow = share * seconds(lambda lam=lam: plain_loop(steps // share, seeds, lam), 1)
        total = [total[0] + fast, total[1] + slow]
        print(
            f"\nlambda {lam}: {steps} steps x {seeds} seeds  compiled {fast:.2f} s  plain NumPy {slow:.1f} s"
        )
    fast, slow = total
    print(f"both: compiled {fast:.2f} s (budget 4 s), plain {slow:.1f} s, ratio {slow / fast:.0f}")


def test_a_million_states():
    s = np.random.default_rng(0).uniform(-1, 1, 1_000_000)
    for slope, discount in [(0.2, 0.9), (0.05, 0.99), (1e-4, 0.99)]:
        problem = ToyProblem(slope, discount)
        pieces = len(problem.breakpoints()) + 1
        took = seconds(lambda problem=problem: problem.optimal_value(s))
        print(f"\n1,000,000 states, {pieces} pieces: {took:.2f} s (budget 1 s)", end="")
    print()
