"""SAC with Sobolev critics (Haarnoja et al. 2018; paper, sections 2 and 3.1)."""

from dataclasses import dataclass
from functools import partial

import torch

from sobolev_mini.actors import GaussianActor
from sobolev_mini.config import ControlConfig
from sobolev_mini.learner import Learner, train
from sobolev_mini.losses import CriticStep, sobolev_loss, usable_slope
from sobolev_mini.networks import descend, follow
from sobolev_mini.recording import Recorder
from sobolev_mini.targets import soft_value, td_target
from sobolev_mini.validate import real, setting


@dataclass(frozen=True)
class SACConfig(ControlConfig):
    """Settings of SAC.

    Parameters
    ----------
    temperature : alpha, >= 0, or None to learn it
    target_entropy : aimed at where alpha is learned; None for -n_a, actions measured in their limit or scale
    entropy_path : whether the target's slopes have the entropy's; False leaves it out, for ablation
    target_policy : whether the next action comes from a target policy, as the paper writes; else from the
        current policy, as usual

    The others are ``ControlConfig``'s. A bad one raises ``ValueError``.
    """

    temperature: float | None = setting(None, real, low=0)
    target_entropy: float | None = setting(None, real)
    entropy_path: bool = True
    target_policy: bool = False


class SACLearner(Learner):
    """A ``Learner`` with a temperature: ``log_alpha`` (S, 1), learned by Adam or fixed."""

    def __init__(self, env, config):
        super().__init__(env, config, SACConfig, GaussianActor)
        learned, start = config.temperature is None, torch.ones(self.n_seeds, 1, dtype=env.dtype)
        self.log_alpha = (start * (1.0 if learned else config.temperature)).to(env.device).log()
        self.log_alpha.requires_grad_(learned)
        self.temperature_optimizer = torch.optim.Adam([self.log_alpha], lr=config.actor_lr, fused=True)
        usual, told = env.action_range.log().sum() - env.n_a, config.target_entropy
        self.target_entropy = usual if told is None else told


def train_sac(env, config, *, probe=None, callbacks=()):
    """Return the ``ControlHistory`` of SAC on ``env``; all seeds at once.

    Parameters
    ----------
    env, config, probe, callbacks : as in ``ddpg.train_ddpg``, a SACConfig; others raise ``ValueError``
    """
    return train(SACLearner(env, config), Recorder(probe), act, update, callbacks)


@torch.no_grad()
def act(run):
    """Return the actions to take (S, n_envs, n_a): the policy's samples, uniform ones before ``start``."""
    if run.step < run.config.start:
        return run.uniform_actions()
    return run.actor.sample(run.states, *run.actor.noise(run.generators, run.config.n_envs))[0]


def target_value(run, noise):
    """Return V_targ, s' -> (S, B): target critics and entropy at a next action drawn with ``noise``."""
    config = run.config
    policy = partial((run.target_actor if config.target_policy else run.actor).sample, noise=noise)
    paths = {"actor_path": config.actor_path, "entropy_path": config.entropy_path, "twins": config.twins}
    return soft_value(run.target_critic, policy, run.log_alpha.detach().exp(), **paths)


def update(run, batch):
    """Move critics, actor, temperature and targets once (Algorithm 1, lines 8 to 14).

    ``batch`` is a ``Transition`` (S, B). Returns what was measured, by name.
    """
    config, alpha = run.config, run.log_alpha.detach().exp()
    backup = config.actor_slope == "backup"
    noise, of_actor, *of_backup = run.actor.noise(run.generators, config.batch_size, 3 if backup else 2)
    # Lines 8 to 10: the target, and its slopes back through the transition.
    target, info = td_target(batch, target_value(run, noise), config.discount, run.slopes, run.tangent), {}
    # Lines 11 and 12: the critics' values and slopes, their misfit, an update down its gradient.
    q, q_s, q_a = run.critic.value_and_slopes(batch.s, batch.a, run.tangent, run.slopes)
    critic_step = CriticStep(q, q_s, q_a, target, run.critic.parameters)
    weights = run.rule.weights(run.memory, critic_step)
    loss, misfits = sobolev_loss(q, q_s, q_a, target, *weights)
    descend(loss, run.critic.parameters, run.critic_optimizer)
    # Line 13: the actor climbs Q - alpha log pi along Q's slope in a, or along the backup's; alpha follows.
    a, log_prob = run.actor.sample(batch.s, of_actor)
    if backup:
        ahead = run.env.transition(batch.s, a.detach())
        ahead = td_target(ahead, target_value(run, *of_backup), config.discount)
        slope, info["dropped_actor_slopes"] = usable_slope(ahead)
    else:
        slope = run.critic.action_slope(batch.s, a.detach(), config.twins)
    loss, moved = (alpha * log_prob - (slope * a).sum(dim=-1)).mean(dim=-1).sum(), [*run.actor.parameters]
    if config.temperature is None:
        excess = (log_prob.detach() + run.target_entropy).mean(dim=-1, keepdim=True)
        loss, moved = loss - (run.log_alpha * excess).sum(), [*moved, run.log_alpha]
    descend(loss, moved, run.actor_optimizer, run.temperature_optimizer)
    # Line 14: the targets follow.
    follow(run.target_critic, run.critic, config.tau)
    if config.target_policy:
        follow(run.target_actor, run.actor, config.tau)
    return info | misfits | {"weights": weights}
