"""Systems whose size and difficulty are dials, to find where slopes pay before any task is predicted.

The map: ``TASKS`` by TD3 under ``METHODS`` on exploration seeds. A task's name is its dial and the setting.
"""

from functools import partial

import numpy as np
import torch

from sobolev_book.studies import study_report
from sobolev_book.studies.study import GRID, Task
from sobolev_mini import validate
from sobolev_mini.envs.lqr import LQR
from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.targets import Step

SEEDS = tuple(range(8))  # of exploration; the studies' are others
METHODS = ("value_only", "twice", "svg", "sobolev", "share")
OF_GRID = ("size 4", "size 16", "masses 4", "drag 2.0", "noise 0.1", "wall 200.0")  # all of GRID
STEP, SUBSTEPS = 0.1, 4  # seconds
LIMIT, FRICTION, COUPLING, SOFTNESS = 2.0, 0.1, 1.0, 0.01  # N, N s/m, N/m between neighbours, m of a wall


class Chain(DifferentiableEnv):
    """Masses on a line, each driven, tied to its neighbours by springs; to be brought to rest at the origin.

    s = (places, speeds), a the forces, within 2 N; r = -(|s|^2 + 0.1 |a|^2); 0.1 s a step, 5 s an episode.

    Parameters
    ----------
    masses : how many, of 1 kg
    drag : of quadratic friction, kg/m
    spring : to the origin, N/m; below 0 it pushes away
    wall : stiffness of soft walls at 1 m either side, N/m; 0 for none
    noise : standard deviation of what no slope knows: a fixed rough function of s and a, added to s'
    model : the masses, in kg, that slopes are taken with, while states move with 1 kg
    """

    time_limit = 50

    def __init__(self, masses=3, drag=0.0, spring=0.0, wall=0.0, noise=0.0, model=1.0, dtype=torch.float32):
        self.n_s, self.n_a = 2 * validate.whole("masses", masses, 1), masses
        self.action_limit = self.action_scale = [LIMIT] * masses
        self.drag, self.spring, self.wall, self.noise, self.model = drag, spring, wall, noise, model
        super().__init__(dtype)
        draw = torch.randn(3 * masses, 2 * masses, generator=torch.Generator().manual_seed(0))
        self._rough = 1e3 * draw.to(self.dtype)

    def step(self, s, a):
        """Return the ``Step``; it never terminates."""
        self.check(s, a)
        r = -s.square().sum(dim=-1) - 0.1 * self.within(a).square().sum(dim=-1)
        s_next = self._moved(s, a, self.model)
        if self.model != 1:
            s_next = s_next + (self._moved(s, a, 1.0) - s_next).detach()
        if self.noise:
            phase = torch.cat([s, a], dim=-1).detach() @ self._rough
            s_next = s_next + self.noise * 2**0.5 * torch.sin(phase)
        return Step(s_next, r, torch.zeros_like(r, dtype=torch.bool))

    def _moved(self, s, a, mass):
        (x, v), force, h = s.chunk(2, dim=-1), self.within(a), STEP / SUBSTEPS
        for _ in range(SUBSTEPS):
            pull = COUPLING * x.diff(dim=-1)
            f = force - FRICTION * v - self.drag * v.abs() * v - self.spring * x
            f = f + torch.nn.functional.pad(pull, (0, 1)) - torch.nn.functional.pad(pull, (1, 0))
            if self.wall:
                soft = (torch.nn.functional.softplus((side * x - 1) / SOFTNESS) * side for side in (1, -1))
                f = f - self.wall * SOFTNESS * sum(soft)
            v = v + h * f / mass
            x = x + h * v
        return torch.cat([x, v], dim=-1)


def _task(made, gated=True, **settings):
    return Task(steps=1500, start=100, explored=True, made=made, gated=gated, settings=settings)


def _regulator(n_s, radius=1.0):
    return _task(partial(LQR, n_s, max(1, n_s // 2), radius=radius))


CHAINS = {"masses": (1, 2, 3, 4, 8, 16), "drag": (0.5, 2.0, 8.0), "spring": (1.0, -0.3, -0.6),
          "wall": (20.0, 200.0), "noise": (0.03, 0.1, 0.3), "model": (0.5, 1.5, 3.0)}  # fmt: skip
TASKS = {f"size {n}": _regulator(n) for n in (2, 4, 8, 16, 32)}
TASKS |= {f"radius {x}": _regulator(4, x) for x in (0.7, 1.1)}
TASKS |= {
    f"{dial} {x}": _task(partial(Chain, **{dial: x}), gated=dial not in ("noise", "model"))
    for dial, settings in CHAINS.items()
    for x in settings
}
TASKS |= {f"discount {x}": _task(Chain, discount=x) for x in (0.8, 0.9, 0.99)}


def cells():
    """Return every (task, algorithm, method)."""
    return [(task, "td3", method) for task in TASKS for method in METHODS]


def frontier_cells():
    """Return the cells of shares, rules and updates a step, on some of the systems."""
    return [(task, "td3", method) for task in OF_GRID for method in GRID]


def thresholds(frame):
    """Return task -> threshold: ``COST`` times the least cost that a method's median seed comes to."""
    ends = frame[frame.step == frame.groupby("task").step.transform("max")]
    best = ends.groupby(["task", "method"])["return"].median().groupby("task").max()
    return (study_report.COST * best).to_dict()


def means(each):
    """Return (task, method) -> samples and seconds, geometric means over seeds of ``study_report.needed``."""
    return np.exp(np.log(each[["samples", "seconds"]]).groupby([each.task, each.method]).mean())


def needed(frame):
    """Return ``means`` of what is needed to the thresholds of ``frame`` itself."""
    return means(study_report.needed(frame, thresholds(frame), TASKS))


def gains(frame):
    """Return (task, method) -> how many times fewer samples and seconds than the better baseline.

    That is value-only or value-only with two updates a step, whichever needs less of what is compared.
    """
    found = needed(frame)
    plain = found[found.index.get_level_values("method").isin(("value_only", "twice"))]
    return plain.groupby("task").min() / found
