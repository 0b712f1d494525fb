"""What chapter 04 asks of the quadratic critic beyond the module: stability, its own fixed point, floors.

For a policy held fixed, a' = policy(s'), the expected semi-gradient step on the weights is
w <- w - rate * (A w - b) with A = E[phi (phi - g phi')^T] and, for slopes, the same with phi_s and phi_a:
``td_matrix``. Small steps converge exactly if every eigenvalue of A has a positive real part (Tsitsiklis and
Van Roy 1997 ask this of TD; the slope terms are ours). Q-learning's policy moves with the weights. The
envelope theorem hides that from the value, not from its slope: y_a holds dQ/ds' at b, and b moves.
``training_matrix`` has the term that ``td_matrix`` lacks.
"""

import itertools

import numpy as np
from scipy.optimize import bisect

from sobolev_mini import validate
from sobolev_mini.quadratic.critic import (
    N_FEATURES,
    feature_gradients,
    features,
    gram_matrix,
    greedy_action,
    plane,
    policy_kinks,
    quadrature,
)
from sobolev_mini.quadratic.fitted import bellman_projection, fitted_q_iteration, reference_of


def td_matrix(problem, policy, lam_s, lam_a, kinks=None):
    """Return A(lam_s, lam_a) of expected semi-gradient TD, (6, 6) (eq-04-td).

    Parameters
    ----------
    problem : ToyProblem
    policy : callable, states (n,) -> actions (n,) in [-1, 1], held fixed; another raises ``ValueError``
    lam_s, lam_a : slope weights, >= 0, else ``ValueError``
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
    0.0 where value-only TD is stable already and inf where ``largest`` is not enough; ``ValueError`` for a
    direction below 0 or of nothing.
    """
    direction = direction_of(direction)
    value, by_s, by_a = _terms(problem, policy, kinks)
    slopes = direction[0] * by_s + direction[1] * by_a
    return last_crossing(lambda t: least_real_part(value + np.multiply.outer(t, slopes)), largest)


def direction_of(direction):
    """Return ``direction`` as (lam_s, lam_a) per unit, >= 0 and not both 0, else ``ValueError``."""
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
    return float(bisect(margin, grid[last], grid[last + 1], xtol=1e-300, rtol=1e-12))


def projected_operator(problem, policy, lam_s, lam_a, kinks=None):
    """Return the linear part of w -> Sobolev projection of the backup under ``policy``, (6, 6).

    Fitted evaluation of ``policy`` converges exactly if its spectral radius is below one.
    """
    gram = gram_matrix(lam_s, lam_a)
    return np.linalg.solve(gram, gram - td_matrix(problem, policy, lam_s, lam_a, kinks))


def training_matrix(problem, w, lam_s, lam_a):
    """Return the Jacobian in w of Q-learning's expected semi-gradient, (6, 6) (eq-04-training).

    ``td_matrix`` for the critic's own greedy policy (max over all of [-1, 1]) less
    lam_a * discount * E[phi_a w_4 (db/dw)^T]: the greedy action b moves with ``w``, and with it the
    slope target. Where b sits at a bound it does not move.
    """
    kinks = policy_kinks(w, None)
    s, a, p = plane(kinks)
    b, phi_a = greedy_action(w, a), feature_gradients(s, a)[1]
    inside = (np.abs(b) < 1) & (w[5] < 0)
    zero, bend = np.zeros_like(a), -2 * min(w[5], -1e-300)
    b_w = np.stack([zero, zero, zero + 1, zero, a, 2 * b], axis=-1) * (inside / bend)[:, None]
    frozen = td_matrix(problem, lambda x: greedy_action(w, x), lam_s, lam_a, kinks)
    return frozen - lam_a * problem.discount * w[4] * (phi_a.T * p) @ b_w


def training_threshold(problem, direction=(1, 1), moving=True):
    """Return the least t from which on Q-learning's own fixed point for lam = t * direction is stable.

    The fixed point moves with t; each is found by Newton's method from its neighbour. Its greedy policy
    moves with the weights, or is held still where ``moving`` is false. Returns as ``stability_threshold``.
    """
    direction, w = direction_of(direction), fitted_q_iteration(problem, 0, 0, n_actions=None)

    def margin(t):
        nonlocal w
        lams = t * direction
        gram = gram_matrix(*lams)
        for _ in range(50):
            step = gram @ (w - bellman_projection(problem, w, *lams, n_actions=None))
            w = w - np.linalg.solve(training_matrix(problem, w, *lams), step)
            if np.abs(step).max() < 1e-13:
                break
        if moving:
            return least_real_part(training_matrix(problem, w, *lams))
        held, kinks = lambda s: greedy_action(w, s), policy_kinks(w, None)
        return least_real_part(td_matrix(problem, held, *lams, kinks))

    return last_crossing(np.vectorize(margin), largest=1e4, points=60)


def expected_path(problem, rule, lam_s, lam_a, rate, steps, start=0, basis=None):
    """Return the weights (steps + 1, 6) of expected updates by ``rule``.

    Parameters
    ----------
    rule : "plain" (rate times the semi-gradient) or "sign" (rate for every weight that has a gradient),
        else ``ValueError``
    start : the six weights that it begins with, or one number for all
    basis : (6, 6), for steps in the weights of ``basis`` @ features; by default the features themselves
    """
    basis = np.eye(N_FEATURES) if basis is None else basis
    signs = validate.one_of("rule", rule, ("plain", "sign")) == "sign"
    gram, w = gram_matrix(lam_s, lam_a), np.zeros(N_FEATURES) + start
    path = np.empty((steps + 1, N_FEATURES))
    for row in path:
        row[:] = w
        gradient = basis @ (gram @ (w - bellman_projection(problem, w, lam_s, lam_a, n_actions=None)))
        w = w - rate * basis.T @ (np.sign(gradient) if signs else gradient)
    return path


def rays(pulls):
    """Return the directions (k, n) that steps by sign keep for ever, the last weight growing (eq-04-ray).

    Parameters
    ----------
    pulls : (n, n), a step is -rate * sign(pulls @ w)

    Notes
    -----
    Along a ray v a weight takes every step, v_i = -sign((pulls @ v)_i), or it lags, |v_i| < 1, and has no
    push left, (pulls @ v)_i = 0. Whether a ray attracts or repels is not asked.
    """
    found = []
    for v in map(np.array, itertools.product((-1.0, 0.0, 1.0), repeat=len(pulls))):
        lags, last = v == 0, v[-1]
        if last < 0 or lags.all():
            continue
        own, others = pulls[np.ix_(lags, lags)], pulls[np.ix_(lags, ~lags)]
        if not lags.any() or np.linalg.matrix_rank(own) == lags.sum():  # NumPy 1 knows no rank of 0 by 0
            v[lags] = -np.linalg.solve(own, others @ v[~lags])
            if v[-1] > 0 and (abs(v[lags]) < 1).all() and (v * (pulls @ v) < 0)[~lags].all():
                found.append(v)
    return np.reshape(found, (-1, len(pulls)))


def family_floors(problem, reference="optimal"):
    """Return the least error that any quadratic critic can have, each by the weights best for it.

    The policy floor is over clip(m s + b, -1, 1), all that a concave quadratic can be greedy for,
    found by Gauss-Newton steps from the reference's own best straight line.
    """
    kinks, policy, q, q_gradients = reference_of(problem, reference)
    s, a, p = plane(kinks)
    q_s, q_a = q_gradients(s, a)
    (phi_s, phi_a), root, floors = feature_gradients(s, a), np.sqrt(p), {}
    for name, X, y in (("q", features(s, a), q(s, a)), ("q_s", phi_s, q_s), ("q_a", phi_a, q_a)):
        w = np.linalg.lstsq(root[:, None] * X, root * y, rcond=None)[0]
        floors[name] = p @ (X @ w - y) ** 2
    floors["policy"] = _clipped_line_floor(policy, kinks)
    return floors


def _clipped_line_floor(policy, kinks):
    line, best = np.array([0.0, 1.0]), np.inf  # intercept, slope
    for _ in range(60):
        ends = np.array([-1.0, 1.0])
        bends = (ends - line[0]) / line[1] if line[1] else np.empty(0)
        x, p = quadrature(np.concatenate([kinks, bends]))
        y = line[0] + line[1] * x
        gap = np.clip(y, -1, 1) - policy(x)
        best = min(best, p @ gap**2)
        J = np.where(np.abs(y) < 1, 1.0, 0.0)[:, None] * np.stack([np.ones_like(x), x], axis=-1)
        line = line - np.linalg.lstsq((J.T * p) @ J, J.T @ (p * gap), rcond=None)[0]
    return best
