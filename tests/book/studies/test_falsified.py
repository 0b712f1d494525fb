"""Chapter 08's slopes falsified on purpose, and fits to true returns."""

import numpy as np
import pytest
import torch

from sobolev_book.studies import contact, falsified


@pytest.fixture
def taken(monkeypatch):
    """Return what the simulators of every fit gave for one batch; nothing is fitted."""
    seen = []

    def fit(scene, *_, seeds, record):
        generator = torch.Generator().manual_seed(0)
        s, a = scene.env.reset(4, generator), scene.uniform(4, generator)
        seen.append(scene.env.linearize(s, a))
        errors = np.zeros((len(record), len(seeds)))
        return {"update": np.array(record), "value": errors, "centred": errors}

    monkeypatch.setattr(contact, "fit", fit)
    return seen


def test_a_way_changes_the_state_s_slope_of_the_next_state_alone(taken):
    frame = falsified.falsified(record=(0, 1))
    assert list(frame.slope.unique()) == list(falsified.FALSE) and len(frame) == 2 * 5 * len(taken)
    true = taken[0]
    ways = dict(zip(falsified.FALSE, taken, strict=True))
    assert all(torch.equal(x.f_a, true.f_a) and torch.equal(x.r_s, true.r_s) for x in taken)
    torch.testing.assert_close(ways["2.5 times too long"].f_s, 2.5 * true.f_s)
    torch.testing.assert_close(ways["turned round"].f_s, -true.f_s)
    assert not ways["nothing"].f_s.any()
    part = ways["height and turn 5 times"].f_s / true.f_s.where(true.f_s != 0, torch.inf)
    assert part[..., 5:].max() == pytest.approx(1) and part[..., :5].max() == pytest.approx(5)
    exchanged = ways["columns exchanged"].f_s
    assert not torch.allclose(exchanged, true.f_s)
    scale = contact.ant(0.04).env.state_scale
    sizes = [(x * scale / scale[:, None]).flatten(1).norm(dim=1) for x in (exchanged, true.f_s)]
    torch.testing.assert_close(*sizes)


@pytest.mark.parametrize("huge", [0.0, torch.inf])
def test_parts_are_dropped_from_huge_samples_alone(taken, monkeypatch, huge):
    monkeypatch.setattr(falsified, "HUGE", huge)
    frame = falsified.dropped(record=(0,))
    assert len(frame) == len(taken) == 6 and (frame["size"] > frame.usual_size).all()
    for part, found in zip(frame.dropped, taken, strict=True):
        gone = {name for name in ("f_s", "f_a", "r_s", "r_a") if not getattr(found, name).any()}
        assert gone == (set(falsified.DROPPED[part]) if huge == 0 else set())


def test_returns_sum_to_the_truth(monkeypatch):
    monkeypatch.setattr(contact, "TESTED", 4)
    s, a, totals = contact.returns(n=6, seeds=(0, 1))
    assert s.shape == (2, 10, 27) and len(totals) == 42
    torch.testing.assert_close(totals[-1], contact.ant().truth(s, a)[0])
    assert torch.equal(totals[0], contact.ant().env.step(s, a).r)


def test_a_fit_finds_what_the_last_samples_share_with_the_others():
    generator, env = torch.Generator().manual_seed(0), contact.ant().env
    s = torch.randn(2, 400 + contact.TESTED, 27, generator=generator) * env.state_scale
    a = torch.randn(*s.shape[:2], 8, generator=generator)
    before, after = (contact.regressed(s, a, s[..., 0], updates=n) for n in (0, 400))
    assert (before > 0.9).all() and (after < 0.5).all() and after.shape == (2,)
