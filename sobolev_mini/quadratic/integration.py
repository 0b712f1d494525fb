"""Expectations over s and a, uniform on [-1, 1] and independent, without sampling.

All integrands are polynomials between known kinks, so Gauss-Legendre on each piece has no error
but rounding. A fixed lattice does: the max over a grid gives its target a hundred kinks.
"""

import functools

import numpy as np

from sobolev_mini.quadratic.critic import feature_gradients, features

_GAUSS = np.polynomial.legendre.leggauss(4)  # exact up to degree 7; the highest here is 4


def quadrature(kinks=()):
    """Return (nodes, weights) for E over x uniform on [-1, 1], exact up to degree 7 between ``kinks``."""
    kinks = np.asarray(kinks, dtype=float)
    edges = np.unique(np.concatenate([[-1.0, 1.0], kinks[np.abs(kinks) < 1]]))
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    return (middle + half * _GAUSS[0]).ravel(), (half * _GAUSS[1] / 2).ravel()


def plane(kinks=()):
    """Return s, a, weight, each flat, for E over both axes with ``kinks`` along a."""
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
