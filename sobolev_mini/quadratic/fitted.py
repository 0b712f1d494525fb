"""Fitted Q-iteration in the Sobolev norm: project the Bellman target, again and again."""

import numpy as np

from sobolev_mini import validate
from sobolev_mini.quadratic.critic import (
    N_FEATURES,
    action_grid,
    feature_gradients,
    features,
    greedy_action,
    policy_kinks,
)
from sobolev_mini.quadratic.integration import gram_matrix, plane


def bellman_projection(problem, w, lam_s, lam_a, n_actions=100):
    """Return the weights of the Sobolev-nearest quadratic to the max-target of ``w``, (6,).

    One step of fitted Q-iteration (eq-04-normal), y = r + discount * max_b Q_w(a, b) with slopes
    y_s = r_s and y_a = r_a + discount * dQ_w(s', b)/ds' at s' = a, b frozen at its maximum.
    """
    w, actions = validate.last_axis("w", w, N_FEATURES), action_grid(n_actions)
    s, a, p = plane(policy_kinks(w, actions))
    b = greedy_action(w, a, actions)
    r_s, r_a = problem.reward_gradients(s, a)
    y = problem.reward(s, a) + problem.discount * features(a, b) @ w
    y_a = r_a + problem.discount * feature_gradients(a, b)[0] @ w
    phi, (phi_s, phi_a) = features(s, a), feature_gradients(s, a)
    moment = phi.T @ (p * y) + lam_s * phi_s.T @ (p * r_s) + lam_a * phi_a.T @ (p * y_a)
    return np.linalg.solve(gram_matrix(lam_s, lam_a), moment)


def fitted_q_iteration(problem, lam_s, lam_a, n_actions=100, w=None, iterations=5000, tolerance=1e-12):
    """Return the fixed point of fitted Q-iteration in the Sobolev norm, (6,).

    Parameters
    ----------
    lam_s, lam_a : slope weights, >= 0
    n_actions : points of the grid in the max, or None for the max over all of [-1, 1]
    w : (6,) start, zeros by default
    iterations, tolerance : at most so many projections; done when no weight moves more than
        ``tolerance`` (and at least one projection was made)

    Notes
    -----
    Raises ``RuntimeError`` when it does not settle; the message says by how much it still moved.
    """
    lam_s, lam_a = validate.real("lam_s", lam_s, low=0), validate.real("lam_a", lam_a, low=0)
    w = np.zeros(N_FEATURES) if w is None else validate.last_axis("w", w, N_FEATURES)
    for _ in range(validate.whole("iterations", iterations, 1)):
        last, w = w, bellman_projection(problem, w, lam_s, lam_a, n_actions)
        if np.abs(w - last).max() <= tolerance:
            return w
    moved = np.abs(w - last).max()
    raise RuntimeError(f"fitted Q-iteration: the weights still moved by {moved:.1e} after {iterations} steps")
