"""DDPG with Sobolev critics (Algorithm 1, actor-critic), and TD3 by its options."""

from dataclasses import dataclass

import torch

from sobolev_mini import validate
from sobolev_mini.actor_steps import searched, trusted
from sobolev_mini.actors import DeterministicActor
from sobolev_mini.checkpoint import Checkpoint, resume
from sobolev_mini.config import ControlConfig
from sobolev_mini.learner import Learner
from sobolev_mini.targets import actor_value, td_target


@dataclass(frozen=True)
class DDPGConfig(ControlConfig):
    """Settings of DDPG (Lillicrap et al. 2015) or, by default, of TD3 (Fujimoto et al. 2018).

    Parameters
    ----------
    noise : standard deviation of exploration, in units of the action's limit or scale
    smoothing : the same of the noise on the target's next action, cut off at 2.5 times; 0 for DDPG
    delay : critic updates to one of actor and targets; 1 for DDPG
    critics : 1 for DDPG, 2 for TD3
    actor_step : "adam", "armijo" (each sample's step by a line search on the critic) or "trust" (Adam's step
        within a trust region of the one-step backup); see ``actor_steps``

    The others are ``ControlConfig``'s.
    """

    noise: float = 0.1
    smoothing: float = 0.2
    delay: int = 2
    actor_step: str = "adam"

    def __post_init__(self):
        super().__post_init__()
        for name in ("noise", "smoothing"):
            object.__setattr__(self, name, validate.real(name, getattr(self, name), low=0))
        validate.one_of("actor_step", self.actor_step, ("adam", "armijo", "trust"))
        object.__setattr__(self, "delay", validate.whole("delay", self.delay, 1))

    @property
    def takes_slopes(self):
        """Also where a trust region holds the actor's step against the backup's slope."""
        return super().takes_slopes or self.actor_step == "trust"


PLAIN = {"critics": 1, "smoothing": 0.0, "delay": 1}  # DDPGConfig(**PLAIN) is DDPG


def train_ddpg(env, config, *, checkpoint=None, progress=None, probe=None):
    """Return the ``ControlHistory`` of DDPG or TD3 on ``env``; all seeds at once.

    Parameters
    ----------
    env : DifferentiableEnv
    config : DDPGConfig
    checkpoint : path or ``control.Checkpoint``, optional; written every three minutes, and a run found there
        goes on to the same bytes
    progress : callable, optional; called at each step with the steps since the last call
    probe : callable, optional; takes the ``Learner`` at each record, returns further rows, name -> (S,)
    """
    run = Learner(env, config, DDPGConfig, DeterministicActor, probe)
    checkpoint = Checkpoint(checkpoint)
    resume(run, checkpoint.path)
    while run.goes_on(checkpoint, progress):
        with torch.no_grad():
            a = run.actor(run.states) + config.noise * run.limit * run.normal(config.n_envs)
        run.collect(within(a, env) if run.step >= config.start else run.uniform_actions())
        for _ in range(config.updates if run.step >= max(config.start, 1) else 0):
            batch = run.sample()
            target = td_target(batch, next_value(run), config.discount, config.matches_slopes)
            run.update_critic(batch, target)
            if run.updates % config.delay == 0:
                update_actor(run, batch)
                run.follow(run.target_critic, run.critic)
                run.follow(run.target_actor, run.actor)
    return run.history()


def next_value(run):
    """Return V_targ(s') of ``run``: the target critics at the target actor's action, smoothed for TD3."""
    noise = run.normal(run.config.batch_size) if run.config.smoothing else None

    def smoothed(s_next):
        a = run.target_actor(s_next)
        if noise is None:
            return a
        shift = (run.config.smoothing * noise).clamp(-2.5 * run.config.smoothing, 2.5 * run.config.smoothing)
        return within(a + shift * run.limit, run.env)

    critics = run.stacked(run.target_critic)
    return actor_value(critics, smoothed, actor_path=run.config.actor_path, twins=run.config.twins)


def update_actor(run, batch):
    """Move the actor up the slope in a of the first critic, or of the one-step backup (eq-06-gradient)."""
    s, a = batch.s, run.actor(batch.s)
    value = next_value(run) if {"backup", "trust"} & {run.config.actor_slope, run.config.actor_step} else None

    def backup(s, a):
        target = td_target(run.env.transition(s, a), value, run.config.discount)
        return target.y, target.y_a

    if run.config.actor_slope == "critic":
        slope = run.action_slope(s, a.detach(), first=True)
    else:
        slope = run.usable_slope(backup(s, a.detach())[1])
    if run.config.actor_step == "armijo":
        slope = searched(run, s, a.detach(), slope)
    # The gradient of this in the actor's weights is that of mean Q(s, mu(s)) (paper, section 2).
    loss = -(slope * a).sum(dim=-1).mean(dim=-1).sum()

    def step():
        run.descend(loss, run.actor.parameters, run.actor_optimizer)

    if run.config.actor_step == "trust":
        trusted(run, s, step, backup)
    else:
        step()


def within(a, env):
    """Return actions cut off at the environment's limit."""
    return a if env.action_limit is None else torch.clamp(a, -env.action_limit, env.action_limit)
