"""The critic itself: features, their gradients, and the greedy action."""

import numpy as np

from sobolev_mini import validate

N_FEATURES = 6


def features(s, a):
    """Return phi(s, a) = (1, s, a, s^2, s a, a^2), (..., 6), broadcasting ``s`` and ``a`` (eq-04-critic)."""
    s, a = np.broadcast_arrays(np.asarray(s, dtype=float), np.asarray(a, dtype=float))
    return np.stack([np.ones_like(s), s, a, s * s, s * a, a * a], axis=-1)


def feature_gradients(s, a):
    """Return (phi_s, phi_a), the derivatives of ``features``, each (..., 6)."""
    s, a = np.broadcast_arrays(np.asarray(s, dtype=float), np.asarray(a, dtype=float))
    zero, one = np.zeros_like(s), np.ones_like(s)
    return (
        np.stack([zero, one, zero, 2 * s, a, zero], axis=-1),
        np.stack([zero, zero, one, zero, s, 2 * a], axis=-1),
    )


def action_grid(n_actions=100):
    """Return the grid for the max over actions: ``n_actions`` points from -1 to 1 (100 in the paper).

    ``None`` stands for the max over all of [-1, 1] and gives ``None``.
    """
    return None if n_actions is None else np.linspace(-1, 1, validate.whole("n_actions", n_actions, 2))


def greedy_action(w, s, actions=None):
    """Return argmax_a Q_w(s, a) over [-1, 1], or over ``actions`` where a grid is given.

    Parameters
    ----------
    w : (..., 6) weights
    s : states, any shape that broadcasts against ``w[..., 0]``
    actions : (A,) ascending grid, optional; a tie goes to its lowest action. Without a grid a tie
        (Q flat or symmetric in a) goes to -1.
    """
    w, s = validate.last_axis("w", w, N_FEATURES), validate.within_box("s", s)
    tilt, bend = w[..., 2] + w[..., 4] * s, w[..., 5] + 0 * s
    if actions is not None:
        actions = np.asarray(actions, dtype=float)
        q = tilt[..., None] * actions + bend[..., None] * actions**2
        return actions[np.argmax(q, axis=-1)]
    with np.errstate(over="ignore"):  # a bend next to nothing sends the vertex beyond every bound
        vertex = np.clip(tilt / np.where(bend < 0, -2 * bend, 1), -1, 1)
    return np.where(bend < 0, vertex, np.where(tilt > 0, 1.0, -1.0))


def policy_kinks(w, actions):
    """Return the states, in or out of [-1, 1], where the greedy action of ``w`` (6,) changes piece."""
    if w[4] == 0:
        return np.empty(0)
    # Convex in a: one end or the other. Concave: the vertex passes a bound, or the middle of two grid points.
    middles = np.array([-1.0, 1.0]) if actions is None else (actions[1:] + actions[:-1]) / 2
    with np.errstate(over="ignore"):  # a tilt next to nothing sends them beyond every bound
        return (-2 * w[5] * middles - w[2] if w[5] < 0 else np.array([-w[2]])) / w[4]
