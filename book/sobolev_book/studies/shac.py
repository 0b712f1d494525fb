"""Short-horizon actor-critic (Xu et al. 2022): a policy's gradient through short rollouts of the simulator.

A relative of the book's methods, and a control: it uses the same simulator slopes, on policy, in the actor.
"""

from dataclasses import dataclass

import torch

from sobolev_mini.actors import DeterministicActor
from sobolev_mini.networks import descend, drawn_layers, follow, forward
from sobolev_mini.recording import evaluate
from sobolev_mini.validate import real, setting, settings, whole


@dataclass(frozen=True)
class SHACConfig:
    """Settings; steps count every environment of every rollout, as elsewhere one seed's steps do.

    Parameters
    ----------
    steps : environment steps a seed
    seeds : one run each, all trained together
    n_envs, horizon : environments side by side and steps of a rollout
    hidden, activation, discount : as in ``control.ControlConfig``
    actor_lr, critic_lr : Adam's
    value_updates : of the critic after each rollout
    trace : lambda of the critic's target, TD(lambda)
    tau : share of the critic that moves into its target after each rollout
    clip : bound on the norm of a seed's actor gradient
    record : steps at which the policy is evaluated, by default 21 even ones; taken at the next rollout's end
    episodes : evaluated each time
    """

    steps: int = setting(5000, whole, low=1)
    seeds: tuple = (0, 1, 2, 3, 4)
    n_envs: int = setting(8, whole, low=1)
    horizon: int = setting(16, whole, low=1)
    hidden: tuple = (64, 64)
    activation: str = "silu"
    discount: float = setting(0.97, real, low=0, below=1)
    actor_lr: float = setting(3e-3, real, above=0)
    critic_lr: float = setting(3e-3, real, above=0)
    value_updates: int = setting(16, whole, low=1)
    trace: float = setting(0.95, real, low=0, high=1)
    tau: float = setting(0.2, real, above=0, high=1)
    clip: float = setting(1.0, real, above=0)
    record: tuple | None = None
    episodes: int = setting(10, whole, low=1)
    __post_init__ = settings


class MLPValue:
    """V(s) for S seeds at once, inputs divided by the environment's scales; weights as in ``MLPCritic``."""

    def __init__(self, env, seeds, hidden=(64, 64), activation="silu"):
        self.scale, self.activation = env.state_scale, activation
        self.parameters = drawn_layers((env.n_s, *hidden, 1), seeds, env.dtype, env.device)

    def __call__(self, s):
        """Return V (S, B) at s (S, B, n_s)."""
        return forward(self.parameters, s / self.scale, self.activation)[..., 0]


def train_shac(env, config, progress=None):
    """Return (steps (R,), returns (R, S)) of SHAC on ``env``; all seeds at once."""
    n, seeds = len(config.seeds), config.seeds
    actor = DeterministicActor(env, [2 * seed for seed in seeds], config.hidden, config.activation)
    value, target = (
        MLPValue(env, [2 * seed + 1 for seed in seeds], config.hidden, config.activation) for _ in range(2)
    )
    actor_adam = torch.optim.Adam(actor.parameters, lr=config.actor_lr)
    value_adam = torch.optim.Adam(value.parameters, lr=config.critic_lr)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    s = torch.stack([env.reset(config.n_envs, g) for g in generators])
    age = torch.zeros(n, config.n_envs, dtype=torch.long)
    due = sorted(
        config.record if config.record is not None else range(0, config.steps + 1, max(1, config.steps // 20))
    )
    done, rows = 0, {}
    while True:
        while due and due[0] <= done:
            rows[due.pop(0)] = evaluate(env, actor, config.episodes).cpu()
        if done >= config.steps:
            break
        seen, rewards, ends, bootstraps = [], [], [], []
        total, weight = 0.0, torch.ones(n, config.n_envs, dtype=env.dtype, device=env.device)
        for k in range(config.horizon):
            seen.append(s.detach())
            step = env.step(s, actor(s))
            age += 1
            over = step.terminated | (age >= env.time_limit) | torch.tensor(k == config.horizon - 1)
            ahead = torch.where(step.terminated, 0.0, target(step.s_next))
            total = total + weight * (step.r + config.discount * torch.where(over, ahead, 0.0))
            # An episode that ends leaves the sum; its successor starts with full weight again.
            ended = step.terminated | (age >= env.time_limit)
            weight = torch.where(ended, 1.0, config.discount * weight)
            rewards.append(step.r.detach()), ends.append(over), bootstraps.append(ahead.detach())
            s = _begun_again(env, step.s_next, ended, generators)
            age[ended] = 0
        gradients = torch.autograd.grad(-total.mean(dim=1).sum() / config.horizon, actor.parameters)
        for x, g in zip(actor.parameters, _clipped(gradients, config.clip), strict=True):
            x.grad = g.contiguous()
        actor_adam.step()
        s = s.detach()
        _fit(value, value_adam, seen, _returns(rewards, ends, bootstraps, config), config)
        follow(target, value, config.tau)
        done += config.n_envs * config.horizon
        if progress:
            progress(config.n_envs * config.horizon)
    steps = sorted(rows)
    return steps, torch.stack([rows[k] for k in steps]).double().numpy()


def _begun_again(env, s, ended, generators):
    """Return s with new start states where an episode has ended."""
    fresh = s
    for i in ended.any(dim=1).nonzero()[:, 0].tolist():
        new = env.reset(s.shape[1], generators[i])
        fresh = fresh.clone() if fresh is s else fresh
        fresh[i] = torch.where(ended[i][:, None], new, fresh[i])
    return fresh


def _returns(rewards, ends, bootstraps, config):
    """Return the TD(lambda) targets, a list of (S, n_envs), from the last step back."""
    found, ahead = [], bootstraps[-1]
    for r, over, value in zip(reversed(rewards), reversed(ends), reversed(bootstraps), strict=True):
        mixed = (1 - config.trace) * value + config.trace * ahead
        ahead = r + config.discount * torch.where(over, value, mixed)
        found.append(ahead)
    return found[::-1]


def _fit(value, optimizer, states, targets, config):
    """Move the critic towards ``targets`` by full-batch steps."""
    s, y = torch.cat(states, dim=1), torch.cat(targets, dim=1)
    for _ in range(config.value_updates):
        descend(((value(s) - y) ** 2).mean(dim=1).sum(), value.parameters, optimizer)


def _clipped(gradients, clip):
    """Return each seed's gradient at most ``clip`` long, zero where it is not finite."""
    size = sum(g.flatten(1).square().sum(dim=1) for g in gradients).sqrt()[:, None, None]
    share = (clip / size.clamp_min(1e-12)).clamp(max=1)
    return [torch.where(size.isfinite(), g * share, 0.0) for g in gradients]
