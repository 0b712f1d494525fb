"""Checks of arguments, with one wording: the argument's name, what came, what was wanted."""

import dataclasses
import math
import os

import numpy as np


def finite(name, value):
    """Return ``value`` as a float64 array; raise ``ValueError`` unless every entry is finite."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {value!r}, wanted finite numbers") from None
    if (bad := array[~np.isfinite(array)]).size:
        raise ValueError(f"{name}: got {bad.flat[0]}, wanted finite numbers")
    return array


def within_box(name, value):
    """Return ``value`` as a float64 array; raise ``ValueError`` unless it lies in [-1, 1]."""
    array = finite(name, value)
    if (bad := array[np.abs(array) > 1]).size:
        raise ValueError(f"{name}: got {bad.flat[0]}, wanted values in [-1, 1]")
    return array


def real(name, value, low=-math.inf, high=math.inf, *, below=math.inf, above=-math.inf):
    """Return ``value`` as a float in [low, high] and (above, below), else raise ``ValueError``."""
    expected = "a finite number"
    expected += f" >= {low}" if low > -math.inf else f" > {above}" if above > -math.inf else ""
    expected += f" and < {below}" if below < math.inf else f" and <= {high}" if high < math.inf else ""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {value!r}, wanted {expected}") from None
    if not (math.isfinite(number) and low <= number <= high and above < number < below):
        raise ValueError(f"{name}: got {value!r}, wanted {expected}")
    return number


def whole(name, value, low):
    """Return ``value`` as an int >= ``low``; raise ``ValueError`` for another."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < low:
        raise ValueError(f"{name}: got {value!r}, wanted a whole number >= {low}")
    return value.__index__()


def fits(name, count, numbers, size):
    """Raise ``ValueError`` where ``count`` rows of ``numbers`` of ``size`` bytes exceed the memory."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if count * numbers * size > most:
            asked = f"got {count:,}, {count * numbers * size / 2**30:,.0f} GiB"
            raise ValueError(f"{name}: {asked}, wanted what fits into the {most / 2**30:.0f} GiB there are")


def one_of(name, value, choices):
    """Return ``value`` if it is among ``choices``, else raise ``ValueError``."""
    if value not in choices:
        raise ValueError(f"{name}: got {value!r}, wanted one of {', '.join(map(repr, choices))}")
    return value


def last_axis(name, array, size):
    """Return ``array`` as finite float64 (..., size), else raise ``ValueError``."""
    array = finite(name, array)
    if array.ndim == 0 or array.shape[-1] != size:
        raise ValueError(f"{name}: got shape {array.shape}, wanted (..., {size})")
    return array


def wholes(name, value, low):
    """Return ``value``, a number or several, as a tuple of ints >= ``low``, else raise ``ValueError``."""
    return tuple(whole(name, x, low) for x in np.atleast_1d(np.asarray(value, dtype=object)).tolist())


def seeds(name, value):
    """Return ``value``, whole numbers >= 0, as a tuple; ``ValueError`` for a single one, none or a repeat."""
    if np.ndim(value) == 0 and not hasattr(value, "__iter__"):
        raise ValueError(f"{name}: got {value!r}, wanted several: range({value}), or ({value},) for one run")
    numbers = wholes(name, value, 0)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"{name}: got {numbers}, wanted at least one and none twice")
    return numbers


def setting(default, check, **bounds):
    """Return a dataclass field that ``settings`` holds against ``check(name, value, **bounds)``."""
    metadata = {"check": lambda name, value: check(name, value, **bounds)}
    return dataclasses.field(default=default, metadata=metadata)


def settings(config):
    """Check every ``setting`` of a dataclass and keep what its check returns; serves as ``__post_init__``.

    None passes where it is the default. Raises ``ValueError`` at the first that fails.
    """
    for field in dataclasses.fields(config):
        value, check = getattr(config, field.name), field.metadata.get("check")
        if check and not (value is None and field.default is None):
            object.__setattr__(config, field.name, check(field.name, value))


def recorded(record, last, count):
    """Return the steps of ``record``, ascending, or ``count`` even ones from 0 to ``last`` where it is None.

    Raises ``ValueError`` for a step beyond ``last``.
    """
    if record is None:
        record = np.linspace(0, last, count).astype(int).tolist()
    if record and max(record) > last:
        raise ValueError(f"record: got step {max(record)}, wanted steps up to {last}")
    return tuple(sorted(set(record)))
