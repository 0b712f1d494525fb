"""The quadratic critic of chapter 04 in other features, which span the same functions."""

import numpy as np

from sobolev_mini import validate
from sobolev_mini.qlearning import History
from sobolev_mini.qlearning.compiled import compiled
from sobolev_mini.qlearning.quadratic_loop import adam_step, batch_gradient
from sobolev_mini.quadratic import N_FEATURES, action_grid


def centred(s=True, a=True):
    """Return the matrix (6, 6) that turns ``features`` into the same with s^2 - 1/3, a^2 - 1/3, or both."""
    basis = np.eye(N_FEATURES)
    basis[3, 0], basis[5, 0] = -s / 3, -a / 3
    return basis


def train_in(basis, problem, config):
    """Return the ``History`` of ``train_quadratic`` where Adam moves the weights of ``basis`` @ features.

    ``basis`` (6, 6) is invertible. Samples, start, targets and loss are ``train_quadratic``'s; the history
    holds weights of ``features``. ``ValueError`` for another optimiser than "adam", target than "current".
    """
    validate.one_of("optimizer", config.optimizer, ("adam",))
    validate.one_of("target", config.target, ("current",))
    numbers = problem.slope, problem.discount, config.lam_s, config.lam_a, config.lr
    w = np.empty((len(config.recorded), len(config.seeds), N_FEATURES))
    for i, seed in enumerate(config.seeds):
        rng, state, step = np.random.default_rng(seed), np.zeros((3, N_FEATURES)), 0
        state[0] = np.linalg.solve(basis.T, np.broadcast_to(config.init, N_FEATURES))
        for row, mark in zip(w[:, i], config.recorded, strict=True):
            batch = rng.uniform(-1, 1, (mark - step, 2, config.batch_size))
            _train(state, basis, batch, step, *numbers, action_grid(config.n_actions))
            row[:], step = basis.T @ state[0], mark
    return History(problem, config, np.array(config.recorded, dtype=int), w, np.full(w.shape[1], -1))


@compiled()
def _train(state, basis, batch, step, slope, discount, lam_s, lam_a, lr, actions):
    for n in range(batch.shape[0]):
        w = basis.T @ state[0]
        gradient = batch_gradient(w, w, batch[n, 0], batch[n, 1], slope, discount, lam_s, lam_a, actions)
        adam_step(state[0], state[1], state[2], basis @ gradient, lr, step + n + 1)
