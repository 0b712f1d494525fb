"""Chapter 07: constant weights on the regulator, twenty seeds of TD3 beside the rules that set their own."""

import pytest

from sobolev_book.studies.references import exact
from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.losses import Balanced, Constant, HugeSavine


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (Constant(1.0, 1.0), 12),
        (Constant(10.0, 10.0), 15),
        (Constant(100.0, 100.0), 18),
        (Constant(0.8, 10.0), 15),  # balanced's at the end, held from the start
        (Constant(10.0, 112.0), 20),  # normalised's
        (Balanced(), 19),
        (HugeSavine(), 20),
    ],
)
def test_so_many_of_twenty_seeds_come_within_a_quarter_of_the_optimum_s_cost(rule, wanted):
    env = envs.make("lqr")
    settings = {"steps": 400, "start": 100, "noise": 0.3, "critic_lr": 3e-3, "actor_lr": 3e-3}
    run = train_ddpg(env, DDPGConfig(weighting=rule, seeds=tuple(range(20)), **settings))
    assert abs(int((run.returns[-1] > 1.25 * exact(env)).sum()) - wanted) <= 1
