"""Fitted evaluation: a policy held fixed, a critic trained on a fixed set of its transitions.

Without a moving policy the truth is known: exactly for the linear regulator, by rollouts elsewhere.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg import solve_discrete_lyapunov

from sobolev_mini.config import rule
from sobolev_mini.envs import LQRSolution
from sobolev_mini.envs.protocol import clip_jacobians
from sobolev_mini.losses import VALUE_ONLY, CriticStep, sobolev_loss
from sobolev_mini.networks import MLPCritic, descend, follow
from sobolev_mini.replay import ReplayBuffer
from sobolev_mini.targets import actor_value, td_target
from sobolev_mini.validate import finite, real, recorded, setting, settings, whole

TESTED = 512


def regulated(env, K, discount):
    """Return the ``LQRSolution`` of a = -K s on the regulator ``env`` (eq-06-regulator; Lyapunov's equation).

    ``K`` (n_a, n_s). Raises ``ValueError`` for another shape, and where its discounted cost is infinite.
    """
    discount, K = real("discount", discount, low=0.0, below=1.0), finite("K", torch.as_tensor(K).tolist())
    if K.shape != (env.n_a, env.n_s):
        raise ValueError(f"K: got shape {K.shape}, wanted {(env.n_a, env.n_s)}")
    closed = np.sqrt(discount) * (env.A - env.B @ K)
    radius = np.abs(np.linalg.eigvals(closed)).max()
    if radius >= 1:
        raise ValueError(f"K: got a policy of infinite cost (discounted spectral radius {radius:.3g})")
    P = solve_discrete_lyapunov(closed.T, env.Q + K.T @ env.R @ K)
    P, K = (torch.as_tensor(x, dtype=env.dtype, device=env.device) for x in (P, K))
    return LQRSolution(env, discount, P, K)


@dataclass(frozen=True)
class EvaluationConfig:
    """Settings of a fitted evaluation; a bad one raises ``ValueError``.

    Parameters
    ----------
    samples : transitions a seed, drawn once
    noise : standard deviation of the actions about the policy's, in units of the action's scale
    updates : of the critic
    weighting, hidden, activation, batch_size, discount, tau, seeds : as in ``config.ControlConfig``
    lr : Adam's rate
    actor_path : whether the target's slopes flow through the policy
    jacobian_clip : bound on the simulator's Jacobians, None for none
    record : updates after which the errors are measured; by default 11 even ones
    """

    samples: int = setting(256, whole, low=1)
    noise: float = setting(0.5, real, low=0)
    updates: int = setting(1000, whole, low=1)
    weighting: object = setting(VALUE_ONLY, rule)
    hidden: tuple = (64, 64)
    activation: str = "silu"
    batch_size: int = setting(128, whole, low=1)
    lr: float = setting(3e-3, real, above=0)
    discount: float = 0.97
    tau: float = 0.02
    seeds: tuple = (0, 1, 2, 3, 4)
    actor_path: bool = True
    jacobian_clip: float | None = setting(None, real, above=0)
    record: tuple | None = None
    __post_init__ = settings


def fitted_evaluation(env, policy, truth, config, progress=None, starts=None):
    """Return (critic, rows): the critic at the end and name -> (R, S) at the recorded updates.

    Parameters
    ----------
    env : DifferentiableEnv
    policy : callable s (S, B, n_s) -> a (S, B, n_a), differentiable
    truth : callable (s, a) -> (q (S, B), q_s, q_a) of that policy, exact; (q, None, None) where its slopes
        are not known, and then no error of slopes is measured
    config : EvaluationConfig
    progress : callable, optional; called with 1 at every update
    starts : callable (n, generator) -> states (n, n_s) of transitions and tests, by default ``env.reset``

    Notes
    -----
    Rows: "update"; "value", the root mean square error of Q over its standard deviation; "centred", the
    same less the mean error; "slope_s" and "slope_a", the norm of the slopes' error over that of the
    slopes; "cosine", the mean cosine of the angle between the critic's slope in a and the true slope.
    Raises ``ValueError`` for a record beyond the last update.
    """
    n, starts = len(config.seeds), starts or env.reset
    generators = [torch.Generator().manual_seed(seed) for seed in config.seeds]

    def drawn(count):
        s = torch.stack([starts(count, g) for g in generators])
        shift = [torch.randn(count, env.n_a, generator=g, dtype=env.dtype) for g in generators]
        shift = torch.stack(shift).to(env.device)
        return s, (policy(s) + config.noise * env.action_scale * shift).detach()

    weighting, scales = config.weighting, torch.cat([env.state_scale, env.action_scale])
    slopes = not getattr(weighting, "off", False)
    network = config.seeds, config.hidden, config.activation, env.dtype, env.device, scales
    critic, target_critic = (MLPCritic(env.n_s, env.n_a, *network) for _ in range(2))
    replay, transition = ReplayBuffer(env, config.samples, n, slopes), env.transition(*drawn(config.samples))
    jacobians = env.linearize(transition.s, transition.a) if slopes else None
    if slopes and config.jacobian_clip:
        jacobians = clip_jacobians(jacobians, env, config.jacobian_clip)[0]
    replay.add(transition, jacobians)
    tested = drawn(TESTED)
    exact = truth(*tested)
    optimizer = torch.optim.Adam(critic.parameters, lr=config.lr, fused=True)
    memory, rows = weighting.start(env, critic.shape), {}
    record = recorded(config.record, config.updates, 11)
    for k in range(config.updates + 1):
        if k in record:
            rows[k] = _errors(critic, *tested, exact)
        if k == config.updates:
            break
        batch = replay.sample(config.batch_size, generators)
        value = actor_value([target_critic], policy, actor_path=config.actor_path)
        target = td_target(batch, value, config.discount, slopes, env.turn)
        q, q_s, q_a = critic.value_and_slopes(batch.s, batch.a, env.turn, slopes)
        weights = weighting.weights(memory, CriticStep(q, q_s, q_a, target, critic.parameters))
        loss, _ = sobolev_loss(q, q_s, q_a, target, *weights)
        descend(loss, critic.parameters, optimizer)
        follow(target_critic, critic, config.tau)
        if progress:
            progress(1)
    measured = {name: np.stack([rows[k][name] for k in record]) for name in rows[record[0]]}
    return critic, {"update": np.array(record)} | measured


def _errors(critic, s, a, exact):
    """Return the errors by name, (S,)."""
    with torch.no_grad():
        q, q_s, q_a = critic.value_and_slopes(s, a)
    true, true_s, true_a = exact
    gap, spread = q - true, true.std(dim=1)
    errors = {"value": gap.square().mean(dim=1).sqrt() / spread, "centred": gap.std(dim=1) / spread}
    if true_a is not None:
        errors["cosine"] = torch.cosine_similarity(q_a, true_a, dim=-1).mean(dim=1)
        for name, x, y in (("slope_s", q_s, true_s), ("slope_a", q_a, true_a)):
            errors[name] = (x - y).flatten(1).norm(dim=1) / y.flatten(1).norm(dim=1)
    return {name: x.double().cpu().numpy() for name, x in errors.items()}
