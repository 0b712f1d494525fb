"""Chapter 04's checkers: right answers, each known mistake, and nonsense."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from sobolev_book.check import quadratic_critic as check
from sobolev_mini import quadratic


def semi_gradient(w, s, a, y, y_s, y_a, lam_s, lam_a):
    phi, (phi_s, phi_a) = quadratic.features(s, a), quadratic.feature_gradients(s, a)
    terms = ((1, phi, y), (lam_s, phi_s, y_s), (lam_a, phi_a, y_a))
    return 2 * sum(k * f.T @ (f @ w - t) for k, f, t in terms) / len(s)


def swapped_rows(w, s, a, y, y_s, y_a, lam_s, lam_a):
    phi, (phi_a, phi_s) = quadratic.features(s, a), quadratic.feature_gradients(s, a)
    terms = ((1, phi, y), (lam_s, phi_s, y_s), (lam_a, phi_a, y_a))
    return 2 * sum(k * f.T @ (f @ w - t) for k, f, t in terms) / len(s)


def unweighted(lam_s, lam_a):
    """Return the Gram matrix as a plain mean over quadrature's nodes."""
    s, a = (x.ravel() for x in np.meshgrid(*[quadratic.quadrature()[0]] * 2))
    rows = [(1, quadratic.features(s, a))]
    rows += zip((lam_s, lam_a), quadratic.feature_gradients(s, a), strict=True)
    return sum(k * f.T @ f for k, f in rows) / len(s)


def pulls(discount, then=(0, 2, 0)):
    """Return the pulls; ``then`` are the features that the next ones are, None for nothing."""
    now = np.array([[1, 1 / 3, 1 / 3], [1 / 3, 1 / 5, 1 / 9], [1 / 3, 1 / 9, 1 / 5]])
    return now - discount * np.stack([0 * now[0] if k is None else now[:, k] for k in then], axis=1)


@pytest.mark.parametrize(
    "verdict",
    [
        check.null_space([1, 0, 0, 0, 0, 0]),
        check.null_space([-1, 0, 0, 0, 0, 0]),
        check.null_space([[1, 0, 0, 0, 0, 0]]),
        check.pulls(pulls),
        check.pulls(lambda g: [[Fraction(x).limit_denominator(10**6) for x in row] for row in pulls(g)]),
        check.pulls(lambda g: torch.tensor(pulls(g), requires_grad=True)),
        check.pulls(lambda g: pulls(g).astype(np.float32)),
        check.null_space(torch.tensor([1.0, 0, 0, 0, 0, 0])[:, None]),
        check.gram(quadratic.gram_matrix),
        check.waiting(0.002),
        check.waiting([0.0015]),
        check.semi_gradient(semi_gradient),
        check.null_space(torch.tensor([1.0, 0, 0, 0, 0, 0], requires_grad=True)),
        check.waiting("0.002"),
        check.waiting(torch.tensor(0.002, requires_grad=True)),
        check.gram(lambda *x: torch.tensor(quadratic.gram_matrix(*x), requires_grad=True)),
        check.gram(lambda *x: quadratic.gram_matrix(*x).astype(np.float32)),
        check.semi_gradient(lambda *x: semi_gradient(*x)[:, None]),
        check.semi_gradient(lambda *x: semi_gradient(*x).astype(np.float32)),
        check.semi_gradient(lambda *x: torch.tensor(semi_gradient(*x), requires_grad=True)),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.null_space(None), "got None, wanted six numbers"),
        (check.null_space([0, 0, 0, 0, 0, 0]), "length is not one"),
        (check.null_space([0, 0, 0, 0, 0, 1]), "a^2 has a slope"),
        (check.null_space([1, 0]), "wanted six numbers"),
        (check.null_space([np.nan, 0, 0, 0, 0, 0]), "nan or inf"),
        (check.null_space([1j, 0, 0, 0, 0, 0]), "complex numbers"),
        (check.null_space(np.zeros), "got a function, wanted six numbers"),
        (check.null_space("the constant"), "wanted six numbers"),
        (check.pulls(lambda g: pulls(g).T), "rows and columns"),
        (check.pulls(lambda g: -pulls(g)), "sign is wrong"),
        (check.pulls(lambda g: pulls(0)), "target is missing"),
        (check.pulls(lambda g: pulls(1)), "discount is missing"),
        (check.pulls(lambda g: 4 * pulls(g)), "area, 4"),
        (check.pulls(lambda g: pulls(g, (0, 1, 0))), "the next state is a, not s"),
        (check.pulls(lambda g: pulls(g, (0, 2, None))), "is 1, not 0"),
        (check.pulls(lambda g: pulls(g, (0, 1, 2))), "not of (s, a)"),
        (check.pulls(lambda g: None), "got None"),
        (check.pulls(np.eye(3)), "function"),
        (check.gram(lambda lam_s, lam_a: quadratic.gram_matrix(lam_s**2, lam_a**2)), "come in squared"),
        (check.gram(lambda lam_s, lam_a: quadratic.gram_matrix(lam_s**0.5, lam_a**0.5)), "square roots"),
        (check.null_space([1.0]), "got one number, wanted six numbers"),
        (check.waiting([0.002, 0.1]), "got 2 numbers, wanted one share"),
        (check.gram(lambda *x: (quadratic.gram_matrix(*x), 1)), "got a tuple, wanted numbers"),
        (check.gram(lambda *x: -quadratic.gram_matrix(*x)), "sign is wrong"),
        (check.gram(lambda *x: np.linalg.inv(quadratic.gram_matrix(*x))), "the inverse of M"),
        (check.gram(lambda *x: 2 * quadratic.gram_matrix(*x)), "does not belong into M"),
        (check.gram(lambda *x: quadratic.gram_matrix(*x) / 2), "a factor 2 is missing"),
        (check.gram(unweighted), "each node counts with its weight"),
        (check.semi_gradient(lambda *x: (semi_gradient(*x), 1)), "got a tuple, wanted numbers"),
        (check.semi_gradient(lambda *x: semi_gradient(*x[:3], 0, 0, 0, *x[6:])), "targets are missing"),
        (check.semi_gradient(lambda *x: semi_gradient(*x[:4], x[5], x[4], *x[6:])), "changed places"),
        (check.semi_gradient(swapped_rows), "gives phi_s first"),
        (check.semi_gradient(lambda *x: semi_gradient(*x[:6], x[6] ** 2, x[7] ** 2)), "come in squared"),
        (check.semi_gradient(lambda *x: semi_gradient(*x) - semi_gradient(*x[:6], 0, 0)), "value term"),
        (check.waiting(None), "wanted one share"),
        (check.waiting(2), "above 0 and at most 1"),
        (check.waiting(0.05), "follows too quickly"),
        (check.waiting(1e-5), "hardly gets anywhere"),
        (check.gram(lambda lam_s, lam_a: None), "got None"),
        (check.gram(lambda lam_s, lam_a: quadratic.gram_matrix(lam_a, lam_s)), "changed places"),
        (check.gram(lambda lam_s, lam_a: quadratic.gram_matrix(0, 0)), "slope terms are missing"),
        (check.gram(lambda lam_s, lam_a: 4 * quadratic.gram_matrix(lam_s, lam_a)), "divides by its area"),
        (
            check.gram(
                lambda lam_s, lam_a: quadratic.gram_matrix(lam_s, lam_a) - quadratic.gram_matrix(0, 0)
            ),
            "value term",
        ),
        (check.semi_gradient(lambda *x: semi_gradient(*x) / 2), "factor 2"),
        (check.semi_gradient(lambda *x: -semi_gradient(*x)), "sign is wrong"),
        (check.semi_gradient(lambda *x: 8 * semi_gradient(*x)), "not yet its mean"),
        (check.semi_gradient(lambda *x: semi_gradient(*x[:6], x[7], x[6])), "changed places"),
        (check.semi_gradient(lambda *x: semi_gradient(*x[:6], 0, 0)), "slope terms are missing"),
        (check.semi_gradient(lambda *x: np.linalg.inv(np.zeros((2, 2)))), "it raised LinAlgError"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right
    assert words in verdict.message
