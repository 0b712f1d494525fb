"""SAC with Sobolev critics (Haarnoja et al. 2018; paper, sections 2 and 3.1)."""

from dataclasses import dataclass

import torch

from sobolev_mini import validate
from sobolev_mini.actors import GaussianActor
from sobolev_mini.checkpoint import Checkpoint, resume
from sobolev_mini.config import ControlConfig
from sobolev_mini.learner import Learner
from sobolev_mini.targets import soft_value, td_target


@dataclass(frozen=True)
class SACConfig(ControlConfig):
    """Settings of SAC.

    Parameters
    ----------
    temperature : alpha, >= 0, or None to learn it
    target_entropy : wanted where alpha is learned; by default -n_a, actions measured in their limit or scale
    entropy_path : whether the target's slopes have the entropy's; False leaves it out, for ablation
    target_policy : whether the next action comes from a target policy, as the paper writes; else from the
        current one, as usual

    The others are ``ControlConfig``'s.
    """

    temperature: float | None = None
    target_entropy: float | None = None
    entropy_path: bool = True
    target_policy: bool = False

    def __post_init__(self):
        super().__post_init__()
        if self.temperature is not None:
            object.__setattr__(self, "temperature", validate.real("temperature", self.temperature, low=0))
        if self.target_entropy is not None:
            validate.real("target_entropy", self.target_entropy)


def train_sac(env, config, *, checkpoint=None, progress=None, probe=None):
    """Return the ``ControlHistory`` of SAC on ``env``; arguments as in ``ddpg.train_ddpg``, a SACConfig."""
    run = Learner(env, config, SACConfig, GaussianActor, probe)
    with_temperature(run)
    checkpoint = Checkpoint(checkpoint)
    resume(run, checkpoint.path)
    while run.goes_on(checkpoint, progress):
        if run.step >= config.start:
            with torch.no_grad():
                run.collect(run.actor.sample(run.states, run.normal(config.n_envs))[0])
        else:
            run.collect(run.uniform_actions())
        for _ in range(config.updates if run.step >= max(config.start, 1) else 0):
            batch = run.sample()
            target = td_target(batch, next_value(run), config.discount, config.matches_slopes)
            run.update_critic(batch, target)
            update_actor(run, batch)
            run.follow(run.target_critic, run.critic)
            if config.target_policy:
                run.follow(run.target_actor, run.actor)
    return run.history()


def with_temperature(run):
    """Give ``run`` log alpha (S, 1), learned or fixed."""
    given = run.config.temperature
    start = torch.full((run.n_seeds, 1), 1.0 if given is None else given, dtype=run.env.dtype)
    run.extra["log_alpha"] = start.to(run.env.device).log().requires_grad_(given is None)
    if given is None:
        run.actor_optimizer.add_param_group({"params": [run.extra["log_alpha"]]})


def alpha(run):
    """Return the temperature (S, 1)."""
    return run.extra["log_alpha"].detach().exp()


def next_value(run):
    """Return V_targ(s') of ``run``: the target critics and the entropy of a reparameterised next action."""
    config, noise = run.config, run.normal(run.config.batch_size)
    policy = run.target_actor if config.target_policy else run.actor
    return soft_value(
        run.stacked(run.target_critic),
        lambda s_next: policy.sample(s_next, noise),
        alpha(run),
        actor_path=config.actor_path,
        entropy_path=config.entropy_path,
        twins=config.twins,
    )


def update_actor(run, batch):
    """Move the actor up Q - alpha log pi, Q's slope in a from the lesser critic or the backup, and alpha."""
    a, log_prob = run.actor.sample(batch.s, run.normal(run.config.batch_size))
    if run.config.actor_slope == "critic":
        slope = run.action_slope(batch.s, a.detach(), first=False)
    else:
        ahead = run.env.transition(batch.s, a.detach())
        slope = run.usable_slope(td_target(ahead, next_value(run), run.config.discount).y_a)
    loss, weights = (alpha(run) * log_prob - (slope * a).sum(dim=-1)).mean(dim=-1).sum(), run.actor.parameters
    if run.config.temperature is None:
        wanted, log_alpha = run.config.target_entropy, run.extra["log_alpha"]
        if wanted is None:
            wanted = run.limit.log().sum() - run.env.n_a
        excess = (log_prob.detach() + wanted).mean(dim=-1, keepdim=True)
        loss, weights = loss - (log_alpha * excess).sum(), [*weights, log_alpha]
    run.descend(loss, weights, run.actor_optimizer)
