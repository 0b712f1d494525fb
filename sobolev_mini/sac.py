"""SAC with Sobolev critics (Haarnoja et al. 2018; paper, sections 2 and 3.1)."""

from dataclasses import dataclass
from functools import partial

import torch

from sobolev_mini.actors import GaussianActor
from sobolev_mini.config import ControlConfig
from sobolev_mini.learner import Learner
from sobolev_mini.losses import CriticStep, sobolev_loss, usable_slope
from sobolev_mini.networks import descend, follow
from sobolev_mini.recording import Recorder
from sobolev_mini.targets import clip_slopes, soft_value, td_target
from sobolev_mini.validate import real, setting


@dataclass(frozen=True)
class SACConfig(ControlConfig):
    """Settings of SAC.

    Parameters
    ----------
    temperature : alpha, >= 0, or None to learn it
    target_entropy : wanted where alpha is learned; None for -n_a, actions measured in their limit or scale
    entropy_path : whether the target's slopes have the entropy's; False leaves it out, for ablation
    target_policy : whether the next action comes from a target policy, as the paper writes; else from the
        current one, as usual

    The others are ``ControlConfig``'s.
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
        self.target_entropy = config.target_entropy
        if config.target_entropy is None:
            self.target_entropy = env.action_range.log().sum() - env.n_a


def train_sac(env, config, *, probe=None, callbacks=()):
    """Return the ``ControlHistory`` of SAC on ``env``; all seeds at once.

    Parameters
    ----------
    env : DifferentiableEnv
    config : SACConfig
    probe : callable, optional; takes the ``Learner`` at each record, returns further rows, name -> (S,)
    callbacks : callables (run, recorder), called at the start and after each step: progress, checkpoints
    """
    run, recorder = SACLearner(env, config), Recorder(probe)
    for callback in callbacks:
        callback(run, recorder)
    recorder(run)
    while not run.done:
        if run.step >= config.start:
            with torch.no_grad():
                a = run.actor.sample(run.states, *run.actor.noise(run.generators, config.n_envs))[0]
        else:
            a = run.uniform_actions()
        recorder.saw(run.collect(a))
        for _ in range(config.updates if run.step >= max(config.start, 1) else 0):
            recorder.saw(update(run, run.sample()))
        recorder(run)
        for callback in callbacks:
            callback(run, recorder)
    return recorder.history(run)


def next_value(run, noise):
    """Return V_targ(s') of ``run``: target critics and entropy at a next action drawn with ``noise``."""
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
    of_target, of_actor, *more = run.actor.noise(run.generators, config.batch_size, 3 if backup else 2)
    # Lines 8 to 10: the target, and its slopes back through the transition.
    target, info = td_target(batch, next_value(run, of_target), config.discount, run.slopes, run.tangent), {}
    if config.slope_clip and run.slopes:
        target, info["clipped_slopes"] = clip_slopes(target, run.env, config.slope_clip)
    # Lines 11 and 12: the critics' values and slopes, their misfit, a step down its gradient.
    q, q_s, q_a = run.critic.value_and_slopes(batch.s, batch.a, run.tangent, run.slopes)
    step = CriticStep(q, q_s, q_a, target, run.critic.parameters)
    weights = config.weighting.weights(run.memory, step)
    loss, misfits = sobolev_loss(q, q_s, q_a, target, *weights)
    descend(loss, run.critic.parameters, run.critic_optimizer)
    # Line 13: the actor climbs Q - alpha log pi along Q's slope in a, or along the backup's; alpha follows.
    a, log_prob = run.actor.sample(batch.s, of_actor)
    if backup:
        ahead = run.env.transition(batch.s, a.detach())
        ahead = td_target(ahead, next_value(run, *more), config.discount)
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
