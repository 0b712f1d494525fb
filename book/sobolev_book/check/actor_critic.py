"""Checkers for chapter 06: actor and critic."""

import numpy as np

from sobolev_book.check.verdict import judge


def actor_gradient(answer):
    """Check a function (s (B, n_s), slope (B, n_a)) -> dJ / dW (n_s, n_a), eq-06-gradient."""
    rng = np.random.default_rng(0)
    cases = [(rng.normal(size=(b, 3)), rng.normal(size=(b, 2))) for b in (5, 8)]
    return judge(
        answer,
        lambda s, g: s.T @ g / len(s),
        cases,
        praise="states meet slopes, and no value is needed.",
        hints=[
            (lambda s, g: -s.T @ g / len(s), "the sign: J is to rise, so this is its gradient, not a loss's"),
            (lambda s, g: s.T @ g, "J is a mean over states; you have the sum"),
            (lambda s, g: s.T @ g / g.size, "divide by the number of states, not by that of the slopes"),
            (
                lambda s, g: s.T @ np.sign(g) / len(s),
                "the slope's size counts too, not its sign alone",
            ),
        ],
    )


def next_slope(answer):
    """Check a function (q_s (B, n_s), q_a (B, n_a), W (n_s, n_a)) -> slope of V (B, n_s), eq-06-actor."""
    rng = np.random.default_rng(0)
    cases = [(rng.normal(size=(4, 3)), rng.normal(size=(4, 2)), rng.normal(size=(3, 2))) for _ in range(2)]
    return judge(
        answer,
        lambda q_s, q_a, W: q_s + q_a @ W.T,
        cases,
        praise="the critic's own slope, and the actor's turn of the action.",
        hints=[
            (lambda q_s, q_a, W: q_s, "that is the first path; the action moves with s' too"),
            (lambda q_s, q_a, W: q_a @ W.T, "that is the second path; Q depends on s' directly too"),
            (lambda q_s, q_a, W: q_s - q_a @ W.T, "the sign of the second path: a' = s' W"),
        ],
    )


def entropy_slope(answer):
    """Check a function (k, c, alpha, noise (B,)) -> d(-alpha log pi) / ds' (B,), eq-06-soft."""
    noise = np.random.default_rng(0).normal(size=5)
    return judge(
        answer,
        _entropy_slope,
        [(0.7, 0.3, 0.2, noise), (-1.1, 0.5, 0.4, noise)],
        praise="only the spread's slope is left.",
        hints=[
            (lambda k, c, alpha, e: -_entropy_slope(k, c, alpha, e), "the sign: it is minus alpha log pi"),
            (lambda k, c, alpha, e: _entropy_slope(k, c, 1.0, e), "the temperature alpha is missing"),
            (
                lambda k, c, alpha, e: np.zeros_like(e),
                "the mean cancels, the spread does not: log sigma = c s'",
            ),
            (
                lambda k, c, alpha, e: alpha * c * (1 - e**2),
                "the noise is held fixed, so its square does not depend on s'",
            ),
        ],
    )


def _entropy_slope(k, c, alpha, noise):
    return alpha * c * np.ones_like(noise)


def factors(answer):
    """Check a function (F (n, n), discount) -> (bound, factor in the long run), eq-06-contraction."""
    cases = [(np.array([[0.8, 1.5], [0.0, 0.8]]), 0.97), (np.array([[0.0, -0.9], [1.1, 0.2]]), 0.9)]
    return judge(
        answer,
        _factors,
        cases,
        praise="the first bounds every backup, the second rules the many.",
        hints=[
            (lambda F, d: (np.linalg.norm(F, 2), _radius(F)), "the discount is missing from both"),
            (lambda F, d: _factors(F, d)[::-1], "the order: first the bound on one backup"),
            (
                lambda F, d: (d * np.linalg.norm(F), d * _radius(F)),
                "without its second argument norm is Frobenius'; the largest singular value is norm(F, 2)",
            ),
            (
                lambda F, d: (d * np.linalg.norm(F, 2),) * 2,
                "in the long run the eigenvalues count, not the singular values",
            ),
            (
                lambda F, d: (d * _radius(F),) * 2,
                "one backup can enlarge an error more than its eigenvalues say",
            ),
        ],
    )


def _radius(F):
    return np.abs(np.linalg.eigvals(F)).max()


def _factors(F, discount):
    return discount * np.linalg.norm(F, 2), discount * _radius(F)
