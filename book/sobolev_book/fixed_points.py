"""What chapter 04 asks of the quadratic critic beyond the module: its own fixed point, the family's floors.

Q-learning's policy moves with the weights. The envelope theorem hides that from the value, not
from its slope: y_a holds dQ/ds' at b, and b moves. ``training_matrix`` has the term that is missing
in ``td_matrix``, and ``training_threshold`` asks for stability at the critic's own fixed point.
"""

import numpy as np

from sobolev_mini.quadratic.critic import (
    feature_gradients,
    features,
    gram_matrix,
    greedy_action,
    plane,
    policy_kinks,
    quadrature,
)
from sobolev_mini.quadratic.fitted import bellman_projection, fitted_q_iteration, reference_of
from sobolev_mini.quadratic.stability import direction_of, last_crossing, least_real_part, td_matrix


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


def training_threshold(problem, direction=(1, 1), largest=1e4):
    """Return the least t from which on Q-learning's own fixed point for lam = t * direction is stable.

    The fixed point moves with t; each is found by Newton's method from its neighbour. Returns as
    ``stability_threshold`` does; that one holds the optimal policy fixed, this one lets it move.
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
        return least_real_part(training_matrix(problem, w, *lams))

    return last_crossing(np.vectorize(margin), largest, points=60)


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


def _clipped_line_floor(policy, kinks, steps=60):
    line, best = np.array([0.0, 1.0]), np.inf  # intercept, slope
    for _ in range(steps):
        ends = np.array([-1.0, 1.0])
        bends = (ends - line[0]) / line[1] if line[1] else np.empty(0)
        x, p = quadrature(np.concatenate([kinks, bends]))
        y = line[0] + line[1] * x
        gap = np.clip(y, -1, 1) - policy(x)
        best = min(best, p @ gap**2)
        J = np.where(np.abs(y) < 1, 1.0, 0.0)[:, None] * np.stack([np.ones_like(x), x], axis=-1)
        line = line - np.linalg.lstsq((J.T * p) @ J, J.T @ (p * gap), rcond=None)[0]
    return best
