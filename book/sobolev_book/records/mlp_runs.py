"""Training of MLP critics for records: the fast maximum, and runs that go on where they were interrupted."""

from pathlib import Path

import torch

from sobolev_book.records.checkpoint import dump, load
from sobolev_book.records.grid_max import best_action_index
from sobolev_book.records.returns import rollout_return
from sobolev_mini import validate
from sobolev_mini.networks import ACTIVATIONS, LEAKS, MLPCritic
from sobolev_mini.qlearning.measure import Measure
from sobolev_mini.qlearning.mlp_loop import MLPTraining
from sobolev_mini.toy import ToyProblem

EVERY = 200  # steps between two checkpoints


def train_mlp(problem, config, *, keep=(), checkpoint=None, progress=None, jitter=0.0, dtype=torch.float32):
    """Return the ``MLPHistory`` of ``qlearning.train_mlp``, its maximum found by ``grid_max``.

    Parameters
    ----------
    problem, config, keep, dtype : as in ``qlearning.train_mlp``
    checkpoint : path, optional; written every 200 steps and read at the start: an interrupted run goes on and
        ends in the same bytes. Raises ``ValueError`` where it holds another run
    progress : callable, optional; called with the number of steps done since it was last called
    jitter : relative normal noise on the start weights, >= 0: how far does rounding carry? Below 0 it
        raises ``ValueError``
    """
    jitter = validate.real("jitter", jitter, low=0)
    identity = repr((problem, config, sorted(set(keep)), jitter, dtype))
    if checkpoint and Path(checkpoint).exists():
        run = load(checkpoint, identity)["run"]
    else:
        run = MLPTraining(problem, config, keep, best_action_index, dtype)
        run.measure = RecordedMeasure(problem, run.actions, best_action_index)
        _shake(run, jitter)
        run.record()
    while run.step < config.steps:
        before = run.step
        while run.step < min(before + EVERY, config.steps):
            run.take_step()
        if checkpoint:
            dump({"identity": identity, "run": run}, checkpoint)
        if progress:
            progress(run.step - before)
    return run.history()


def critic_at(history, step):
    """Return the ``MLPCritic`` of an ``MLPHistory`` at a step whose weights it kept."""
    config = history.config
    critic = MLPCritic(1, 1, config.seeds, config.hidden, config.activation)
    critic.parameters = history.weights[step]
    return critic


def written_out(critic, s, a):
    """Return Q (S, B) and its slopes in s and a (S, B, n), as a chain of products to differentiate at will.

    ``MLPCritic.value_and_slopes`` returns the same, to be differentiated once and outside ``torch.func``.
    The critic has shape (S,) and no scales.
    """
    h, weights, slopes = torch.cat([s, a], dim=-1), critic.parameters[0::2], []
    activation, leak = ACTIVATIONS[critic.activation], LEAKS.get(critic.activation)
    for weight, bias in zip(weights[:-1], critic.parameters[1:-2:2], strict=True):
        z = torch.baddbmm(bias, h, weight)
        h = activation.value(z)
        slopes.append(activation.taylor(z)[1] if leak is None else torch.where(z > 0, z.new_ones(()), leak))
    q = torch.baddbmm(critic.parameters[-1], h, weights[-1])
    back = weights[-1].mT.expand(*q.shape[:-1], -1)  # dQ/dh of the last hidden layer
    for slope, weight in zip(reversed(slopes), reversed(weights[:-1]), strict=True):
        back = torch.bmm(back * slope, weight.mT)
    return q[..., 0], back[..., : critic.n_s], back[..., critic.n_s :]


class RecordedMeasure(Measure):
    """``Measure`` by ``written_out``: SiLU's last digit depends on the formula, and records show it.

    On the ``ToyProblem`` it measures the greedy policy's "return" too.
    """

    value_and_slopes = staticmethod(written_out)

    def __call__(self, critic):
        """Return name -> (S,), as ``Measure`` does, and "return"."""
        measured, grid = super().__call__(critic), self.actions[:, 0].double().numpy()
        if isinstance(self.problem, ToyProblem):
            with torch.no_grad():
                states = (self.batch(critic, x) for x in (self.states, grid))
                taken = (self.argmax(critic, s, self.actions).numpy() for s in states)
            measured["return"] = rollout_return(self.problem, self.states, grid, *taken)
        return measured


@torch.no_grad()
def _shake(run, jitter):
    """Put noise on the start weights of critic and target critic, the same on both and for every seed."""
    generator = torch.Generator().manual_seed(0)
    for x in run.critic.parameters:
        x *= 1 + jitter * torch.randn(x.shape, generator=generator, dtype=x.dtype)
    run.copy_weights()
