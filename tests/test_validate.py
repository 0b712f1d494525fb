"""One wording for every refusal: the argument, what came, what was wanted."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sobolev_mini import validate


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: validate.finite("x", [1, np.inf]), "x: got inf, wanted finite numbers"),
        (lambda: validate.finite("x", ["a"]), "x: got ['a'], wanted finite numbers"),
        (lambda: validate.finite("x", None), "x: got nan, wanted finite numbers"),
        (lambda: validate.within_box("x", [0.5, -2]), "x: got -2.0, wanted values in [-1, 1]"),
        (lambda: validate.real("x", 3, 0, 2), "x: got 3, wanted a finite number >= 0 and <= 2"),
        (lambda: validate.real("x", 1, 0, below=1), "x: got 1, wanted a finite number >= 0 and < 1"),
        (lambda: validate.real("x", 0, above=0), "x: got 0, wanted a finite number > 0"),
        (lambda: validate.real("x", "1e"), "x: got '1e', wanted a finite number"),
        (lambda: validate.whole("x", True, 0), "x: got True, wanted a whole number >= 0"),
        (lambda: validate.whole("x", 2.0, 0), "x: got 2.0, wanted a whole number >= 0"),
        (lambda: validate.one_of("x", 3, (1, 2)), "x: got 3, wanted one of 1, 2"),
        (lambda: validate.last_axis("x", np.zeros(5), 6), "x: got shape (5,), wanted (..., 6)"),
    ],
)
def test_wording(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


def test_what_is_fine_passes_unchanged():
    np.testing.assert_array_equal(validate.finite("x", [1, 2]), [1.0, 2.0])
    np.testing.assert_array_equal(validate.within_box("x", [-1, 1]), [-1.0, 1.0])
    assert validate.within_box("x", np.empty(0)).size == 0
    assert validate.real("x", np.float32(0.5), 0, 1) == 0.5
    assert validate.whole("x", np.int64(3), 1) == 3
    assert validate.one_of("x", "a", ("a", "b")) == "a"
    assert validate.last_axis("x", np.zeros((2, 6)), 6).shape == (2, 6)


@dataclass(frozen=True)
class Settings:
    """Some of each kind."""

    rate: float | None = validate.setting(None, validate.real, above=0)
    hidden: tuple = validate.setting((8, 8), validate.wholes, low=1)
    seeds: tuple = validate.setting((0, 1), validate.seeds)
    free: object = None
    __post_init__ = validate.settings


def test_settings_are_checked_and_kept_as_their_check_returns_them():
    assert Settings() == Settings(None, (8, 8), (0, 1))
    found = Settings(rate=1, hidden=4, seeds=[3, np.int64(5)], free=object)
    assert (found.rate, found.hidden, found.seeds, found.free) == (1.0, (4,), (3, 5), object)
    assert replace(found, rate=None).rate is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": 0}, "^rate: got 0, wanted a finite number > 0"),
        ({"hidden": (8, 0)}, "^hidden: got 0, wanted a whole number >= 1"),
        ({"hidden": None}, "^hidden: got None"),
        ({"seeds": ()}, r"^seeds: got \(\), wanted at least one and none twice"),
        ({"seeds": (1, 1)}, r"^seeds: got \(1, 1\), wanted at least one"),
        ({"seeds": (1, 2.5)}, "^seeds: got 2.5"),
    ],
)
def test_a_bad_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        Settings(**settings)
