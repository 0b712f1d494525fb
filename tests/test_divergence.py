"""Seeds that blow up: marked, with the reason; the others go on as if alone."""

import numpy as np
import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.envs import DifferentiableEnv, Step
from sobolev_mini.losses import Balanced, HugeSavine
from tests.test_control import TRAIN, train


class Runaway(DifferentiableEnv):
    """Doubles states beyond ``edge`` at every step and halves the others."""

    n_s, n_a, time_limit, edge = 1, 1, 1000, torch.inf

    def step(self, s, a):
        s_next = torch.where(s.abs() > self.edge, 2 * s, s / 2) + 0 * a
        return Step(s_next, torch.zeros_like(s[..., 0]), torch.zeros_like(s[..., 0], dtype=torch.bool))


@pytest.mark.parametrize("name", TRAIN)
def test_a_seed_that_blows_up_leaves_the_others_as_they_are(name):
    env, settings = Runaway(), {"steps": 160, "start": 150, "record": (0, 20, 160), "seeds": (3, 5)}
    sizes = [env.reset(1, torch.Generator().manual_seed(seed)).abs().item() for seed in (3, 5)]
    env.edge, lost = sum(sizes) / 2, sizes.index(max(sizes))
    seed, other = (3, 5)[lost], (3, 5)[1 - lost]
    said = rf"seeds \[{seed}\] diverged by step 1\d\d: the closed loop ran away"
    with pytest.warns(UserWarning, match=said):
        found = train(name, env, **settings)
    alone = train(name, env, **settings | {"seeds": (other,)})
    assert found.diverged_at[lost] > 100 and found.diverged_at[1 - lost] == -1
    assert np.isnan(found.returns[-1, lost]) and found.returns[-1, 1 - lost] == alone.returns[-1, 0]
    for x, y in zip(found.actor.parameters, alone.actor.parameters, strict=True):
        torch.testing.assert_close(x[1 - lost], y[0], rtol=1e-4, atol=1e-6)


def test_a_simulator_that_breaks_later_is_named():
    env = envs.make("pendulum")
    step, taken = env.step, []

    def breaks(s, a):
        taken.append(1)
        found = step(s, a)
        return type(found)(found.s_next * (torch.nan if len(taken) > 5 else 1), found.r, found.terminated)

    env.step = breaks
    with pytest.warns(UserWarning, match="diverged by step 5: the simulator's numbers are not finite"):
        train("ddpg", env, record=(40,))


@pytest.mark.parametrize("name", TRAIN)
@pytest.mark.parametrize("rule", [Balanced(every=1), HugeSavine()], ids=["balanced", "normalised"])
@pytest.mark.parametrize("lost", [torch.nan, 1e30], ids=["not finite", "too large to square"])
def test_a_critic_that_is_lost_stops_no_other_seed(name, rule, lost):
    settings = {"steps": 60, "start": 20, "record": (0, 60), "weighting": rule}

    def lose(run, recorder):
        if run.step == 30:
            run.critic.parameters[0].data[[0, 2]] = lost  # both twins of the first seed
            run.target_critic.parameters[0].data[[0, 2]] = lost

    env = envs.make("pendulum")
    with pytest.warns(UserWarning, match=r"seeds \[3\] diverged"):
        found = train(name, env, options={"callbacks": [lose]}, seeds=(3, 5), **settings)
    alone = train(name, env, seeds=(5,), **settings)
    assert found.diverged_at[0] >= 30 and found.diverged_at[1] == -1
    assert np.isnan(found.returns[-1, 0])
    np.testing.assert_allclose(found.returns[-1, 1], alone.returns[-1, 0], rtol=1e-4)


class Tank(DifferentiableEnv):
    """A level that runs out like its root, whose slope at the empty tank is infinite."""

    n_s, n_a, action_limit = 1, 1, [1.0]

    def step(self, s, a):
        s_next = torch.clamp(s - 0.3 * s.clamp(min=0).sqrt() + 0.1 * a, min=0)
        return Step(s_next, -(s[..., 0] ** 2), torch.zeros_like(s[..., 0], dtype=torch.bool))


def test_slopes_that_are_no_numbers_are_told_with_their_seeds():
    settings = {"steps": 60, "start": 20, "record": (60,), "seeds": (3, 5), "weighting": HugeSavine()}
    with pytest.warns(UserWarning, match=r"seeds \[\d(, 5)?\] got slopes from their simulator") as said:
        found = train("ddpg", Tank(), **settings)
    told = sorted(
        int(x) for one in said for x in str(one.message).partition("]")[0].partition("[")[2].split(",")
    )
    assert found.rows["dropped_slopes"][-1].min() > 0 and told == [3, 5], "each seed once"
