"""Checkers of chapter 01, why slopes."""

import numpy as np

from sobolev_book.check.verdict import judge


def slope_mse(answer):
    """Judge the slope MSE (a number) of an error with frequency 30 and value MSE 0.0002 (eq-01-mse)."""
    return judge(
        answer,
        lambda: 0.18,
        [()],
        praise="the slope MSE is the value MSE times the frequency squared, 0.0002 * 900",
        hints=[
            (lambda: 0.0002 * 30, "you multiplied by the frequency once; the error is squared, so square it"),
            (lambda: 0.09, "you halved once too often; the half is in the value MSE already"),
            (lambda: 0.18**0.5, "this is the root mean square error; the question asks for its square"),
        ],
        tolerance=1e-4,
    )


def one_summit(answer):
    """Judge the amplitude (a number) up to which a ripple of frequency 40 surely adds no summit."""
    return judge(
        answer,
        lambda: 0.00125,
        [()],
        praise="the ripple's curvature reaches 1600 times its amplitude and must not exceed 2",
        hints=[
            (lambda: 2 / 40, "you bounded the slope; a summit more needs a change of sign of the curvature"),
            (lambda: 1 / 1600, "the second derivative of -a^2 is -2, not -1"),
        ],
        tolerance=1e-6,
    )


def _alternating(a, spacing, slope, periods=0.5, divide=True, start=-1.0):
    """Return slope * sin(w (a - start)) / w with w = 2 pi periods / spacing, the shape of ``a``."""
    frequency = 2 * np.pi * periods / spacing
    return slope * np.sin(frequency * (np.asarray(a) - start)) / (frequency if divide else 1)


def alternating(answer):
    """Judge ``answer(a, spacing, slope)``, a sine that is 0 at -1, -1 + spacing, ... with slopes +, -, +, ...

    a (n,) -> (n,); ``slope`` is the slope at -1.
    """
    a = np.linspace(-1, 1, 9)
    cases = [(a, 0.25, 1.0), (a + 0.01, 0.4, -3.0), (a[1:4], 0.3, 0.5)]
    mistakes = [
        ({"periods": 1}, "your sine makes a whole period between two samples, so every slope has one sign"),
        (
            {"divide": False},
            "its slope at a sample is the frequency times too steep; divide the amplitude by it",
        ),
        (
            {"start": 0.0},
            "it vanishes at 0, spacing, ...; shift it so that it vanishes at -1, -1 + spacing, ...",
        ),
    ]
    hints = [(lambda *case, change=c: _alternating(*case, **change), text) for c, text in mistakes]
    hints.append(
        (lambda *case: -_alternating(*case), "the signs are swapped: at -1 the slope must be +slope")
    )
    praise = "half a period between neighbours turns the slope round at each of them"
    return judge(answer, _alternating, cases, praise=praise, hints=hints)


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


def _samples(seed):
    """Return phi, phi_a (8, 3), y, y_a (8,), two slopes of which are NaN."""
    rng = np.random.default_rng(seed)
    phi, phi_a = rng.standard_normal((2, 8, 3))
    y, y_a = rng.standard_normal((2, 8))
    y_a[[1, 4]] = np.nan
    return phi, phi_a, y, y_a


def gaps(answer):
    """Judge ``answer(phi, phi_a, y, y_a, lam_a) -> w``, the Sobolev fit that passes over NaN slopes.

    phi, phi_a (k, n), y, y_a (k,), w (n,); see the chapter's eq-01-fit. A message names the random
    sample set and lam_a.
    """

    def on_samples(solver):
        return lambda seed, lam_a: solver(*_samples(seed), lam_a)

    def nan_marked(*data):
        w = answer(*data)
        return w if w is None else np.where(np.isnan(np.asarray(w, dtype=float)), np.inf, w)

    mistakes = [
        (_whole_samples, "you left out the whole sample; where the slope is missing its value still counts"),
        (
            lambda phi, phi_a, y, y_a, lam_a: _fit(phi, phi_a, y, np.nan_to_num(y_a), lam_a),
            "you put 0 for a missing slope, which asks the critic to be flat there; leave the row out",
        ),
        (
            lambda *data: _gaps(*data[:-1], data[-1] ** 2),
            "rows are squared in the loss, so scale them by the square root of lam_a",
        ),
        (lambda *data: _gaps(*data[:-1], 0.0), "you left out every slope; only the missing ones must go"),
        (lambda *data: _gaps(*data[:-1], 1.0), "you weigh the slopes by 1 and not by lam_a"),
        (
            lambda *data: np.full(3, np.inf),
            "the weights are NaN: a missing slope reached the least squares; leave its row out",
        ),
    ]
    return judge(
        on_samples(nan_marked),
        on_samples(_gaps),
        [(0, 1.0), (1, 0.3)],
        praise="a missing slope costs one row and not the sample",
        hints=[(on_samples(mistake), text) for mistake, text in mistakes],
    )
