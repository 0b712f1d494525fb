"""How far a quadratic critic is from a reference solution, and how near the best one gets."""

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
from sobolev_mini.quadratic.integration import plane, quadrature


def _reference(problem, name):
    """Return (kinks, policy, q, q_gradients) of the named reference solution."""
    validate.one_of("reference", name, ("optimal", "clipped"))
    kinks = problem.breakpoints() if name == "optimal" else problem.clipped_breakpoints()
    return kinks, *(getattr(problem, f"{name}_{x}") for x in ("policy", "q", "q_gradients"))


def errors(problem, w, reference="optimal", n_actions=100):
    """Return mean square errors of Q_w and of its greedy policy against a reference.

    ``w`` is (..., 6); the result maps "q", "q_s", "q_a", "policy" to arrays of shape (...).
    "q_centred" leaves out the mean error: a constant offset changes no slope and no action.
    ``reference`` is "optimal" (exact) or "clipped" (the paper's shortcut).
    """
    w, actions = validate.last_axis("w", w, N_FEATURES), action_grid(n_actions)
    kinks, policy, q, q_gradients = _reference(problem, reference)
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


def family_floors(problem, reference="optimal"):
    """Return the least error that any quadratic critic can have, each by the weights best for it.

    The policy floor is over clip(m s + b, -1, 1), all that a concave quadratic can be greedy for,
    found by Gauss-Newton steps from the reference's own best straight line.
    """
    kinks, policy, q, q_gradients = _reference(problem, reference)
    s, a, p = plane(kinks)
    q_s, q_a = q_gradients(s, a)
    found = {}
    for name, X, y in [
        ("q", features(s, a), q(s, a)),
        ("q_s", feature_gradients(s, a)[0], q_s),
        ("q_a", feature_gradients(s, a)[1], q_a),
    ]:
        root = np.sqrt(p)
        w = np.linalg.lstsq(root[:, None] * X, root * y, rcond=None)[0]
        found[name] = p @ (X @ w - y) ** 2
    found["policy"] = _clipped_line_floor(policy, kinks)
    return found


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
