"""Checkers of chapter 01, why slopes."""

import numpy as np

from sobolev_book.check.verdict import Verdict, checker, number, plain
from sobolev_mini.toy import ToyProblem

UNKNOWN = "{got:.4g} is not it, nor a mistake that we know; "


@checker(tolerance=1e-4, loose=True, otherwise=UNKNOWN + "divide the ripple's two mean squares by each other")
def slope_mse():
    """Judge the slope MSE (a number) of an error with frequency 30 and value MSE 0.0002 (eq-01-mse)."""
    yield 0.18, "the slope MSE is the value MSE times the frequency squared, 0.0002 * 900"
    yield 0.006, "you multiplied by the frequency once; the error is squared, so square it"
    yield 0.09, "you halved once too often; the half is in the value MSE already"
    yield 0.36, "you doubled it; the half is in both formulas, so it goes when you divide them"
    yield 0.0002 / 900, "you divided by the frequency squared; slopes of a ripple are larger than its values"
    yield 0.18**0.5, "this is the root mean square error; the question asks for its square"
    yield -0.18, "a mean of squares is never negative"
    yield 18.0, "as a percentage? A mean square is a plain number"


def one_summit(answer):
    """Judge the amplitude (a number) up to which a ripple of frequency 40 surely adds no summit."""
    found = number(answer)
    if isinstance(found, float) and 2.0005 < 1600 * found <= 2.1834:
        return Verdict(False, "1600 times this is above 2, and all you know of the curvature is: at most -2")
    return _one_summit(answer)


@checker(
    tolerance=1e-6,
    loose=True,
    otherwise=UNKNOWN + "the sum's curvature is at most -2 plus the greatest curvature of the ripple",
)
def _one_summit():
    yield 2 / 1600, "the ripple's curvature reaches 1600 times its amplitude and must not exceed 2"
    yield 2 / 40, "you bounded the slope; a summit more needs a change of sign of the curvature"
    yield 1 / 1600, "the second derivative of -a^2 is -2, not -1"
    yield 3.8 / 1600, "you took the steepest curvature of Q*; where it is only -2 the sum would turn positive"
    yield -2 / 1600, "an amplitude is a size: leave the sign out"
    yield 2 / 16, "as a percentage? An amplitude is a plain number"


_GRID = np.linspace(-1, 1, 9)


def alternating(answer):
    """Judge ``answer(a, spacing, slope)``, a sine that is 0 at -1, -1 + spacing, ... with slopes +, -, +, ...

    a (n,) -> (n,); ``slope`` is the slope at -1. A function of single numbers will do.
    """

    def each(a, spacing, slope):
        try:
            return answer(a, spacing, slope)
        except TypeError:  # math.sin wants one number
            return np.array([plain(answer(float(x), spacing, slope)) for x in a])

    return _alternating(each if callable(answer) else answer)


@checker([(_GRID, 0.25, 1.0), (_GRID + 0.01, 0.4, -3.0), (_GRID[1:4], 0.3, 0.5)])
def _alternating(a, spacing, slope):
    def sine(periods=0.5, start=-1.0):
        frequency = 2 * np.pi * periods / spacing
        return slope * np.sin(frequency * (a - start)) / frequency

    yield sine(), "half a period between neighbours turns the slope round at each of them"
    whole_period = sine(periods=1)
    yield whole_period, "your sine makes a whole period between two samples, so every slope has one sign"
    yield sine(periods=1.5), "a slower sine does it too: half a period between two samples is enough"
    yield np.pi / spacing * sine(), "its slopes are the frequency times too steep; divide the amplitude by it"
    yield sine(start=0.0), "it vanishes at 0, spacing, ...; shift it to vanish at -1, -1 + spacing, ..."
    yield sine(start=1.0), "it vanishes at 1, 1 - spacing, ...; the first sample is -1: a + 1 and not a - 1"
    yield -sine(), "the signs are swapped: at -1 the slope must be +slope"


def gaps(answer):
    """Judge ``answer(phi, phi_a, y, y_a, lam_a) -> w``, the Sobolev fit that passes over NaN slopes.

    phi, phi_a (k, n), y, y_a (k,), w (n,) or (n, 1); see the chapter's eq-01-fit. A message names the random
    sample set and lam_a.
    """

    def nan_marked(seed, lam_a):
        w = plain(answer(*_samples(seed), lam_a))
        return w if w is None else np.where(np.isnan(np.asarray(w, dtype=float)), np.inf, w)

    return _fitted(nan_marked)


def _samples(seed):
    """Return phi, phi_a, y, y_a of eight samples, two slopes NaN."""
    rng = np.random.default_rng(seed)
    phi, phi_a = rng.standard_normal((2, 8, 3))
    y, y_a = rng.standard_normal((2, 8))
    y_a[[1, 4]] = np.nan
    return phi, phi_a, y, y_a


def _fit(phi, phi_a, y, y_a, lam_a):
    """Return the weights (n,) that minimise the chapter's eq-01-fit."""
    root = np.sqrt(lam_a)
    return np.linalg.lstsq(np.vstack([phi, root * phi_a]), np.concatenate([y, root * y_a]))[0]


@checker([(0, 1.0), (1, 0.3)], loose=True)
def _fitted(seed, lam_a):
    phi, phi_a, y, y_a = _samples(seed)
    known = np.isfinite(y_a)
    rows = phi, phi_a[known], y, y_a[known]
    yield _fit(*rows, lam_a), "a missing slope costs one row and not the sample"
    fewer = _fit(phi[known], phi_a[known], y[known], y_a[known], lam_a)
    yield fewer, "you left out the whole sample; where the slope is missing its value still counts"
    flat = _fit(phi, phi_a, y, np.nan_to_num(y_a), lam_a)
    yield flat, "you put 0 for a missing slope, which asks the critic to be flat there; leave the row out"
    square = _fit(*rows, lam_a**2)
    yield square, "rows are squared in the loss, so scale them by the square root of lam_a"
    yield _fit(*rows, 0.0), "you left out every slope; only the missing ones must go"
    yield _fit(*rows, 1.0), "you weigh the slopes by 1 and not by lam_a"
    nans = np.full(3, np.inf)  # as ``gaps`` marks them
    yield nans, "the weights are NaN: a missing slope reached the least squares; leave its row out"


def _rippled(problem, s, frequencies):
    """Return actions and a critic, q and q_a (..., n), off by a ripple of each frequency."""
    a = np.linspace(-1, 1, 101)
    angle = np.multiply.outer(frequencies, a) + 0.4
    q_a = problem.optimal_q_gradients(s, a)[1]
    tilt = 0.02 * np.multiply.outer(frequencies, np.ones_like(a)) * np.cos(angle)
    return a, problem.optimal_q(s, a) + 0.02 * np.sin(angle) + 0.003, q_a + tilt


_ONE, _OTHER = ToyProblem(), ToyProblem(slope=-0.1, discount=0.6)


@checker(
    [
        (_ONE, 0.0, *_rippled(_ONE, 0.0, 12.0)),
        (_OTHER, 0.4, *_rippled(_OTHER, 0.4, np.array([3.0, 30.0]))),
    ]
)
def fineness(problem, s, a, q, q_a):
    """Judge ``answer(problem, s, a, q, q_a)``, slope error over value error, root mean squares over actions.

    a (n,), q and q_a (..., n) -> (...).
    """
    value, slope = q - problem.optimal_q(s, a), q_a - problem.optimal_q_gradients(s, a)[1]

    def ratio(up, down, axis=-1):
        return np.sqrt(np.mean(up**2, axis=axis) / np.mean(down**2, axis=axis))

    yield ratio(slope, value), "the frequency of the error, whatever its size"
    yield ratio(slope, value, 0), "you averaged over the networks; the actions are the last axis, axis=-1"
    for at_once in (ratio(slope, value, None), np.mean(ratio(slope, value))):
        yield at_once, "this is one number for all networks; average over the last axis, the actions, only"
    yield ratio(slope, value) ** 2, "this is the frequency squared; take the root of the mean squares"
    yield ratio(value, slope), "upside down: the slope error stands above the value error"
    in_state = q_a - problem.optimal_q_gradients(s, a)[0]
    yield ratio(in_state, value), "you compared with the slope in the state; that in the action comes second"
    yield ratio(q_a, q), "you measured the critic and not its error; subtract the truth from both"
    sizes = np.mean(np.abs(slope), axis=-1) / np.mean(np.abs(value), axis=-1)
    yield sizes, "you averaged absolute errors; square, average, take the root"
    middle = value - value.mean(axis=-1, keepdims=True)
    yield ratio(slope, middle), "you took the mean error of the value away; it belongs to the value error"
    spread = slope - slope.mean(axis=-1, keepdims=True)
    yield ratio(spread, middle), "np.std takes the mean away first; a constant error counts too"
    at_zero = q - problem.optimal_q(0.0, a), q_a - problem.optimal_q_gradients(0.0, a)[1]
    yield ratio(*at_zero[::-1]), "you took the truth at the state 0; take it at s"
