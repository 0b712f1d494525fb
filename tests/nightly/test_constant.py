"""Chapter 08: constant weights on the Ant's slopes in the state make critics run away where all are true.

Stiff contacts, twenty seeds, differences over 1e-7 m: no sample is false any more (``test_contact``).
"""

import numpy as np
import pytest
import torch

from sobolev_book.studies import contact
from sobolev_mini.envs.robots import physics
from sobolev_mini.losses import Constant
from tests.nightly.test_contact import lacking


@pytest.fixture(autouse=True)
def true_slopes(monkeypatch):
    """Measure by the smaller step, on one thread."""
    torch.set_num_threads(1)
    monkeypatch.setattr(physics, "EPS", 1e-7)


def errors(monkeypatch, lams, scene=None, seeds=contact.MANY):
    """Return the centred errors (S,) after 1,000 updates under constant weights in no units."""
    monkeypatch.setitem(contact.RULES, "tried", Constant(*lams, bare=True))
    scene = contact.ant(0.02) if scene is None else scene
    return contact.fit(scene, "tried", seeds=seeds, record=(0, 1000))["centred"][-1]


@pytest.mark.parametrize(
    ("lams", "above", "median", "worst"),
    [
        ((1.0, 0.1), 20, 3.43, 22),
        ((1.0, 0.0), 20, 4.16, 51),
        ((0.0, 0.1), 5, 0.83, 1.2),
        ((0.0, 0.0), 7, 0.91, 1.2),
    ],
    ids=["both", "states alone", "actions alone", "none"],
)
def test_constant_weights_on_true_slopes_of_the_state_run_away(monkeypatch, lams, above, median, worst):
    found = errors(monkeypatch, lams)
    print(f"{lams}: {(found > 1).sum()} above 1, median {np.median(found):.3f}, worst {found.max():.1f}")
    assert abs((found > 1).sum() - above) <= (above < 20)  # at the edge a rounding may move one
    np.testing.assert_allclose(np.median(found), median, rtol=0.1 if above == 20 else 0.03)
    np.testing.assert_allclose(found.max(), worst, rtol=0.1)


@pytest.mark.parametrize(
    ("dropped", "median", "worst"),
    [((), 3.3, 51), (("r_s", "r_a"), 2.6, 52), (("f_s", "f_a"), 1.1, 2.7)],
    ids=["nothing", "the reward's", "Jacobians"],
)
def test_most_of_it_comes_by_way_of_the_next_state(monkeypatch, dropped, median, worst):
    """Five seeds, the weight on the slopes of the state alone."""
    found = errors(monkeypatch, (1.0, 0.0), lacking(0.02, dropped), contact.SEEDS)
    print(f"without {dropped}: median {np.median(found):.2f}, worst {found.max():.1f}")
    np.testing.assert_allclose((np.median(found), found.max()), (median, worst), rtol=0.1)
