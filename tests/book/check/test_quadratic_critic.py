"""Chapter 04's checkers: right answers, each known mistake, and nonsense."""

import numpy as np
import pytest

from sobolev_book.check import quadratic_critic as check
from sobolev_mini import quadratic


def semi_gradient(w, s, a, y, y_s, y_a, lam_s, lam_a):
    phi, (phi_s, phi_a) = quadratic.features(s, a), quadratic.feature_gradients(s, a)
    terms = ((1, phi, y), (lam_s, phi_s, y_s), (lam_a, phi_a, y_a))
    return 2 * sum(k * f.T @ (f @ w - t) for k, f, t in terms) / len(s)


@pytest.mark.parametrize(
    "verdict",
    [
        check.null_space([1, 0, 0, 0, 0, 0]),
        check.null_space([-1, 0, 0, 0, 0, 0]),
        check.gram(quadratic.gram_matrix),
        check.convex_threshold(7 / 60),
        check.convex_threshold(0.117),
        check.semi_gradient(semi_gradient),
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
        (check.convex_threshold(None), "wanted one number"),
        (check.convex_threshold(0.115), "the threshold is larger"),
        (check.convex_threshold(0.05), "the threshold is larger"),
        (check.convex_threshold(0.5), "the threshold is smaller"),
        (check.convex_threshold(-1), "wanted a weight >= 0"),
        (check.convex_threshold(float("nan")), "wanted a weight >= 0"),
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
