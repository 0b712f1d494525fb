"""A run of DDPG or SAC written down and taken up again, to the same bytes; and its progress told."""

import time
from pathlib import Path

import torch

from sobolev_book.records.atomic import written
from sobolev_mini import validate

PLAIN = ("step", "updates", "memory", "regions")  # of a run, beside its tensors
EVERY = 180.0  # seconds between two of a run's checkpoints


class TimeUp(Exception):
    """A run stopped at the time that it was told to; the same command goes on."""


class Progress:
    """A callback of training: ``told`` is called with the steps since it was last called."""

    def __init__(self, told):
        self.told, self.step = told, 0

    def __call__(self, run, recorder):
        """Tell; more than one step where a run was taken up again."""
        if run.step > self.step:
            self.told(run.step - self.step)
            self.step = run.step


class Checkpoint:
    """A callback of training that takes up the run at ``path`` and writes it down, the buffer beside it.

    Parameters
    ----------
    path : a path, or None to write nothing
    every : seconds between two, >= 0, by default 180; the end of a run is always written
    until : time (``time.time()``) after which the next one is the last: ``TimeUp`` follows it

    Raises ``ValueError`` for ``every`` below 0 and, when called, for a checkpoint of another run.
    """

    def __init__(self, path, every=None, until=None):
        self.path, self.until = path and Path(path), until
        self.every = validate.real("every", EVERY if every is None else every, low=0)
        self.last, self.first = time.monotonic(), None

    def __call__(self, run, recorder):
        """At the start resume; after a step write the run down if it is time to, or if it is done."""
        if self.first is None:
            if self.path and self.path.exists():
                resume(run, recorder, self.path)
            self.first = run.step  # one step at least is taken
            return
        over = self.until is not None and run.step > self.first and time.time() >= self.until
        if self.path and (run.done or over or time.monotonic() - self.last >= self.every):
            save(run, recorder, self.path)
            self.last = time.monotonic()
        if over and not run.done:
            raise TimeUp(f"step {run.step} of {run.config.steps}")


def _tensors(run):
    """Return the run's own tensors that the rest of it depends on."""
    networks = (run.actor, run.target_actor, run.critic, run.target_critic)
    tensors = [x.data for network in networks for x in network.parameters]
    return tensors + [x.data for x in vars(run).values() if isinstance(x, torch.Tensor)]


def _buffers(run):
    return [x for x in (run.replay, run.linearized) if x]


def _optimizers(run):
    return [x for x in vars(run).values() if isinstance(x, torch.optim.Optimizer)]


def dump(state, path):
    """Write ``state`` to ``path`` with ``torch.save``, whole or not at all."""
    written(path, lambda part: torch.save(state, part))


def save(run, recorder, path):
    """Write everything to ``path``, and the buffer beside it; the first is written last."""
    buffer = Path(f"{path}.{run.step}.replay")
    dump([x.state() for x in _buffers(run)], buffer)
    state = {
        "identity": _identity(run),
        "buffer": buffer.name,
        "tensors": _tensors(run),
        "optimizers": [x.state_dict() for x in _optimizers(run)],
        "generators": [g.get_state() for g in run.generators],
        "run": {name: vars(run)[name] for name in PLAIN if name in vars(run)},
        "recorder": {name: vars(recorder)[name] for name in ("rows", "counts", "info")},
    }
    dump(state, path)
    for old in Path(path).parent.glob(f"{Path(path).name}.*.replay"):
        if old.name != buffer.name:
            old.unlink()


def load(path, identity):
    """Return the dict that ``path`` holds; ``ValueError`` where its "identity" is another run's."""
    saved = torch.load(path, weights_only=False)
    if saved["identity"] != identity:
        raise ValueError(f"checkpoint: got {path}, which holds another run; wanted one of this config")
    return saved


def resume(run, recorder, path):
    """Take up the run that ``path`` holds; ``ValueError`` where it is another's."""
    saved = load(path, _identity(run))
    torch._foreach_copy_(_tensors(run), saved["tensors"])
    for optimizer, state in zip(_optimizers(run), saved["optimizers"], strict=True):
        optimizer.load_state_dict(state)
    for generator, state in zip(run.generators, saved["generators"], strict=True):
        generator.set_state(state)
    buffer = Path(path).parent / saved["buffer"]
    states = torch.load(buffer, map_location=run.env.device, weights_only=True)
    for x, state in zip(_buffers(run), states, strict=True):
        x.restore(state)
    vars(run).update(saved["run"])
    vars(recorder).update(saved["recorder"])


def _identity(run):
    env = {
        name: str(x) for name, x in sorted(vars(run.env).items()) if name[0] != "_" and " at 0x" not in str(x)
    }
    return repr((type(run.env).__name__, env, run.config))
