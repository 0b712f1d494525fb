"""Q-learning of the MLP critic: every seed of a run in one set of weights.

One step is Algorithm 1, lines 6 to 14: a batch a seed, the greedy action held still, the
first-order target through the environment's pull-back, the Sobolev loss, Adam, the target's refresh.
"""

from pathlib import Path

import numpy as np
import torch

from sobolev_mini import envs, validate
from sobolev_mini.atomic import written
from sobolev_mini.coupled import CoupledToy
from sobolev_mini.critics import MLPCritic
from sobolev_mini.losses import sobolev_loss
from sobolev_mini.qlearning.config import QConfig
from sobolev_mini.qlearning.grid_max import best_action_index
from sobolev_mini.qlearning.measure import Measure, MLPHistory
from sobolev_mini.quadratic import action_grid
from sobolev_mini.targets import td_target
from sobolev_mini.toy import ToyProblem

CHUNK = 200  # steps between checkpoints; their samples are drawn at a time


def train_mlp(problem, config, *, keep=(), checkpoint=None, progress=None, jitter=0.0, dtype=torch.float32):
    """Return the ``MLPHistory`` of training an MLP critic on ``problem`` by ``config``.

    Parameters
    ----------
    problem : ToyProblem or CoupledToy
    config : QConfig
    keep : steps whose weights the history keeps, at most ``config.steps``
    checkpoint : path, optional
        Written every 200 steps and read at the start: a run that was interrupted goes on and ends
        in the same bytes. Raises ``ValueError`` where it holds another run.
    progress : callable, optional
        Called with the number of steps done since it was last called.
    jitter : relative normal noise on the start weights, >= 0: how far does rounding carry?
    dtype : of weights and arithmetic

    Notes
    -----
    A seed draws its weights and, by ``numpy.random.default_rng(seed)``, its samples as
    ``train_quadratic`` does: methods see the same samples and can be compared in pairs. With
    ``config.samples`` that many are drawn first and batches are drawn from them, with replacement.
    """
    if not isinstance(problem, ToyProblem | CoupledToy):
        raise ValueError(f"problem: got {type(problem).__name__}, wanted a ToyProblem or CoupledToy")
    if not isinstance(config, QConfig):
        raise ValueError(f"config: got {type(config).__name__}, wanted a QConfig")
    config.needs_default("train_mlp", "init")
    keep = sorted(set(keep))
    if any(not 0 <= step <= config.steps for step in keep):
        raise ValueError(f"keep: got {keep}, wanted steps from 0 to {config.steps}")
    run = _Run(problem, config, keep, validate.real("jitter", jitter, low=0), dtype)
    run.resume(checkpoint)
    while run.step < config.steps:
        n = min(CHUNK, config.steps - run.step)
        batches = np.stack([draw(n) for draw in run.samplers])  # (S, n, 2, batch)
        for i in range(n):
            run.take_step(torch.as_tensor(batches[:, i], dtype=dtype))
        run.save(checkpoint)
        if progress:
            progress(n)
    return run.history()


class _Run:
    """What training holds: critic, target critic, optimiser, samplers, and what was measured."""

    def __init__(self, problem, config, keep, jitter, dtype):
        self.problem, self.config, self.keep, self.jitter, self.step = problem, config, keep, jitter, 0
        carry = {"carry": problem.carry} if isinstance(problem, CoupledToy) else {}
        self.env = envs.make("toy1d", slope=problem.slope, discount=problem.discount, dtype=dtype, **carry)
        made = [MLPCritic(1, 1, config.seeds, config.hidden, config.activation, dtype) for _ in range(2)]
        for critic in made:
            generator = torch.Generator().manual_seed(0)
            for x in self._data(critic):
                x *= 1 + jitter * torch.randn(x.shape, generator=generator, dtype=dtype)
        self.critic = made[0]
        self.target = made[0] if config.target == "current" else made[1]
        self.actions = torch.as_tensor(action_grid(config.n_actions), dtype=dtype)[:, None]
        optimizer = torch.optim.Adam if config.optimizer == "adam" else torch.optim.SGD
        self.optimizer = optimizer(self.critic.parameters, lr=config.lr, fused=True)
        self.samplers = [Sampler(seed, config) for seed in config.seeds]
        self.measure = Measure(problem, self.actions)
        self.rows, self.weights = {}, {}
        self._record()

    def take_step(self, batch):
        """Move the weights by one step on ``batch`` (S, 2, B), then refresh the target."""
        config = self.config
        s, a = batch[:, 0, :, None], batch[:, 1, :, None]
        transition = self.env.transition(s, a)
        best = self.actions[best_action_index(self.target, transition.s_next, self.actions)]
        target = td_target(transition, lambda s_next: self.target(s_next, best), self.problem.discount)
        if config.lam_s or config.lam_a:
            found = self.critic.value_and_slopes(s, a, once=True)
        else:
            found = self.critic(s, a), None, None
        loss, _ = sobolev_loss(*found, target, config.lam_s, config.lam_a)
        gradients = torch.autograd.grad(
            loss, self.critic.parameters, materialize_grads=True, allow_unused=True
        )
        for weight, gradient in zip(self.critic.parameters, gradients, strict=True):
            weight.grad = gradient.contiguous()  # fused Adam reads a transposed gradient in the wrong order
        self.optimizer.step()
        self.step += 1
        self._refresh()
        self._record()

    def _refresh(self):
        config = self.config
        if config.target == "polyak":
            torch._foreach_lerp_(self._data(self.target), self._data(self.critic), config.tau)
        elif config.target == "hard" and self.step % config.refresh_every == 0:
            torch._foreach_copy_(self._data(self.target), self._data(self.critic))

    def _record(self):
        if self.step in self.config.record:
            self.rows[self.step] = self.measure(self.critic)
        if self.step in self.keep:
            self.weights[self.step] = [x.clone() for x in self._data(self.critic)]

    @staticmethod
    def _data(critic):
        return [x.data for x in critic.parameters]

    def save(self, path):
        """Write everything that the rest of the run depends on, whole or not at all."""
        if path is None:
            return
        state = {
            "identity": self._identity(),
            "step": self.step,
            "critic": self._data(self.critic),
            "target": self._data(self.target),
            "optimizer": self.optimizer.state_dict(),
            "samplers": [sampler.rng.bit_generator.state for sampler in self.samplers],
            "rows": self.rows,
            "weights": self.weights,
        }
        written(path, lambda part: torch.save(state, part))

    def resume(self, path):
        """Take up the run that ``path`` holds, if there is one."""
        if path is None or not Path(path).exists():
            return
        state = torch.load(path, weights_only=False)
        if state["identity"] != self._identity():
            raise ValueError(f"checkpoint: got {path}, which holds another run; wanted one of this config")
        for name in ("critic", "target"):
            torch._foreach_copy_(self._data(getattr(self, name)), state[name])
        self.optimizer.load_state_dict(state["optimizer"])
        for sampler, rng in zip(self.samplers, state["samplers"], strict=True):
            sampler.rng.bit_generator.state = rng
        self.step, self.rows, self.weights = state["step"], state["rows"], state["weights"]

    def _identity(self):
        return repr((self.problem, self.config, self.keep, self.jitter, self.critic.parameters[0].dtype))

    def history(self):
        """Return the ``MLPHistory`` of what was measured."""
        return MLPHistory.of(self.problem, self.config, self.rows, self.weights)


class Sampler:
    """Draws one seed's batches: fresh pairs (s, a), or pairs of a fixed data set."""

    def __init__(self, seed, config):
        self.rng, self.batch_size = np.random.default_rng(seed), config.batch_size
        self.data = None if config.samples is None else self.rng.uniform(-1, 1, (2, config.samples))

    def __call__(self, n):
        """Return the next n batches, (n, 2, batch_size), s first."""
        if self.data is None:
            return self.rng.uniform(-1, 1, (n, 2, self.batch_size))
        picks = self.rng.integers(self.data.shape[1], size=(n, self.batch_size))
        return self.data[:, picks].swapaxes(0, 1)
