"""Stable-Baselines3's SAC with slopes: their interface, policies and update, and our term in the loss.

Only who imports this file needs Stable-Baselines3.
"""

from dataclasses import dataclass

import torch
from gymnasium import ActionWrapper, ObservationWrapper, RewardWrapper
from stable_baselines3 import SAC

from sobolev_mini import validate
from sobolev_mini.envs import DifferentiableEnv
from sobolev_mini.losses import CriticStep, HugeSavine, rule, sobolev_loss
from sobolev_mini.targets import td_target

CHANGING = ObservationWrapper, ActionWrapper, RewardWrapper  # what is seen, done, or paid


@dataclass(frozen=True)
class _Step(CriticStep):
    """``parameters`` holds a list a critic, for their critics share no tensor."""

    def gradient_norm(self, loss):
        """Return the norm over a critic's weights of the gradient of its ``loss`` (C, 1), (C, 1)."""
        how = {"retain_graph": True, "materialize_grads": True, "allow_unused": True}
        pairs = zip(loss, self.parameters, strict=True)
        gradients = [torch.autograd.grad(x.sum(), own, **how) for x, own in pairs]
        norms = [torch.cat([g.flatten() for g in gradient]).norm() for gradient in gradients]
        return torch.stack(norms)[:, None].to(loss)


class SobolevSAC(SAC):
    """Their ``SAC`` on a ``GymEnv``, whose critics also learn the target's slopes.

    Before each of its critics' steps the slopes' misfit adds its gradient to theirs; where ``weighting`` is
    off, or weights are zero, their numbers come out bit for bit. Slopes are taken in the environment's units.

    Parameters
    ----------
    policy, env, kwargs : as theirs; ``env`` is a ``GymEnv`` or a vector of them, observed as it is
    weighting : a rule of ``losses``
    slope_batch : samples of a batch whose slopes count, >= 1; None for all

    Where slopes count, another environment, one behind a wrapper that changes what is seen, done or paid, or
    returns over several steps raise ``ValueError`` when training begins, a bad rule or share at once. The
    target's slopes have the temperature after its step, their values the one before.
    """

    def __init__(self, policy, env, *args, weighting=HugeSavine(), slope_batch=None, **kwargs):  # noqa: B008
        self.weighting = rule("weighting", weighting)
        self.slope_batch = None if slope_batch is None else validate.whole("slope_batch", slope_batch, 1)
        self._memory = self._batch = self._inside = None
        super().__init__(policy, env, *args, **kwargs)
        if self.slope_batch is not None and self.slope_batch > self.batch_size:
            raise ValueError(f"slope_batch: got {slope_batch}, wanted at most the batch, {self.batch_size}")

    def _excluded_save_params(self):
        return [*super()._excluded_save_params(), "_batch", "_inside"]

    def _setup_model(self):
        super()._setup_model()
        if not getattr(self.weighting, "off", False):
            self.critic.optimizer.register_step_pre_hook(lambda *_: self._add_slopes())

    def train(self, gradient_steps, batch_size=64):
        """Update as theirs does; the batch it draws is kept in sight for the slopes."""
        buffer, sample = self.replay_buffer, self.replay_buffer.sample

        def kept(*args, **kwargs):
            self._batch = sample(*args, **kwargs)
            return self._batch

        buffer.sample = kept
        try:
            super().train(gradient_steps, batch_size)
        finally:
            del buffer.sample
            self._batch = None

    def _add_slopes(self):
        """Add the gradient of the slopes' misfit to that of the values, which the critics hold by now."""
        env, batch = self._simulator(), self._batch
        like, both = {"dtype": env.dtype, "device": env.device}, (batch.observations, batch.actions)
        unit = torch.as_tensor(self.action_space.high, **like)  # their buffer holds a / unit
        s, a = (x[: self.slope_batch].to(**like)[None] for x in both)
        gpus = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=gpus):  # their draws stay theirs
            ahead = env.transition(s, a * unit)
            target = td_target(ahead, self._next_value, float(self.gamma), tangent=env.turn)
        s, a = s.requires_grad_(), a.requires_grad_()
        values = [q[:, 0] for q in self.critic(*(x[0].to(self.device).float() for x in (s, a)))]
        slopes = [torch.autograd.grad(q.sum(), (s, a), create_graph=True) for q in values]
        q = torch.stack(values)[:, None].to(**like)
        q_s, q_a = map(torch.stack, zip(*slopes, strict=True))
        q_s, q_a = (q_s if env.turn is None else env.turn(s.detach(), q_s)), q_a / unit
        parameters = [[x for x in net.parameters() if x.requires_grad] for net in self.critic.q_networks]
        if self._memory is None:
            self._memory = self.weighting.start(env, (len(values), 1))
        weights = self.weighting.weights(self._memory, _Step(q, q_s, q_a, target, parameters))
        loss, misfits = sobolev_loss(q.detach(), q_s, q_a, target, *weights)
        if loss.requires_grad:  # their loss has a half before the square
            (0.5 * loss).backward(inputs=[x for part in parameters for x in part])
        for name in ("slope_s", "slope_a"):
            self.logger.record(f"train/{name}", misfits[name].mean().item())

    def _next_value(self, s_next):
        """Return the soft value (1, B) of their target critics at s_next (1, B, n_s)."""
        seen = s_next[0].to(self.device).float()
        a, log_prob = self.actor.action_log_prob(seen)
        alpha = self.ent_coef_tensor if self.log_ent_coef is None else self.log_ent_coef.detach().exp()
        q = torch.cat(self.critic_target(seen, a), dim=1).min(dim=1).values
        return (q - alpha * log_prob.reshape(-1))[None].to(s_next)

    def _simulator(self):
        """Return the ``DifferentiableEnv`` within the environment, looked for once."""
        if self._inside is None or self._inside[0] is not self.env:
            self._inside = self.env, self._found()
        return self._inside[1]

    def _found(self):
        made = self.env.get_attr("unwrapped")[0]
        if not isinstance(getattr(made, "env", None), DifferentiableEnv):
            raise ValueError(f"env: got {type(made).__name__}, wanted a GymEnv of sobolev_mini")
        changed = [kind.__name__ for kind in CHANGING if any(self.env.env_is_wrapped(kind))]
        if self._vec_normalize_env is not None or changed:
            raise ValueError(f"env: got one behind {changed or 'VecNormalize'}, wanted it as it is")
        if getattr(self, "n_steps", 1) != 1:
            raise ValueError(f"n_steps: got {self.n_steps}, wanted 1")
        return made.env
