"""Checkers for chapter 04: the quadratic critic."""

import functools

import numpy as np

from sobolev_book import fixed_points
from sobolev_book.check.verdict import Verdict, checker, plain
from sobolev_mini import quadratic
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.toy import ToyProblem


def numbers(wanted, n=None):
    """Return a decorator: the checker gets real numbers, flat (n,), and no other answer reaches it."""

    def decorator(check):
        @functools.wraps(check)
        def checked(answer):
            if callable(answer):
                return Verdict(False, f"got a function, wanted {wanted}: call it and give its result")
            try:
                array = np.asarray([] if answer is None else plain(answer))
                if np.iscomplexobj(array) and np.any(array.imag != 0):
                    return Verdict(False, f"got complex numbers, wanted {wanted}: np.real or np.abs")
                array = array.real.astype(float)
            except (TypeError, ValueError):
                array = np.empty(0)
            if not array.size:
                return Verdict(False, f"got {answer!r}, wanted {wanted}")
            if not np.isfinite(array).all():
                return Verdict(False, f"got nan or inf among your numbers, wanted {wanted}")
            if n and array.size != n:
                got = "one number" if array.size == 1 else f"{array.size} numbers"
                return Verdict(False, f"got {got}, wanted {wanted}")
            return check(array.ravel())

        return checked

    return decorator


@numbers("six numbers", 6)
def null_space(w):
    """Check the weights (6,) whose slopes vanish: plus or minus the constant feature."""
    for i, text in enumerate(("s", "a", "s^2", "s a", "a^2"), start=1):
        if abs(w[i]) > 1e-9:
            return Verdict(False, f"the weight of {text} is not zero, and {text} has a slope")
    if abs(abs(w[0]) - 1) > 1e-9:
        return Verdict(False, "its slopes are zero, but its length is not one")
    return Verdict(True, "a constant has no slope, so slopes never see the offset.")


@checker([(0.3, 2.0), (0.0, 1.0), (1.0, 0.0)], tolerance=1e-5)
def gram(lam_s, lam_a):
    """Check a function (lam_s, lam_a) -> Gram matrix (6, 6), eq-04-normal; single precision will do."""
    matrix, of_values = quadratic.gram_matrix(lam_s, lam_a), quadratic.gram_matrix(0, 0)
    yield matrix, "symmetric, and positive definite already without slopes."
    yield quadratic.gram_matrix(lam_a, lam_s), "lam_s and lam_a have changed places"
    yield of_values, "the slope terms are missing"
    yield quadratic.gram_matrix(lam_s**2, lam_a**2), "lam_s and lam_a come in squared"
    yield quadratic.gram_matrix(lam_s**0.5, lam_a**0.5), "lam_s and lam_a come in as square roots"
    yield 4 * matrix, "you integrated over the square; the mean divides by its area, 4"
    yield matrix - of_values, "the value term E[phi phi^T] is missing"
    yield -matrix, "the sign is wrong: a mean of squares stands on the diagonal"
    yield np.linalg.inv(matrix), "this is the inverse of M"
    yield 2 * matrix, "the factor 2 of a gradient does not belong into M"
    yield matrix / 2, "a factor 2 is missing: `quadrature` gives a mean already"
    s, a = (x.ravel() for x in np.meshgrid(*[quadratic.quadrature()[0]] * 2))
    rows = quadratic.features(s, a), *quadratic.feature_gradients(s, a)
    yield np.einsum("k,kni,knj->ij", (1, lam_s, lam_a), rows, rows) / 16, "each node counts with its weight"


@checker([(0.9,), (0.6,)], tolerance=1e-5)
def pulls(discount):
    """Check a function discount -> pulls (3, 3) of 1, s^2, a^2 at greedy action 1 (eq-04-td at lambda 0)."""
    toy, squares = ToyProblem(discount=discount), [0, 3, 5]
    right = fixed_points.td_matrix(toy, np.ones_like, 0, 0, [])[np.ix_(squares, squares)]
    now = quadratic.gram_matrix(0, 0)[np.ix_(squares, squares)]
    yield right, "the last entry, 1/5 - discount / 3, is below zero where the discount is above 0.6."
    yield right.T, "rows and columns have changed places: row i moves the weight of feature i"
    yield -right, "the sign is wrong: a step subtracts B w"
    yield now, "the target is missing: discount times the next features"
    yield now - (now - right) / discount, "the discount is missing"
    yield 4 * right, "you integrated over the square; the mean divides by its area, 4"
    mean = now[:, :1]
    yield now - discount * np.hstack([mean, now[:, 1:2], mean]), "the next state is a, not s"
    yield now - discount * np.hstack([mean, now[:, 2:], 0 * mean]), "the greedy action is 1, not 0"
    yield (1 - discount) * now, "the next features are those of (a, 1), not of (s, a)"


def _drawn():
    """Return two cases of weights, points, targets and lambdas."""
    rng = np.random.default_rng(0)
    for lams in ((0.5, 2.0), (0.0, 0.0)):
        yield rng.normal(size=6), *rng.uniform(-1, 1, (2, 8)), *rng.normal(size=(3, 8)), *lams


@checker(_drawn(), loose=True, tolerance=1e-5)
def semi_gradient(w, s, a, y, y_s, y_a, lam_s, lam_a):
    """Check a function (w, s, a, y, y_s, y_a, lam_s, lam_a) -> gradient (6,) of eq-04-loss."""
    phi, (phi_s, phi_a) = quadratic.features(s, a), quadratic.feature_gradients(s, a)

    def gradient(lam_s, lam_a, y_s=y_s, y_a=y_a, phi_s=phi_s, phi_a=phi_a, y=y):
        terms = ((1, phi, y), (lam_s, phi_s, y_s), (lam_a, phi_a, y_a))
        return 2 * sum(k * f.T @ (f @ w - t) for k, f, t in terms) / len(s)

    right = gradient(lam_s, lam_a)
    yield right, "with both weights zero it is the TD gradient."
    yield right / 2, "the factor 2 of the square is missing"
    yield -right, "the sign is wrong: this is the direction of descent"
    yield right * len(s), "the sum over the batch is not yet its mean"
    yield gradient(lam_a, lam_s), "lam_s and lam_a have changed places"
    yield gradient(0, 0), "the slope terms are missing"
    yield gradient(lam_s, lam_a, y_s=y_a, y_a=y_s), "y_s and y_a have changed places"
    yield gradient(lam_s, lam_a, phi_s=phi_a, phi_a=phi_s), "feature_gradients gives phi_s first"
    yield gradient(lam_s**2, lam_a**2), "lam_s and lam_a come in squared: each weighs its term once"
    yield gradient(lam_s, lam_a, y=0, y_s=0, y_a=0), "the targets are missing"
    yield gradient(lam_s, lam_a) - 2 * phi.T @ (phi @ w - y) / len(s), "the value term is missing"


@numbers("one share between 0 and 1", 1)
def waiting(answer):
    """Check a Polyak share with which the value-only critic settles in 20,000 steps at rate 0.002."""
    if not 0 < answer.item() <= 1:
        return Verdict(False, f"got {answer.item():g}, wanted one share above 0 and at most 1")
    tau, record = answer.item(), tuple(range(15_000, 20_001, 500))
    config = QConfig(lr=0.002, target="polyak", tau=tau, steps=20_000, seeds=(0, 1), record=record)
    history = train_quadratic(ToyProblem(), config)
    if (history.errors()["policy"] < 0.005).all():
        return Verdict(True, "the target stands still long enough for Adam to solve a round.")
    if (history.w[-1, :, 5] > 0).any():
        return Verdict(False, "the critic ends convex in the action: its target follows too quickly")
    return Verdict(False, "not away, but not settled by step 20,000: the target hardly gets anywhere")
