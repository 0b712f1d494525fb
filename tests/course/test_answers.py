"""The grader marks an answer as the sheet's own check does, whatever type its numbers come in."""

import collections
import decimal
import json
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from notebooks.assignments.grading import codec
from sobolev_book.check import judge
from tests.course.common import TERM
from tests.course.sheets import ASSIGNMENTS, checks, made, marks, public, solved

A1 = ASSIGNMENTS / "a1.ipynb"
ONE_AXIS = {"Series": pd.Series, "a deque": collections.deque, "an index": pd.Index}


def objects(kind):
    """Return a function from an array to an object array of that ``kind``, a number where it has no axis."""
    return lambda x: np.array([kind(float(v)) for v in x.flat] or [], dtype=object).reshape(x.shape)[()]


def nested(x):
    return tuple(map(nested, x)) if isinstance(x, list) else x


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


KINDS = {
    "lists": np.ndarray.tolist,
    "tuples": lambda x: nested(x.tolist()),
    "Fractions": objects(Fraction),
    "decimals": objects(decimal.Decimal),
    "objects": objects(float),
    "tensors in objects": objects(lambda v: torch.tensor(v, dtype=torch.float64)),
    "0-d arrays": np.array,
    "NumPy's numbers": lambda x: x[()],
    "read-only": read_only,
    "float32": lambda x: x.astype(np.float32),
    "longdouble": lambda x: x.astype(np.longdouble),
    "big end first": lambda x: x.astype(">f8"),
    "a transposed view": lambda x: x.T.copy().T,
    "a masked array": np.ma.masked_array,
    "torch": torch.tensor,
    "torch with its graph": lambda x: torch.tensor(x, requires_grad=True),
    "a parameter": lambda x: torch.nn.Parameter(torch.tensor(x)),
    "a DataFrame": lambda x: pd.DataFrame(x) if x.ndim == 2 else x,
    "a missing type of pandas": lambda x: pd.Series(x, dtype="Float64") if x.ndim == 1 else x,
    "text": lambda x: x.astype(str) if x.ndim else str(x),
    **{name: (lambda x, kind=kind: kind(x) if x.ndim == 1 else x) for name, kind in ONE_AXIS.items()},
}
# some checks of A1 compare an answer with a number: these types do not do so as arrays do
LOSE = {"lists", "tuples", "a deque", "torch", "torch with its graph", "a parameter", "text"}


def there_and_back(value):
    """Return what stands on the other side of the wall."""
    return codec.decode(json.loads(codec.line(codec.encode(value))))


def turned(function, kind):
    """Return a function whose answer, or each of a tuple's, is of the ``kind``."""

    def answer(*args):
        found = function(*args)
        parts = [KINDS[kind](np.asarray(x)) for x in (found if isinstance(found, tuple) else [found])]
        return tuple(parts) if isinstance(found, tuple) else parts[0]

    return answer


class Behind:
    """A sheet's names as ``remote.Sheet`` gives them, without its process."""

    def __init__(self, names):
        self.names = names

    def get(self, name, default=None):
        value = self.names.get(name, default)
        if not callable(value):
            return there_and_back(value)
        return lambda *args: there_and_back(value(*map(there_and_back, args)))


@pytest.fixture(scope="module")
def answered():
    return solved(made(A1, TERM))


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_sheet_has_the_marks_that_its_own_checks_promise(answered, kind):
    sheet = made(A1, TERM)
    asked = re.findall(r"(?m)^def test_\w+\((.*)\):$", "\n".join(sheet.tests.values()))
    names = {name: turned(answered[name], kind) for name in set(", ".join(asked).split(", "))}
    shown, there = marks(names, public(sheet)), marks(Behind(names), checks(sheet))
    lost = {question: mark.messages for question, mark in there.items() if mark.messages}
    assert not {x: lost[x] for x in lost if not shown[x].messages}
    assert not lost or kind in LOSE, lost


numbers = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=6)


@given(numbers, st.sampled_from(sorted(KINDS)), st.sampled_from([(-1,), (1, -1), ()]))
def test_a_verdict_is_the_same_on_both_sides(values, kind, shape):
    right = np.array(values[0] if shape == () else values, dtype=float).reshape(shape)
    answer = KINDS[kind](right)
    for wanted in (right, right + 1 + abs(right)):
        here = judge(answer, lambda wanted=wanted: wanted, [()], praise="")
        assert here == judge(there_and_back(answer), lambda wanted=wanted: wanted, [()], praise="")
        assert here.right == (wanted is right)
