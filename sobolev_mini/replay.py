"""The extended replay buffer: transitions with their derivatives (paper, Algorithm 1, lines 4 to 6)."""

import math

import torch

from sobolev_mini import validate
from sobolev_mini.targets import Linearization, Transition

DERIVATIVES = ("f_s", "f_a", "r_s", "r_a")


class ReplayBuffer:
    """The last ``capacity`` transitions of every seed, allocated at once; the oldest give way.

    Parameters
    ----------
    env : the environment; sizes, dtype and device are its
    capacity : transitions a seed, >= 1 and no more than the memory holds, else ``ValueError``
    n_seeds : S, independent buffers side by side
    cached : whether derivatives are stored beside the transitions; else a sample asks the simulator for its
        pull-back again

    Attributes
    ----------
    size : transitions stored, at most ``capacity``
    """

    def __init__(self, env, capacity, n_seeds=1, cached=True):
        self.env, self.cached = env, bool(cached)
        self.capacity = validate.whole("capacity", capacity, 1)
        self.n_seeds = validate.whole("n_seeds", n_seeds, 1)
        n, m = env.n_s, env.n_a
        shapes = {"s": (n,), "a": (m,), "s_next": (n,), "r": (), "terminated": ()}
        if self.cached:
            shapes |= {"f_s": (n, n), "f_a": (n, m), "r_s": (n,), "r_a": (m,)}
        numbers = sum(math.prod(shape) for shape in shapes.values())
        validate.fits("capacity", self.capacity, self.n_seeds * numbers, env.dtype.itemsize)
        kinds = {name: torch.bool if name == "terminated" else env.dtype for name in shapes}
        self._data = {
            name: torch.zeros(self.n_seeds, self.capacity, *shape, dtype=kinds[name], device=env.device)
            for name, shape in shapes.items()
        }
        self.size = self._next = 0

    def add(self, transition, linearization=None):
        """Store ``transition``, a batch (S, B) of B new ones a seed, with its derivatives.

        ``linearization`` gives them; without it a buffer that caches asks ``env.linearize``.
        Raises ``ValueError`` where a shape or a dtype is wrong, and stores nothing then.
        """
        if self.cached and linearization is None:
            linearization = self.env.linearize(transition.s, transition.a)
        new = {
            name: getattr(linearization if name in DERIVATIVES else transition, name) for name in self._data
        }
        count = new["s"].shape[1] if new["s"].ndim == 3 else 0
        for name, x in new.items():
            kept = self._data[name]
            if x.shape != (self.n_seeds, count, *kept.shape[2:]) or count == 0:
                raise ValueError(f"{name}: got shape {tuple(x.shape)}, wanted {('S', 'B', *kept.shape[2:])}"
                                 f" with S = {self.n_seeds}, B > 0")  # fmt: skip
            if x.dtype != kept.dtype or x.device != kept.device:
                raise ValueError(f"{name}: got {x.dtype} on {x.device}, wanted {kept.dtype} on {kept.device}")
        if count > self.capacity:
            raise ValueError(f"transition: got {count} at once, wanted at most the capacity, {self.capacity}")
        places = (self._next + torch.arange(count)) % self.capacity
        for name, x in new.items():
            self._data[name][:, places] = x.detach()
        self._next = (self._next + count) % self.capacity
        self.size = min(self.size + count, self.capacity)

    def sample(self, n, generators):
        """Return a ``Transition`` of n stored ones a seed (S, n), drawn evenly with replacement.

        ``generators`` are S ``torch.Generator``, so that a seed's draws are its own. Raises ``ValueError``
        for another number of them, and while the buffer is empty.
        """
        n = validate.whole("n", n, 1)
        if self.size == 0:
            raise ValueError("size: got an empty buffer, wanted at least one transition to sample from")
        if len(generators) != self.n_seeds:
            raise ValueError(f"generators: got {len(generators)}, wanted one for each of {self.n_seeds}")
        drawn = torch.stack([torch.randint(self.size, (n,), generator=g) for g in generators])
        return self.at(drawn.to(self.env.device))

    def at(self, places):
        """Return the ``Transition`` at ``places`` (S, n); its pull-back is cached, or the simulator's own."""
        rows = torch.arange(self.n_seeds, device=self.env.device)[:, None]
        batch = {name: x[rows, places] for name, x in self._data.items()}
        if self.cached:
            pullback = Linearization(*(batch.pop(name) for name in DERIVATIVES)).pullback
        else:
            def pullback(v):  # of the first samples, as many as v has
                s, a = (batch[name][:, : v.shape[-2]] for name in "sa")
                return self.env.transition(s, a).pullback(v)

        return Transition(**batch, pullback=pullback)

    def state(self):
        """Return everything that ``restore`` takes, tensors of their own."""
        filled = {name: x[:, : self.size].clone() for name, x in self._data.items()}
        return {"data": filled, "next": self._next, "capacity": self.capacity}

    def restore(self, state):
        """Take back what ``state`` returned, to the bit. Raises ``ValueError`` for another buffer's."""
        if (state["capacity"], state["data"].keys()) != (self.capacity, self._data.keys()):
            raise ValueError(f"state: got capacity {state['capacity']} with {sorted(state['data'])}, "
                             f"wanted {self.capacity} with {sorted(self._data)}")  # fmt: skip
        size = state["data"]["r"].shape[1]
        for name, x in state["data"].items():
            like = self._data[name][:, :size]
            if x.shape != like.shape or x.dtype != like.dtype:
                got, expected = (f"{y.dtype} {tuple(y.shape)}" for y in (x, like))
                raise ValueError(f"{name}: got {got}, wanted {expected}")
        for name, x in state["data"].items():
            self._data[name][:, :size] = x
        self.size, self._next = size, state["next"]
