"""What an experiment is: an environment, SAC's settings, and methods that differ in some of them."""

from dataclasses import dataclass, field, replace

import joblib
import numpy as np

from sobolev_book import rewarped  # noqa: F401  (makes its name known)
from sobolev_mini import envs, validate
from sobolev_mini.sac import SACConfig

SMALL = {"steps": 24, "start": 4, "batch_size": 8, "hidden": (8, 8), "n_envs": 2, "capacity": None,
         "record": (0, 12, 24), "episodes": 1}  # fmt: skip


@dataclass(frozen=True)
class Method:
    """What sets a method apart: ``settings`` of SAC, ``env`` of the environment's constructor.

    ``trust`` lets it pass a gate that its simulator fails; ``seeds`` are its own where it has others.
    """

    settings: dict = field(default_factory=dict)
    env: dict = field(default_factory=dict)
    trust: bool = False
    seeds: tuple | None = None


@dataclass(frozen=True)
class Experiment:
    """Methods, name -> ``Method``, on one environment.

    A run is one method and seed, or all seeds in one batch where ``batched``; its seed is None then.
    ``beside`` holds the seeds of method "sb3", Stable-Baselines3's SAC with the same settings. Where
    ``walks`` is not 0 the record tells what a robot does, holds its policies and, from so many states, what
    is claimed and earned (``records.walks``). ``is_small`` marks what
    ``small`` returns.
    """

    env: str
    config: SACConfig
    methods: dict
    seeds: tuple
    batched: bool = False
    beside: tuple = ()
    walks: int = 0
    is_small: bool = False

    @property
    def runs(self):
        """All pairs (method, seed)."""
        none = (None,) if self.batched else ()
        pairs = [(name, seed) for name, m in self.methods.items() for seed in none or m.seeds or self.seeds]
        return pairs + [("sb3", seed) for seed in self.beside]

    def method(self, name):
        """Return the ``Method``; raises ``ValueError`` for a name that is not known."""
        methods = self.methods | ({"sb3": Method()} if self.beside else {})
        return methods[validate.one_of("method", name, tuple(methods))]

    def make(self, method, **more):
        """Return the method's environment; ``more`` goes to its constructor too.

        Where all seeds are one run, the cores share MuJoCo's work on them; numbers do not depend on it.
        """
        if self.batched and self.env.startswith("mujoco_"):
            more = {"threads": joblib.cpu_count()} | more
        return envs.make(self.env, **self.method(method).env, **more)

    def settings(self, method, seed):
        """Return the ``SACConfig`` of one run; raises ``ValueError`` for a method or seed that has none."""
        own = self.method(method).settings
        if self.batched != (seed is None):
            due = "none: all seeds are one run" if self.batched else "a seed"
            raise ValueError(f"seed: got {seed}, wanted {due}")
        seeds = self.seeds if self.batched else (validate.whole("seed", seed, 0),)
        return replace(self.config, seeds=seeds, **own)

    def small(self):
        """Return the same experiment, to be seen whole within a minute or two."""
        config = replace(self.config, **SMALL)
        small = SMALL | {"slope_batch": 2}
        methods = {
            name: replace(m, settings={key: small.get(key, x) for key, x in m.settings.items()},
                          seeds=m.seeds and m.seeds[:2])
            for name, m in self.methods.items()
        }  # fmt: skip
        few = {"seeds": self.seeds[:2], "beside": self.beside[:1]}
        return replace(self, config=config, methods=methods, is_small=True, **few)


def evenly(steps, n):
    """Return n + 1 even steps from 0 to ``steps``."""
    return tuple(np.linspace(0, steps, n + 1).astype(int).tolist())
