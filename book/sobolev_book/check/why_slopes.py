"""Checkers of chapter 01, why slopes."""

import numpy as np

from sobolev_book.check.verdict import checker


@checker(tolerance=1e-4)
def slope_mse():
    """Judge the slope MSE (a number) of an error with frequency 30 and value MSE 0.0002 (eq-01-mse)."""
    yield 0.18, "the slope MSE is the value MSE times the frequency squared, 0.0002 * 900"
    yield 0.006, "you multiplied by the frequency once; the error is squared, so square it"
    yield 0.09, "you halved once too often; the half is in the value MSE already"
    yield 0.18**0.5, "this is the root mean square error; the question asks for its square"


@checker(tolerance=1e-6)
def one_summit():
    """Judge the amplitude (a number) up to which a ripple of frequency 40 surely adds no summit."""
    yield 2 / 1600, "the ripple's curvature reaches 1600 times its amplitude and must not exceed 2"
    yield 2 / 40, "you bounded the slope; a summit more needs a change of sign of the curvature"
    yield 1 / 1600, "the second derivative of -a^2 is -2, not -1"


_GRID = np.linspace(-1, 1, 9)


@checker([(_GRID, 0.25, 1.0), (_GRID + 0.01, 0.4, -3.0), (_GRID[1:4], 0.3, 0.5)])
def alternating(a, spacing, slope):
    """Judge ``answer(a, spacing, slope)``, a sine that is 0 at -1, -1 + spacing, ... with slopes +, -, +, ...

    a (n,) -> (n,); ``slope`` is the slope at -1.
    """

    def sine(periods=0.5, start=-1.0):
        frequency = 2 * np.pi * periods / spacing
        return slope * np.sin(frequency * (a - start)) / frequency

    yield sine(), "half a period between neighbours turns the slope round at each of them"
    whole_period = sine(periods=1)
    yield whole_period, "your sine makes a whole period between two samples, so every slope has one sign"
    steep = np.pi / spacing * sine()
    yield steep, "its slope at a sample is the frequency times too steep; divide the amplitude by it"
    start = sine(start=0.0)
    yield start, "it vanishes at 0, spacing, ...; shift it so that it vanishes at -1, -1 + spacing, ..."
    yield -sine(), "the signs are swapped: at -1 the slope must be +slope"


def gaps(answer):
    """Judge ``answer(phi, phi_a, y, y_a, lam_a) -> w``, the Sobolev fit that passes over NaN slopes.

    phi, phi_a (k, n), y, y_a (k,), w (n,); see the chapter's eq-01-fit. A message names the random
    sample set and lam_a.
    """

    def nan_marked(seed, lam_a):
        w = answer(*_samples(seed), lam_a)
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


@checker([(0, 1.0), (1, 0.3)])
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
