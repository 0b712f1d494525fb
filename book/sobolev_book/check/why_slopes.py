"""Checkers of chapter 01, why slopes."""

import numpy as np

from sobolev_book.check.verdict import checker, judge


@checker(
    praise="the slope MSE is the value MSE times the frequency squared, 0.0002 * 900",
    tolerance=1e-4,
    mistakes={
        "you multiplied by the frequency once; the error is squared, so square it": 0.0002 * 30,
        "you halved once too often; the half is in the value MSE already": 0.09,
        "this is the root mean square error; the question asks for its square": 0.18**0.5,
    },
)
def slope_mse():
    """Judge the slope MSE (a number) of an error with frequency 30 and value MSE 0.0002 (eq-01-mse)."""
    return 0.18


@checker(
    praise="the ripple's curvature reaches 1600 times its amplitude and must not exceed 2",
    tolerance=1e-6,
    mistakes={
        "you bounded the slope; a summit more needs a change of sign of the curvature": 2 / 40,
        "the second derivative of -a^2 is -2, not -1": 1 / 1600,
    },
)
def one_summit():
    """Judge the amplitude (a number) up to which a ripple of frequency 40 surely adds no summit."""
    return 0.00125


def _sine(a, spacing, slope, periods=0.5, start=-1.0):
    """Return slope * sin(w (a - start)) / w with w = 2 pi periods / spacing, the shape of ``a``."""
    frequency = 2 * np.pi * periods / spacing
    return slope * np.sin(frequency * (np.asarray(a) - start)) / frequency


_GRID = np.linspace(-1, 1, 9)


@checker(
    [(_GRID, 0.25, 1.0), (_GRID + 0.01, 0.4, -3.0), (_GRID[1:4], 0.3, 0.5)],
    praise="half a period between neighbours turns the slope round at each of them",
    mistakes={
        "your sine makes a whole period between two samples, so every slope has one sign": (
            lambda *case: _sine(*case, periods=1)
        ),
        "its slope at a sample is the frequency times too steep; divide the amplitude by it": (
            lambda a, spacing, slope: np.pi / spacing * _sine(a, spacing, slope)
        ),
        "it vanishes at 0, spacing, ...; shift it so that it vanishes at -1, -1 + spacing, ...": (
            lambda *case: _sine(*case, start=0.0)
        ),
        "the signs are swapped: at -1 the slope must be +slope": lambda *case: -_sine(*case),
    },
)
def alternating(a, spacing, slope):
    """Judge ``answer(a, spacing, slope)``, a sine that is 0 at -1, -1 + spacing, ... with slopes +, -, +, ...

    a (n,) -> (n,); ``slope`` is the slope at -1.
    """
    return _sine(a, spacing, slope)


def _fit(phi, phi_a, y, y_a, lam_a):
    """Return the weights (n,) that minimise the chapter's eq-01-fit."""
    root = np.sqrt(lam_a)
    return np.linalg.lstsq(np.vstack([phi, root * phi_a]), np.concatenate([y, root * y_a]))[0]


def _gaps(phi, phi_a, y, y_a, lam_a):
    """Return ``_fit`` without the slopes that are NaN; their values stay."""
    known = np.isfinite(y_a)
    return _fit(phi, phi_a[known], y, y_a[known], lam_a)


def _whole_samples(phi, phi_a, y, y_a, lam_a):
    """Make the mistake of leaving out a sample's value together with its slope."""
    known = np.isfinite(y_a)
    return _fit(phi[known], phi_a[known], y[known], y_a[known], lam_a)


def _on_samples(solver):
    """Return ``solver`` as a function of a seed and lam_a, which draws data with two slopes NaN."""

    def solved(seed, lam_a):
        rng = np.random.default_rng(seed)
        phi, phi_a = rng.standard_normal((2, 8, 3))
        y, y_a = rng.standard_normal((2, 8))
        y_a[[1, 4]] = np.nan
        return solver(phi, phi_a, y, y_a, lam_a)

    return solved


def gaps(answer):
    """Judge ``answer(phi, phi_a, y, y_a, lam_a) -> w``, the Sobolev fit that passes over NaN slopes.

    phi, phi_a (k, n), y, y_a (k,), w (n,); see the chapter's eq-01-fit. A message names the random
    sample set and lam_a.
    """

    def nan_marked(*data):
        w = answer(*data)
        return w if w is None else np.where(np.isnan(np.asarray(w, dtype=float)), np.inf, w)

    mistakes = {
        "you left out the whole sample; where the slope is missing its value still counts": _whole_samples,
        "you put 0 for a missing slope, which asks the critic to be flat there; leave the row out": (
            lambda phi, phi_a, y, y_a, lam_a: _fit(phi, phi_a, y, np.nan_to_num(y_a), lam_a)
        ),
        "rows are squared in the loss, so scale them by the square root of lam_a": (
            lambda *data: _gaps(*data[:-1], data[-1] ** 2)
        ),
        "you left out every slope; only the missing ones must go": lambda *data: _gaps(*data[:-1], 0.0),
        "you weigh the slopes by 1 and not by lam_a": lambda *data: _gaps(*data[:-1], 1.0),
        "the weights are NaN: a missing slope reached the least squares; leave its row out": (
            lambda *data: np.full(3, np.inf)
        ),
    }
    return judge(
        _on_samples(nan_marked),
        _on_samples(_gaps),
        [(0, 1.0), (1, 0.3)],
        praise="a missing slope costs one row and not the sample",
        hints=[(_on_samples(mistake), text) for text, mistake in mistakes.items()],
    )
