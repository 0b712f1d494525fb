"""Chapter 08's evaluation on the Ant: its truth, its settings, and that a finished setting is kept."""

import numpy as np
import pandas as pd
import pytest
import torch

from sobolev_book.studies import contact
from sobolev_mini import envs
from sobolev_mini.envs.robots import physics

TINY = {"seeds": (0, 1), "record": (0, 3)}


@pytest.fixture(scope="module")
def scene():
    return contact.ant(dtype=torch.float64)


def test_the_truth_is_the_discounted_sum_of_a_rollout_up_to_a_fall(scene):
    s = scene.visited(6, torch.Generator().manual_seed(0))
    s[0, 0], ends = -5.0, []  # fallen
    q, *slopes = scene.truth(s, scene.policy(s))
    assert slopes == [None, None]
    for i in range(6):
        x, total = s[i : i + 1], 0.0
        for t in range(60):
            step = scene.env.step(x, scene.policy(x))
            total += 0.8**t * step.r.item()
            x = step.s_next
            if step.terminated:
                break
        assert q[i].item() == pytest.approx(total, abs=1e-3)
        ends.append(t)
    assert ends[0] == 0 and max(ends) > 10


def test_what_blows_up_after_a_fall_adds_nothing():
    """Softest contacts: state 291 of seed 13's test falls in its first step and is no number soon after."""
    found = contact.fit(contact.ant(0.32), "value_only", seeds=(13,), record=(0, 1))
    assert np.isfinite(found["centred"]).all()


def test_states_come_from_every_time_of_random_behaviour_and_some_touch_the_ground(scene):
    generator = torch.Generator().manual_seed(0)
    s = scene.visited(80, generator)
    assert torch.equal(s, scene.visited(80, generator.manual_seed(0)))
    touching = scene.touching(s, scene.uniform(80, generator))
    assert 0.2 < touching.double().mean() < 0.6
    up = s + torch.nn.functional.one_hot(torch.tensor(0), 27)
    assert not scene.touching(up, scene.uniform(80, generator)).any()


def test_every_setting_once_and_value_only_takes_no_bound():
    every = contact.settings()
    frame = pd.DataFrame(every)
    assert not frame.duplicated().any()
    assert frame[frame.rule == "value_only"].bound.isna().all()
    grid = frame[(frame.samples == 200) & (frame.rule != "value_only")]
    assert len(grid) == 2 * len(contact.TIME_CONSTANTS) * len(contact.BOUNDS)
    assert set(frame.samples) == set(contact.SAMPLES)


def test_a_finished_setting_is_kept_and_repeats_to_the_byte(tmp_path, monkeypatch):
    planned = [contact.STANDARD | {"rule": rule, "samples": 20} for rule in ("value_only", "paper")]
    first = contact.contact(tmp_path / "a", planned, **TINY)
    again = contact.contact(tmp_path / "b", planned, **TINY)
    pd.testing.assert_frame_equal(first, again)
    assert len(first) == 2 * 2 * 2 and first.bound.isna().all() and np.isfinite(first.centred).all()
    monkeypatch.setattr(contact, "fit", None)
    pd.testing.assert_frame_equal(contact.contact(tmp_path / "a", planned, **TINY), first)


def test_soft_contacts_make_smaller_jacobians_and_another_task():
    frame = contact.sizes(30, (0.02, 0.32)).groupby("time_constant")
    median, shift = frame["size"].median(), frame["shift"].first()
    assert median[0.32] < median[0.02] and shift[0.02] == 0 and shift[0.32] > 0.1


def test_the_policy_is_one_for_every_simulator():
    scenes = [contact.Scene(envs.make("mujoco_ant", time_constant=x)) for x in (None, 0.1)]
    s = scenes[0].env.reset(4, torch.Generator().manual_seed(0))
    assert torch.equal(scenes[0].policy(s), scenes[1].policy(s))


def test_every_simulator_stands_before_the_gate_first(tmp_path, monkeypatch):
    held = []
    monkeypatch.setattr(contact, "gate", lambda env: held.append(env.physics.model.geom_solref[0, 0]))
    planned = [contact.STANDARD | {"rule": "value_only", "time_constant": x} for x in (0.02, 0.04, 0.02)]
    contact.contact(tmp_path, planned, (0,), (0, 1))
    assert held == [0.02, 0.04]


def test_a_slope_is_the_same_for_every_small_step_and_what_a_jump_makes_is_not(monkeypatch):
    """Of seed 13's samples: an ordinary one, and the one whose default difference straddles a jump."""
    scene, generator = contact.ant(0.02), torch.Generator().manual_seed(13)
    s = scene.visited(200, generator)
    a = scene.policy(s) + 0.3 * torch.randn(200, 8, generator=generator)
    size, slope = contact.remeasured(scene.env, s[[161, 162]], a[[161, 162]], (1e-6, 1e-7))
    assert size[0].numpy() == pytest.approx([size[1, 0].item(), 108132], rel=1e-2)
    assert size[1, 1] < 30 and slope[0, 1] > 9e4 and slope[1, 1] < 20
    monkeypatch.setattr(scene.env.physics, "centred", True)
    size = contact.remeasured(scene.env, s[[162]], a[[162]], (1e-6, 1e-7))[0]
    assert size[0] > 5e4 and size[1] < 30  # one side of the two straddles it
    assert physics.EPS == 1e-6
    monkeypatch.setattr(scene.env, "linearize", lambda s, a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        contact.remeasured(scene.env, s, a, (1e-7,))
    assert physics.EPS == 1e-6
