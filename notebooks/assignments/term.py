"""The numbers of a term: every assignment gets its own, drawn from the term's name."""

import hashlib
import math
import re

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")

# What the masters show. They are the book's numbers, so no term draws them.
MASTER = {
    "c": 0.2,
    "gamma": 0.9,
    "carry": 0.5,
    "A": [[1.0, 0.1], [-0.1, 1.0]],
    "B": [[0.0], [0.1]],
    "discount": 0.95,
    "temperature": 0.2,
    "seeds": [0, 1, 2, 3, 4],
}


def checked(term):
    """Return ``term``; raises ``ValueError`` unless it can name a folder anywhere."""
    if not NAME.fullmatch(term) or ".." in term:
        raise ValueError(
            f"TERM: got {term!r}, wanted a name like 2027-spring: at most 40 letters, digits, "
            "single dots, dashes and underscores, a letter or digit at both ends"
        )
    return term


def numbers(term):
    """Return the numbers of a term, by name. The same term has the same numbers everywhere.

    Parameters
    ----------
    term : str
        A name like ``2027-spring``, or ``master`` for the numbers that the masters show.

    Returns
    -------
    dict
        c and gamma of the 1D problem; carry, the share of the state that stays; A (2, 2), B (2, 1) and
        discount of a linear-quadratic problem, as lists; temperature of the entropy; seeds, five of 0 to 999.

    Notes
    -----
    A key's numbers depend on the term and the key alone, so a new key changes no other. c and gamma
    share one draw: the unbounded step c / (2 (1 - gamma)) stays between 0.4 and 1.6, so that the
    clipped policy needs more than one step, and off the book's step 1.
    """
    checked(term)
    if term == "master":
        return dict(MASTER)
    c, gamma = _toy(term)
    A, B = _linear(term)
    return {
        "c": c,
        "gamma": gamma,
        "carry": _grid(term, "carry", 0.30, 0.70, 0.01),
        "A": A,
        "B": B,
        "discount": _grid(term, "discount", 0.90, 0.97, 0.001),
        "temperature": _grid(term, "temperature", 0.05, 0.30, 0.001),
        "seeds": _seeds(term),
    }


def _unit(term, key, i=0):
    """Return the i-th number of a key, uniform in [0, 1)."""
    digest = hashlib.sha256(f"{term}/{key}/{i}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _grid(term, key, low, high, spacing, i=0):
    """Return one of low, low + spacing, ..., high; the finer, the rarer two terms share it."""
    count = round((high - low) / spacing) + 1
    return round(low + spacing * int(count * _unit(term, key, i)), 3)


def _toy(term):
    """Return the first pair (c, gamma) of the term's that shows every part of the solution."""
    for i in range(10_000):
        c, gamma = _grid(term, "c", 0.10, 0.40, 0.01, i), _grid(term, "gamma", 0.80, 0.94, 0.001, i)
        step = c / (2 * (1 - gamma))
        if c != 0.2 and gamma != 0.9 and 0.4 <= step <= 1.6 and abs(step - 1) > 0.05:
            return c, gamma
    raise AssertionError("no pair in 10,000 draws")


def _linear(term):
    """Return A, a turn by an angle in uneven axes, and B. A turn leaves no direction out of control."""
    angle, radius = 0.2 + 0.5 * _unit(term, "A", 0), 0.96 + 0.08 * _unit(term, "A", 1)
    stretch = 0.6 + 0.9 * _unit(term, "A", 2)
    cos, sin = radius * math.cos(angle), radius * math.sin(angle)
    A = [[cos, -stretch * sin], [sin / stretch, cos]]
    B = [[0.2 + 0.6 * _unit(term, "B", 0)], [0.4 + 0.6 * _unit(term, "B", 1)]]
    return [[round(x, 2) for x in row] for row in A], [[round(x, 2) for x in row] for row in B]


def _seeds(term):
    """Return five distinct seeds, in the order drawn."""
    seeds = []
    for i in range(1000):
        seed = int(1000 * _unit(term, "seeds", i))
        if seed not in seeds:
            seeds.append(seed)
        if len(seeds) == 5:
            break
    return seeds
