"""A number before training: what it measures, what it says, what it refuses."""

import re
from pathlib import Path

import nbformat
import pytest
import torch

from sobolev_mini import envs, pilot
from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.pilot import Pilot
from sobolev_mini.targets import Step

DOUBLE = torch.float64


@pytest.mark.parametrize(
    ("values", "slopes", "answer"),
    [(0.31, 0.1, "pays"), (0.25, 0.1, "cannot tell"), (0.2, 0.1, "does not pay"), (0.05, 0.05, "pays"),
     (9.0, 0.5, "does not pay"), (1.4, 0.49, "cannot tell"), (1.0, 0.2, "pays")])  # fmt: skip
def test_what_a_pilot_says(values, slopes, answer):
    found = Pilot(values, slopes)
    assert found.answer == answer
    assert str(found) == f"{answer}: slope in a off by {values:.0%}, by {slopes:.0%} with slopes"


def test_the_rule_that_a_reader_applies_by_hand_is_the_pilot_s():
    """The line in chapter 07, its numbers in their order."""
    path = Path(__file__).resolve().parents[1] / "notebooks" / "07_weights_and_steps.ipynb"
    prose = " ".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")
    said = re.search(r"The pilot's rule: (.*?)\*\*", prose)[1]
    limits = [pilot.EXACT, pilot.USELESS, pilot.PAYS, pilot.USELESS, pilot.FAILS, pilot.PAYS]
    assert [float(x) for x in re.findall(r"\d+\.?\d*", said)] == limits
    assert re.findall(r"\*([a-z ]+)\*", said) == ["pays", "cannot tell", "does not pay"]


@pytest.mark.parametrize("name", ["lqr", "pendulum", "acrobot"])
def test_returns_and_their_slopes_are_those_of_acting_once(name):
    """Against autograd and differences through the whole rollout, in float64."""
    env = envs.make(name, dtype=DOUBLE)
    s, a, y, y_s, y_a = pilot._returns(env, 0.8, 12, torch.Generator().manual_seed(0))
    assert s.shape == (12, env.n_s) and y.shape == (12,)

    def returned(s, a):
        step = env.step(s, a)
        total, discount, alive = step.r, 1.0, ~step.terminated
        for _ in range(4):  # 1 / (1 - 0.8) steps in all
            discount *= 0.8
            step = env.step(step.s_next, torch.zeros_like(a))
            total, alive = total + discount * torch.where(alive, step.r, 0.0), alive & ~step.terminated
        return total

    torch.testing.assert_close(y, returned(s, a))
    for i in range(env.n_a):
        h = torch.zeros_like(a)
        h[:, i] = 1e-6
        wanted = (returned(s, a + h) - returned(s, a - h)) / 2e-6
        torch.testing.assert_close(y_a[:, i], wanted, rtol=1e-4, atol=1e-5)
    x = s.clone().requires_grad_()
    (slope,) = torch.autograd.grad(returned(x, a).sum(), x)
    torch.testing.assert_close(y_s, env.tangent(s, slope))


def test_slopes_pay_on_the_regulator_and_not_on_the_pendulum():
    """As the study found: 1.7 and 2.6 times fewer samples than twice the updates, and 0.8 times."""
    pays, fails = (pilot.pilot(envs.make(name), seeds=(0, 1, 2)) for name in ("lqr", "pendulum"))
    assert pays.answer == "pays" and pays.slopes < 0.1 < pays.values * 3
    assert fails.answer == "does not pay" and fails.slopes > 0.5


def test_seeds_are_their_own_and_a_pilot_can_be_repeated():
    env = envs.make("push")
    assert pilot.pilot(env, samples=40, seeds=(3,)) == pilot.pilot(env, samples=40, seeds=(3,))
    assert pilot.pilot(env, samples=40, seeds=(3,)) != pilot.pilot(env, samples=40, seeds=(4,))


class Blown(DifferentiableEnv):
    n_s = n_a = 1

    def step(self, s, a):
        s_next = 1e30 * s**3 + a
        return Step(s_next, -(s_next[..., 0] ** 2), torch.zeros_like(s[..., 0], dtype=torch.bool))


class InNumPy(DifferentiableEnv):
    """A step that leaves torch."""

    n_s, n_a = 1, 1

    def step(self, s, a):
        return Step((s + a).numpy(), s[..., 0], torch.zeros(s.shape[:-1], dtype=torch.bool))


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"^env: the slopes of its returns are not finite everywhere"):
        pilot.pilot(Blown(), samples=20, seeds=(0,))
    for bad, words in (({"discount": 1.0}, "discount"), ({"samples": 1}, "samples"), ({"seeds": 3}, "seeds")):
        with pytest.raises(ValueError, match=rf"^{words}: got"):
            pilot.pilot(envs.make("push"), **bad)
    with pytest.raises(ValueError, match=r"^env: got str"):
        pilot.pilot("push")
    with pytest.raises(ValueError, match=r"^env: got ndarray for its step's s_next"):
        pilot.pilot(InNumPy())
