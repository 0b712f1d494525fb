"""Chapter 06's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest
import torch

from sobolev_book.check import actor_critic as check


def entropy_slope(k, c, alpha, noise):
    return np.full_like(noise, alpha * c)


def factors(F, discount):
    singular = np.linalg.svd(F, compute_uv=False)
    return discount * singular[0], discount * np.abs(np.linalg.eigvals(F)).max()


def test_the_entropy_s_slope_is_what_autograd_gives():
    s, noise = torch.tensor([0.3, -1.0], dtype=torch.float64, requires_grad=True), torch.tensor([0.4, -2.0])
    k, c, alpha = -1.1, 0.5, 0.4
    policy = torch.distributions.Normal(k * s, torch.exp(c * s))
    a = k * s + torch.exp(c * s) * noise
    (slope,) = torch.autograd.grad((-alpha * policy.log_prob(a)).sum(), s)
    assert slope.tolist() == pytest.approx(entropy_slope(k, c, alpha, noise.numpy()).tolist(), rel=1e-6)


@pytest.mark.parametrize(
    "verdict",
    [
        check.actor_gradient(lambda s, g: np.einsum("bi,bj->ij", s, g) / len(g)),
        check.next_slope(lambda q_s, q_a, W: q_s + np.einsum("ij,bj->bi", W, q_a)),
        check.entropy_slope(entropy_slope),
        check.factors(factors),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.actor_gradient(lambda s, g: None), "got None"),
        (check.actor_gradient(lambda s, g: -s.T @ g / len(s)), "the sign"),
        (check.actor_gradient(lambda s, g: s.T @ g), "J is a mean"),
        (check.actor_gradient(lambda s, g: s.T @ g / g.size), "number of states"),
        (check.actor_gradient(lambda s, g: s.T @ np.sign(g) / len(s)), "size counts too"),
        (check.actor_gradient(lambda s, g: g.T @ s / len(s)), "got shape (2, 3), wanted (3, 2)"),
        (check.next_slope(lambda q_s, q_a, W: q_s), "first path"),
        (check.next_slope(lambda q_s, q_a, W: q_a @ W.T), "second path"),
        (check.next_slope(lambda q_s, q_a, W: q_s - q_a @ W.T), "the sign of the second"),
        (check.entropy_slope(lambda k, c, alpha, e: -entropy_slope(k, c, alpha, e)), "minus alpha log pi"),
        (check.entropy_slope(lambda k, c, alpha, e: entropy_slope(k, c, 1, e)), "temperature"),
        (check.entropy_slope(lambda k, c, alpha, e: 0 * e), "the spread does not"),
        (check.entropy_slope(lambda k, c, alpha, e: alpha * c * (1 - e**2)), "held fixed"),
        (check.factors(lambda F, d: [x / d for x in factors(F, d)]), "missing from both"),
        (check.factors(lambda F, d: factors(F, d)[::-1]), "the order"),
        (check.factors(lambda F, d: d * np.linalg.eigvals(F + 0j)), "np.abs"),
        (check.factors(lambda F, d: (d * np.linalg.norm(F), factors(F, d)[1])), "Frobenius"),
        (check.factors(lambda F, d: (factors(F, d)[0],) * 2), "eigenvalues count"),
        (check.factors(lambda F, d: (factors(F, d)[1],) * 2), "more than its eigenvalues say"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right and words in verdict.message, verdict
