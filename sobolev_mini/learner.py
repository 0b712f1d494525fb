"""What DDPG and SAC share: environments, buffer, networks, optimisers, generators."""

import math
import warnings

import torch

from sobolev_mini import validate
from sobolev_mini.envs import Step, Transition
from sobolev_mini.envs.protocol import checked, clip_jacobians, examined
from sobolev_mini.envs.rollout import uniform
from sobolev_mini.losses import VALUE_ONLY
from sobolev_mini.networks import MLPCritic
from sobolev_mini.replay import ReplayBuffer

FAR = 1e3  # scales of the state: beyond, a step may overflow, and no simulator is to blame
GOLDEN = (5**0.5 - 1) / 2
STORED = ("s_next", "r", "terminated", "s", "a")


class Learner:
    """State of one run, all seeds side by side; ``ddpg`` and ``sac`` move it.

    Parameters
    ----------
    env, config : a DifferentiableEnv, a ``kind`` (DDPGConfig or SACConfig); others raise ``ValueError``
    make_actor : the actor's class

    Attributes
    ----------
    critic, target_critic : ``MLPCritic`` of shape (C, S); actor, target_actor : of S seeds
    critic_optimizer, actor_optimizer : Adam; generators : S, one a seed
    replay : ``ReplayBuffer`` of all transitions; linearized : of the share with Jacobians, or None
    slopes : of how many samples of a batch the slopes count: True for all, False for none
    rule, memory : the weighting and what it remembers
    step, updates : environment steps and updates taken so far
    states : (S, n_envs, n_s), where the environments stand; age : (S, n_envs), steps of episodes under way
    diverged_at : (S,) the environment step at which a seed's numbers left the finite ones, -1 while they are
    """

    def __init__(self, env, config, kind, make_actor):
        examined(env)
        if not isinstance(config, kind):
            raise ValueError(f"config: got {type(config).__name__}, wanted a {kind.__name__}")
        self.env, self.config, self.n_seeds, self.step, self.updates = env, config, len(config.seeds), 0, 0
        if config.updates and config.start > config.steps:
            raise ValueError(f"start: got {config.start}, wanted at most {config.steps} steps, or updates=0")
        width = env.n_s + env.n_a + config.critics * sum(config.hidden)
        validate.fits("batch_size", config.batch_size, self.n_seeds * width, env.dtype.itemsize)
        # Actor and critics of a seed draw from seeds of their own.
        of = [[(config.critics + 1) * seed + k for seed in config.seeds] for k in range(config.critics + 1)]
        layers, scales = (config.hidden, config.activation), torch.cat([env.state_scale, env.action_scale])
        self.critic, self.target_critic = (
            MLPCritic(env.n_s, env.n_a, of[1:], *layers, env.dtype, env.device, scales) for _ in range(2)
        )
        self.actor, self.target_actor = (make_actor(env, of[0], *layers) for _ in range(2))
        for x in self.target_critic.parameters + self.target_actor.parameters:
            x.requires_grad_(False)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters, lr=config.critic_lr, fused=True)
        self.actor_optimizer = torch.optim.Adam(self.actor.parameters, lr=config.actor_lr, fused=True)
        stored = config.steps * config.n_envs if config.capacity is None else config.capacity
        self.slopes, self.linearized = config.matches_slopes, None
        if config.matches_slopes and (config.slope_batch or config.batch_size) < config.batch_size:
            self.slopes = config.slope_batch
            if config.cached:
                share = math.ceil(stored * self.slopes / config.batch_size) + config.n_envs
                self.linearized = ReplayBuffer(env, share, self.n_seeds)
        cached = config.cached and self.slopes is True
        self.replay = ReplayBuffer(env, stored, self.n_seeds, cached)
        self.generators = [torch.Generator().manual_seed(seed) for seed in config.seeds]
        self.rule = config.weighting if config.matches_slopes else VALUE_ONLY
        self.memory = self.rule.start(env, self.critic.shape)
        self.states = torch.stack([env.reset(config.n_envs, g) for g in self.generators])
        env.check(self.states, self.states.new_zeros(*self.states.shape[:-1], env.n_a))
        self.age = torch.zeros(self.n_seeds, config.n_envs, dtype=torch.long)
        self.diverged_at = torch.full((self.n_seeds,), -1)
        self.tangent, self.blamed = env.turn, torch.zeros(self.n_seeds, dtype=torch.bool, device=env.device)

    def uniform_actions(self):
        """Return actions (S, n_envs, n_a), even within the limits or, without any, the scale."""
        return torch.stack([uniform(self.env, self.config.n_envs, g) for g in self.generators])

    @torch.no_grad()
    def collect(self, a):
        """Step every seed's environments under a (S, n_envs, n_a), store it; ended episodes begin anew.

        Returns what was counted on the way, name -> (S,). A seed whose step is not finite has diverged, the
        others go on; at the first step that raises ``ValueError``.
        """
        self.mark(~a.isfinite().flatten(1).all(dim=1))
        a = torch.where(self.alive[:, None, None], a, 0.0)
        step = self.env.step(self.states, a)
        step = step if self.step else checked(self.env, step, self.states)
        fine = step.s_next.isfinite().flatten(1).all(dim=1) & step.r.isfinite().flatten(1).all(dim=1)
        if not fine.all():
            step = self._lost(step, fine)
        new = Transition(step.s_next, step.r, step.terminated, self.states, a, None)
        jacobians, counted = self._jacobians(a)
        self.replay.add(new, jacobians if self.replay.cached else None)
        if self.linearized and jacobians:
            self.linearized.add(new, jacobians)
        self.age += 1
        # A time limit truncates: the buffer says "not terminated", the target bootstraps through it.
        over = step.terminated.cpu() | (self.age >= self.env.time_limit)
        self.states = step.s_next.clone()
        for i in over.any(dim=1).nonzero()[:, 0].tolist():
            ended = over[i].nonzero()[:, 0]
            fresh = self.env.reset(len(ended), self.generators[i])
            self.states[i, ended.to(self.env.device)], self.age[i, ended] = fresh, 0
        self.step += 1
        return counted

    def _lost(self, step, fine):
        """Return the ``Step`` with seeds that are not ``fine`` (S,) bool where they were, and mark them."""
        if self.step == 0:
            raise ValueError("env: its step 1 returned numbers that are not finite")
        far = self._far()
        self.mark(~fine & far, "the closed loop ran away")
        self.mark(~fine & ~far, "the simulator's numbers are not finite")
        s_next = torch.where(fine[:, None, None], step.s_next, self.states)
        return Step(s_next, torch.where(fine[:, None], step.r, 0.0), step.terminated | ~fine[:, None])

    def _jacobians(self, a):
        """Return the ``Linearization`` to be stored within its bound, or None, and what was clipped.

        Where a share of the batch has slopes, so large a share of the steps is due: those that the golden
        ratio's multiples pick, which falls in step with nothing.
        """
        if self.linearized:
            due = GOLDEN * self.step % 1 < self.slopes / self.config.batch_size
        if not (due if self.linearized else self.replay.cached):
            return None, {}
        linearization, bound = self.env.linearize(self.states, a), self.config.jacobian_clip
        fine = [x.isfinite().flatten(1).all(dim=1) for x in vars(linearization).values()]
        bad = ~torch.stack(fine).all(dim=0) & ~self._far() & ~self.blamed
        self.blamed |= bad
        self._warn(bad, "got slopes from their simulator that are not finite, and count for nothing")
        if bound is None:
            return linearization, {}
        linearization, over = clip_jacobians(linearization, self.env, bound)
        return linearization, {"clipped_jacobians": over.sum(dim=-1)}

    @property
    def alive(self):
        """Which seeds have not diverged, (S,) bool."""
        return (self.diverged_at < 0).to(self.env.device)

    @property
    def done(self):
        """Whether there is no environment step left to take."""
        return self.step >= self.config.steps or not self.alive.any()

    def mark(self, bad, why="weights not finite"):
        """Note that seeds ``bad`` (S,) bool have diverged, and warn."""
        new = bad.cpu() & (self.diverged_at < 0)
        self.diverged_at[new] = self.step
        self._warn(new, f"diverged by step {self.step}: {why}")

    def _far(self):
        """Return which seeds (S,) have a state far out."""
        return (self.states.abs() > FAR * self.env.state_scale).flatten(1).any(dim=1)

    def _warn(self, which, what):
        seeds = [seed for seed, one in zip(self.config.seeds, which.tolist(), strict=True) if one]
        if seeds:
            warnings.warn(f"seeds {seeds} {what}", stacklevel=4)

    def sample(self):
        """Return a batch of stored transitions (S, B)."""
        n = self.config.batch_size
        if not self.linearized:
            return self.replay.sample(n, self.generators)
        first = self.linearized.sample(self.slopes, self.generators)
        rest = self.replay.sample(n - self.slopes, self.generators)
        joined = [torch.cat([getattr(x, name) for x in (first, rest)], dim=1) for name in STORED]
        return Transition(*joined, first.pullback)


def train(run, recorder, act, update, callbacks):
    """Move ``run`` to its end (Algorithm 1) and return the recorder's ``ControlHistory``.

    Parameters
    ----------
    run, recorder : a ``Learner``, a ``Recorder``
    act : callable, run -> the actions to take (S, n_envs, n_a)
    update : callable (run, batch) -> what was measured, by name
    callbacks : as in ``ddpg.train_ddpg``
    """
    config = run.config
    for callback in callbacks:
        callback(run, recorder)
    recorder(run)
    while not run.done:
        recorder.saw(run.collect(act(run)))
        for _ in range(config.updates if run.step >= max(config.start, 1) else 0):
            recorder.saw(update(run, run.sample()))
        recorder(run)
        for callback in callbacks:
            callback(run, recorder)
    return recorder.history(run)
