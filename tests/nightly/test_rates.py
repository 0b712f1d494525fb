"""Chapter 06: on the regulator values alone run away, at smaller rates, too, while their actor acts."""

import numpy as np
import pytest
import torch

from sobolev_book.studies.references import exact
from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, DDPGLearner, act, train_ddpg, update
from sobolev_mini.learner import Learner, train
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant
from sobolev_mini.recording import Recorder

pytestmark = pytest.mark.filterwarnings("ignore:seeds")


def setting(rate, steps, weighting, **told):
    """Return the chapter's configuration."""
    told = {"critic_lr": rate, "actor_lr": rate} | told
    return DDPGConfig(steps=steps, start=100, noise=0.3, weighting=weighting, **told)


def ends(run):
    """Return which of five seeds come within a quarter of the optimum's cost, and which run away."""
    return run.returns[-1] > 1.25 * exact(envs.make("lqr")), ~(run.rows["value"][-1] < 1000)


def counts(run):
    """Return how many are near, and how many away."""
    return tuple(int(x.sum()) for x in ends(run))


def near(rate, steps, weighting):
    """Return ``counts`` of a run of TD3."""
    return counts(train_ddpg(envs.make("lqr"), setting(rate, steps, weighting)))


@pytest.mark.parametrize("rate", [3e-3, 1e-3, 3e-4])
def test_four_times_the_steps_bring_values_alone_no_nearer(rate):
    there, away = near(rate, 1600, VALUE_ONLY)
    assert there <= 1 and away >= 2


def test_at_the_smallest_rate_two_seeds_are_slow_and_three_are_lost():
    there, away = ends(train_ddpg(envs.make("lqr"), setting(3e-4, 6400, VALUE_ONLY)))
    assert (there.sum(), away.sum()) == (2, 3) and not (there & away).any()


@pytest.mark.parametrize(("rate", "steps"), [(3e-3, 400), (3e-4, 1600)])
def test_balanced_slopes_come_near_in_every_seed(rate, steps):
    assert near(rate, steps, Balanced()) == (5, 0)


@pytest.mark.parametrize(("lam", "wanted"), [(0.1, 0), (1.0, 3), (10.0, 2), (100.0, 5), (1000.0, 4)])
def test_five_seeds_do_not_order_constant_weights(lam, wanted):
    assert near(3e-3, 400, Constant(lam, lam))[0] == wanted


@pytest.mark.parametrize(("steps", "rule", "wanted"), [(1600, VALUE_ONLY, 4), (400, Balanced(), 5)])
def test_on_random_actions_no_critic_runs_away_and_values_alone_are_slow(steps, rule, wanted):
    learner = DDPGLearner(envs.make("lqr"), setting(3e-3, steps, rule))
    assert counts(train(learner, Recorder(None), Learner.uniform_actions, update, ())) == (wanted, 0)


@pytest.mark.parametrize(
    ("acts", "steps", "wanted"), [(True, 400, (0, 4)), (False, 400, (2, 0)), (False, 1600, (9, 0))]
)
def test_on_ten_further_seeds_too_only_critics_whose_actor_acts_run_away(acts, steps, wanted):
    learner = DDPGLearner(envs.make("lqr"), setting(3e-3, steps, VALUE_ONLY, seeds=tuple(range(5, 15))))
    how = act if acts else Learner.uniform_actions
    assert counts(train(learner, Recorder(None), how, update, ())) == wanted


@torch.no_grad()
def guarded(run):
    """Return the chapter's actions: the actor's, random ones where a state is larger than 3."""
    return torch.where(run.states.norm(dim=-1, keepdim=True) > 3, run.uniform_actions(), act(run))


@torch.no_grad()
def radius(run):
    """Return the radius of each seed's loop, its actor fitted by a linear one."""
    env = run.env
    states = env.reset(256, torch.Generator().manual_seed(3)).expand(run.n_seeds, -1, -1)
    K = torch.linalg.lstsq(states, run.actor(states)).solution.mT
    return {"radius": torch.linalg.eigvals(env._A + env._B @ K).abs().amax(dim=-1)}


def test_on_ten_further_seeds_those_of_the_largest_radii_run_away_and_guarded_none():
    config = setting(3e-3, 400, VALUE_ONLY, seeds=tuple(range(5, 15)))
    free, held = (
        train(DDPGLearner(envs.make("lqr"), config), Recorder(radius), how, update, ())
        for how in (act, guarded)
    )
    largest = free.rows["radius"].max(axis=0)
    away = ends(free)[1]
    assert away.sum() == 4 and largest[away].min() > largest[~away].max()
    assert ends(held)[1].sum() == 0


@torch.no_grad()
def parts(run):
    """Return on a batch: mean reward, and the discounted drop to what follows (eq-06-offset)."""
    if run.step < run.config.start:
        return {"reward": torch.ones(5), "drop": torch.zeros(5)}
    states = [g.get_state() for g in run.generators]
    batch, q = run.sample(), run.critic.only(0)
    for generator, state in zip(run.generators, states, strict=True):
        generator.set_state(state)  # a run that is looked at is the run itself
    drop = q(batch.s_next, run.actor(batch.s_next)) - q(batch.s, batch.a)
    return {"reward": batch.r.mean(dim=1), "drop": run.config.discount * drop.mean(dim=1)}


def test_in_a_runaway_the_rewards_outweigh_the_drop():
    learner = DDPGLearner(envs.make("lqr"), setting(3e-3, 400, VALUE_ONLY))
    run = train(learner, Recorder(parts), act, update, ())
    late = run.steps >= 200
    assert counts(run) == (0, 5)
    assert (np.abs(run.rows["drop"][late]) < -run.rows["reward"][late]).all()
    assert (run.rows["reward"][-1] < 3 * run.rows["reward"][run.steps == 100]).all()  # it falls
