"""Compiled loops, kept on disk where there is a place for them."""

import numba


def compiled(**options):
    """Return a decorator: ``numba.njit``, cached where package or home can be written to."""
    def decorator(function):
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError:  # no such place: compiled anew in each process
            return numba.njit(**options)(function)

    return decorator
