"""Short-horizon actor-critic (Xu et al. 2022): a policy's gradient through short rollouts of the simulator.

A relative of the book's methods, and a control: it uses the same simulator slopes, on policy, in the actor.
"""

import torch

from sobolev_book.studies.on_policy import judged
from sobolev_mini.actors import DeterministicActor
from sobolev_mini.networks import descend, drawn_layers, follow, forward

N_ENVS, HORIZON = 8, 16  # environments side by side and steps of a rollout
RATE = 3e-3  # Adam's, for actor and critic
VALUE_UPDATES = 16  # of the critic after each rollout
TRACE = 0.95  # lambda of the critic's target, TD(lambda)
TAU = 0.2  # share of the critic that moves into its target after each rollout
CLIP = 1.0  # bound on the norm of a seed's actor gradient


class MLPValue:
    """V(s) for S seeds at once, inputs divided by the environment's scales; weights as in ``MLPCritic``."""

    def __init__(self, env, seeds, hidden, activation):
        self.scale, self.activation = env.state_scale, activation
        self.parameters = drawn_layers((env.n_s, *hidden, 1), seeds, env.dtype, env.device)

    def __call__(self, s):
        """Return V (S, B) at s (S, B, n_s)."""
        return forward(self.parameters, s / self.scale, self.activation)[..., 0]


def train_shac(env, config, progress=None):
    """Return (steps (R,), returns (R, S)) of SHAC on a ``DifferentiableEnv``; all seeds at once.

    Units, errors and ``progress`` are ``judged``'s; ``config`` is an ``OnPolicyConfig``.
    """
    actor = DeterministicActor(env, [2 * seed for seed in config.seeds], config.hidden, config.activation)
    of_value = env, [2 * seed + 1 for seed in config.seeds], config.hidden, config.activation
    value, target = MLPValue(*of_value), MLPValue(*of_value)
    actor_adam = torch.optim.Adam(actor.parameters, lr=RATE)
    value_adam = torch.optim.Adam(value.parameters, lr=RATE)
    generators = [torch.Generator().manual_seed(seed) for seed in config.seeds]
    s = torch.stack([env.reset(N_ENVS, g) for g in generators])
    age = torch.zeros(len(config.seeds), N_ENVS, dtype=torch.long)

    def improve():
        nonlocal s
        total, s, states, targets = _rollout(env, actor, target, s, age, generators, config.discount)
        gradients = torch.autograd.grad(-total.mean(dim=1).sum() / HORIZON, actor.parameters)
        for x, g in zip(actor.parameters, _clipped(gradients, CLIP), strict=True):
            x.grad = g.contiguous()
        actor_adam.step()
        for _ in range(VALUE_UPDATES):
            descend(((value(states) - targets) ** 2).mean(dim=1).sum(), value.parameters, value_adam)
        follow(target, value, TAU)
        return N_ENVS * HORIZON

    return judged(env, actor, config, improve, progress)


def _rollout(env, actor, target, s, age, generators, discount):
    """Roll out from s (S, N_ENVS, n_s); ``age`` (S, N_ENVS), steps of episodes under way, moves on.

    Return the sum of discounted rewards (S, N_ENVS), the last states, all others and their targets (S, B).
    """
    states, rewards, ends, bootstraps = [], [], [], []
    total, weight = 0.0, torch.ones(s.shape[:-1], dtype=env.dtype, device=env.device)
    for k in range(HORIZON):
        states.append(s.detach())
        step = env.step(s, actor(s))
        age += 1
        ended = step.terminated | (age >= env.time_limit)
        over = ended | torch.tensor(k == HORIZON - 1)
        ahead = torch.where(step.terminated, 0.0, target(step.s_next))
        total = total + weight * (step.r + discount * torch.where(over, ahead, 0.0))
        # An episode that ends leaves the sum; its successor starts with full weight again.
        weight = torch.where(ended, 1.0, discount * weight)
        rewards.append(step.r.detach()), ends.append(over), bootstraps.append(ahead.detach())
        s = _begun_again(env, step.s_next, ended, generators)
        age[ended] = 0
    targets = _returns(rewards, ends, bootstraps, discount)
    return total, s.detach(), torch.cat(states, dim=1), torch.cat(targets, dim=1)


def _begun_again(env, s, ended, generators):
    """Return s with new start states where an episode has ended."""
    fresh = s
    for i in ended.any(dim=1).nonzero()[:, 0].tolist():
        new = env.reset(s.shape[1], generators[i])
        fresh = fresh.clone() if fresh is s else fresh
        fresh[i] = torch.where(ended[i][:, None], new, fresh[i])
    return fresh


def _returns(rewards, ends, bootstraps, discount):
    """Return the TD(lambda) targets, a list of (S, N_ENVS), from the last step back."""
    targets, ahead = [], bootstraps[-1]
    for r, over, value in zip(reversed(rewards), reversed(ends), reversed(bootstraps), strict=True):
        mixed = (1 - TRACE) * value + TRACE * ahead
        ahead = r + discount * torch.where(over, value, mixed)
        targets.append(ahead)
    return targets[::-1]


def _clipped(gradients, clip):
    """Return each seed's gradient at most ``clip`` long, zero where it is not finite."""
    size = sum(g.flatten(1).square().sum(dim=1) for g in gradients).sqrt()[:, None, None]
    share = (clip / size.clamp_min(1e-12)).clamp(max=1)
    return [torch.where(size.isfinite(), g * share, 0.0) for g in gradients]
