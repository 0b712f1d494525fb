"""Line search and trust region in the actor's loop: what they do to a step, and what they count."""

from types import SimpleNamespace

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.actor_steps import searched, trusted
from sobolev_mini.ddpg import DDPGConfig, climb, target_value, train_ddpg
from sobolev_mini.steps import TrustRegion
from sobolev_mini.targets import Target, td_target
from tests.learners import SMALL, learner, weights


def bounded(action_limit=2.0):
    """Return what ``searched`` asks of an environment."""
    limit = torch.tensor([action_limit], dtype=torch.float64)
    return SimpleNamespace(action_limit=limit, action_range=limit)


def test_a_line_search_leaves_a_straight_critic_s_slope_as_it_is():
    a, s = torch.zeros(2, 5, 1, dtype=torch.float64), torch.zeros(2, 5, 3, dtype=torch.float64)
    slope = torch.full_like(a, 3.0)
    kept, shares = searched(lambda s, a: 3 * a[..., 0], s, a, slope, bounded())
    torch.testing.assert_close(kept, slope)
    assert shares["accepted"].tolist() == [1, 1]
    assert shares["shortened"].tolist() == [0, 0]


def test_a_line_search_shortens_where_the_critic_bends_and_stops_where_it_lies():
    a, s = torch.zeros(1, 3, 1, dtype=torch.float64), torch.zeros(1, 3, 3, dtype=torch.float64)
    bend = torch.tensor([0.0, 8.0, 0.0], dtype=torch.float64)

    def q(s, a):  # sample 1 bends down, sample 2 falls where its slope says that it rises
        rise = torch.tensor([1.0, 1.0, -1.0], dtype=torch.float64)
        return rise * a[..., 0] - bend * a[..., 0] ** 2

    kept, shares = searched(q, s, a, torch.ones_like(a), bounded())
    # In units of the limit 2 the step tried is .3, so a' = .6: 8 * .6^2 > .6, and so is it down to a' = .075.
    assert kept[0, :, 0].tolist() == [1.0, 0.125, 0.0]
    assert shares["accepted"].tolist() == [pytest.approx(2 / 3)]
    assert shares["shortened"].tolist() == [pytest.approx(1 / 3)]


class Moving:
    """An actor of two seeds with one weight each, judged by a backup of ``values``; ``take`` adds one."""

    def __init__(self, values):
        self.values, self.weight = values, torch.zeros(2, 1, 1, dtype=torch.float64)
        self.parameters = (self.weight,)
        self.regions = [TrustRegion(1.0, largest=1.0, least=1e-2) for _ in range(2)]

    def __call__(self, s):
        return s * 0 + self.weight

    def backup(self, s, a):
        return Target(self.values(a[..., 0]), None, torch.ones_like(a))

    def take(self):
        s = torch.zeros(2, 4, 1, dtype=torch.float64)
        with trusted(self, s, self.backup, self.regions) as told:
            self.weight.add_(1.0)
        return told


def test_a_trust_region_keeps_a_step_that_gains_and_takes_back_one_that_loses():
    sign = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    actor = Moving(lambda a: sign * a)
    told = actor.take()
    assert actor.weight.flatten().tolist() == [1.0, 0.0]
    assert told["accepted"].tolist() == [1.0, 0.0]
    assert [r.radius for r in actor.regions] == [1.0, 0.5]
    told = actor.take()
    assert actor.weight.flatten().tolist() == [2.0, 0.0]
    assert told["shortened"].tolist() == [0.0, 1.0]
    sign[1] = 1.0  # from now on it gains, in steps that may grow again
    for _ in range(2):
        actor.take()
    assert actor.weight.flatten().tolist() == [4.0, 0.25 + 0.5]


def test_a_backup_that_is_not_finite_takes_the_step_back():
    actor = Moving(lambda a: torch.where(a > 0, torch.nan, a))
    actor.take()
    assert actor.weight.flatten().tolist() == [0.0, 0.0]


@pytest.mark.parametrize("step", ["armijo", "trust"])
def test_the_loop_takes_them_and_records_their_counts(step):
    env = envs.make("pendulum", dtype=torch.float64)
    plain, chosen = (
        train_ddpg(env, DDPGConfig(**SMALL, actor_step=x, delay=1, critic_lr=0.1, actor_lr=0.03))
        for x in ("adam", step)
    )
    # A line search that never shortens leaves the plain algorithm, bit for bit.
    free = step == "armijo" and chosen.rows["accepted"][-1].all() and not chosen.rows["shortened"][-1].any()
    assert torch.equal(weights(plain), weights(chosen)) == free
    assert "accepted" not in plain.rows
    for name in ("accepted", "shortened"):
        assert ((chosen.rows[name][-1] >= 0) & (chosen.rows[name][-1] <= 1)).all()


def test_a_trusted_step_never_lowers_the_backup_it_was_judged_by():
    run = learner(
        "ddpg", envs.make("push", dtype=torch.float64), actor_step="trust", smoothing=0.0, critics=1
    )
    def backed_up(s):
        step = run.env.transition(s, run.actor(s).detach())
        return td_target(step, target_value(run), run.config.discount).y.mean(dim=-1)

    for _ in range(10):
        batch = run.sample()
        before = backed_up(batch.s)
        climb(run, batch.s)
        assert (backed_up(batch.s) >= before - 1e-12).all()


def test_an_unknown_step_is_refused():
    with pytest.raises(
        ValueError, match=r"^actor_step: got 'newton', wanted one of 'adam', 'armijo', 'trust'"
    ):
        DDPGConfig(actor_step="newton")
