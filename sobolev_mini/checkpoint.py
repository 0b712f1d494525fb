"""A run written down and taken up again, to the same bytes."""

import time
from pathlib import Path

import torch

from sobolev_mini import validate
from sobolev_mini.atomic import written


class TimeUp(Exception):
    """A run stopped at the time that it was told to; the same command goes on."""


EVERY = 180.0  # seconds between two of a run's checkpoints


class Checkpoint:
    """Where a run is written down, and how often: at ``path``, the buffer beside it.

    Parameters
    ----------
    path : a path, another ``Checkpoint`` to be taken as it is, or None to write nothing
    every : seconds between two, by default 180; the end of a run is always written
    until : time (``time.time()``) after which the next one is the last: ``TimeUp`` follows it
    """

    def __init__(self, path, every=None, until=None):
        given = path if isinstance(path, Checkpoint) else None
        self.path = given.path if given else path and Path(path)
        self.every = (
            given.every if given else validate.real("every", EVERY if every is None else every, low=0)
        )
        self.until = given.until if given else until
        self.last, self.first = time.monotonic(), None

    def keep(self, run, done):
        """Write ``run`` down if it is time to, or if it is done."""
        self.first = run.step if self.first is None else self.first  # one step at least is taken
        over = self.until is not None and run.step > self.first and time.time() >= self.until
        if self.path and run.step and (done or over or time.monotonic() - self.last >= self.every):
            save(run, self.path)
            self.last = time.monotonic()
        if over and not done:
            raise TimeUp(f"step {run.step} of {run.config.steps}")


def _state(run):
    """Return what the rest of the run depends on, by name; tensors are the run's own."""
    networks = (run.actor, run.target_actor, run.critic, run.target_critic)
    optimizers = [run.actor_optimizer, run.critic_optimizer]
    tensors = [x.data for network in networks for x in network.parameters]
    tensors += [run.states, run.age, run.diverged_at, *run.counts.values()]
    tensors += [x.data for x in run.extra.values() if isinstance(x, torch.Tensor)]
    return tensors, optimizers


def save(run, path):
    """Write everything to ``path``, and the buffer beside it; the first is written last."""
    tensors, optimizers = _state(run)
    buffer = Path(f"{path}.{run.step}.replay")
    run.replay.save(buffer)
    state = {
        "identity": _identity(run),
        "buffer": buffer.name,
        "tensors": tensors,
        "optimizers": [x.state_dict() for x in optimizers],
        "generators": [g.get_state() for g in run.generators],
        "counts": (run.step, run.updates),
        "memory": run.memory,
        "extra": {name: x for name, x in run.extra.items() if not isinstance(x, torch.Tensor)},
        "info": run.info,
        "rows": run.rows,
    }
    written(path, lambda part: torch.save(state, part))
    for old in Path(path).parent.glob(f"{Path(path).name}.*.replay"):
        if old.name != buffer.name:
            old.unlink()


def resume(run, path):
    """Take up the run that ``path`` holds, if there is one; ``ValueError`` where it is another's."""
    if path is None or not Path(path).exists():
        return
    saved = torch.load(path, weights_only=False)
    if saved["identity"] != _identity(run):
        raise ValueError(f"checkpoint: got {path}, which holds another run; wanted one of this config")
    tensors, optimizers = _state(run)
    torch._foreach_copy_(tensors, saved["tensors"])
    for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
        optimizer.load_state_dict(state)
    for generator, state in zip(run.generators, saved["generators"], strict=True):
        generator.set_state(state)
    run.replay.load(Path(path).parent / saved["buffer"])
    run.step, run.updates = saved["counts"]
    run.memory, run.info, run.rows = saved["memory"], saved["info"], saved["rows"]
    run.extra |= saved["extra"]


def _identity(run):
    env = {
        name: str(x) for name, x in sorted(vars(run.env).items()) if name[0] != "_" and " at 0x" not in str(x)
    }
    return repr((type(run.env).__name__, env, run.config))
