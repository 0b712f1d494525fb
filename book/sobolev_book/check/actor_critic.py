"""Checkers for chapter 06: actor and critic."""

import numpy as np

from sobolev_book.check.verdict import checker, normal_cases


@checker(
    normal_cases([(5, 3), (5, 2)], [(8, 3), (8, 2)]),
    praise="states meet slopes, and no value is needed.",
    mistakes={
        "the sign: J is to rise, so this is its gradient, not a loss's": lambda s, g: -s.T @ g / len(s),
        "J is a mean over states; you have the sum": lambda s, g: s.T @ g,
        "divide by the number of states, not by that of the slopes": lambda s, g: s.T @ g / g.size,
        "the slope's size counts too, not its sign alone": lambda s, g: s.T @ np.sign(g) / len(s),
    },
)
def actor_gradient(s, g):
    """Check a function (s (B, n_s), slope (B, n_a)) -> dJ / dW (n_s, n_a), eq-06-gradient."""
    return s.T @ g / len(s)


@checker(
    normal_cases(*[[(4, 3), (4, 2), (3, 2)]] * 2),
    praise="the critic's own slope, and the actor's turn of the action.",
    mistakes={
        "that is the first path; the action moves with s' too": lambda q_s, q_a, W: q_s,
        "that is the second path; Q depends on s' directly too": lambda q_s, q_a, W: q_a @ W.T,
        "the sign of the second path: a' = s' W": lambda q_s, q_a, W: q_s - q_a @ W.T,
    },
)
def next_slope(q_s, q_a, W):
    """Check a function (q_s (B, n_s), q_a (B, n_a), W (n_s, n_a)) -> slope of V (B, n_s), eq-06-actor."""
    return q_s + q_a @ W.T


@checker(
    [(*numbers, *normal_cases([5])[0]) for numbers in ((0.7, 0.3, 0.2), (-1.1, 0.5, 0.4))],
    praise="only the spread's slope is left.",
    mistakes={
        "the sign: it is minus alpha log pi": lambda *case: -entropy_slope.right(*case),
        "the temperature alpha is missing": lambda k, c, alpha, e: c * np.ones_like(e),
        "the mean cancels, the spread does not: log sigma = c s'": lambda k, c, alpha, e: np.zeros_like(e),
        "the noise is held fixed, so its square does not depend on s'": (
            lambda k, c, alpha, e: alpha * c * (1 - e**2)
        ),
    },
)
def entropy_slope(k, c, alpha, noise):
    """Check a function (k, c, alpha, noise (B,)) -> d(-alpha log pi) / ds' (B,), eq-06-soft."""
    return alpha * c * np.ones_like(noise)


@checker(
    [(np.array([[0.8, 1.5], [0.0, 0.8]]), 0.97), (np.array([[0.0, -0.9], [1.1, 0.2]]), 0.9)],
    praise="the first bounds every backup, the second rules the many.",
    mistakes={
        "the discount is missing from both": lambda F, d: factors.right(F, 1.0),
        "the order: first the bound on one backup": lambda F, d: factors.right(F, d)[::-1],
        "without its second argument norm is Frobenius'; the largest singular value is norm(F, 2)": (
            lambda F, d: (d * np.linalg.norm(F), factors.right(F, d)[1])
        ),
        "in the long run the eigenvalues count, not the singular values": (
            lambda F, d: factors.right(F, d)[:1] * 2
        ),
        "one backup can enlarge an error more than its eigenvalues say": (
            lambda F, d: factors.right(F, d)[1:] * 2
        ),
    },
)
def factors(F, discount):
    """Check a function (F (n, n), discount) -> (bound, factor in the long run), eq-06-contraction."""
    return discount * np.linalg.norm(F, 2), discount * np.abs(np.linalg.eigvals(F)).max()
