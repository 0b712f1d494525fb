"""Short-horizon actor-critic (Xu et al. 2022): a policy's gradient through short rollouts of the simulator.

A relative of the book's methods, and a control: it uses the same simulator slopes, on policy, in the actor.
"""

from dataclasses import dataclass

import torch

from sobolev_mini import validate
from sobolev_mini.actors import DeterministicActor
from sobolev_mini.critics import MLPValue
from sobolev_mini.recording import evaluate


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

    steps: int = 5000
    seeds: tuple = (0, 1, 2, 3, 4)
    n_envs: int = 8
    horizon: int = 16
    hidden: tuple = (64, 64)
    activation: str = "silu"
    discount: float = 0.97
    actor_lr: float = 3e-3
    critic_lr: float = 3e-3
    value_updates: int = 16
    trace: float = 0.95
    tau: float = 0.2
    clip: float = 1.0
    record: tuple | None = None
    episodes: int = 10

    def __post_init__(self):
        for name in ("steps", "n_envs", "horizon", "value_updates", "episodes"):
            validate.whole(name, getattr(self, name), 1)
        validate.real("discount", self.discount, low=0, below=1)
        for name in ("actor_lr", "critic_lr", "clip"):
            validate.real(name, getattr(self, name), above=0)
        validate.real("trace", self.trace, low=0, high=1)
        validate.real("tau", self.tau, high=1, above=0)


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
        _descend(actor.parameters, _clipped(gradients, config.clip), actor_adam)
        s = s.detach()
        _fit(value, value_adam, seen, _returns(rewards, ends, bootstraps, config), config)
        with torch.no_grad():
            torch._foreach_lerp_(target.parameters, value.parameters, config.tau)
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
        loss = ((value(s) - y) ** 2).mean(dim=1).sum()
        _descend(value.parameters, torch.autograd.grad(loss, value.parameters), optimizer)


def _clipped(gradients, clip):
    """Return each seed's gradient at most ``clip`` long, zero where it is not finite."""
    size = sum(g.flatten(1).square().sum(dim=1) for g in gradients).sqrt()[:, None, None]
    share = (clip / size.clamp_min(1e-12)).clamp(max=1)
    return [torch.where(size.isfinite(), g * share, 0.0) for g in gradients]


def _descend(parameters, gradients, optimizer):
    for x, g in zip(parameters, gradients, strict=True):
        x.grad = g.contiguous()
    optimizer.step()
