"""What a task's returns lie between: naive actions below, planning with the simulator above.

Neither uses any method of the book, so that thresholds can be set on tasks never learned on. The linear
regulator's upper reference is exact.
"""

import pandas as pd
import torch

from sobolev_mini import envs
from sobolev_mini.envs.robots.mujoco import MuJoCo
from sobolev_mini.envs.rollout import rollout
from sobolev_mini.recording import starts

EPISODES = 10
GAITS = 100  # tried
HORIZON, PLANS, ROUNDS = 60, 128, 2  # steps looked ahead, plans tried a step, and how often
DISCOUNT = 0.97  # of the regulator's optimum
KEEP, SPREAD, ELITE = 0.8, 0.6, 8  # correlation of a plan's noise in time, its size, the plans averaged


def references(made, progress=None):
    """Return a row a task: task, uniform, none, planned, mean returns over ``evaluate``'s start states.

    ``made`` maps names to environments. MuJoCo's robots, too slow to plan with, have gaits.
    """
    rows = []
    for name, env in made.items():
        s = starts(env, EPISODES)
        if isinstance(env, envs.LQR):
            best = exact(env)
        else:
            best = gaits(env, s) if isinstance(env, MuJoCo) else planned(env, s, progress)
        with torch.no_grad():
            none = rollout(env, s, torch.zeros(env.time_limit, len(s), env.n_a), env.time_limit).mean().item()
        rows.append({"task": name, "uniform": uniform(env, s), "none": none, "planned": best})
    return pd.DataFrame(rows)


def exact(env):
    """Return the mean return of the linear regulator's optimal policy over ``evaluate``'s start states."""
    s, policy = starts(env, EPISODES)[None], env.optimum(DISCOUNT).policy
    return rollout(env, s, policy, env.time_limit).mean().item()


def uniform(env, s, draws=20):
    """Return the mean return of uniform actions within the limits, or within one scale."""
    generator = torch.Generator().manual_seed(0)
    a = 2 * torch.rand(env.time_limit, draws, len(s), env.n_a, generator=generator) - 1
    with torch.no_grad():
        return rollout(env, s.expand(draws, -1, -1), a * env.action_range, env.time_limit).mean().item()


@torch.no_grad()
def gaits(env, s, tried=GAITS):
    """Return the best mean return of so many gaits: a sine an actuator, one period for all."""
    generator = torch.Generator().manual_seed(0)
    periods = 10 ** (1 + torch.rand(tried, 1, 1, generator=generator))  # 10 to 100 steps
    phases = torch.rand(tried, 1, env.n_a, generator=generator)
    k = torch.arange(env.time_limit)[:, None, None, None]
    plan = env.action_range * torch.sin(2 * torch.pi * (k / periods + phases)).expand(-1, -1, len(s), -1)
    return rollout(env, s.expand(tried, -1, -1), plan, env.time_limit).mean(dim=-1).max().item()


@torch.no_grad()
def planned(env, s, progress=None):
    """Return the mean return of model predictive control by the cross-entropy method, from states s (B, n_s).

    At each step the best of some noisy plans are averaged, ``ROUNDS`` times; the first action is taken,
    the rest kept (Rubinstein 1999; Chua et al. 2018 plan so).
    """
    generator, plan = torch.Generator().manual_seed(0), torch.zeros(HORIZON, 1, len(s), env.n_a)

    def policy(s):
        nonlocal plan
        for _ in range(ROUNDS):
            noise = torch.randn(HORIZON, PLANS, len(s), env.n_a, generator=generator)
            for k in range(1, HORIZON):
                noise[k] = KEEP * noise[k - 1] + (1 - KEEP**2) ** 0.5 * noise[k]
            noise[:, 0] = 0  # the plan itself is among them
            tried = (plan + SPREAD * noise).clamp(-1, 1)
            returns = rollout(env, s.expand(PLANS, -1, -1), env.action_range * tried, HORIZON)
            best = returns.topk(ELITE, dim=0).indices[None, ..., None].expand(HORIZON, -1, -1, env.n_a)
            plan = tried.gather(1, best).mean(dim=1, keepdim=True)
        first, plan = plan[0, 0], torch.cat([plan[1:], plan[-1:]])
        if progress:
            progress(1)
        return env.action_range * first

    return rollout(env, s, policy, env.time_limit).mean().item()
