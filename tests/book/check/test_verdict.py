"""A checker says what is wrong, whatever a student hands in."""

import numpy as np
import pytest

from sobolev_book.check import Verdict, judge
from sobolev_book.check.verdict import checker, normal_cases

CASES = [(np.array([1.0, 2.0]),), (np.array([0.5, -3.0]),)]
HINTS = [(lambda x: -2 * x, "the sign is wrong"), (lambda x: x, "the factor 2 is missing")]


def verdict(answer):
    return judge(answer, lambda x: 2 * x, CASES, praise="well done", hints=HINTS)


def test_right_answer_is_praised():
    assert verdict(lambda x: x + x) == Verdict(True, "well done")
    assert repr(verdict(lambda x: x + x)) == "right: well done"


def test_known_mistakes_are_explained():
    assert repr(verdict(lambda x: -2 * x)) == "not yet: the sign is wrong"
    assert verdict(lambda x: x).message == "the factor 2 is missing"


def test_a_mistake_must_explain_every_case():
    assert "got" in verdict(lambda x: x if x[1] == 2 else 2 * x + 1).message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: None, "got None; replace the placeholder by your answer"),
        (lambda x: 2 * x if x[1] > 0 else None, "with x = [ 0.5 -3. ] got None, wanted an answer there too"),
        (lambda x: x[:1], r"got shape (1,), wanted (2,), with x = [1. 2.]"),
        (lambda x: "two", "got a str, wanted numbers of shape (2,), without quotes"),
        (lambda x: 1 / 0, "with x = [1. 2.] it raised ZeroDivisionError: division by zero"),
        (lambda x: 2 * x + [0, 0.25], "with x = [1. 2.] at index 1 (counted from 0) got 4.25, wanted 4"),
        (lambda x: x * np.nan, "with x = [1. 2.] at index 0 (counted from 0) got nan, wanted 2"),
    ],
)
def test_other_answers_are_answered_in_words(answer, message):
    assert verdict(answer) == Verdict(False, message)


def test_a_matrix_is_answered_by_row_and_column():
    wrong = np.array([[1.0, 2.0, 3.0], [4.0, 9.0, 6.0]])
    found = judge(wrong, lambda: np.arange(1.0, 7).reshape(2, 3), [()], praise="yes").message
    assert found == "with your value at row 1, column 1 (counted from 0) got 9, wanted 5"
    found = judge(wrong[None], lambda: np.arange(1.0, 7).reshape(1, 2, 3), [()], praise="yes").message
    assert found == "with your value at [0, 1, 1] (counted from 0) got 9, wanted 5"


def test_plain_values():
    for value, right in [(0.5, True), (0.5 + 1e-12, True), (0.4, False), (None, False), ("half", False)]:
        assert judge(value, lambda: 0.5, [()], praise="yes").right is right
    assert judge(0.4, lambda: 0.5, [()], praise="yes").message == "with your value got 0.4, wanted 0.5"


@pytest.mark.parametrize(("right", "answer", "passes"), [
    (0.9, np.float32(0.9), True), (0.9, np.float32(0.9003), False), (0.9, 0.9000003, False),
    (1e-9, 1e-9 * (1 + 1e-9), True), (1e-9, 1.1e-9, False), (1e-9, 0.0, False), (0.0, 1e-9, True),
    (0.0, 1e-7, False), (-1e-9, 1e-9, False)])  # fmt: skip
def test_single_precision_and_small_numbers_have_their_own_tolerance(right, answer, passes):
    assert judge(answer, lambda: right, [()], praise="well done").right is passes


def test_an_answer_that_changes_its_input_is_judged_by_what_it_returns():
    def doubled(x):
        x *= 2
        return x

    assert verdict(doubled).right


def test_large_inputs_are_named_and_not_printed():
    found = judge(lambda J, bound: 0 * J, lambda J, bound: J, [(np.ones((9, 2, 3)), 2.0)], praise="yes")
    where = "with J = an array (9, 2, 3), bound = 2. at [0, 0, 0] (counted from 0)"
    assert found.message == f"{where} got 0, wanted 1"


@checker(normal_cases([3], [(2, 4)]))
def doubled(x):
    """Check a function x -> 2 x."""
    yield 2 * x, "well done"
    yield -x, "the sign is wrong"
    for other in (x, 2.0 * np.ones(3)):
        yield other, "neither of them"


@checker(tolerance=1e-2)
def two():
    """Check a number."""
    yield 2, "yes"
    yield 3, "one too many"


def test_a_checker_is_written_as_its_right_answer_and_the_mistakes():
    assert doubled(lambda x: x + x) == Verdict(True, "well done")
    assert doubled(lambda x: -x).message == "the sign is wrong"
    assert doubled(lambda x: x).message == "neither of them"
    assert doubled(lambda x: 1 / 0).message.startswith("with x = [")
    assert two(2.001).right and two(3).message == "one too many" and two(4).message.endswith("wanted 2")
    assert (doubled.__name__, doubled.__doc__) == ("doubled", "Check a function x -> 2 x.")


def test_drawn_cases_are_one_stream():
    rng = np.random.default_rng(4)
    for case, shapes in zip(normal_cases([3, (2, 2)], [1], seed=4), ([3, (2, 2)], [1]), strict=True):
        for x, shape in zip(case, shapes, strict=True):
            np.testing.assert_array_equal(x, rng.normal(size=shape))
