"""The paper's six-parameter critic, Q_w(s, a) = w . (1, s, a, s^2, s a, a^2), solved exactly.

What an infinite batch of uniform (s, a) would do is computed here without sampling: Sobolev least
squares, fitted Q-iteration and errors.
"""

from sobolev_mini.quadratic.critic import (
    N_FEATURES,
    action_grid,
    feature_gradients,
    features,
    gram_matrix,
    greedy_action,
    quadrature,
)
from sobolev_mini.quadratic.fitted import bellman_projection, errors, fitted_q_iteration

__all__ = ["N_FEATURES", "action_grid", "bellman_projection", "errors", "feature_gradients", "features",
           "fitted_q_iteration", "gram_matrix", "greedy_action", "quadrature"]  # fmt: skip
