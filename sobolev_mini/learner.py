"""What DDPG and SAC share: environments, buffer, networks, one critic update, records and checkpoints.

All seeds and both twins are one set of weights: critic c of seed i stands at c * S + i of the first axis.
"""

import warnings

import numpy as np
import torch

from sobolev_mini.clipping import clip_jacobians, clip_slopes, usable
from sobolev_mini.critics import MLPCritic
from sobolev_mini.envs import DifferentiableEnv, Transition
from sobolev_mini.losses import sobolev_loss
from sobolev_mini.recording import ControlHistory, evaluate
from sobolev_mini.replay import ReplayBuffer
from sobolev_mini.targets import Target
from sobolev_mini.weighting import CriticStep

COUNTED = ("dropped_slopes", "clipped_slopes", "clipped_jacobians")  # samples, since the start


class Learner:
    """State of one run; ``ddpg.train_ddpg`` and ``sac.train_sac`` are the loops around it."""

    def __init__(self, env, config, kind, make_actor, probe=None):
        if not isinstance(env, DifferentiableEnv):
            raise ValueError(f"env: got {type(env).__name__}, wanted a DifferentiableEnv")
        if not isinstance(config, kind):
            raise ValueError(f"config: got {type(config).__name__}, wanted a {kind.__name__}")
        self.env, self.config, self.probe = env, config, probe
        self.n_seeds, self.step, self.updates, self.told = len(config.seeds), 0, 0, 0
        scales = torch.cat([env.state_scale, env.action_scale])

        def made(seeds):
            return MLPCritic(env.n_s, env.n_a, seeds, config.hidden, config.activation, env.dtype, env.device,
                             None if (scales == 1).all() else scales)  # fmt: skip

        # Actor and critics of a seed draw from seeds of their own.
        of = {
            k: [(config.critics + 1) * seed + k for seed in config.seeds] for k in range(config.critics + 1)
        }
        stack = [seed for c in range(config.critics) for seed in of[c + 1]]
        self.critic, self.target_critic = made(stack), made(stack)
        self.actor, self.target_actor = (
            make_actor(env, of[0], config.hidden, config.activation) for _ in range(2)
        )
        for x in self.target_critic.parameters + self.target_actor.parameters:
            x.requires_grad_(False)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters, lr=config.critic_lr, fused=True)
        self.actor_optimizer = torch.optim.Adam(self.actor.parameters, lr=config.actor_lr, fused=True)
        self.replay = ReplayBuffer(
            env, config.capacity, self.n_seeds, config.cached and config.matches_slopes
        )
        self.generators = [torch.Generator().manual_seed(seed) for seed in config.seeds]
        self.memory = config.weighting.start(env, len(stack))
        self.states = torch.stack([env.reset(config.n_envs, g) for g in self.generators])
        self.age = torch.zeros(self.n_seeds, config.n_envs, dtype=torch.long)  # steps of episodes under way
        self.rows, self.diverged_at = {}, torch.full((self.n_seeds,), -1)
        self.extra = {}  # what an algorithm keeps besides, by name
        self.info = {}
        self.counts = {
            name: torch.zeros(self.n_seeds, dtype=torch.long, device=env.device) for name in COUNTED
        }

    def normal(self, n):
        """Return standard normal noise (S, n, n_a), each seed's from its own generator."""
        return self._drawn(torch.randn, n)

    def uniform_actions(self):
        """Return actions (S, n_envs, n_a), even within the limits or within one scale."""
        return (2 * self._drawn(torch.rand, self.config.n_envs) - 1) * self.limit

    def _drawn(self, draw, n):
        env = self.env
        x = [draw(n, env.n_a, generator=g, dtype=env.dtype) for g in self.generators]
        return torch.stack(x).to(env.device)  # drawn on the CPU: the same numbers on every device

    @property
    def limit(self):
        """The actions' limit, or their scale where they are free, (n_a,)."""
        return self.env.action_scale if self.env.action_limit is None else self.env.action_limit

    @torch.no_grad()
    def collect(self, a):
        """Step every seed's environments under a (S, n_envs, n_a), store it; ended episodes begin anew."""
        self._mark(~a.isfinite().flatten(1).all(dim=1))
        a = torch.where(self.alive[:, None, None], a, 0.0)
        step = self.env.step(self.states, a)
        fine = step.s_next.isfinite().flatten(1).all(dim=1) & step.r.isfinite().flatten(1).all(dim=1)
        if not fine.all():
            raise ValueError(f"env: its step {self.step + 1} returned numbers that are not finite")
        self.replay.add(
            Transition(step.s_next, step.r, step.terminated, self.states, a, None), self._jacobians(a)
        )
        self.age += 1
        # A time limit truncates: the buffer says "not terminated", the target bootstraps through it.
        over = step.terminated.cpu() | (self.age >= self.env.time_limit)
        self.states = step.s_next.clone()
        for i in over.any(dim=1).nonzero()[:, 0].tolist():
            ended = over[i].nonzero()[:, 0]
            fresh = self.env.reset(len(ended), self.generators[i])
            self.states[i, ended.to(self.env.device)], self.age[i, ended] = fresh, 0
        self.step += 1

    def _jacobians(self, a):
        """Return the ``Linearization`` to be stored, within its bound, or None where none is wanted."""
        if not self.replay.cached:
            return None
        found = self.env.linearize(self.states, a)
        if self.config.jacobian_clip:
            found, over = clip_jacobians(found, self.env, self.config.jacobian_clip)
            self.counts["clipped_jacobians"] += over.sum(dim=-1)
        return found

    @property
    def alive(self):
        """Which seeds have not diverged, (S,) bool."""
        return (self.diverged_at < 0).to(self.env.device)

    def _mark(self, bad):
        new = bad.cpu() & (self.diverged_at < 0)
        if new.any():
            self.diverged_at[new] = self.step
            seeds = [seed for seed, one in zip(self.config.seeds, new.tolist(), strict=True) if one]
            warnings.warn(f"seeds {seeds} diverged by step {self.step}: weights not finite", stacklevel=3)

    def sample(self):
        """Return a batch of stored transitions (S, B)."""
        return self.replay.sample(self.config.batch_size, self.generators)

    def stacked(self, critic):
        """Return the callable (s, a) -> (C, S, B), every critic of every seed."""
        count = len(critic.seeds) // self.n_seeds
        return lambda s, a: critic(s.repeat(count, 1, 1), a.repeat(count, 1, 1)).unflatten(0, (count, -1))

    def critic_step(self, batch, target):
        """Return the ``CriticStep`` of every critic on a batch and its ``Target`` with slopes."""
        n = self.config.critics
        s, a = batch.s.repeat(n, 1, 1), batch.a.repeat(n, 1, 1)
        y_s, y_a = self.env.tangent(batch.s, target.y_s), target.y_a
        self.counts["dropped_slopes"] += (~usable(y_s, y_a)).sum(dim=-1)
        if self.config.slope_clip:
            y_s, y_a, over = clip_slopes(y_s, y_a, self.env, self.config.slope_clip)
            self.counts["clipped_slopes"] += over.sum(dim=-1)
        q, q_s, q_a = self.critic.value_and_slopes(s, a, once=True)
        stacked = Target(target.y.repeat(n, 1), y_s.repeat(n, 1, 1), y_a.repeat(n, 1, 1))
        return CriticStep(q, self.env.tangent(s, q_s), q_a, stacked, self.critic.parameters)

    def update_critic(self, batch, target):
        """Move the critics by one step on the Sobolev loss (Algorithm 1, line 12)."""
        n = self.config.critics
        if not self.config.matches_slopes:
            q = self.critic(batch.s.repeat(n, 1, 1), batch.a.repeat(n, 1, 1))
            loss, info = sobolev_loss(q, None, None, Target(target.y.repeat(n, 1), None, None), 0, 0)
        else:
            step = self.critic_step(batch, target)
            lam_s, lam_a, mask = self.config.weighting.weights(self.memory, step)
            loss, info = sobolev_loss(step.q, step.q_s, step.q_a, step.target, lam_s, lam_a, mask)
            info |= {"lam_s": _mean(lam_s, len(mask)), "lam_a": _mean(lam_a, len(mask))}
            info["kept"] = mask.to(step.q.dtype).mean(dim=-1)
        self.info |= info
        self.descend(loss, self.critic.parameters, self.critic_optimizer)
        self.updates += 1

    def action_slope(self, s, a, first):
        """Return Q's slope in a (S, B, n_a), without a graph: of each seed's first critic, or of the twins.

        The minimum's slope is that of the lesser critic.
        """
        count = 1 if first else self.config.critics
        critic = self.critic.first(count * self.n_seeds)
        with torch.no_grad():
            found = critic.value_and_slopes(s.repeat(count, 1, 1), a.repeat(count, 1, 1), once=True)
        q, q_a = (found[i].unflatten(0, (count, -1)) for i in (0, 2))
        if count == 1 or self.config.twins == "mean":
            return q_a.mean(dim=0)
        return torch.gather(q_a, 0, q.argmin(dim=0)[None, ..., None].expand(1, *q_a.shape[1:]))[0]

    def usable_slope(self, slope):
        """Return the simulator's ``slope`` (S, B, n_a) for the actor, zero where not usable; counted."""
        good = usable(slope, slope)
        self.counts["dropped_slopes"] += (~good).sum(dim=-1)
        return torch.where(good[..., None], slope, 0.0)

    def descend(self, loss, parameters, optimizer):
        """Take one step of ``optimizer`` down the gradient of ``loss``."""
        gradients = torch.autograd.grad(loss, parameters, materialize_grads=True, allow_unused=True)
        for weight, gradient in zip(parameters, gradients, strict=True):
            weight.grad = gradient.contiguous()  # fused Adam reads a transposed gradient in the wrong order
        optimizer.step()

    @torch.no_grad()
    def follow(self, target, online):
        """Move ``target``'s weights by tau towards ``online``'s (Algorithm 1, line 14)."""
        torch._foreach_lerp_(target.parameters, [x.detach() for x in online.parameters], self.config.tau)

    def record(self):
        """Measure what a recorded step asks for."""
        if self.step not in self.config.record or self.step in self.rows:
            return
        found = {"return": evaluate(self.env, self.actor, self.config.episodes)}
        found |= {name: x.unflatten(0, (-1, self.n_seeds)).mean(dim=0) for name, x in self.info.items()}
        if self.config.takes_slopes:
            found |= {name: x.to(self.env.dtype) for name, x in self.counts.items()}
        found |= self.probe(self) if self.probe else {}
        self._mark(
            ~torch.stack([x.isfinite().flatten(1).all(dim=1) for x in self.actor.parameters]).all(dim=0)
        )
        blank = ~self.alive
        self.rows[self.step] = {
            name: torch.where(blank, torch.nan, x.detach()).cpu().double().numpy()
            for name, x in found.items()
        }

    def goes_on(self, checkpoint=None, progress=None):
        """Record and save what is due; return whether there is a step to take."""
        self.record()
        done = self.step >= self.config.steps or not self.alive.any()
        if progress and self.step > self.told:
            progress(self.step - self.told)  # more than one where a run was taken up again
            self.told = self.step
        if checkpoint:
            checkpoint.keep(self, done)
        return not done

    def history(self):
        """Return the ``ControlHistory``; names that some rows lack are NaN there."""
        steps, names = sorted(self.rows), sorted({name for row in self.rows.values() for name in row})
        nothing = np.full(self.n_seeds, np.nan)
        rows = {name: np.stack([self.rows[k].get(name, nothing) for k in steps]) for name in names}
        return ControlHistory(self.env, self.config, np.array(steps), rows, self.diverged_at.numpy().copy(),
                              self.actor, self.critic)  # fmt: skip


def _mean(lam, n):
    """Return the mean weight of each critic, (n,)."""
    lam = torch.as_tensor(lam)
    return lam.mean(dim=(1, 2)) if lam.ndim == 3 else lam.mean().expand(n)
