"""Actors: limits, densities, gradients against differences, seeds apart."""

import numpy as np
import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.actors import DeterministicActor, GaussianActor

DOUBLE = torch.float64


@pytest.fixture(params=["pendulum", "lqr"])
def env(request):
    return envs.make(request.param, dtype=DOUBLE)


def states(env, n=12):
    g = torch.Generator().manual_seed(0)
    return torch.stack([env.reset(n, g) for _ in range(2)]), torch.randn(
        2, n, env.n_a, generator=g, dtype=DOUBLE
    )


@pytest.mark.parametrize("kind", [DeterministicActor, GaussianActor])
def test_a_seed_s_actor_is_its_own(env, kind):
    s, _ = states(env)
    both, alone = kind(env, seeds=(3, 8)), kind(env, seeds=(8,))
    torch.testing.assert_close(both(s)[1:], alone(s[1:]))
    assert both(s[:1]).shape == (2, 12, env.n_a)


def test_actions_keep_their_limit():
    env = envs.make("pendulum", dtype=DOUBLE)
    s, noise = states(env)
    actor = GaussianActor(env, seeds=(0, 1))
    actor.parameters = [50 * p for p in actor.parameters]
    a, log_prob = actor.sample(s, 10 * noise)
    assert 1.99 < a.abs().max() <= 2 and log_prob.isfinite().all()


def test_the_density_integrates_to_one():
    env = envs.make("pendulum", dtype=DOUBLE)
    actor, s = GaussianActor(env, seeds=(4,)), states(env)[0][:1, :1]
    noise = torch.linspace(-8, 8, 40_001, dtype=DOUBLE)[None, :, None]
    a, log_prob = actor.sample(s.expand(1, 40_001, -1), noise)
    total = torch.trapezoid(log_prob[0].exp(), a[0, :, 0])
    assert total.item() == pytest.approx(1, abs=1e-6)


def test_without_a_limit_the_density_is_the_gaussian_s():
    env = envs.make("lqr", dtype=DOUBLE)
    env.action_scale = torch.tensor([2.0, 0.5], dtype=DOUBLE)
    actor, (s, noise) = GaussianActor(env, seeds=(0, 1)), states(env)
    a, log_prob = actor.sample(s, noise)
    std = (actor.sample(s, torch.ones_like(noise))[0] - actor(s)).detach()
    wanted = torch.distributions.Normal(actor(s), std).log_prob(a).sum(dim=-1)
    torch.testing.assert_close(log_prob, wanted)


def test_slopes_in_the_state_are_differences(env):
    actor, (s, noise) = GaussianActor(env, seeds=(0, 1)), states(env)
    s = s.requires_grad_()
    (found,) = torch.autograd.grad(actor.sample(s, noise)[1].sum(), s)
    h = 1e-6
    for i in range(env.n_s):
        d = h * torch.eye(env.n_s, dtype=DOUBLE)[i]
        up, down = (actor.sample(s.detach() + x, noise)[1] for x in (d, -d))
        torch.testing.assert_close(found[..., i], (up - down).detach() / (2 * h), atol=1e-7, rtol=1e-6)


def test_declaring_a_state_in_other_units_gives_the_same_bytes():
    plain, scaled = envs.make("lqr"), envs.make("lqr")
    scaled.state_scale = 8 * scaled.state_scale
    s = plain.reset(6, torch.Generator().manual_seed(0))[None]
    one, two = (DeterministicActor(env, seeds=(0,)) for env in (plain, scaled))
    assert torch.equal(one(s), two(8 * s))


def test_bad_input_is_named(env):
    actor, (s, _) = DeterministicActor(env, seeds=(0, 1)), states(env)
    with pytest.raises(ValueError, match=r"^s: got shape"):
        actor(s[..., 1:])
    with pytest.raises(ValueError, match=r"^activation: got 'sin'"):
        DeterministicActor(env, seeds=(0,), activation="sin")
    with pytest.raises(ValueError, match=r"^seeds: got -1"):
        DeterministicActor(env, seeds=(-1,))
    assert np.isfinite(actor(s).detach().numpy()).all()
