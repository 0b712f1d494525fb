import itertools

import numpy as np
import pytest

from notebooks.assignments import term as terms
from notebooks.assignments.term import checked, numbers

TERMS = ["2027-spring", "2027-autumn", *(f"term-{i}" for i in range(200))]


def test_a_term_s_numbers_are_these_everywhere():
    spring = numbers("2027-spring")
    assert (spring["c"], spring["gamma"], spring["carry"]) == (0.12, 0.924, 0.61)
    assert spring["A"] == [[0.93, -0.43], [0.26, 0.93]] and spring["B"] == [[0.41], [0.61]]
    assert spring["seeds"] == [9, 462, 380, 879, 233]


def test_masters_show_the_book_s_numbers():
    assert numbers("master")["c"] == 0.2 and numbers("master")["gamma"] == 0.9
    assert set(numbers("master")) == set(numbers("2027-spring"))


def test_a_changed_copy_of_the_master_s_numbers_changes_no_master():
    numbers("master")["c"] = 7
    assert numbers("master")["c"] == 0.2


@pytest.mark.parametrize("name", TERMS[:40])
def test_numbers_lie_where_the_assignments_want_them(name):
    found = numbers(name)
    c, gamma = found["c"], found["gamma"]
    assert 0.1 <= c <= 0.4 and c != 0.2 and 0.8 <= gamma <= 0.94 and gamma != 0.9
    assert 0.4 <= round(c / (2 * (1 - gamma)), 9) <= 1.6
    assert 0.3 <= found["carry"] <= 0.7
    assert 0.05 <= found["temperature"] <= 0.3 and 0.9 <= found["discount"] <= 0.97


def test_seeds_are_five_and_distinct():
    drawn = [numbers(f"term-{i}")["seeds"] for i in range(1000)]  # about ten of them met one twice
    assert {len(set(seeds)) for seeds in drawn} == {5}
    assert min(map(min, drawn)) == 0 and max(map(max, drawn)) == 999


@pytest.mark.parametrize("name", TERMS[:40])
def test_the_linear_system_turns_and_can_be_controlled(name):
    A, B = (np.array(numbers(name)[key]) for key in "AB")
    assert abs(np.abs(np.linalg.eigvals(A)).max() - 1) < 0.06
    assert abs(np.linalg.det(np.hstack([B, A @ B]))) > 0.02
    assert np.array_equal(A, A.round(2)) and np.array_equal(B, B.round(2))


def test_terms_differ():
    """A number that two terms in a row share would let last term's answer pass."""
    for key in ("gamma", "carry", "discount", "temperature"):
        drawn = [numbers(name)[key] for name in TERMS]
        assert sum(a == b for a, b in itertools.pairwise(drawn)) <= 0.06 * len(drawn), key
    assert not {key for key, x in numbers("2027-spring").items() if x == numbers("2027-autumn")[key]}


def test_a_key_s_draw_knows_nothing_of_the_other_keys(monkeypatch):
    before = numbers("2027-spring")
    monkeypatch.setattr(terms, "_toy", lambda term: (0.3, 0.85))
    after = numbers("2027-spring")
    assert {key for key in before if before[key] != after[key]} == {"c", "gamma"}


def test_no_breakpoint_of_any_term_falls_on_the_end_of_the_box():
    """Else rounding would decide how many there are."""
    for c, gamma in itertools.product(np.arange(10, 41) / 100, np.arange(800, 941) / 1000):
        distances = np.cumsum(c / 2 * np.cumsum(gamma ** np.arange(100)))
        assert np.abs(distances - 2).min() > 1e-6, (c, gamma)


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a/b", "/", "..", "a..b", ".hidden", "-x", "x-", "é", "a\n", "x" * 41]
)
def test_a_name_that_is_no_folder_s_is_refused_by_name(name):
    with pytest.raises(ValueError, match="TERM: got "):
        checked(name)


@pytest.mark.parametrize("name", ["2027-spring", "WS_27.2", "x", "7"])
def test_ordinary_names_pass(name):
    assert checked(name) == name
