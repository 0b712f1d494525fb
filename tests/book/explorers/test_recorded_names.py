"""The recorded explorer's key: names that hang on its controls."""

import matplotlib.pyplot as plt
import pytest

from sobolev_book.explorers import recorded as module
from tests.book.explorers.test_recorded import shown, small


def test_a_name_in_the_key_may_be_what_a_control_says():
    explorer = small(names={"exact": "{kind} truth, {lam}"})
    assert ["exact", "steep truth, 2"] in shown(explorer, lam=2, kind="steep")["methods"]
    figure = module.draw(explorer.data)
    assert "flat truth, 0.5" in [x.get_text() for x in figure.legends[0].texts]
    plt.close(figure)
    with pytest.raises(ValueError, match=r"^name in names: got 'error', wanted one of 'lam', 'kind'"):
        small(names={"exact": "{error}"})
