"""Fitted Q-iteration in the Sobolev norm: project the Bellman target, again and again.

And how far a quadratic critic is from a reference solution.
"""

import numpy as np

from sobolev_mini import validate
from sobolev_mini.quadratic.critic import (
    N_FEATURES,
    action_grid,
    feature_gradients,
    features,
    gram_matrix,
    greedy_action,
    plane,
    policy_kinks,
    quadrature,
)


def bellman_projection(problem, w, lam_s, lam_a, n_actions=100):
    """Return the weights of the Sobolev-nearest quadratic to the max-target of ``w``, (6,).

    An iteration of fitted Q-iteration (eq-04-normal), y = r + discount * max_b Q_w(a, b) with slopes
    y_s = r_s and y_a = r_a + discount * dQ_w(s', b)/ds' at s' = a, b frozen at its maximum. Raises
    ``ValueError`` for ``w`` of another shape.
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
        ``tolerance``, after the first projection at the earliest

    Notes
    -----
    Raises ``RuntimeError`` when it does not settle; the message says by how much it still moved. Raises
    ``ValueError`` for slope weights, a start or a number that do not fit.
    """
    lam_s, lam_a = validate.real("lam_s", lam_s, low=0), validate.real("lam_a", lam_a, low=0)
    w = np.zeros(N_FEATURES) if w is None else validate.last_axis("w", w, N_FEATURES)
    for _ in range(validate.whole("iterations", iterations, 1)):
        last, w = w, bellman_projection(problem, w, lam_s, lam_a, n_actions)
        if np.abs(w - last).max() <= tolerance:
            return w
    moved = np.abs(w - last).max()
    raise RuntimeError(f"fitted Q-iteration: the weights still moved by {moved:.1e} after {iterations} steps")


def reference_of(problem, name):
    """Return (kinks, policy, q, q_gradients) of a reference; ``ValueError`` for an unknown name."""
    validate.one_of("reference", name, ("optimal", "clipped"))
    kinks = problem.breakpoints() if name == "optimal" else problem.clipped_breakpoints()
    return kinks, *(getattr(problem, f"{name}_{x}") for x in ("policy", "q", "q_gradients"))


def errors(problem, w, reference="optimal", n_actions=100):
    """Return mean square errors of Q_w and of its greedy policy against a reference.

    ``w`` is (..., 6); the result maps "q", "q_s", "q_a", "policy" to arrays of shape (...).
    "q_centred" leaves out the mean error: a constant offset changes no slope and no action.
    ``reference`` is "optimal" (exact) or "clipped" (the paper's shortcut), else ``ValueError``.
    """
    w, actions = validate.last_axis("w", w, N_FEATURES), action_grid(n_actions)
    kinks, policy, q, q_gradients = reference_of(problem, reference)
    s, a, p = plane(kinks)
    (phi_s, phi_a), (q_s, q_a) = feature_gradients(s, a), q_gradients(s, a)
    gap = w @ features(s, a).T - q(s, a)
    mean = gap @ p
    policy_errors = [_policy_error(row, policy, kinks, actions) for row in w.reshape(-1, N_FEATURES)]
    return {
        "q": gap**2 @ p,
        "q_centred": gap**2 @ p - mean**2,
        "q_s": (w @ phi_s.T - q_s) ** 2 @ p,
        "q_a": (w @ phi_a.T - q_a) ** 2 @ p,
        "policy": np.reshape(policy_errors, w.shape[:-1]),
    }


def _policy_error(w, policy, kinks, actions):
    x, p = quadrature(np.concatenate([kinks, policy_kinks(w, actions)]))
    return p @ (greedy_action(w, x, actions) - policy(x)) ** 2
