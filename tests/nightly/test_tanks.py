"""Two coupled tanks: a short budget judges slopes wrongly, as "Questions that are often asked" says."""

import torch

from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.envs import DifferentiableEnv, Step
from sobolev_mini.envs.gate import gate
from sobolev_mini.losses import VALUE_ONLY, HugeSavine

RATES = {"start": 100, "noise": 0.3, "discount": 0.97, "critic_lr": 3e-3, "actor_lr": 3e-3}


class Tanks(DifferentiableEnv):
    """Levels of two tanks in a row, cm off from 20 and 10; a pump fills the first; 2 s a step."""

    n_s, n_a, time_limit, state_scale, action_limit = 2, 1, 60, 10.0, 1.0

    def step(self, s, a):
        level = s + torch.tensor([20.0, 10.0], dtype=s.dtype)
        flow = 0.5 * level / torch.sqrt(level.abs() + 2.0)
        pumped = 1.6 + 1.6 * self.within(a)[..., 0]
        change = torch.stack([pumped - flow[..., 0], flow[..., 0] - flow[..., 1]], dim=-1)
        r = -((s[..., 1] / 10) ** 2) - 0.01 * self.within(a)[..., 0] ** 2
        return Step(s + change, r, torch.zeros_like(r, dtype=torch.bool))


def courses(weighting, steps):
    """Return the mean returns (R, 10) of ten seeds."""
    config = DDPGConfig(seeds=range(10), weighting=weighting, steps=steps, **RATES)
    return train_ddpg(Tanks(), config).returns


def test_policies_stuck_at_a_bound_come_and_go_with_slopes_and_without():
    gate(Tanks(dtype=torch.float64))
    for rule in (VALUE_ONLY, HugeSavine()):
        run = courses(rule, 600)
        assert (run.min(axis=0) < 3 * run[0]).sum() >= 3  # on the way far below the untrained policy
    short, long = run[-1], courses(HugeSavine(), 2000)[-1]
    assert (short < 3 * run[0]).any() and (long > -5).sum() >= 8 > (short > -5).sum()
