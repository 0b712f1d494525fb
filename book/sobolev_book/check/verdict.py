"""The answer a checker gives, and the comparison most of them make."""

import copy
import inspect
import itertools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and what to say about it. Shown by a notebook as its text."""

    right: bool
    message: str

    def __repr__(self):
        return f"{'right' if self.right else 'not yet'}: {self.message}"


def judge(answer, wanted, cases, *, praise, hints=(), tolerance=1e-8):
    """Return a ``Verdict`` on a student's function, compared with the reference case by case.

    Parameters
    ----------
    answer : the student's callable, or a plain value when ``cases`` is ``[()]``
    wanted : callable with the same arguments that returns the right answer
    cases : list of argument tuples, tried in order
    praise : what to say when all agree
    hints : (callable, text) pairs; the first whose callable gives the student's answer on every
        case explains the mistake
    tolerance : greatest absolute or relative difference let through

    Notes
    -----
    An exception in the student's function is reported, not raised.
    """
    got, names = [], _names(wanted)
    for case in cases:
        try:
            value = answer(*copy.deepcopy(case)) if callable(answer) else answer  # which may change its input
        except Exception as error:  # a student's function may raise anything
            return Verdict(False, f"with {_show(case, names)} it raised {type(error).__name__}: {error}")
        right = np.asarray(wanted(*case), dtype=float)
        if value is None:
            return Verdict(False, "got None; replace the placeholder by your answer")
        if np.iscomplexobj(value):
            return Verdict(False, "got complex numbers, wanted real ones: take the absolute value, np.abs")
        try:
            value = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            return Verdict(False, f"got a {type(value).__name__}, wanted numbers of shape {right.shape}")
        if value.shape != right.shape:
            return Verdict(False, f"with {_show(case, names)} got shape {value.shape}, wanted {right.shape}")
        got.append((case, value, right))
    wrong = [(c, v, r) for c, v, r in got if not _close(v, r, tolerance)]
    if not wrong:
        return Verdict(True, praise)
    for mistake, text in hints:
        with np.errstate(all="ignore"):  # a mistake may divide by zero
            same = all(_close(v, np.asarray(mistake(*c), dtype=float), tolerance) for c, v, _ in got)
        if same:
            return Verdict(False, text)
    case, value, right = wrong[0]
    worst = int(np.argmax(np.abs(np.nan_to_num(value - right, nan=np.inf))))
    where = [int(i) for i in np.unravel_index(worst, value.shape)]
    at = {0: "", 1: f" at index {worst}", 2: " at row {}, column {}"}.get(value.ndim, f" at {where}").format(
        *where
    )
    mine, theirs = (x.flat[worst] + 0.0 for x in (value, right))  # + 0 turns -0 to 0
    return Verdict(False, f"with {_show(case, names)}{at} got {mine:.6g}, wanted {theirs:.6g}")


def _close(value, right, tolerance):
    return value.shape == right.shape and np.allclose(
        value, right, rtol=tolerance, atol=tolerance, equal_nan=True
    )


def _names(wanted):
    """Return the names of the reference's arguments."""
    return [name for name, x in inspect.signature(wanted).parameters.items() if x.kind != x.VAR_POSITIONAL]


def _show(case, names):
    """Return a case in words: named arguments, large arrays by their shape."""
    shown = []
    for name, x in itertools.zip_longest(names[: len(case)], case):
        x = np.asarray(x)
        text = np.array2string(x, precision=4) if x.size <= 6 else f"an array {x.shape}"
        shown.append(text if name is None else f"{name} = {text}")
    return ", ".join(shown) or "your value"
