"""Q-learning of the quadratic critic: a compiled loop, read from top to bottom.

Per update and seed: draw a batch, build y and its slopes from the target weights with the greedy
action frozen, take the gradient of the Sobolev loss, let the optimiser move the weights, refresh
the target (Algorithm 1, lines 6 to 14).
"""

import numpy as np

from sobolev_mini.qlearning.compiled import compiled
from sobolev_mini.qlearning.config import QConfig
from sobolev_mini.qlearning.measure import History
from sobolev_mini.quadratic import N_FEATURES, action_grid
from sobolev_mini.toy import ToyProblem

CHUNK = 1000  # updates whose samples are drawn at a time: memory does not grow with the run
ADAM, POLYAK, HARD = 1, 1, 2  # codes for the compiled loop; 0 is the other choice


def train_quadratic(problem, config):
    """Return the ``History`` of a quadratic critic trained on ``problem``, a ToyProblem, by a QConfig.

    The batch is (s, a) uniform on [-1, 1]^2, s first, from ``numpy.random.default_rng(seed)``; the
    same seed sees the same samples whatever the weights, so methods can be compared in pairs.
    Raises ``ValueError`` for a problem or a config of another kind.
    """
    if not isinstance(problem, ToyProblem):
        raise ValueError(f"problem: got {type(problem).__name__}, wanted a ToyProblem")
    if not isinstance(config, QConfig):
        raise ValueError(f"config: got {type(config).__name__}, wanted a QConfig")
    config.needs_default("train_quadratic", "hidden", "activation", "samples")
    marks = sorted({*config.recorded, *range(CHUNK, config.steps, CHUNK), config.steps} - {0})
    w = np.empty((len(config.recorded), len(config.seeds), N_FEATURES))
    diverged_at = np.full(len(config.seeds), -1)
    for i, seed in enumerate(config.seeds):
        rng, step = np.random.default_rng(seed), 0
        # Rows: critic, target, Adam's first and second moment.
        state = np.zeros((4, N_FEATURES))
        state[:2] = config.init
        records = {0: state[0].copy()}
        for mark in marks:
            if diverged_at[i] < 0:
                batch = rng.uniform(-1, 1, (mark - step, 2, config.batch_size))
                diverged_at[i] = _train(state, batch, step, *_numbers(problem, config))
            records[mark], step = state[0].copy(), mark
        w[:, i] = [records[x] for x in config.recorded]
    return History(problem, config, np.array(config.recorded, dtype=int), w, diverged_at)


def _numbers(problem, config):
    """Return what the compiled loop needs to know, in its order."""
    target = {"current": 0, "polyak": POLYAK, "hard": HARD}[config.target]
    numbers = problem.slope, problem.discount, config.lam_s, config.lam_a, config.lr
    numbers += int(config.optimizer == "adam"), target, config.tau, config.refresh_every
    return *numbers, action_grid(config.n_actions)


@compiled()
def _train(
    state, batch, step, slope, discount, lam_s, lam_a, lr, optimizer, target, tau, refresh_every, actions
):
    """Make len(batch) updates of ``state`` in place; return the update that diverged or -1."""
    w, w_targ = state[0], state[1]
    for n in range(batch.shape[0]):
        if target == 0:
            w_targ[:] = w
        gradient = batch_gradient(w, w_targ, batch[n, 0], batch[n, 1], slope, discount, lam_s, lam_a, actions)
        before = w.copy()
        if optimizer == ADAM:
            adam_step(w, state[2], state[3], gradient, lr, step + n + 1)
        else:
            w -= lr * gradient
        if not np.isfinite(w).all():
            w[:] = before
            return step + n + 1
        if target == POLYAK:
            w_targ += tau * (w - w_targ)
        elif target == HARD and (step + n + 1) % refresh_every == 0:
            w_targ[:] = w
    return -1


@compiled()
def batch_gradient(w, w_targ, states, acts, slope, discount, lam_s, lam_a, actions):
    """Return the gradient in w of the batch's Sobolev loss, (6,)."""
    g = np.zeros(6)
    for i in range(states.size):
        s, a = states[i], acts[i]
        b = _greedy(w_targ, a, actions)  # s' = a; frozen from here on
        value = w_targ[0] + w_targ[1] * a + w_targ[2] * b
        value += w_targ[3] * a * a + w_targ[4] * a * b + w_targ[5] * b * b
        y = slope * a - (a - s) ** 2 + discount * value
        gap = w[0] + w[1] * s + w[2] * a + w[3] * s * s + w[4] * s * a + w[5] * a * a - y
        g[0] += gap
        g[1] += gap * s
        g[2] += gap * a
        g[3] += gap * s * s
        g[4] += gap * s * a
        g[5] += gap * a * a
        if lam_s > 0:
            y_s = 2 * (a - s)  # s' does not depend on s
            gap = lam_s * (w[1] + 2 * w[3] * s + w[4] * a - y_s)
            g[1] += gap
            g[3] += gap * 2 * s
            g[4] += gap * a
        if lam_a > 0:
            y_a = slope - 2 * (a - s) + discount * (w_targ[1] + 2 * w_targ[3] * a + w_targ[4] * b)
            gap = lam_a * (w[2] + w[4] * s + 2 * w[5] * a - y_a)
            g[2] += gap
            g[4] += gap * s
            g[5] += gap * 2 * a
    return g * (2.0 / states.size)


@compiled()
def _greedy(w, s, actions):
    """Return the action of the grid where Q_w(s, .) is greatest, the lowest of equals.

    A parabola needs no scan: the best grid point is an end or a neighbour of the vertex.
    """
    tilt, bend, last = w[2] + w[4] * s, w[5], actions.size - 1
    if bend >= 0:
        first, q_first = actions[0], tilt * actions[0] + bend * actions[0] ** 2
        return actions[last] if tilt * actions[last] + bend * actions[last] ** 2 > q_first else first
    place = (tilt / (-2 * bend) - actions[0]) / (actions[1] - actions[0])
    middle = int(min(max(place, 0.0), float(last)))
    best, q_best = 0.0, -np.inf
    for j in range(max(middle - 1, 0), min(middle + 2, last) + 1):
        q = tilt * actions[j] + bend * actions[j] ** 2
        if q > q_best:
            best, q_best = actions[j], q
    return best


@compiled()
def adam_step(w, m, v, gradient, lr, t):
    """Move ``w`` by an update of Adam (Kingma and Ba 2015), moments in place; t counts from 1."""
    m += (1 - 0.9) * (gradient - m)
    v += (1 - 0.999) * (gradient * gradient - v)
    w -= lr / (1 - 0.9**t) * m / (np.sqrt(v) / np.sqrt(1 - 0.999**t) + 1e-8)
