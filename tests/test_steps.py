"""Step selection: on parabolas whose right answer is known, with wrong slopes, walls and bad numbers."""

import math

import pytest
import torch

from sobolev_mini import steps as selection
from sobolev_mini.steps import TrustRegion, armijo

DOUBLE = torch.float64
A = torch.tensor([[0.5, -1.0], [2.0, 0.0], [0.0, 0.0]], dtype=DOUBLE)


def bowl(a):
    return -(a**2).sum(dim=-1)


def test_the_first_size_is_taken_where_it_gains_and_shrunk_where_it_overshoots():
    """From a the bowl's slope is -2a: size 1 lands at -a (no gain), size 1/2 at the top."""
    steps = armijo(bowl, A, -2 * A, 1.0)
    torch.testing.assert_close(steps.a, torch.zeros_like(A))
    assert steps.size.tolist() == [0.5, 0.5, 0.0]  # the last sits at the top: nowhere to go
    assert (steps.accepted, steps.shortened) == (2, 2)
    short = armijo(bowl, A, -2 * A, 0.25)
    assert short.size.tolist() == [0.25, 0.25, 0.0] and short.shortened == 0


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_size_found_is_the_largest_tried_that_keeps_its_promise(share, monkeypatch):
    """Along -2a the gain is 4 t (1 - t) |a|^2 and the promise 4 t |a|^2: kept while t <= 1 - share."""
    for name, value in {"SHARE": share, "SHRINK": 0.8, "SIZES": 30}.items():
        monkeypatch.setattr(selection, name, value)
    steps = armijo(bowl, A[:1], -2 * A[:1], 1.6)
    size = steps.size.item()
    assert size <= 1 - share < size / 0.8


def test_a_slope_that_points_down_moves_nothing():
    steps = armijo(bowl, A, 2 * A, 1.0)
    torch.testing.assert_close(steps.a, A)
    assert (steps.accepted, steps.shortened) == (0, 0)


def test_no_more_than_ten_sizes_are_tried():
    """From 512 it takes eleven halvings to the top of the bowl, from 256 ten; the tenth from 256 gains."""
    calls = []

    def value(a):
        calls.append(a)
        return bowl(a)

    assert armijo(value, A, -2 * A, 512.0).accepted == 0 and len(calls) == 11
    assert armijo(bowl, A, -2 * A, 256.0).accepted == 2


def test_walls_cut_steps_off():
    limit = torch.tensor([1.0, 0.25], dtype=DOUBLE)
    a, target = torch.zeros(1, 2, dtype=DOUBLE), torch.tensor([3.0, 3.0], dtype=DOUBLE)
    steps = armijo(lambda x: bowl(x - target), a, 2 * target[None], 1.0, limit=limit)
    torch.testing.assert_close(steps.a, limit[None])
    stuck = armijo(lambda x: bowl(x - target), limit[None], 2 * (target - limit)[None], 1.0, limit=limit)
    assert stuck.accepted == 0 and torch.equal(stuck.a, limit[None])


def test_numbers_that_are_none_stay_where_they_are():
    a = torch.tensor([[math.nan], [1.0], [1.0], [1.0]], dtype=DOUBLE)
    slope = torch.tensor([[1.0], [math.inf], [math.nan], [-2.0]], dtype=DOUBLE)
    steps = armijo(bowl, a, slope, 0.5)
    assert steps.size.tolist() == [0, 0, 0, 0.5] and steps.a[1:3].tolist() == [[1.0], [1.0]]
    assert armijo(lambda x: torch.full(x.shape[:-1], math.nan, dtype=DOUBLE), A, -A, 1.0).accepted == 0


def test_leading_axes_may_hold_seeds():
    steps = armijo(bowl, A.expand(4, 3, 2), -2 * A.expand(4, 3, 2), 1.0)
    assert steps.a.shape == (4, 3, 2) and steps.accepted == 8


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": 0}, "first: got 0"),
        ({"slope": A[:2]}, r"slope: got shape \(2, 2\), wanted that of a, \(3, 2\)"),
    ],
)
def test_bad_arguments_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        armijo(**{"value": bowl, "a": A, "slope": -A, "first": 1.0, **change})


def test_the_radius_follows_promises():
    region = TrustRegion(1.0, largest=3)
    assert region.update(1.0, 0.9) and region.radius == 2
    assert region.update(1.0, 1.5) and region.radius == 3
    assert region.update(1.0, 0.5) and region.radius == 3
    assert region.update(1.0, 0.1) and region.radius == 1.5
    assert not region.update(1.0, -0.1) and region.radius == 0.75
    for promised, gained in ((-1.0, 1.0), (0.0, 0.0), (1.0, math.nan), (1.0, math.inf), (math.nan, 1.0)):
        assert not region.update(promised, gained)
    assert (region.accepted, region.rejected, region.shortened) == (4, 6, 7)
    for _ in range(40):
        region.update(1.0, -1.0)
    assert region.radius == 1e-4


def test_no_step_is_longer_than_the_radius():
    step = TrustRegion(0.5).step(torch.tensor([[3.0, 4.0], [0.03, 0.04], [0.0, 0.0]]))
    torch.testing.assert_close(step, torch.tensor([[0.3, 0.4], [0.03, 0.04], [0.0, 0.0]]))


def test_it_climbs_a_curved_hill_that_fixed_steps_overshoot():
    """-log cosh(5 a): the slope at a = 2 is -5 all the way; steps must shrink near the top."""
    region, a, hill = (
        TrustRegion(1.0),
        torch.tensor([[2.0]], dtype=DOUBLE),
        lambda x: -torch.cosh(5 * x).log().sum(),
    )
    for _ in range(60):
        slope = -5 * torch.tanh(5 * a)
        step = region.step(slope)
        if region.update((slope * step).sum(), hill(a + step) - hill(a)):
            a = a + step
    assert a.abs().item() < 1e-3 and region.rejected > 0 < region.accepted


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"radius": 0}, "radius: got 0"),
        ({"least": 0}, "least: got 0"),
        ({"largest": 1e-5}, "largest: got 1e-05"),
    ],
)
def test_bad_regions_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        TrustRegion(**{"radius": 1.0, **change})
