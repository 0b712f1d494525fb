"""Chapter 06: on the regulator values alone are unstable, not slow, at smaller rates, too."""

import pytest

from sobolev_book.studies.references import exact
from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.losses import VALUE_ONLY, Balanced


def near(rate, steps, weighting):
    """Return how many of five seeds come within a quarter of the optimum's cost, and how many run away."""
    env = envs.make("lqr")
    rates = {"critic_lr": rate, "actor_lr": rate}
    run = train_ddpg(env, DDPGConfig(steps=steps, start=100, noise=0.3, weighting=weighting, **rates))
    away = ~(run.rows["value"][-1] < 1000)
    return int((run.returns[-1] > 1.25 * exact(env)).sum()), int(away.sum())


@pytest.mark.filterwarnings("ignore:seeds")
@pytest.mark.parametrize("rate", [3e-3, 1e-3, 3e-4])
def test_four_times_the_steps_bring_values_alone_no_nearer(rate):
    there, away = near(rate, 1600, VALUE_ONLY)
    assert there <= 1 and away >= 2


def test_balanced_slopes_come_near_in_a_quarter_of_the_steps():
    assert near(3e-3, 400, Balanced()) == (5, 0)
