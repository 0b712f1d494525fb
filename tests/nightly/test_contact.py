"""What chapter 08 says of false and of missing slopes on the Ant, too slow for its page."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sobolev_book.studies import contact
from sobolev_mini import envs


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def test_of_four_thousand_samples_the_one_huge_one_is_the_one_that_a_smaller_step_changes():
    stiff, several = contact.ant(0.02), []
    for seed in contact.MANY:
        drawn = torch.Generator().manual_seed(seed)
        s = stiff.visited(200, drawn)
        a = stiff.policy(s) + 0.3 * torch.randn(200, 8, generator=drawn)
        several.append(contact.remeasured(stiff.env, s, a, (1e-6, 1e-7))[0])
    size, other = torch.cat(several, dim=1)
    moved = (size - other).abs() > 0.1 * torch.minimum(size, other)
    assert len(size) == 4000 and (size > 1000).sum() == 1
    assert moved.sum() == 1 and size.argmax() == moved.int().argmax()
    assert contact.MANY[size.argmax() // 200] == 13


def lacking(time_constant, absent):
    """Return the Ant's scene with contacts of ``time_constant`` (s), the slopes named ``absent`` at zero."""
    scene = contact.Scene(envs.make("mujoco_ant", time_constant=time_constant))
    linearize = scene.env.linearize

    def without(s, a):
        found = linearize(s, a)
        return replace(found, **{name: torch.zeros_like(getattr(found, name)) for name in absent})

    scene.env.linearize = without
    return scene


@pytest.mark.parametrize(
    ("absent", "median"), [(("f_s", "f_a"), 0.67), (("r_s", "r_a"), 0.77)], ids=["Jacobians", "rewards"]
)
def test_what_balanced_weights_make_of_some_of_the_slopes(absent, median):
    """At 0.04 s and a discount of 0.8, five seeds, as in the record ``contact``; all slopes: 0.65."""
    softer = lacking(0.04, absent)
    centred = contact.fit(softer, "balanced", record=(0, 1000))["centred"][-1]
    assert abs(np.median(centred) - median) < 0.03
