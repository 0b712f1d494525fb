"""Checks of arguments, with one wording: the argument's name, what came, what was wanted."""

import math

import numpy as np


def finite(name, value):
    """Return ``value`` as a float64 array; raise ``ValueError`` unless every entry is finite."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {value!r}, wanted finite numbers") from None
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)].flat[0]
        raise ValueError(f"{name}: got {bad}, wanted finite numbers")
    return array


def within_box(name, value):
    """Return ``value`` as a float64 array; raise ``ValueError`` unless it lies in [-1, 1]."""
    array = finite(name, value)
    if array.size and np.abs(array).max() > 1:
        bad = array[np.abs(array) > 1].flat[0]
        raise ValueError(f"{name}: got {bad}, wanted values in [-1, 1]")
    return array


def real(name, value, low=-math.inf, high=math.inf, *, below=math.inf, above=-math.inf):
    """Return ``value`` as a float with low <= value <= high, value < below and value > above."""
    wanted = "a finite number"
    wanted += f" >= {low}" if low > -math.inf else f" > {above}" if above > -math.inf else ""
    wanted += f" and < {below}" if below < math.inf else f" and <= {high}" if high < math.inf else ""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {value!r}, wanted {wanted}") from None
    if not (math.isfinite(number) and low <= number <= high and above < number < below):
        raise ValueError(f"{name}: got {value!r}, wanted {wanted}")
    return number


def whole(name, value, low):
    """Return ``value`` as an int >= ``low``."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < low:
        raise ValueError(f"{name}: got {value!r}, wanted a whole number >= {low}")
    return value.__index__()


def one_of(name, value, choices):
    """Return ``value`` if it is among ``choices``."""
    if value not in choices:
        raise ValueError(f"{name}: got {value!r}, wanted one of {', '.join(map(repr, choices))}")
    return value


def last_axis(name, array, size):
    """Return ``array`` as finite float64 whose last axis has ``size`` entries."""
    array = finite(name, array)
    if array.ndim == 0 or array.shape[-1] != size:
        raise ValueError(f"{name}: got shape {array.shape}, wanted (..., {size})")
    return array
