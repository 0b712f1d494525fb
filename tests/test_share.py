"""Slopes on a share of the batch: the same gradient on average, plain TD without any, less work for all."""

import itertools

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant, HugeSavine, sobolev_loss
from sobolev_mini.networks import MLPCritic
from sobolev_mini.sac import SACConfig, SACLearner, train_sac
from sobolev_mini.targets import Target, Transition, td_target

SHORT = {"steps": 40, "start": 10, "batch_size": 16, "hidden": (8, 8), "seeds": (3, 5), "record": (0, 40),
         "episodes": 1}  # fmt: skip
TRAINS = {"sac": (train_sac, SACConfig), "ddpg": (train_ddpg, DDPGConfig)}
DOUBLE = torch.float64


def trained(name, env="push", **settings):
    train, config = TRAINS[name]
    return train(envs.make(env), config(**SHORT | settings))


def weights(run):
    return [x.detach() for x in run.actor.parameters + run.critic.parameters]


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))


@pytest.mark.parametrize("name", TRAINS)
def test_the_whole_batch_is_the_default_and_none_of_it_plain_td(name):
    whole, none = trained(name, weighting=Balanced()), trained(name, weighting=VALUE_ONLY)
    assert same(trained(name, weighting=Balanced(), slope_batch=16), whole)
    assert same(trained(name, weighting=Balanced(), slope_batch=0), none)
    assert not same(trained(name, weighting=Balanced(), slope_batch=4), whole)
    assert not same(trained(name, weighting=Balanced(), slope_batch=4), none)


@pytest.mark.parametrize("activation", ["silu", "leaky_relu"])
@pytest.mark.parametrize("hidden", [(), (7,), (9, 8)])
def test_slopes_of_the_first_samples_and_their_gradient(activation, hidden):
    torch.manual_seed(0)
    critic = MLPCritic(3, 2, ((0, 1), (2, 3)), hidden, activation, DOUBLE, scales=[1, 2, 3, 0.5, 1])
    s, a = (torch.randn(2, 6, n, dtype=DOUBLE, requires_grad=True) for n in (3, 2))

    def gradient(slopes):
        q, q_s, q_a = critic.value_and_slopes(s, a, slopes=slopes)
        total = q.sin().sum() + q_s[..., :4, :].sin().sum() + q_a[..., :4, :].cos().sum()
        moved = [*critic.parameters, s, a]
        return q_s.shape[-2], torch.autograd.grad(total, moved, allow_unused=True, materialize_grads=True)

    (m, some), (n, every) = gradient(4), gradient(True)
    assert (m, n) == (4, 6)
    for x, y in zip(some, every, strict=True):
        torch.testing.assert_close(x, y)


def test_the_target_differentiates_no_other_samples():
    env, asked = envs.make("pendulum", dtype=DOUBLE), []
    s = env.reset(6, torch.Generator().manual_seed(0))
    a = torch.linspace(-1, 1, 6, dtype=DOUBLE)[:, None]
    live, first = env.transition(s, a), env.transition(s[:2], a[:2])

    def next_value(s_next):
        asked.append((len(s_next), torch.is_grad_enabled()))
        return (s_next**2).sum(dim=-1)

    cut = Transition(live.s_next, live.r, live.terminated, s, a, first.pullback)
    some, every = td_target(cut, next_value, 0.9, slopes=2), td_target(live, next_value, 0.9)
    assert asked == [(6, False), (2, True), (6, True)]
    torch.testing.assert_close(some.y, every.y)
    for name in ("y_s", "y_a"):
        torch.testing.assert_close(getattr(some, name), getattr(every, name)[:2])


def test_the_gradient_is_the_full_one_on_average():
    """Over every choice of 2 of 5 samples; the rest of the update is the same for each."""
    critic = MLPCritic(2, 1, (0,), (6, 6), dtype=DOUBLE)
    g = torch.Generator().manual_seed(1)
    s, a, y, y_s, y_a = (torch.randn(1, 5, n, generator=g, dtype=DOUBLE) for n in (2, 1, 1, 2, 1))

    def gradient(order, m):
        q, q_s, q_a = critic.value_and_slopes(s[:, order], a[:, order], slopes=m)
        target = Target(y[:, order, 0], y_s[:, order][:, :m], y_a[:, order][:, :m])
        return torch.autograd.grad(sobolev_loss(q, q_s, q_a, target, 0.7, 2.0)[0], critic.parameters)

    orders = [list(order) for order in itertools.permutations(range(5))]
    some = [torch.stack(x).mean(dim=0) for x in zip(*(gradient(order, 2) for order in orders), strict=True)]
    for x, full in zip(some, gradient(orders[0], 5), strict=True):
        torch.testing.assert_close(x, full)


class Counted(envs.Push):
    """Counts the samples whose derivatives it is asked for."""

    asked = 0

    def linearize(self, s, a):
        self.asked += s.shape[1]
        return super().linearize(s, a)

    def transition(self, s, a):
        self.asked += s.shape[1]
        return super().transition(s, a)


@pytest.mark.parametrize("n_envs", [1, 3])
def test_the_simulator_is_asked_for_the_same_share(n_envs):
    env = Counted()
    settings = SHORT | {"steps": 400, "start": 400, "n_envs": n_envs, "slope_batch": 2}
    run = SACLearner(env, SACConfig(**settings, weighting=Constant()))
    while not run.done:
        run.collect(run.uniform_actions())
    assert abs(env.asked - 50 * n_envs) <= n_envs
    assert run.linearized.size == env.asked and not run.replay.cached
    batch = run.sample()
    slopes = batch.pullback(torch.ones(2, 2, env.n_s))
    assert batch.s.shape == (2, 16, env.n_s) and slopes[0].shape == (2, 2, env.n_s)
    live = envs.Push().transition(batch.s[:, :2], batch.a[:, :2]).pullback(torch.ones(2, 2, env.n_s))
    torch.testing.assert_close(slopes, live, rtol=1e-4, atol=1e-5)


def test_without_a_cache_the_simulator_replays_that_share_of_a_batch():
    env = Counted()
    run = SACLearner(env, SACConfig(**SHORT, weighting=Constant(), slope_batch=3, cached=False))
    run.collect(run.uniform_actions())
    batch = run.sample()
    batch.pullback(torch.ones(2, 3, env.n_s))
    assert env.asked == 3 and run.linearized is None


@pytest.mark.parametrize("rule", [Constant(), HugeSavine(bound=3.0), Balanced(bound=3.0)])
@pytest.mark.parametrize("name", TRAINS)
def test_every_rule_takes_a_share(name, rule):
    run = trained(name, "mujoco_hopper", weighting=rule, slope_batch=4, jacobian_clip=15.0)
    assert all(x.isfinite().all() for x in weights(run))
    assert run.rows["slope_s"][-1].min() > 0


def test_more_than_the_batch_is_refused():
    with pytest.raises(ValueError, match="slope_batch: got 17, wanted at most the batch, 16"):
        SACConfig(**SHORT, slope_batch=17)
    with pytest.raises(ValueError, match="slope_batch: got 4 without slopes, wanted a weighting"):
        SACConfig(**SHORT, slope_batch=4)
    with pytest.raises(ValueError, match="batch_size: got 16, wanted at most capacity, 15"):
        SACConfig(**SHORT, capacity=15)
