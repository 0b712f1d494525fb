"""The critic itself: features, their gradients, the greedy action, and expectations of all of them.

Expectations are over s and a, uniform on [-1, 1] and independent, without sampling. All integrands are
polynomials between known kinks, so Gauss-Legendre on every piece has no error but rounding. A fixed lattice
does: the max over a grid gives its target a hundred kinks.
"""

import functools

import numpy as np

from sobolev_mini import validate

N_FEATURES = 6
_GAUSS = np.polynomial.legendre.leggauss(4)  # exact up to degree 7; the highest here is 4


def features(s, a):
    """Return phi(s, a) = (1, s, a, s^2, s a, a^2), (..., 6), broadcasting ``s`` and ``a`` (eq-04-critic)."""
    return _columns(s, a, lambda s, a: (1.0, s, a, s * s, s * a, a * a))


def feature_gradients(s, a):
    """Return (phi_s, phi_a), the derivatives of ``features``, (..., 6)."""
    return (
        _columns(s, a, lambda s, a: (0.0, 1.0, 0.0, 2 * s, a, 0.0)),
        _columns(s, a, lambda s, a: (0.0, 0.0, 1.0, 0.0, s, 2 * a)),
    )


def _columns(s, a, make):
    s, a = np.asarray(s, dtype=float), np.asarray(a, dtype=float)
    out = np.empty((*np.broadcast_shapes(s.shape, a.shape), N_FEATURES))
    for i, column in enumerate(make(s, a)):
        out[..., i] = column
    return out


def action_grid(n_actions=100):
    """Return the grid for the max over actions: ``n_actions`` points from -1 to 1 (100 in the paper).

    ``None`` stands for the max over all of [-1, 1] and gives ``None``; less than 2 raise ``ValueError``.
    """
    return None if n_actions is None else np.linspace(-1, 1, validate.whole("n_actions", n_actions, 2))


def greedy_action(w, s, actions=None):
    """Return argmax_a Q_w(s, a) over [-1, 1], or over ``actions`` where a grid is given.

    Parameters
    ----------
    w : (..., 6) weights, else ``ValueError``
    s : states in [-1, 1], else ``ValueError``; any shape that broadcasts against ``w[..., 0]``
    actions : (A,) ascending grid, optional; a tie goes to its lowest action. Without a grid a tie
        (Q flat or symmetric in a) goes to -1.
    """
    w, s = validate.last_axis("w", w, N_FEATURES), validate.within_box("s", s)
    tilt, bend = w[..., 2] + w[..., 4] * s, w[..., 5] + 0 * s
    with np.errstate(over="ignore"):  # a bend next to nothing sends the vertex beyond every bound
        vertex = np.clip(tilt / np.where(bend < 0, -2 * bend, 1), -1, 1)
    low, high = -1.0, 1.0
    if actions is not None:  # on a grid the best is the point nearest to the vertex
        actions = np.asarray(actions, dtype=float)
        vertex = actions[np.searchsorted((actions[1:] + actions[:-1]) / 2, vertex)]
        low, high = actions[0], actions[-1]
    rises = tilt * (high - low) + bend * (high**2 - low**2) > 0
    return np.where(bend < 0, vertex, np.where(rises, high, low))


def policy_kinks(w, actions):
    """Return the states, in or out of [-1, 1], where the greedy action of ``w`` (6,) changes piece."""
    if w[4] == 0:
        return np.empty(0)
    # Convex in a: an end, low or high. Concave: the vertex passes a bound, or the middle of two grid points.
    middles = np.array([-1.0, 1.0]) if actions is None else (actions[1:] + actions[:-1]) / 2
    with np.errstate(over="ignore"):  # a tilt next to nothing sends them beyond every bound
        return (-2 * w[5] * middles - w[2] if w[5] < 0 else np.array([-w[2]])) / w[4]


def quadrature(kinks=()):
    """Return (nodes, weights) for E over x uniform on [-1, 1], exact up to degree 7 between ``kinks``."""
    kinks = np.asarray(kinks, dtype=float)
    edges = np.unique(np.concatenate([[-1.0, 1.0], kinks[np.abs(kinks) < 1]]))
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    return (middle + half * _GAUSS[0]).ravel(), (half * _GAUSS[1] / 2).ravel()


def plane(kinks=()):
    """Return s, a, weight, all flat, for E over both axes with ``kinks`` along a."""
    (x, wx), (y, wy) = quadrature(), quadrature(kinks)
    s, a = np.meshgrid(x, y, indexing="ij")
    return s.ravel(), a.ravel(), np.outer(wx, wy).ravel()


def gram_matrix(lam_s, lam_a):
    """Return E[phi phi^T + lam_s phi_s phi_s^T + lam_a phi_a phi_a^T], (6, 6), M of eq-04-normal."""
    value, by_s, by_a = _gram_terms()
    return value + lam_s * by_s + lam_a * by_a


@functools.cache
def _gram_terms():
    """Return the three matrices whose weighted sum is the Gram matrix."""
    s, a, p = plane()
    return tuple((phi.T * p) @ phi for phi in (features(s, a), *feature_gradients(s, a)))
