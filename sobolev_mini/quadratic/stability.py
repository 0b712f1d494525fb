"""Is the fixed point of semi-gradient TD stable? A linear question with an exact answer.

For a policy held fixed, a' = policy(s'), the expected semi-gradient step on the weights is
w <- w - rate * (A w - b) with A = E[phi (phi - g phi')^T] and, for slopes, the same with phi_s and
phi_a: ``td_matrix``. Small steps converge exactly if every eigenvalue of A has a positive real
part (Tsitsiklis and Van Roy 1997 ask this of TD; the slope terms are ours).
"""

import numpy as np

from sobolev_mini import validate
from sobolev_mini.quadratic.critic import (
    feature_gradients,
    features,
    plane,
)


def td_matrix(problem, policy, lam_s, lam_a, kinks=None):
    """Return A(lam_s, lam_a) of expected semi-gradient TD, (6, 6) (eq-04-td).

    Parameters
    ----------
    problem : ToyProblem
    policy : callable, states (n,) -> actions (n,) in [-1, 1], held fixed
    lam_s, lam_a : slope weights, >= 0
    kinks : states where ``policy`` bends or jumps, for exact integration; by default those of
        ``problem``'s optimal and clipped policies
    """
    lam_s, lam_a = validate.real("lam_s", lam_s, low=0), validate.real("lam_a", lam_a, low=0)
    value, by_s, by_a = _terms(problem, policy, kinks)
    return value + lam_s * by_s + lam_a * by_a


def _terms(problem, policy, kinks):
    """Return the three matrices whose weighted sum is A."""
    if kinks is None:
        kinks = np.concatenate([problem.breakpoints(), problem.clipped_breakpoints()[:1]])
    s, a, p = plane(kinks)
    b = validate.within_box("policy", policy(a))
    phi, (phi_s, phi_a) = features(s, a), feature_gradients(s, a)
    g = problem.discount
    return (
        (phi.T * p) @ (phi - g * features(a, b)),
        (phi_s.T * p) @ phi_s,  # s' = a does not depend on s: no bootstrap in this slope
        (phi_a.T * p) @ (phi_a - g * feature_gradients(a, b)[0]),  # ds'/da = 1, b frozen
    )


def least_real_part(matrix):
    """Return the least real part among the eigenvalues of ``matrix`` (..., n, n)."""
    return np.linalg.eigvals(matrix).real.min(axis=-1)


def stability_threshold(problem, policy, direction=(1, 1), kinks=None, largest=1e4):
    """Return the least t from which on td_matrix(lam = t * direction) is stable up to ``largest``.

    ``direction`` is (lam_s, lam_a) per unit of t: (1, 1) both, (0, 1) action slopes alone. Returns
    0.0 where value-only TD is stable already and inf where ``largest`` is not enough.
    """
    direction = direction_of(direction)
    value, by_s, by_a = _terms(problem, policy, kinks)
    slopes = direction[0] * by_s + direction[1] * by_a
    return last_crossing(lambda t: least_real_part(value + np.multiply.outer(t, slopes)), largest)


def direction_of(direction):
    """Return ``direction`` as (lam_s, lam_a) per unit, both >= 0 and one > 0, else ``ValueError``."""
    direction = validate.last_axis("direction", direction, 2)
    if direction.shape != (2,) or (direction < 0).any() or not direction.any():
        raise ValueError(f"direction: got {direction}, wanted two weights >= 0, not both 0")
    return direction


def last_crossing(margin, largest, points=400):
    """Return the least t >= 0 from which on ``margin`` is positive up to ``largest``, by bisection."""
    grid = np.concatenate([[0.0], np.geomspace(largest * 1e-10, largest, points)])
    stable = margin(grid) > 0
    if stable.all() or not stable[-1]:
        return 0.0 if stable.all() else np.inf
    last = np.flatnonzero(~stable)[-1]
    low, high = grid[last], grid[last + 1]
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if margin(middle) > 0 else (middle, high)
    return float(high)
