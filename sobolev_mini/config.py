"""What an actor-critic run is told."""

from dataclasses import dataclass

import numpy as np

from sobolev_mini import validate
from sobolev_mini.networks import ACTIVATIONS
from sobolev_mini.weighting import VALUE_ONLY


@dataclass(frozen=True)
class ControlConfig:
    """Settings that DDPG and SAC share; the defaults are value-only.

    Parameters
    ----------
    steps : environment steps a seed, each of all its ``n_envs``
    n_envs : environments that a seed steps side by side
    seeds : one run each, all trained together; a seed fixes its own draws whatever the others are
    weighting : a rule of ``weighting``; ``VALUE_ONLY`` is the plain algorithm
    hidden, activation : of actor and critics
    batch_size, critic_lr, actor_lr : of an update, by Adam
    discount : gamma, in [0, 1)
    tau : share of the online weights that moves into the targets at each update
    start : steps of uniform actions before the first update
    updates : updates a step from then on
    critics : 1, or 2 for twins
    twins : "min" or "mean", how the target takes two critics together
    actor_path : whether the target's slopes flow through the next action (paper, section 3.1)
    actor_slope : what the actor climbs: "critic", Q's slope in a, or "backup", that of the one-step
        backup through the simulator (Heess et al. 2015's SVG(1), with the true model)
    capacity : of the replay buffer; by default for all of a run
    jacobian_clip, slope_clip : bounds on the simulator's Jacobians and on the target's slopes, in units of
        the environment's scales (``clipping``); None for none. The first wants ``cached``
    cached : whether the buffer keeps Jacobians; else the simulator is asked at every sample
    episodes : evaluated at each record, from the same start states for every run
    record : steps at which the greedy policy is evaluated; by default 21 evenly spaced ones
    """

    steps: int = 5000
    n_envs: int = 1
    seeds: tuple = (0, 1, 2, 3, 4)
    weighting: object = VALUE_ONLY
    hidden: tuple = (64, 64)
    activation: str = "silu"
    batch_size: int = 128
    critic_lr: float = 1e-3
    actor_lr: float = 1e-3
    discount: float = 0.97
    tau: float = 0.02
    start: int = 500
    updates: int = 1
    critics: int = 2
    twins: str = "min"
    actor_path: bool = True
    actor_slope: str = "critic"
    capacity: int | None = None
    cached: bool = True
    jacobian_clip: float | None = None
    slope_clip: float | None = None
    episodes: int = 10
    record: tuple | None = None

    def __post_init__(self):
        keep = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        lows = {
            "steps": 1,
            "n_envs": 1,
            "batch_size": 1,
            "start": 0,
            "updates": 0,
            "critics": 1,
            "episodes": 1,
        }
        for name, low in lows.items():
            keep(name, validate.whole(name, getattr(self, name), low))
        keep("capacity", validate.whole("capacity", self.capacity or self.steps * self.n_envs, 1))
        for name in ("critic_lr", "actor_lr"):
            keep(name, validate.real(name, getattr(self, name), above=0))
        keep("discount", validate.real("discount", self.discount, low=0, below=1))
        keep("tau", validate.real("tau", self.tau, high=1, above=0))
        keep("seeds", tuple(validate.whole("seeds", x, 0) for x in np.atleast_1d(self.seeds).tolist()))
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds: got {self.seeds}, wanted at least one and none twice")
        keep("hidden", tuple(validate.whole("hidden", x, 1) for x in np.atleast_1d(self.hidden).tolist()))
        validate.one_of("activation", self.activation, tuple(ACTIVATIONS))
        validate.one_of("twins", self.twins, ("min", "mean"))
        validate.one_of("actor_slope", self.actor_slope, ("critic", "backup"))
        if not hasattr(self.weighting, "weights"):
            raise ValueError(f"weighting: got {self.weighting!r}, wanted a rule of sobolev_mini.weighting")
        for name in ("jacobian_clip", "slope_clip"):
            if getattr(self, name) is not None:
                keep(name, validate.real(name, getattr(self, name), above=0))
        if self.jacobian_clip and not self.cached:
            raise ValueError("jacobian_clip: got a bound without cached Jacobians, wanted cached=True")
        record = np.linspace(0, self.steps, 21).astype(int).tolist() if self.record is None else self.record
        record = tuple(sorted({validate.whole("record", x, 0) for x in record}))
        if record and record[-1] > self.steps:
            raise ValueError(f"record: got step {record[-1]}, wanted steps up to {self.steps}")
        keep("record", record)

    @property
    def matches_slopes(self):
        """Whether critics are trained on slopes."""
        return not getattr(self.weighting, "off", False)

    @property
    def takes_slopes(self):
        """Whether training asks the simulator for slopes: for the critics' targets, or for the actor."""
        return self.matches_slopes or self.actor_slope == "backup"
