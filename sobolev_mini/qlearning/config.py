"""What a Q-learning run is told, and what it leaves behind."""

from dataclasses import dataclass, fields

import numpy as np

from sobolev_mini import quadratic, validate
from sobolev_mini.critics import ACTIVATIONS
from sobolev_mini.qlearning.rollouts import midpoints, rollout_return
from sobolev_mini.toy import ToyProblem


@dataclass(frozen=True)
class QConfig:
    """Settings of one Q-learning run; the defaults are the paper's, value-only.

    Parameters
    ----------
    lam_s, lam_a : slope weights, >= 0; the paper's Sobolev critic has 1 and 1
    steps : optimiser steps
    seeds : one run each, all trained together; a seed fixes its own samples whatever the others are
    batch_size, lr : samples and learning rate a step
    optimizer : "adam" (betas .9 and .999, eps 1e-8) or "sgd"
    target : "current" (the critic itself), "polyak" (share ``tau`` of the critic moves into the
        target after each step) or "hard" (copied every ``refresh_every`` steps)
    n_actions : points of the grid in the max over actions
    init : start weights of the quadratic critic, one number for all six or six of them
    hidden, activation : of the MLP critic, as in ``critics.MLPCritic``; its seed draws its weights
    samples : size of a fixed data set, drawn once a seed; None draws fresh samples at each step
    record : steps that the history keeps (0 is the start); by default 61 evenly spaced ones
    """

    lam_s: float = 0.0
    lam_a: float = 0.0
    steps: int = 60_000
    seeds: tuple = (0, 1, 2, 3, 4)
    batch_size: int = 50
    lr: float = 1e-4
    optimizer: str = "adam"
    target: str = "current"
    tau: float = 0.005
    refresh_every: int = 1000
    n_actions: int = 100
    init: float | tuple = 0.0
    hidden: tuple = (128, 128, 128)
    activation: str = "leaky_relu"
    samples: int | None = None
    record: tuple | None = None

    def __post_init__(self):
        keep = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        for name in ("lam_s", "lam_a"):
            keep(name, validate.real(name, getattr(self, name), low=0))
        keep("lr", validate.real("lr", self.lr, above=0))
        keep("tau", validate.real("tau", self.tau, high=1, above=0))
        for name, low in (("steps", 1), ("batch_size", 1), ("refresh_every", 1), ("n_actions", 2)):
            keep(name, validate.whole(name, getattr(self, name), low))
        validate.one_of("optimizer", self.optimizer, ("adam", "sgd"))
        validate.one_of("target", self.target, ("current", "polyak", "hard"))
        keep("seeds", tuple(validate.whole("seeds", x, 0) for x in np.atleast_1d(self.seeds).tolist()))
        if not self.seeds:
            raise ValueError("seeds: got none, wanted at least one")
        init = validate.finite("init", self.init)
        if init.shape not in ((), (quadratic.N_FEATURES,)):
            raise ValueError(f"init: got shape {init.shape}, wanted () or ({quadratic.N_FEATURES},)")
        keep("init", tuple(init.tolist()) if init.ndim else float(init))
        keep("hidden", tuple(validate.whole("hidden", x, 1) for x in np.atleast_1d(self.hidden).tolist()))
        validate.one_of("activation", self.activation, tuple(ACTIVATIONS))
        if self.samples is not None:
            keep("samples", validate.whole("samples", self.samples, 1))
        record = np.linspace(0, self.steps, 61).astype(int).tolist() if self.record is None else self.record
        record = tuple(sorted({validate.whole("record", x, 0) for x in record}))
        if record and record[-1] > self.steps:
            raise ValueError(f"record: got step {record[-1]}, wanted steps up to {self.steps}")
        keep("record", record)

    def needs_default(self, trainer, *names):
        """Raise ``ValueError`` where a setting that ``trainer`` does not use was given."""
        default = {field.name: field.default for field in fields(self)}
        for name in names:
            if getattr(self, name) != default[name]:
                raise ValueError(f"{name}: got {getattr(self, name)!r}, but {trainer} has no use for it")


@dataclass(frozen=True)
class History:
    """Weights of every seed at the recorded steps.

    steps : (R,) int; w : (R, S, 6); diverged_at : (S,) int, the step at which a seed's weights
    stopped being finite (its last finite ones are kept from there on), or -1
    """

    problem: ToyProblem
    config: QConfig
    steps: np.ndarray
    w: np.ndarray
    diverged_at: np.ndarray

    def errors(self, reference="optimal"):
        """Return ``quadratic.errors`` of every record: name -> (R, S)."""
        return quadratic.errors(self.problem, self.w, reference, self.config.n_actions)

    def greedy(self, s):
        """Return the index (R, S, N) on the grid of the greedy action in each of the states ``s`` (N,)."""
        grid = quadratic.action_grid(self.config.n_actions)
        return np.searchsorted(grid, quadratic.greedy_action(self.w[..., None, :], s, grid))

    @property
    def returns(self):
        """The greedy policy's mean return over 256 even states, by rollouts, (R, S)."""
        grid, states = quadratic.action_grid(self.config.n_actions), midpoints(256)
        return rollout_return(self.problem, states, grid, self.greedy(states), self.greedy(grid))
