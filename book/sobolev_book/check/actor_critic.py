"""Checkers for chapter 06: actor and critic."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases


@checker(normal_cases([(5, 3), (5, 2)], [(8, 3), (8, 2)]))
def actor_gradient(s, g):
    """Check a function (s (B, n_s), slope (B, n_a)) -> dJ / dW (n_s, n_a), eq-06-gradient."""
    yield s.T @ g / len(s), "states meet slopes, and no value is needed."
    yield -s.T @ g / len(s), "the sign: J is to rise, so this is its gradient, not a loss's"
    yield s.T @ g, "J is a mean over states; you have the sum"
    yield s.T @ g / g.size, "divide by the number of states, not by that of the slopes"
    yield s.T @ np.sign(g) / len(s), "the slope's size counts too, not its sign alone"


@checker(normal_cases(*[[(4, 3), (4, 2), (3, 2)]] * 2))
def next_slope(q_s, q_a, W):
    """Check a function (q_s (B, n_s), q_a (B, n_a), W (n_s, n_a)) -> slope of V (B, n_s), eq-06-actor."""
    yield q_s + q_a @ W.T, "the critic's own slope, and the actor's turn of the action."
    yield q_s, "that is the first path; the action moves with s' too"
    yield q_a @ W.T, "that is the second path; Q depends on s' directly too"
    yield q_s - q_a @ W.T, "the sign of the second path: a' = s' W"


@checker([(*numbers, *normal_cases([5])[0]) for numbers in ((0.7, 0.3, 0.2), (-1.1, 0.5, 0.4))])
def entropy_slope(k, c, alpha, noise):
    """Check a function (k, c, alpha, noise (B,)) -> d(-alpha log pi) / ds' (B,), eq-06-soft."""
    ones = np.ones_like(noise)
    yield alpha * c * ones, "only the spread's slope is left."
    yield -alpha * c * ones, "the sign: it is minus alpha log pi"
    yield c * ones, "the temperature alpha is missing"
    yield 0 * ones, "the mean cancels, the spread does not: log sigma = c s'"
    yield alpha * c * (1 - noise**2), "the noise is held fixed, so its square does not depend on s'"


@checker([(np.array([[0.8, 1.5], [0.0, 0.8]]), 0.97), (np.array([[0.0, -0.9], [1.1, 0.2]]), 0.9)])
def factors(F, discount):
    """Check a function (F (n, n), discount) -> (bound, factor in the long run), eq-06-contraction."""
    norm, radius = np.linalg.norm(F, 2), np.abs(np.linalg.eigvals(F)).max()
    bound, long_run = discount * norm, discount * radius
    yield (bound, long_run), "the first bounds every backup, the second rules the many."
    yield (norm, radius), "the discount is missing from both"
    yield (long_run, bound), "the order: first the bound on one backup"
    frobenius = discount * np.linalg.norm(F), long_run
    yield (
        frobenius,
        "without its second argument norm is Frobenius'; the largest singular value is norm(F, 2)",
    )
    yield (bound, bound), "in the long run the eigenvalues count, not the singular values"
    yield (long_run, long_run), "one backup can enlarge an error more than its eigenvalues say"
