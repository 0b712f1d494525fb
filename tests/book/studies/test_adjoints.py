"""Chapter 08's measures of a false slope; ``tests/book/test_rewarped.py`` has the simulator itself."""

import pytest
import torch

from sobolev_book.studies.adjoints import COLUMNS, shape

TRUE = torch.randn(3, 27, 27, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_a_longer_slope_is_that_much_longer_and_points_the_same_way():
    found = shape(2.5 * TRUE, TRUE, TRUE)
    for name, value in {"length": 2.5, "gap": 1.5, "sided": 1.5, "cosine": 1.0}.items():
        assert found[name].tolist() == pytest.approx([value] * 3), name
    assert sum(found[name] for name in COLUMNS).tolist() == pytest.approx([1] * 3)


def test_the_gap_is_found_in_its_columns():
    false = TRUE.clone()
    false[:, :, 1:5] *= 3
    found = shape(false, TRUE, TRUE)
    assert found["quaternion"].tolist() == pytest.approx([1] * 3) and not found["height"].any()


def test_a_jump_spoils_the_difference_of_one_side_only():
    jump = torch.zeros_like(TRUE)
    jump[:, :, 7] = 100.0
    found = shape(TRUE, TRUE + jump, TRUE)
    assert (found["gap"] > 0.5).all() and (found["sided"] < 1e-9).all()
    assert (shape(TRUE, TRUE + jump, TRUE + jump)["sided"] > 0.5).all()  # both sides: no jump
