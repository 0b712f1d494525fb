"""Targets of DDPG, TD3 and SAC: both slopes against central differences, each path knocked out."""

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.actors import DeterministicActor, GaussianActor
from sobolev_mini.networks import MLPCritic
from sobolev_mini.targets import actor_value, soft_value, td_target

DOUBLE, DISCOUNT, H = torch.float64, 0.97, 1e-6
TASKS = ("pendulum", "cartpole_swingup", "lqr")


class Setting:
    """An environment, twin critics, both actors and a batch of two seeds."""

    def __init__(self, name):
        self.env = envs.make(name, dtype=DOUBLE)
        n = self.env.n_s, self.env.n_a
        options = {"hidden": (16, 16), "activation": "tanh", "dtype": DOUBLE}
        self.critics = [MLPCritic(*n, seeds=seeds, **options) for seeds in ((0, 1), (2, 3))]
        self.actor, self.policy = DeterministicActor(self.env, (4, 5)), GaussianActor(self.env, (6, 7))
        g = torch.Generator().manual_seed(0)
        self.s = torch.stack([self.env.reset(25, g) for _ in range(2)])
        self.a = 0.5 * torch.randn(2, 25, n[1], generator=g, dtype=DOUBLE).clamp(-1, 1)
        with torch.no_grad():  # bring the twins together, so that each is chosen somewhere
            apart = self.critics[0](self.s, self.a) - self.critics[1](self.s, self.a)
            self.critics[0].parameters[-1] -= apart.mean(dim=1)[:, None, None]
        self.noise = torch.randn(2, 25, n[1], generator=g, dtype=DOUBLE)

    def sampled(self, s):
        return self.policy.sample(s, self.noise)


@pytest.fixture(params=TASKS)
def setting(request):
    return Setting(request.param)


def backup(setting, next_value, s, a):
    """r + discount V(s'), nothing differentiated; the noise is the same at every s."""
    step = setting.env.step(s, a)
    return (step.r + DISCOUNT * (~step.terminated) * next_value(step.s_next)).detach()


def gap(setting, next_value, wanted=None):
    """Return the largest gap between the target's slopes and central differences of the backup."""
    target = td_target(setting.env.transition(setting.s, setting.a), next_value, DISCOUNT)
    worst = 0.0
    for slope, size, move_s in ((target.y_s, setting.env.n_s, True), (target.y_a, setting.env.n_a, False)):
        for i in range(size):
            d = H * torch.eye(size, dtype=DOUBLE)[i]
            moves = [(x, 0) if move_s else (0, x) for x in (d, -d)]
            up, down = (backup(setting, wanted or next_value, setting.s + x, setting.a + y) for x, y in moves)
            worst = max(worst, (slope[..., i] - (up - down) / (2 * H)).abs().max().item())
    return worst


@pytest.mark.parametrize("twins", ["min", "mean"])
def test_the_deterministic_actor_s_target(setting, twins):
    """eq-06-actor, both paths, against differences."""
    assert gap(setting, actor_value(setting.critics, setting.actor, twins=twins)) < 1e-6
    assert gap(setting, actor_value(setting.critics[:1], setting.actor)) < 1e-6


@pytest.mark.parametrize("twins", ["min", "mean"])
def test_sac_s_target(setting, twins):
    """eq-06-soft, entropy and all, against differences at the same noise."""
    for alpha in (0.2, torch.tensor([[0.1], [0.4]], dtype=DOUBLE)):
        assert gap(setting, soft_value(setting.critics, setting.sampled, alpha, twins=twins)) < 1e-6


def test_every_path_counts(setting):
    """Knock out one term of the slope at a time: the comparison must see it."""
    whole = actor_value(setting.critics, setting.actor)
    assert gap(setting, actor_value(setting.critics, setting.actor, actor_path=False), whole) > 1e-4
    soft = soft_value(setting.critics, setting.sampled, 0.2)
    for path in ("actor_path", "entropy_path"):
        assert gap(setting, soft_value(setting.critics, setting.sampled, 0.2, **{path: False}), soft) > 1e-4
    mean = soft_value(setting.critics, setting.sampled, 0.2, twins="mean")
    assert gap(setting, mean, soft) > 1e-4


def test_the_minimum_has_the_slope_of_the_critic_chosen(setting):
    s_next = setting.s.clone().requires_grad_()
    a = setting.actor(s_next)
    values = torch.stack([critic(s_next, a) for critic in setting.critics])
    each = torch.stack([torch.autograd.grad(v.sum(), s_next, retain_graph=True)[0] for v in values])
    chosen = values.argmin(dim=0)
    both = actor_value(setting.critics, setting.actor)(s_next)
    (found,) = torch.autograd.grad(both.sum(), s_next)
    wanted = torch.where((chosen == 0)[..., None], each[0], each[1])
    torch.testing.assert_close(found, wanted)
    assert 0 < chosen.sum() < chosen.numel()


def test_at_termination_the_target_is_the_reward_in_value_and_slope():
    setting = Setting("cartpole_swingup")
    setting.s[..., 0] = 3.0
    transition = setting.env.transition(setting.s, setting.a)
    target = td_target(transition, soft_value(setting.critics, setting.sampled, 0.2), DISCOUNT)
    r_s, r_a = transition.pullback(torch.zeros_like(setting.s))
    assert (
        torch.equal(target.y, transition.r) and torch.equal(target.y_s, r_s) and torch.equal(target.y_a, r_a)
    )


def test_unknown_twins_are_refused(setting):
    with pytest.raises(ValueError, match=r"^twins: got 'max'"):
        actor_value(setting.critics, setting.actor, twins="max")
