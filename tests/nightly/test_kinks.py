"""Chapter 03: what the slope held at a kink does to the paper's critic.

Two critics a seed, from the same start and on the same samples: one takes the slope of its label with the
next action held, as the paper does, the other the slope of its own maximum, by a central difference.
"""

from dataclasses import replace

import numpy as np
import torch

from sobolev_book.records.grid_max import best_action_index
from sobolev_mini.qlearning import mlp_loop
from sobolev_mini.qlearning.config import QConfig
from sobolev_mini.toy import ToyProblem

SEEDS, STEPS, STEP = 5, 1000, 0.01


@torch.no_grad()
def top(critic, s, actions):
    """Return max Q (S, B) over all actions: the best of the grid, then three finer ones around the last."""
    best = actions[best_action_index(critic, s, actions)]
    reach, offsets = 2 / (len(actions) - 1), torch.linspace(-1, 1, 9)
    for _ in range(3):
        around = (best + reach * offsets).clamp(-1, 1)
        pairs = (x.reshape(len(s), -1, 1) for x in torch.broadcast_tensors(s, around))
        q, reach = critic(*pairs).view(around.shape), reach / 4
        best = around.gather(2, q.argmax(dim=2, keepdim=True))
    return q.amax(dim=2)


def own_slope(critic, s, actions):
    """Return the slope of the critic's own maximum, (S, B, 1), within the box."""
    low, high = (s - STEP).clamp(min=-1), (s + STEP).clamp(max=1)
    below, above = top(critic, torch.cat([low, high], dim=1), actions).chunk(2, dim=1)
    return (above - below)[..., None] / (high - low)


def trained(own, monkeypatch):
    """Return errors, name -> (S,), after the last step, and how far apart the slopes of the labels are.

    The latter is (steps, 2, S), nothing where ``own`` is False: mean squares of held less own slope, and of
    the own one.
    """
    config = QConfig(lam_s=1, lam_a=1, steps=STEPS, seeds=tuple(range(SEEDS)), record=(STEPS,))
    run = mlp_loop.MLPTraining(ToyProblem(), config, argmax=best_action_index)
    apart, td_target = [], mlp_loop.td_target

    def label(transition, next_value, discount, slopes):
        held = td_target(transition, next_value, discount, slopes)
        slope = own_slope(run.target, transition.s_next, run.actions)
        right = replace(held, y_a=transition.pullback(discount * slope)[1])
        gaps = (held.y_a - right.y_a) / discount, slope
        apart.append([(x**2).mean(dim=(1, 2)).numpy() for x in gaps])
        return right

    if own:
        monkeypatch.setattr(mlp_loop, "td_target", label)
    while run.step < STEPS:
        run.take_step()
    return {name: x[-1] for name, x in run.history().errors().items()}, np.array(apart)


def test_labels_with_the_slope_of_the_maximum_itself_leave_the_critic_as_it_is(monkeypatch):
    held, _ = trained(False, monkeypatch)
    own, apart = trained(True, monkeypatch)
    off, size = np.sqrt(apart[-100:].mean(axis=(0, 2)))
    print(f"the labels' slopes are off by {off:.3f} of {size:.2f}")
    for name in ("q_a", "policy"):
        print(f"{name}: {held[name].mean():.5f} with held slopes, {own[name].mean():.5f} with their own")
    assert 0.025 < off < 0.045 and 0.6 < size < 0.8
    # as near as a rounding error leaves two runs of chapter 05: 4.7 % in the slope, 11 % in the policy
    np.testing.assert_allclose(np.log(own["q_a"] / held["q_a"]), 0, atol=np.log(1.05))
    np.testing.assert_allclose(np.log(own["policy"] / held["policy"]), 0, atol=np.log(1.12))
