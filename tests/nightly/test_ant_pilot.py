"""What the pilot says of the Ant that chapter 09 learns on, as its runs make it: too slow for the page."""

import pytest
import torch

from sobolev_book.studies.catalogue import EXPERIMENTS
from sobolev_mini.pilot import pilot


@pytest.fixture
def ant():
    torch.set_num_threads(1)
    return EXPERIMENTS["ant_share"].make("balanced")


def test_at_the_runs_discount_it_refuses(ant):
    """Its first draw of five holds slopes too large to train on, or no numbers; one draw suffices."""
    assert EXPERIMENTS["ant_share"].config.discount == 0.99
    with pytest.raises(ValueError, match="slopes of its returns are not finite"):
        pilot(ant, 0.99, seeds=(0,))


def test_ten_decisions_ahead_it_says_that_slopes_do_not_pay(ant):
    found = pilot(ant, 0.9)
    assert found.answer == "does not pay" and f"{found.values:.0%} {found.slopes:.0%}" == "100% 100%"
