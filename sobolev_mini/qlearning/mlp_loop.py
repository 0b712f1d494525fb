"""Q-learning of the MLP critic: every seed of a run in the same tensors.

An update is Algorithm 1, lines 6 to 14: a batch a seed, the greedy action held still, the
target through the environment's pull-back, the Sobolev loss, Adam, the target's refresh.
"""

import numpy as np
import torch

from sobolev_mini import envs
from sobolev_mini.losses import sobolev_loss
from sobolev_mini.networks import MLPCritic, descend, follow
from sobolev_mini.qlearning.config import QConfig
from sobolev_mini.qlearning.measure import Measure, MLPHistory, best_action_index
from sobolev_mini.quadratic import action_grid
from sobolev_mini.targets import td_target


def train_mlp(problem, config, *, keep=(), progress=None, argmax=best_action_index, dtype=torch.float32):
    """Return the ``MLPHistory`` of training an MLP critic on ``problem`` by ``config``.

    Parameters
    ----------
    problem : ToyProblem, or another with its slope, discount and ``optimal_*`` methods whose ``carry``
        kappa makes the next state tanh(kappa s + a)
    config : QConfig
    keep : updates after which the history keeps the weights, at most ``config.steps``
    progress : callable, optional; called with 1 after every update
    argmax : callable (critic, s (S, B, 1), actions (A, 1)) -> index (S, B) of the best action
    dtype : of weights and arithmetic

    Notes
    -----
    Weights and samples (``numpy.random.default_rng(seed)``) are a seed's own, whatever the method: runs can
    be compared in pairs. With ``config.samples`` batches are drawn from that many, with replacement.
    Raises ``ValueError`` for a problem, a config or an update to keep of the wrong kind.
    """
    run = MLPTraining(problem, config, keep, argmax, dtype)
    run.record()
    while run.step < config.steps:
        run.take_step()
        if progress:
            progress(1)
    return run.history()


class MLPTraining:
    """A run under way, with what was measured so far; raises ``ValueError`` as ``train_mlp`` does.

    ``step`` counts updates; ``measured`` maps it to what ``Measure`` returns, ``weights`` to parameters.
    """

    def __init__(self, problem, config, keep=(), argmax=best_action_index, dtype=torch.float32):
        if not (hasattr(problem, "optimal_q") and hasattr(problem, "discount")):
            raise ValueError(f"problem: got {type(problem).__name__}, wanted a ToyProblem or one like it")
        if not isinstance(config, QConfig):
            raise ValueError(f"config: got {type(config).__name__}, wanted a QConfig")
        config.needs_default("train_mlp", "init")
        self.problem, self.config, self.keep, self.argmax = problem, config, sorted(set(keep)), argmax
        if any(not 0 <= step <= config.steps for step in self.keep):
            raise ValueError(f"keep: got {self.keep}, wanted steps from 0 to {config.steps}")
        self.env = envs.Toy1D(problem.slope, problem.discount, getattr(problem, "carry", None), dtype)
        critics = [MLPCritic(1, 1, config.seeds, config.hidden, config.activation, dtype) for _ in range(2)]
        self.critic, self.target = critics[0], critics[0 if config.target == "current" else 1]
        optimizer = torch.optim.Adam if config.optimizer == "adam" else torch.optim.SGD
        self.optimizer = optimizer(self.critic.parameters, lr=config.lr, fused=True)
        self.samplers = [Sampler(seed, config) for seed in config.seeds]
        self.actions = torch.as_tensor(action_grid(config.n_actions), dtype=dtype)[:, None]
        self.measure = Measure(problem, self.actions, argmax)
        self.step, self.measured, self.weights = 0, {}, {}

    def take_step(self):
        """Update the weights on a batch a seed, refresh the target, record what is due."""
        config = self.config
        batch = torch.as_tensor(np.stack([draw() for draw in self.samplers]), dtype=self.env.dtype)
        s, a = batch[:, 0, :, None], batch[:, 1, :, None]
        slopes = bool(config.lam_s or config.lam_a)
        q, q_s, q_a = self.critic.value_and_slopes(s, a, slopes=slopes)
        loss, _ = sobolev_loss(q, q_s, q_a, self.labels(s, a, slopes), config.lam_s, config.lam_a)
        descend(loss, self.critic.parameters, self.optimizer)
        self.step += 1
        if config.target == "polyak":
            follow(self.target, self.critic, config.tau)
        elif config.target == "hard" and self.step % config.refresh_every == 0:
            self.copy_weights()
        self.record()

    def labels(self, s, a, slopes):
        """Return the ``Target`` of a batch (S, B, 1), its slopes only if wanted."""
        transition = self.env.transition(s, a)
        best = self.actions[self.argmax(self.target, transition.s_next, self.actions)]
        return td_target(transition, lambda x: self.target(x, best), self.problem.discount, slopes)

    @torch.no_grad()
    def copy_weights(self):
        """Copy the critic's weights into the target critic."""
        torch._foreach_copy_(self.target.parameters, self.critic.parameters)

    def record(self):
        """Measure the critic and keep its weights, where the config and ``keep`` name this update."""
        if self.step in self.config.recorded:
            self.measured[self.step] = self.measure(self.critic)
        if self.step in self.keep:
            self.weights[self.step] = [x.detach().clone() for x in self.critic.parameters]

    def history(self):
        """Return the ``MLPHistory`` so far."""
        steps = sorted(self.measured)
        names = self.measured[steps[0]] if steps else ()
        measured = {name: np.stack([self.measured[step][name] for step in steps]) for name in names}
        return MLPHistory(self.problem, self.config, np.array(steps, dtype=int), measured, self.weights)


class Sampler:
    """Draws a seed's batches: fresh pairs (s, a), or pairs of a fixed data set."""

    def __init__(self, seed, config):
        self.rng, self.batch_size = np.random.default_rng(seed), config.batch_size
        self.data = None if config.samples is None else self.rng.uniform(-1, 1, (2, config.samples))

    def __call__(self):
        """Return the next batch, (2, batch_size), s first."""
        if self.data is None:
            return self.rng.uniform(-1, 1, (2, self.batch_size))
        return self.data[:, self.rng.integers(self.data.shape[1], size=self.batch_size)]
