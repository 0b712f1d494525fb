"""DDPG with Sobolev critics (Algorithm 1, actor-critic), and TD3 by its options."""

from dataclasses import dataclass

import torch

from sobolev_mini.actor_steps import searched, trusted
from sobolev_mini.actors import DeterministicActor
from sobolev_mini.config import ControlConfig
from sobolev_mini.learner import Learner, train
from sobolev_mini.losses import CriticStep, sobolev_loss, usable_slope
from sobolev_mini.networks import descend, follow
from sobolev_mini.recording import Recorder
from sobolev_mini.steps import TrustRegion
from sobolev_mini.targets import actor_value, td_target
from sobolev_mini.validate import one_of, real, setting, whole


@dataclass(frozen=True)
class DDPGConfig(ControlConfig):
    """Settings of DDPG (Lillicrap et al. 2015) or, by default, of TD3 (Fujimoto et al. 2018).

    Parameters
    ----------
    noise : standard deviation of exploration, in units of the action's limit or scale
    smoothing : the same of the noise on the target's next action, cut off at 2.5 times; 0 for DDPG
    delay : critic updates to one of actor and targets; 1 for DDPG
    critics : 1 for DDPG, 2 for TD3
    actor_step : "adam", "armijo" (a line search on the critic for every sample) or "trust" (Adam's
        update within a trust region of the one-step backup); see ``actor_steps``

    The others are ``ControlConfig``'s. A bad one raises ``ValueError``.
    """

    noise: float = setting(0.1, real, low=0)
    smoothing: float = setting(0.2, real, low=0)
    delay: int = setting(2, whole, low=1)
    actor_step: str = setting("adam", one_of, choices=("adam", "armijo", "trust"))

    @property
    def takes_slopes(self):
        """Also where a trust region holds the actor's update against the backup's slope."""
        return super().takes_slopes or self.actor_step == "trust"


class DDPGLearner(Learner):
    """A ``Learner`` with a trust region a seed, ``regions``, used where ``actor_step`` is "trust"."""

    def __init__(self, env, config):
        super().__init__(env, config, DDPGConfig, DeterministicActor)
        self.regions = [TrustRegion(1.0, largest=1.0, least=1e-2) for _ in config.seeds]


def train_ddpg(env, config, *, probe=None, callbacks=()):
    """Return the ``ControlHistory`` of DDPG or TD3 on ``env``; all seeds at once.

    Parameters
    ----------
    env, config : a DifferentiableEnv, a DDPGConfig; others raise ``ValueError``
    probe : callable, optional; takes the ``Learner`` at every record, returns further rows, name -> (S,)
    callbacks : callables (run, recorder), called at the start and after every environment step: progress,
        checkpoints
    """
    return train(DDPGLearner(env, config), Recorder(probe), act, update, callbacks)


@torch.no_grad()
def act(run):
    """Return the actions to take (S, n_envs, n_a): the actor's under noise, uniform ones before ``start``."""
    config, env = run.config, run.env
    (noise,) = run.actor.noise(run.generators, config.n_envs)
    a = env.within(run.actor(run.states) + config.noise * env.action_range * noise)
    return a if run.step >= config.start else run.uniform_actions()


def target_value(run):
    """Return V_targ, s' -> (S, B): the target critics at the target actor's action, smoothed for TD3."""
    config, env = run.config, run.env
    if config.smoothing:
        (noise,) = run.actor.noise(run.generators, config.batch_size)
        most = 2.5 * config.smoothing
        shift = (config.smoothing * noise).clamp(-most, most) * env.action_range

    def smoothed(s_next):
        a = run.target_actor(s_next)
        return env.within(a + shift[:, : s_next.shape[1]]) if config.smoothing else a

    return actor_value(run.target_critic, smoothed, actor_path=config.actor_path, twins=config.twins)


def update(run, batch):
    """Move the critics, and at every ``delay``-th call actor and targets, once (Algorithm 1, lines 8 to 14).

    ``batch`` is a ``Transition`` (S, B). Returns what was measured, by name.
    """
    config = run.config
    # Lines 8 to 10: the target, and its slopes back through the transition.
    target, info = td_target(batch, target_value(run), config.discount, run.slopes, run.tangent), {}
    # Lines 11 and 12: the critics' values and slopes, their misfit, an update down its gradient.
    q, q_s, q_a = run.critic.value_and_slopes(batch.s, batch.a, run.tangent, run.slopes)
    critic_step = CriticStep(q, q_s, q_a, target, run.critic.parameters)
    weights = run.rule.weights(run.memory, critic_step)
    loss, misfits = sobolev_loss(q, q_s, q_a, target, *weights)
    descend(loss, run.critic.parameters, run.critic_optimizer)
    run.updates += 1
    if run.updates % config.delay == 0:
        # Line 13: the actor climbs; line 14: the targets follow.
        info |= climb(run, batch.s)
        follow(run.target_critic, run.critic, config.tau)
        follow(run.target_actor, run.actor, config.tau)
    return info | misfits | {"weights": weights}


def climb(run, s):
    """Move the actor up the slope in a of the first critic, or of the one-step backup (eq-06-gradient).

    Returns what was measured, name -> (S,).
    """
    config, env, info = run.config, run.env, {}
    a = run.actor(s)
    value = target_value(run) if {"backup", "trust"} & {config.actor_slope, config.actor_step} else None

    def backup(s, a):
        return td_target(env.transition(s, a), value, config.discount)

    if config.actor_slope == "critic":
        slope = run.critic.only(0).action_slope(s, a.detach())
    else:
        slope, info["dropped_actor_slopes"] = usable_slope(backup(s, a.detach()))
    if config.actor_step == "armijo":
        slope, shares = searched(run.critic.only(0), s, a.detach(), slope, env)
        info |= shares
    # The gradient of this in the actor's weights is that of mean Q(s, mu(s)) (paper, section 2).
    loss = -(slope * a).sum(dim=-1).mean(dim=-1).sum()
    if config.actor_step != "trust":
        descend(loss, run.actor.parameters, run.actor_optimizer)
        return info
    with trusted(run.actor, s, backup, run.regions) as trust:
        descend(loss, run.actor.parameters, run.actor_optimizer)
    dropped = info.get("dropped_actor_slopes", 0) + trust["dropped_actor_slopes"]
    return info | trust | {"dropped_actor_slopes": dropped}
