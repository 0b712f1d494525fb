"""Bounds on derivatives, and training through derivatives that are not there."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sobolev_book.schedules import WarmUp
from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.envs.protocol import clip_jacobians
from sobolev_mini.learner import Learner
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant, HugeSavine, usable
from sobolev_mini.sac import SACConfig, train_sac
from tests.learners import SMALL, Scaled, weights

DOUBLE = torch.float64
# planted here on purpose; tests/test_divergence.py holds the warning
pytestmark = pytest.mark.filterwarnings("ignore:seeds .* got slopes from their simulator:UserWarning")


def linearized(env, n=6):
    generator = torch.Generator().manual_seed(0)
    s = env.reset(n, generator)
    a = 2 * torch.rand(n, env.n_a, generator=generator, dtype=DOUBLE) - 1
    return env.linearize(s, a)


def size(found, env):
    scaled = [found.f_s * env.state_scale / env.state_scale[:, None],
              found.f_a * env.action_scale / env.state_scale[:, None]]  # fmt: skip
    return torch.cat([x.flatten(-2) for x in scaled], dim=-1).norm(dim=-1)


def test_a_large_jacobian_is_shortened_to_the_bound_and_a_small_one_left_alone():
    env = envs.make("push", dtype=DOUBLE)
    found = linearized(env)
    bound = size(found, env).median().item()
    clipped, over = clip_jacobians(found, env, bound)
    assert 0 < over.sum() < len(over)
    torch.testing.assert_close(size(clipped, env), size(found, env).clamp(max=bound))
    assert torch.equal(clipped.f_s[~over], found.f_s[~over]) and torch.equal(clipped.r_s, found.r_s)
    ratio = clipped.f_a[over] / found.f_a[over]
    assert (ratio.flatten(1).nan_to_num(0).amax(dim=1) < 1).all()


def test_the_bound_does_not_know_the_units():
    env = envs.make("push", dtype=DOUBLE)
    scaled = Scaled(env, 8.0)
    s, a = env.reset(6, torch.Generator().manual_seed(0)), torch.zeros(6, 1, dtype=DOUBLE)
    plain, over = clip_jacobians(env.linearize(s, a), env, 1.0)
    other, also = clip_jacobians(scaled.linearize(8 * s, a), scaled, 1.0)
    assert torch.equal(over, also) and over.any()
    torch.testing.assert_close(plain.f_s, other.f_s)
    torch.testing.assert_close(8 * plain.f_a, other.f_a)


def test_what_is_not_finite_is_left_for_a_mask():
    env = envs.make("push", dtype=DOUBLE)
    found = linearized(env)
    found.f_s[0, 0, 0] = torch.nan
    clipped, over = clip_jacobians(found, env, 1e-3)
    assert not over[0] and over[1:].all() and clipped.f_s[0].isnan().any()
    assert torch.equal(clipped.f_a[0], found.f_a[0])


@pytest.mark.parametrize(("bad", "dtype"), [(torch.nan, DOUBLE), (torch.inf, DOUBLE), (1e30, torch.float32)])
def test_a_slope_that_is_no_number_or_whose_square_is_none_is_not_usable(bad, dtype):
    y_s, y_a = torch.ones(3, 2, dtype=dtype), torch.ones(3, 1, dtype=dtype)
    y_s[0, 1], y_a[2, 0] = bad, -bad
    assert usable(y_s, y_a).tolist() == [False, True, False]


class Broken(envs.Push):
    """Every ``every``-th ``block`` of derivatives that it hands out holds ``bad``; knows at which states."""

    def __init__(self, bad, every=3, block="f_s"):
        super().__init__()
        self.bad, self.every, self.block, self.asked, self.at = bad, every, block, 0, []

    def linearize(self, s, a):
        found = super().linearize(s, a)
        self.asked += 1
        if self.asked % self.every:
            return found
        self.at.append(s.clone())
        return replace(found, **{self.block: torch.full_like(getattr(found, self.block), self.bad)})

    def transition(self, s, a):
        found = super().transition(s, a)
        self.asked += 1
        if self.asked % self.every:
            return found
        return replace(found, pullback=lambda v: tuple(torch.full_like(x, self.bad) for x in (s, a)))


@pytest.fixture
def sampled(monkeypatch):
    """Count by hand, in a list, the sampled transitions of each seed (S,) whose derivatives were broken."""
    own, counts = Learner.sample, []

    def counting(run):
        batch = own(run)
        broken = torch.cat(run.env.at, dim=1) if run.env.at else batch.s[:, :0]
        hit = (batch.s[:, :, None] == broken[:, None]).all(dim=-1).any(dim=-1)
        counts.append(hit.sum(dim=-1).numpy())
        return batch

    monkeypatch.setattr(Learner, "sample", counting)
    return counts


def goes_on(run):
    return (
        (run.diverged_at == -1).all()
        and np.isfinite(run.returns).all()
        and all(torch.isfinite(x).all() for x in weights(run))
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e30])
@pytest.mark.parametrize("rule", [Constant(), WarmUp(), HugeSavine(), Balanced()], ids=repr)
def test_training_goes_on_and_says_how_many_slopes_it_dropped(bad, rule, sampled):
    run = train_ddpg(Broken(bad), DDPGConfig(**SMALL, weighting=rule))
    assert goes_on(run) and (np.sum(sampled, axis=0) > 30).all()
    assert run.rows["dropped_slopes"][-1].tolist() == np.sum(sampled, axis=0).tolist()


@pytest.mark.parametrize("block", ["f_a", "r_s", "r_a"])
@pytest.mark.parametrize("bad", [float("nan"), float("-inf"), 1e30])
def test_it_does_so_whatever_block_is_broken(bad, block, sampled):
    run = train_sac(Broken(bad, block=block), SACConfig(**SMALL, weighting=Balanced()))
    assert goes_on(run)
    assert run.rows["dropped_slopes"][-1].tolist() == np.sum(sampled, axis=0).tolist()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e30])
@pytest.mark.parametrize(("train", "config"), [
    (train_sac, SACConfig(**SMALL, actor_slope="backup")),
    (train_ddpg, DDPGConfig(**SMALL, actor_slope="backup")),
    (train_ddpg, DDPGConfig(**SMALL, actor_slope="backup", actor_step="armijo")),
    (train_ddpg, DDPGConfig(**SMALL, actor_step="trust"))])  # fmt: skip
def test_it_does_so_where_the_actor_climbs_the_backup(bad, train, config):
    run, sound = train(Broken(bad), config), train(envs.make("push"), config)
    dropped = run.rows["dropped_slopes"][-1]
    assert goes_on(run) and (dropped > 0).all() and (dropped % config.batch_size == 0).all()
    assert (sound.rows["dropped_slopes"][-1] == 0).all()


def test_it_goes_on_in_sac_with_clipping_and_counts_that_too():
    config = SACConfig(**SMALL, weighting=Balanced(), jacobian_clip=1.0)
    run = train_sac(Broken(float("nan")), config)
    assert np.isfinite(run.returns).all()
    assert (run.rows["clipped_jacobians"][-1] > 0).all()


def test_values_are_never_dropped_with_their_slopes():
    """With no usable slope at all a Sobolev run is the value-only run."""
    lost = train_ddpg(Broken(float("nan"), every=1), DDPGConfig(**SMALL, weighting=Constant()))
    plain = train_ddpg(Broken(float("nan"), every=1), DDPGConfig(**SMALL, weighting=VALUE_ONLY))
    for x, y in zip(weights(lost), weights(plain), strict=True):
        torch.testing.assert_close(x, y, atol=1e-5, rtol=1e-4)


def test_a_bound_leaves_value_only_bit_for_bit():
    config = {**SMALL, "weighting": VALUE_ONLY}
    plain = train_ddpg(envs.make("push"), DDPGConfig(**config))
    bound = train_ddpg(envs.make("push"), DDPGConfig(**config, jacobian_clip=1.0))
    assert all(torch.equal(x, y) for x, y in zip(weights(plain), weights(bound), strict=True))


@pytest.mark.parametrize("bound", [0, -1.0, float("nan")])
def test_clipping_wants_a_bound_above_zero(bound):
    env = envs.make("push", dtype=DOUBLE)
    found = linearized(env)
    with pytest.raises(ValueError, match=rf"^bound: got {bound}, wanted a finite number > 0"):
        clip_jacobians(found, env, bound)


def test_a_bound_must_be_positive():
    with pytest.raises(ValueError, match=r"^jacobian_clip: got 0"):
        DDPGConfig(jacobian_clip=0.0)


def test_clipping_jacobians_wants_them_cached():
    with pytest.raises(ValueError, match=r"^jacobian_clip: .* wanted cached=True"):
        DDPGConfig(jacobian_clip=1.0, cached=False)
