"""The answer a checker gives, the comparison most of them make, and how one is written down."""

import copy
import functools
import inspect
import itertools
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and what to say about it. Shown by a notebook as its text."""

    right: bool
    message: str

    def __repr__(self):
        return f"{'right' if self.right else 'not yet'}: {self.message}"


A_FUNCTION = Verdict(False, "got a function, wanted a value: call it and give its result")
NO_FUNCTION = Verdict(False, "got a value, wanted the function itself: give its name and do not call it")


class Refused(Exception):
    """An answer that cannot be judged; its text is the verdict's, since the student's code raised nothing."""


def real(value, shape):
    """Return a student's numbers as an array of floats; raise ``Refused`` where they are none."""
    if value is None:
        raise Refused("got None; replace the placeholder by your answer")
    if isinstance(value, bool):
        raise Refused(f"got {value}, wanted numbers of shape {shape}")
    try:
        if np.iscomplexobj(value):
            raise Refused("got complex numbers, wanted real ones: take the absolute value, np.abs")
        return np.asarray(value, dtype=np.float32 if _single(value) else float)
    except (TypeError, ValueError):
        quotes = ", without quotes" if "'" in repr(value) else ""
        raise Refused(f"got a {type(value).__name__}, wanted numbers of shape {shape}{quotes}") from None


def _single(x):
    """Return whether numbers are of single precision, in a list some: what PyTorch makes of Python's."""
    return any(map(_single, x)) if isinstance(x, list | tuple) else getattr(x, "dtype", None) == np.float32


def plain(x):
    """Return an answer with arrays for tensors and numbers for "1/8" and "5%", also in lists and tuples."""
    if isinstance(x, list | tuple):
        return (list if isinstance(x, list) else tuple)(map(plain, x))
    if isinstance(x, str):
        try:
            return float(Fraction(x.replace(" ", "").removesuffix("%"))) / (100 if "%" in x else 1)
        except (ValueError, ZeroDivisionError):
            return x
    return x.detach().cpu().numpy() if hasattr(x, "detach") else x


def number(answer):
    """Return an answer that is one real number, however written, as a float; everything else as it is."""
    try:
        value = np.asarray(plain(answer))
        return answer if answer is None or np.iscomplexobj(value) else value.astype(float).item()
    except (TypeError, ValueError):
        return answer


def judge(answer, reference, cases, *, praise, hints=(), tolerance=1e-8, loose=False, otherwise=None,
          place=None):  # fmt: skip
    """Return a ``Verdict`` on a student's function, compared case by case; what it raises is reported.

    Parameters
    ----------
    answer : the student's callable, or a plain value when ``cases`` is ``[()]``; tensors will do
    reference : callable with the same arguments that returns the right answer
    cases : list of argument tuples, tried in order
    praise : what to say when all agree
    hints : (callable or plain value, text) pairs; the first that gives the student's answer on every
        case explains the mistake
    tolerance : greatest absolute or relative difference let through, of one number below 1 the relative one
        unless it is 0; in an answer of single precision at least 1e-5
    loose : whether an answer may have axes of length one more
    otherwise : what to say of a mistake that no hint explains, with ``{got}`` and its place, ``{at}``; by
        default where it is, what was got and what was wanted
    place : callable, index of a number (a list) -> words for it; by default its row and column
    """
    got = []
    for case in cases:
        right = _value(reference, case)
        try:
            # a function may change its input
            value = plain(answer(*copy.deepcopy(case)) if callable(answer) else answer)
            if value is None and got:
                raise Refused(f"with {_show(case, reference)} got None, wanted an answer there too")
            value = real(value, right.shape)
        except Refused as refusal:
            return Verdict(False, str(refusal))
        except Exception as error:  # a student's function may raise anything
            return Verdict(False, f"with {_show(case, reference)} it raised {type(error).__name__}: {error}")
        got.append((case, value.squeeze() if loose else value, right, value.shape))
    wrong = [one for one in got if not _close(*one[1:3], tolerance)]
    if not wrong:
        return Verdict(True, praise)
    for mistake, text in hints:
        with np.errstate(all="ignore"):  # a mistake may divide by zero
            explains = all(_close(v, _value(mistake, c), tolerance) for c, v, _, _ in got)
        if explains:
            return Verdict(False, text)
    case, value, right, shape = wrong[0]
    if value.shape != right.shape:
        return Verdict(False, f"got shape {shape}, wanted {right.shape}, with {_show(case, reference)}")
    worst = int(np.argmax(np.abs(np.nan_to_num(value - right, nan=np.inf))))
    where = [int(i) for i in np.unravel_index(worst, value.shape)]
    at = {0: "", 1: " at index {}", 2: " at row {}, column {}"}.get(value.ndim, f" at {where}").format(*where)
    at = f" {place(where)}" if place else at and f"{at} (counted from 0)"
    mine, theirs = (x.flat[worst] + 0.0 for x in (value, right))  # + 0 turns -0 to 0
    if otherwise:
        return Verdict(False, otherwise.format(got=mine, at=at))
    return Verdict(False, f"with {_show(case, reference)}{at} got {mine:.6g}, wanted {theirs:.6g}")


def checker(cases=((),), **options):
    """Return a decorator that turns an exercise into its checker: answer -> the ``Verdict`` of ``judge``.

    The exercise is a generator function of a case. It yields (answer, text): first the right answer and the
    praise, then the mistakes that students are known to make, in the order they are tried. ``cases`` are
    argument tuples; by default the answer is a plain value. ``options`` are ``judge``'s.
    """
    cases = list(cases)

    def decorator(exercise):
        def answers(place):
            @functools.wraps(exercise)  # a verdict names the case's parts as the exercise does
            def answer(*case):
                with np.errstate(all="ignore"):  # a mistake may divide by zero
                    return next(itertools.islice(exercise(*case), place, None))[0]

            return answer

        def check(answer):
            if answer is not None and callable(answer) == (cases == [()]):
                return A_FUNCTION if callable(answer) else NO_FUNCTION
            with np.errstate(all="ignore"):
                praise, *texts = [text for _, text in exercise(*cases[0])]
            hints = [(answers(place), text) for place, text in enumerate(texts, start=1)]
            return judge(answer, answers(0), cases, praise=praise, hints=hints, **options)

        check.__name__ = check.__qualname__ = exercise.__name__
        check.__module__, check.__doc__ = exercise.__module__, exercise.__doc__
        return check

    return decorator


def normal_cases(*shapes, seed=0):
    """Return a case for each list in ``shapes``: an array of normal numbers for each shape in it."""
    rng = np.random.default_rng(seed)
    return [tuple(rng.normal(size=shape) for shape in case) for case in shapes]


def _value(function, case):
    return np.asarray(function(*case) if callable(function) else function, dtype=float)


def _close(value, right, tolerance):
    tolerance = max(tolerance, 1e-5) if value.dtype == np.float32 else tolerance
    size = min(abs(right.item()) or 1, 1) if right.size == 1 else 1
    return value.shape == right.shape and np.allclose(value, right, tolerance, tolerance * size, True)


def _show(case, reference):
    """Return a case in words: arguments by the reference's names, large arrays by their shape."""
    parameters = inspect.signature(reference).parameters.values()
    names = [f"{x.name} = " for x in parameters if x.kind != x.VAR_POSITIONAL][: len(case)]
    arrays = [np.asarray(x) for x in case]
    short = [np.array2string(x, precision=4) if x.size <= 6 and x.ndim < 2 else None for x in arrays]
    texts = [text or f"an array {x.shape}" for text, x in zip(short, arrays, strict=True)]
    return ", ".join(map("".join, itertools.zip_longest(names, texts, fillvalue=""))) or "your value"
