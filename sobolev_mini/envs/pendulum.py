"""Pendulums with derivatives: gymnasium's Pendulum-v1, a cart-pole to be swung up, an acrobot."""

import math

import torch

from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.targets import Step


class _Bounded(DifferentiableEnv):
    """A single torque or force, actions cut off at ``limit``; a state given as cosines, sines and speeds.

    ``cosines`` says where an angle's cosine stands, its sine follows.
    """

    n_a = 1
    cosines = (0,)

    def __init__(self, scale, limit, dtype, device):
        self.n_s = len(scale)
        super().__init__(dtype, device)
        self.state_scale = torch.tensor(scale, dtype=dtype, device=device)
        self.action_scale = self.action_limit = torch.tensor([limit], dtype=dtype, device=device)

    def tangent(self, s, slope):
        """Return the slope (..., B, n) in angles in place of their cosines and sines."""
        parts = list(slope.unbind(dim=-1))
        for i in reversed(self.cosines):
            parts[i : i + 2] = [s[..., i] * slope[..., i + 1] - s[..., i + 1] * slope[..., i]]
        return torch.stack(parts, dim=-1)

    @property
    def tangent_scale(self):
        """Typical magnitudes (n,); an angle's is that of its cosine."""
        return self.state_scale[[i for i in range(self.n_s) if i - 1 not in self.cosines]]

    def _uniform(self, n, generator, *bounds):
        """Return a tensor (n,) for every (low, high)."""
        x = torch.rand(n, len(bounds), generator=generator, dtype=self.dtype).to(self.device)
        return [low + (high - low) * x[:, i] for i, (low, high) in enumerate(bounds)]

    def _force(self, a):
        return torch.clamp(a[..., 0], -self.action_limit[0], self.action_limit[0])

    def _state(self, coordinates):
        """Return the states (..., n_s) of minimal coordinates (...): an angle gives its cosine and sine."""
        parts = []
        for x in coordinates:
            parts += [torch.cos(x), torch.sin(x)] if len(parts) in self.cosines else [x]
        return torch.stack(parts, dim=-1)


class Pendulum(_Bounded):
    """gymnasium's Pendulum-v1 step for step; s = (cos, sin, speed in rad/s), a torque in [-2, 2] N m.

    A rod of 1 kg and 1 m, g = 10 m/s^2, steps of 0.05 s. r = -(angle^2 + 0.1 speed^2 + 0.001 torque^2), the
    angle from upright in [-pi, pi]. No termination.
    """

    time_limit = 200

    def __init__(self, dtype=torch.float32, device="cpu"):
        super().__init__((1.0, 1.0, 8.0), 2.0, dtype, device)

    def reset(self, n, generator):
        """Return n states (n, 3): any angle, speed within 1 rad/s."""
        return self._state(self._uniform(n, generator, (-math.pi, math.pi), (-1, 1)))

    def step(self, s, a):
        """Return the ``Step`` of 0.05 s."""
        self.check(s, a)
        angle, speed, torque = torch.atan2(s[..., 1], s[..., 0]), s[..., 2], self._force(a)
        r = -(angle**2 + 0.1 * speed**2 + 0.001 * torque**2)
        speed = torch.clamp(speed + 0.05 * (15 * torch.sin(angle) + 3 * torque), -8, 8)
        s_next = self._state([angle + 0.05 * speed, speed])
        return Step(s_next, r, torch.zeros_like(r, dtype=torch.bool))


class CartPoleSwingUp(_Bounded):
    """A cart swings a pole up; s = (x, cos, sin, speed, turn), upright at angle 0, a force in [-1, 1].

    x in m, speed in m/s, turn in rad/s; a force of 1 is 10 N, a step 0.04 s. Masses and lengths are those of
    Barto, Sutton and Anderson 1983: cart 1 kg, pole 0.1 kg and 1 m. r = (1 + cos) / 2 * exp(-x^2 / 4); it
    terminates where the cart leaves [-2.4, 2.4], and no reward being negative, it loses by that.
    """

    time_limit = 250
    cosines = (1,)

    def __init__(self, dtype=torch.float32, device="cpu"):
        super().__init__((2.4, 1.0, 1.0, 3.0, 6.0), 1.0, dtype, device)

    def reset(self, n, generator):
        """Return n states (n, 5): near the middle, at rest, the pole hanging."""
        bounds = (-0.1, 0.1), (math.pi - 0.1, math.pi + 0.1), (-0.1, 0.1), (-0.1, 0.1)
        return self._state(self._uniform(n, generator, *bounds))

    def step(self, s, a):
        """Return the ``Step`` of 0.04 s, two semi-implicit steps of Euler."""
        self.check(s, a)
        x, speed, turn = s[..., 0], s[..., 3], s[..., 4]
        angle, push = torch.atan2(s[..., 2], s[..., 1]), 10 * self._force(a)
        r = (1 + torch.cos(angle)) / 2 * torch.exp(-(x**2) / 4)
        for _ in range(2):
            cos, sin = torch.cos(angle), torch.sin(angle)
            moved = (push + 0.05 * turn**2 * sin) / 1.1
            twist = (9.8 * sin - cos * moved) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
            speed, turn = speed + 0.02 * (moved - 0.05 * twist * cos / 1.1), turn + 0.02 * twist
            x, angle = x + 0.02 * speed, angle + 0.02 * turn
        return Step(self._state([x, angle, speed, turn]), r, x.abs() > 2.4)


class Acrobot(_Bounded):
    """Two links, a torque in [-1, 1] at the elbow; s = (cos 1, sin 1, cos 2, sin 2, speed 1, speed 2).

    gymnasium's Acrobot-v1 (Sutton and Barto 2018, the book's equations, RK4 over 0.2 s, the same limits
    of speed), with any torque in between and a reward for height: r = (height of the tip) / 2 in [-1, 1],
    hanging at -1. Links of 1 kg and 1 m, g = 9.8 m/s^2; angle 1 from hanging, angle 2 from link 1, speeds in
    rad/s, a torque of 1 is 1 N m. No termination.
    """

    time_limit = 250
    cosines = (0, 2)
    SPEEDS = (4 * math.pi, 9 * math.pi)

    def __init__(self, dtype=torch.float32, device="cpu"):
        super().__init__((1.0, 1.0, 1.0, 1.0, *self.SPEEDS), 1.0, dtype, device)

    def reset(self, n, generator):
        """Return n states (n, 6), every angle and speed within 0.1 of hanging at rest."""
        return self._state(self._uniform(n, generator, *[(-0.1, 0.1)] * 4))

    def step(self, s, a):
        """Return the ``Step`` of 0.2 s; the reward is that of the state left."""
        self.check(s, a)
        first, second = torch.atan2(s[..., 1], s[..., 0]), torch.atan2(s[..., 3], s[..., 2])
        y, torque = torch.stack([first, second, s[..., 4], s[..., 5]]), self._force(a)
        r = -(torch.cos(first) + torch.cos(first + second)) / 2
        k1 = _acrobot(y, torque)
        k2 = _acrobot(y + 0.1 * k1, torque)
        k3 = _acrobot(y + 0.1 * k2, torque)
        k4 = _acrobot(y + 0.2 * k3, torque)
        first, second, *speeds = y + 0.2 / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        speeds = [torch.clamp(x, -limit, limit) for x, limit in zip(speeds, self.SPEEDS, strict=True)]
        return Step(self._state([first, second, *speeds]), r, torch.zeros_like(r, dtype=torch.bool))


def _acrobot(y, torque):
    """Return the time derivative of (angle 1, angle 2, speed 1, speed 2), masses and lengths 1."""
    first, second, speed1, speed2 = y
    cos2, sin2 = torch.cos(second), torch.sin(second)
    d1, d2 = 0.25 + 1.25 + cos2 + 2, 0.25 + 0.5 * cos2 + 1
    phi2 = 4.9 * torch.cos(first + second - math.pi / 2)
    phi1 = -0.5 * speed2**2 * sin2 - speed2 * speed1 * sin2 + 14.7 * torch.cos(first - math.pi / 2) + phi2
    twist2 = (torque + d2 / d1 * phi1 - 0.5 * speed1**2 * sin2 - phi2) / (1.25 - d2**2 / d1)
    return torch.stack([speed1, speed2, -(d2 * twist2 + phi1) / d1, twist2])
