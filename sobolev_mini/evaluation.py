"""Fitted evaluation: one policy held fixed, a critic trained on a fixed set of its transitions.

Without a moving policy the truth is known: exactly for the linear regulator, by rollouts elsewhere.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sobolev_mini import validate
from sobolev_mini.clipping import clip_jacobians
from sobolev_mini.critics import MLPCritic
from sobolev_mini.losses import sobolev_loss
from sobolev_mini.replay import ReplayBuffer
from sobolev_mini.targets import Target, actor_value, td_target
from sobolev_mini.weighting import VALUE_ONLY, CriticStep

TESTED = 512


@dataclass(frozen=True)
class EvaluationConfig:
    """Settings.

    Parameters
    ----------
    samples : transitions a seed, drawn once
    noise : standard deviation of the actions about the policy's, in units of the action's scale
    updates : of the critic
    weighting, hidden, activation, batch_size, discount, tau, seeds : as in ``control.ControlConfig``
    lr : Adam's rate
    actor_path : whether the target's slopes flow through the policy
    jacobian_clip : bound on the simulator's Jacobians (``clipping``), None for none
    record : updates after which the errors are measured; by default 11 even ones
    """

    samples: int = 256
    noise: float = 0.5
    updates: int = 1000
    weighting: object = VALUE_ONLY
    hidden: tuple = (64, 64)
    activation: str = "silu"
    batch_size: int = 128
    lr: float = 3e-3
    discount: float = 0.97
    tau: float = 0.02
    seeds: tuple = (0, 1, 2, 3, 4)
    actor_path: bool = True
    jacobian_clip: float | None = None
    record: tuple | None = None

    def __post_init__(self):
        for name in ("samples", "updates", "batch_size"):
            validate.whole(name, getattr(self, name), 1)
        validate.real("noise", self.noise, low=0)
        validate.real("lr", self.lr, above=0)
        if self.jacobian_clip is not None:
            validate.real("jacobian_clip", self.jacobian_clip, above=0)
        if not hasattr(self.weighting, "weights"):
            raise ValueError(f"weighting: got {self.weighting!r}, wanted a rule of sobolev_mini.weighting")


def fitted_evaluation(env, policy, truth, config, progress=None, starts=None):
    """Return (critic, rows): the critic at the end and name -> (R, S) at the recorded updates.

    Parameters
    ----------
    env : DifferentiableEnv
    policy : callable s (S, B, n_s) -> a (S, B, n_a), differentiable
    truth : callable (s, a) -> (q (S, B), q_s, q_a) of that policy, exact; (q, None, None) where its slopes
        are not known, and then no error of slopes is measured
    config : EvaluationConfig
    progress : callable, optional; called with 1 at each update
    starts : callable (n, generator) -> states (n, n_s) of transitions and tests, by default ``env.reset``

    Notes
    -----
    Rows: "update"; "value", the root mean square error of Q over its standard deviation; "centred", the
    same less the mean error; "slope_s" and "slope_a", the norm of the slopes' error over that of the
    slopes; "cosine", the mean cosine of the angle between the critic's slope in a and the true one.
    """
    n, discount, starts = len(config.seeds), config.discount, starts or env.reset
    generators = [torch.Generator().manual_seed(seed) for seed in config.seeds]
    scales = torch.cat([env.state_scale, env.action_scale])

    def made():
        return MLPCritic(env.n_s, env.n_a, config.seeds, config.hidden, config.activation, env.dtype,
                         env.device, None if (scales == 1).all() else scales)  # fmt: skip

    def drawn(count):
        s = torch.stack([starts(count, g) for g in generators])
        shift = torch.stack(
            [torch.randn(count, env.n_a, generator=g, dtype=env.dtype) for g in generators]
        ).to(env.device)
        return s, (policy(s) + config.noise * env.action_scale * shift).detach()

    slopes = not getattr(config.weighting, "off", False)
    replay, critic, target_critic = ReplayBuffer(env, config.samples, n, slopes), made(), made()
    transition = env.transition(*drawn(config.samples))
    replay.add(transition, _bounded(env, transition, config) if slopes else None)
    tested = drawn(TESTED)
    exact = truth(*tested)
    optimizer = torch.optim.Adam(critic.parameters, lr=config.lr, fused=True)
    memory = config.weighting.start(env, n)
    record = set(
        np.linspace(0, config.updates, 11).astype(int).tolist() if config.record is None else config.record
    )
    rows = {}
    for k in range(config.updates + 1):
        if k in record:
            rows[k] = _errors(critic, *tested, exact)
        if k == config.updates:
            break
        batch = replay.sample(config.batch_size, generators)
        value = actor_value([target_critic], policy, actor_path=config.actor_path)
        loss = _loss(
            env, critic, batch, td_target(batch, value, discount, slopes), config.weighting, memory, slopes
        )
        for x, g in zip(critic.parameters, torch.autograd.grad(
            loss, critic.parameters, allow_unused=True, materialize_grads=True), strict=True):  # fmt: skip
            x.grad = g.contiguous()
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(target_critic.parameters, critic.parameters, config.tau)
        if progress:
            progress(1)
    steps = sorted(rows)
    return critic, {"update": np.array(steps)} | {
        name: np.stack([rows[k][name] for k in steps]) for name in rows[steps[0]]
    }


def _bounded(env, transition, config):
    """Return the ``Linearization`` of a transition, within its bound."""
    found = env.linearize(transition.s, transition.a)
    return clip_jacobians(found, env, config.jacobian_clip)[0] if config.jacobian_clip else found


def _loss(env, critic, batch, target, rule, memory, slopes):
    if not slopes:
        return sobolev_loss(critic(batch.s, batch.a), None, None, target, 0, 0)[0]
    target = Target(target.y, env.tangent(batch.s, target.y_s), target.y_a)
    q, q_s, q_a = critic.value_and_slopes(batch.s, batch.a, once=True)
    found = q, env.tangent(batch.s, q_s), q_a
    return sobolev_loss(*found, target, *rule.weights(memory, CriticStep(*found, target, critic.parameters)))[
        0
    ]


def _errors(critic, s, a, exact):
    """Return the errors by name, (S,) each."""
    with torch.no_grad():
        found = critic.value_and_slopes(s, a)
    gap, spread = found[0] - exact[0], exact[0].std(dim=1)
    out = {
        "value": gap.square().mean(dim=1).sqrt() / spread,
        "centred": gap.std(dim=1) / spread,
    }
    if exact[2] is not None:
        out["cosine"] = torch.cosine_similarity(found[2], exact[2], dim=-1).mean(dim=1)
        for name, x, y in (("slope_s", found[1], exact[1]), ("slope_a", found[2], exact[2])):
            out[name] = (x - y).flatten(1).norm(dim=1) / y.flatten(1).norm(dim=1)
    return {name: x.double().cpu().numpy() for name, x in out.items()}
