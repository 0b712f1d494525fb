"""gymnasium's MuJoCo robots with derivatives.

A state is a robot's positions but for those it does not notice (x, or x and y), then its speeds. Slopes are
trained in tangent coordinates, where a quaternion has three.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from sobolev_mini import validate
from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.envs.robots import quaternion
from sobolev_mini.envs.robots.physics import Physics
from sobolev_mini.targets import Linearization, Step, Transition


@dataclass(frozen=True)
class Robot:
    """What a task needs beside the model: r = speed ahead (m/s) + ``alive`` - ``cost`` * sum of a^2.

    Parameters
    ----------
    file : name of gymnasium's model, or the path of one's own, from the root
    skip : leading positions left out of the state, 0 for none; the first position is the way ahead
    frames : physics steps to a control step
    cost : of actions
    alive : reward of a step that ends within ``within``
    within : index of a position -> (low, high), m or rad; outside, the episode terminates
    noise : of the start, uniform; of its speeds normal, unless ``normal`` is False
    speed : typical magnitude of the speeds, m/s and rad/s

    Raises ``ValueError`` for a ``skip`` below 0, ``frames`` below 1 and numbers that are not finite.
    """

    file: str
    skip: int
    frames: int
    cost: float
    alive: float = 0.0
    within: dict = field(default_factory=dict)
    noise: float = 0.1
    normal: bool = True
    speed: float = 5.0

    def __post_init__(self):
        for name, low in (("skip", 0), ("frames", 1)):
            validate.whole(name, getattr(self, name), low)
        for name in ("cost", "alive", "noise", "speed"):
            validate.real(name, getattr(self, name))


# gymnasium's v5 tasks without contact forces; the hopper's bound on every number is left out
ROBOTS = {
    "ant": Robot("ant.xml", 2, 5, 0.5, 1.0, {2: (0.2, 1.0)}),
    "half_cheetah": Robot("half_cheetah.xml", 1, 5, 0.1),
    "hopper": Robot("hopper.xml", 1, 4, 1e-3, 1.0, {1: (0.7, np.inf), 2: (-0.2, 0.2)}, 5e-3, False),
    "swimmer": Robot("swimmer.xml", 2, 4, 1e-4, normal=False),
    "walker2d": Robot("walker2d_v5.xml", 1, 4, 1e-3, 1.0, {1: (0.8, 2.0), 2: (-1.0, 1.0)}, 5e-3, False),
}


class MuJoCo(DifferentiableEnv):
    """A robot that is to run ahead; s = (positions[skip:], speeds), actions cut off at plus and minus 1.

    Parameters
    ----------
    robot : a name of ``ROBOTS``, or a ``Robot``
    integrator : "euler" or "implicitfast" (``physics.Physics``)
    threads : that step and differentiate side by side
    time_constant : of contacts and joints' stops, seconds (``physics.Physics``)
    centred : differences, twice as dear; one-sided ones err by 2e-3 or more in a tenth of states that touch
    dtype, device : of states and actions; MuJoCo computes in float64 on the CPU

    Notes
    -----
    Positions in m and rad, the ant's turn as a quaternion wxyz, speeds in m/s and rad/s. An action of 1 is
    the motor's gear in N m: 150 for ant and swimmer, 200 hopper, 100 walker2d, 30 to 120 half_cheetah. A
    control step takes 0.05 s (ant, half_cheetah), 0.04 s (swimmer) or 0.008 s (hopper, walker2d). An unknown
    robot, or a bound on a position that its model lacks, raises ``ValueError``.
    """

    time_limit = 1000

    def __init__(self, robot="ant", integrator="euler", threads=1, time_constant=None, centred=False,
                 dtype=torch.float32, device="cpu"):  # fmt: skip
        import gymnasium

        if not isinstance(robot, Robot):
            robot = ROBOTS[validate.one_of("robot", robot, tuple(ROBOTS))]
        models = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets"
        self.integrator, self.robot = integrator, robot
        self.physics = Physics(models / robot.file, robot.frames, integrator, threads, time_constant, centred)
        model, self.dt = self.physics.model, self.physics.dt
        for i in robot.within:
            if not 0 <= i < model.nq:
                raise ValueError(f"within: got position {i}, wanted one below {model.nq}")
        self.n_q, self.n_v = model.nq - robot.skip, model.nv
        self.n_s, self.n_a = self.n_q + self.n_v, model.nu
        super().__init__(dtype, device)
        self.action_limit = self.action_scale
        self.state_scale[self.n_q :] = robot.speed
        free = model.jnt_type[0] == self.physics.mujoco.mjtJoint.mjJNT_FREE
        self.quaternion = 3 - robot.skip if free else None

    def reset(self, n, generator):
        """Return n states (n, n_s) near the model's own pose."""
        double, noise = {"generator": generator, "dtype": torch.float64}, self.robot.noise
        uniform = [2 * torch.rand(n, k, **double) - 1 for k in (self.n_q, self.n_v)]
        speeds = torch.randn(n, self.n_v, **double) if self.robot.normal else uniform[1]
        pose = torch.as_tensor(self.physics.model.qpos0[self.robot.skip :])
        s = torch.cat([pose + noise * uniform[0], noise * speeds], dim=-1)
        return quaternion.normal(s, self.quaternion).to(self.device, self.dtype)

    def step(self, s, a):
        """Return the ``Step`` of ``frames`` physics steps; where they blew up it terminates in s."""
        self.check(s, a)
        start, action = self._flat(s, a)
        end = self.physics.advance(start, action)
        fine = np.isfinite(end).all(axis=1)
        end = np.where(fine[:, None], end, start)
        healthy = fine.copy()
        for i, (low, high) in self.robot.within.items():
            healthy &= (end[:, i] >= low) & (end[:, i] <= high)
        ahead, effort = (end - start)[:, 0] / self.physics.dt, (action**2).sum(axis=1)
        r = ahead + self.robot.alive * healthy - self.robot.cost * effort
        batch = s.shape[:-1]
        terminated = torch.as_tensor(~healthy, device=self.device).view(batch)
        return Step(self._tensor(end[:, self.robot.skip :], batch), self._tensor(r, batch), terminated)

    def transition(self, s, a):
        """Return the ``Transition``; its pull-back linearizes when it is first asked."""
        step, kept = self.step(s, a), []

        def pullback(v):
            if not kept:
                kept.append(self.linearize(s, a))
            return kept[0].pullback(v)

        return Transition(step.s_next, step.r, step.terminated, s.detach(), a.detach(), pullback)

    def linearize(self, s, a):
        """Return the ``Linearization``, of the step that first puts a quaternion on its sphere.

        A slope across the sphere pulls back to zero, and every slope pulled back lies along it.
        """
        self.check(s, a)
        start, action = self._flat(s, a)
        end, J_s, J_a = self.physics.jacobians(start, action)
        ahead, inside = 1 / self.physics.dt, np.abs(self._numpy(a)) <= 1
        kept = np.r_[self.robot.skip : 2 * self.n_v]  # tangent coordinates of the state
        before, after = self._basis(start[:, self.robot.skip :], 4), self._basis(end[:, self.robot.skip :])
        # A derivative may not exist; who uses it must look.
        with np.errstate(invalid="ignore", over="ignore"):
            f_s = after @ J_s[:, kept][:, :, kept] @ before.swapaxes(1, 2)
            r_s = (before @ (ahead * (J_s - np.eye(2 * self.n_v))[:, 0, kept])[..., None])[..., 0]
            f_a = after @ J_a[:, kept] * inside[:, None]
            r_a = (ahead * J_a[:, 0] - 2 * self.robot.cost * action) * inside
        return Linearization(*(self._tensor(x, s.shape[:-1]) for x in (f_s, f_a, r_s, r_a)))

    def tangent(self, s, slope):
        """Return the slope (..., B, n) with three coordinates, a turn of the body, for its quaternion."""
        return quaternion.tangent(s, slope, self.quaternion)

    @property
    def tangent_scale(self):
        """Typical magnitudes of the tangent coordinates (n,), in their units."""
        return self.state_scale if self.quaternion is None else self.state_scale[1:]

    def _basis(self, s, factor=1):
        """Return the directions (N, n_s, n) in which states s move, a quaternion's times ``factor``."""
        basis = np.zeros((len(s), self.n_s, 2 * self.n_v - self.robot.skip))
        i, n = self.quaternion, basis.shape[-1]
        if i is None:
            basis[:] = np.eye(n)
            return basis
        basis[:, np.arange(i), np.arange(i)] = 1
        basis[:, i : i + 4, i : i + 3] = factor * quaternion.turn(torch.as_tensor(s[:, i : i + 4])).numpy()
        basis[:, np.arange(i + 4, n + 1), np.arange(i + 3, n)] = 1
        return basis

    def _flat(self, s, a):
        """Return full states and actions (N, .) for MuJoCo: float64, on the sphere, within the limits."""
        flat = self._numpy(quaternion.normal(s.detach().double(), self.quaternion))
        start = np.concatenate([np.zeros((len(flat), self.robot.skip)), flat], axis=1)
        return start, np.clip(self._numpy(a), -1, 1)

    def _numpy(self, x):
        return x.detach().cpu().double().numpy().reshape(-1, x.shape[-1])

    def _tensor(self, x, batch):
        return torch.as_tensor(x, dtype=self.dtype, device=self.device).reshape(*batch, *x.shape[1:])
