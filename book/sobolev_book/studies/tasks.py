"""Tasks of the second study, none of them explored on, and what the pilot says of them beforehand."""

import torch

from sobolev_mini import envs
from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.targets import Step

G = 9.81
# `sobolev_mini.pilot` at discount 0.97, before any of these was learned on (`tests/nightly/test_tasks.py`)
PREDICTED = {"hover": "pays", "hover_3d": "pays", "drag_3d": "cannot tell", "reach": "pays",
             "two_poles": "does not pay", "swimmer": "does not pay"}  # fmt: skip


def _goes_on(r):
    return torch.zeros_like(r, dtype=torch.bool)


class Hover(DifferentiableEnv):
    """A planar quadrotor of 1 kg is to hover at the origin; s = (x, z, tilt, their speeds), a its two rotors.

    Metres and radians; an action of 1 is half of hovering thrust more. 0.05 s a step, no termination.
    r = -(x^2 + z^2 + 0.1 tilt^2 + 0.1 speeds^2 + 0.01 |a|^2), the turning counted a tenth of the speeds.
    """

    n_s, n_a, time_limit = 6, 2, 100
    action_limit = action_scale = torch.ones(2)
    state_scale = torch.tensor([1.0, 1.0, 0.5, 1.0, 1.0, 2.0])

    def step(self, s, a):
        """Return the ``Step`` of two semi-implicit steps of Euler."""
        self.check(s, a)
        x, z, tilt, u, w, turn = s.unbind(dim=-1)
        left, right = (G / 2 * (1 + 0.5 * self.within(a))).unbind(dim=-1)
        r = -(x**2 + z**2 + 0.1 * tilt**2 + 0.1 * (u**2 + w**2) + 0.01 * turn**2)
        r = r - 0.01 * self.within(a).square().sum(dim=-1)
        for _ in range(2):
            u = u - 0.025 * ((left + right) * torch.sin(tilt) + 0.1 * u)
            w = w + 0.025 * ((left + right) * torch.cos(tilt) - G - 0.1 * w)
            turn = turn + 0.025 * (4.0 * (right - left) - 0.5 * turn)
            x, z, tilt = x + 0.025 * u, z + 0.025 * w, tilt + 0.025 * turn
        return Step(torch.stack([x, z, tilt, u, w, turn], dim=-1), r, _goes_on(r))


class Hover3D(DifferentiableEnv):
    """A quadrotor hovers in space; s = (place, roll pitch yaw, velocity, body rates), a = (thrust, torques).

    r = 1 / (1 + |place|^2 + 0.1 |velocity|^2 + 0.1 |angles|^2 + 0.01 |a|^2). An episode terminates where roll
    or pitch pass 1.2 rad; 0.05 s a step.
    """

    n_s, n_a, time_limit = 12, 4, 100
    action_limit = action_scale = torch.ones(4)
    state_scale = torch.tensor([1.0] * 3 + [0.3] * 3 + [1.0] * 3 + [1.0] * 3)

    def step(self, s, a):
        """Return the ``Step`` of two semi-implicit steps of Euler."""
        self.check(s, a)
        place, angles, velocity, rates = s.split(3, dim=-1)
        thrust, torque = G * (1 + 0.5 * self.within(a)[..., :1]), self.within(a)[..., 1:]
        r = 1 / (1 + place.square().sum(-1) + 0.1 * velocity.square().sum(-1) + 0.1 * angles.square().sum(-1)
                 + 0.01 * self.within(a).square().sum(-1))  # fmt: skip
        for _ in range(2):
            (roll, pitch, yaw), (p, q, t) = angles.unbind(dim=-1), rates.unbind(dim=-1)
            lean, side = roll.cos() * pitch.sin(), roll.sin()  # ahead and aside, before the yaw turns them
            ahead = lean * yaw.cos() + side * yaw.sin(), lean * yaw.sin() - side * yaw.cos()
            up = (*ahead, roll.cos() * pitch.cos())
            fall = torch.tensor([0.0, 0.0, G], dtype=s.dtype, device=s.device)
            velocity = velocity + 0.025 * (thrust * torch.stack(up, dim=-1) - fall - 0.1 * velocity)
            rates = rates + 0.025 * (4.0 * torque - 0.5 * rates)
            turn = roll.sin() * q + roll.cos() * t
            moved = [p + turn * pitch.tan(), roll.cos() * q - roll.sin() * t, turn / pitch.cos()]
            angles = angles + 0.025 * torch.stack(moved, dim=-1)
            place = place + 0.025 * velocity
        crashed = (angles[..., :2].abs() > 1.2).any(dim=-1)
        return Step(torch.cat([place, angles, velocity, rates], dim=-1), r, crashed)


class Drag3D(DifferentiableEnv):
    """A point of 1 kg with quadratic drag is brought to rest at the origin; s = (place, velocity), a in N.

    r = -(|place|^2 + 0.1 |velocity|^2 + 0.01 |a|^2); 0.1 s a step, no termination.
    """

    n_s, n_a, time_limit = 6, 3, 60
    action_limit = action_scale = torch.full((3,), 2.0)

    def step(self, s, a):
        """Return the ``Step`` of four semi-implicit steps of Euler."""
        self.check(s, a)
        (x, v), force = s.split(3, dim=-1), self.within(a)
        r = -(x.square().sum(-1) + 0.1 * v.square().sum(-1) + 0.01 * force.square().sum(-1))
        for _ in range(4):
            speed = (v.square().sum(-1, keepdim=True) + 1e-6).sqrt()
            v = v + 0.025 * (force - 0.5 * speed * v)
            x = x + 0.025 * v
        return Step(torch.cat([x, v], dim=-1), r, _goes_on(r))


class Reach(DifferentiableEnv):
    """A two-link arm, links of 1 m and 1 kg, reaches for a place; s = (cos, sin of both angles, speeds).

    a in N m; r = -(|tip - goal|^2 + 0.01 |speeds|^2 + 0.01 |a|^2); 0.05 s a step, no gravity.
    """

    n_s, n_a, time_limit = 6, 2, 100
    action_limit = action_scale = torch.full((2,), 2.0)
    state_scale = torch.tensor([1.0, 1.0, 1.0, 1.0, 2.0, 2.0])
    goal = 0.5, 1.2

    def reset(self, n, generator):
        """Return n states (n, 6) at rest, the angles even within 2 rad."""
        angles = 4 * torch.rand(n, 2, generator=generator, dtype=self.dtype) - 2
        circles = torch.stack([angles.cos(), angles.sin()], dim=-1).flatten(1)
        return torch.cat([circles, torch.zeros_like(angles)], dim=-1).to(self.device)

    def step(self, s, a):
        """Return the ``Step`` of two semi-implicit steps of Euler; it never terminates."""
        self.check(s, a)
        one, two = torch.atan2(s[..., 1], s[..., 0]), torch.atan2(s[..., 3], s[..., 2])
        (v, w), torque = s[..., 4:].unbind(dim=-1), self.within(a)
        tip = torch.stack([one.cos() + (one + two).cos(), one.sin() + (one + two).sin()], dim=-1)
        off = tip - torch.tensor(self.goal, dtype=s.dtype, device=s.device)
        r = -(off.square().sum(-1) + 0.01 * (v**2 + w**2) + 0.01 * torque.square().sum(-1))
        for _ in range(2):
            c, h = 0.5 * two.cos(), 0.5 * two.sin()
            m11, m12, m22 = 5 / 3 + 2 * c, 1 / 3 + c, 1 / 3
            f1 = torque[..., 0] + h * w * (2 * v + w) - 0.5 * v
            f2 = torque[..., 1] - h * v**2 - 0.5 * w
            det = m11 * m22 - m12**2
            v, w = v + 0.025 * (m22 * f1 - m12 * f2) / det, w + 0.025 * (m11 * f2 - m12 * f1) / det
            one, two = one + 0.025 * v, two + 0.025 * w
        angles = one.cos(), one.sin(), two.cos(), two.sin()
        return Step(torch.stack([*angles, v, w], dim=-1), r, _goes_on(r))

    def tangent(self, s, slope):
        """Return a slope in s in (angle, angle, speed, speed)."""
        turns = [s[..., i] * slope[..., i + 1] - s[..., i + 1] * slope[..., i] for i in (0, 2)]
        return torch.cat([torch.stack(turns, dim=-1), slope[..., 4:]], dim=-1)

    @property
    def tangent_scale(self):
        """Typical magnitudes of angles and speeds, (4,)."""
        return self.state_scale[[0, 2, 4, 5]]


class TwoPoles(DifferentiableEnv):
    """A cart balances two poles side by side, of 1 and 0.2 m; s = (x, speed, angle, its speed, twice).

    a is a force, 1 being 10 N; r = 1 / (1 + x^2 + 10 |angles|^2 + 0.01 a^2). An episode terminates beyond
    2.4 m or 0.6 rad; 0.02 s a step.
    """

    n_s, n_a, time_limit = 6, 1, 200
    action_limit = action_scale = torch.ones(1)
    state_scale = torch.tensor([0.5, 0.5, 0.1, 0.5, 0.1, 0.5])

    def reset(self, n, generator):
        """Return n states (n, 6), each component within half its scale."""
        draw = torch.rand(n, 6, generator=generator, dtype=self.dtype) - 0.5
        return draw.to(self.device) * self.state_scale

    def step(self, s, a):
        """Return the ``Step`` of two semi-implicit steps of Euler."""
        self.check(s, a)
        x, v, *poles = s.unbind(dim=-1)
        angles, turns, force = [poles[0], poles[2]], [poles[1], poles[3]], self.within(a)[..., 0]
        r = 1 / (1 + x**2 + 10 * (angles[0] ** 2 + angles[1] ** 2) + 0.01 * force**2)
        halves, masses = (0.5, 0.1), (0.1, 0.02)
        for _ in range(2):
            push, mass = 10 * force, 1.0
            for half, m, angle, turn in zip(halves, masses, angles, turns, strict=True):
                push = push + m * half * turn**2 * angle.sin() - 0.75 * m * G * angle.sin() * angle.cos()
                mass = mass + m * (1 - 0.75 * angle.cos() ** 2)
            moved = push / mass
            v = v + 0.01 * moved
            x = x + 0.01 * v
            turns = [turn + 0.0075 / half * (G * angle.sin() - moved * angle.cos())
                     for half, angle, turn in zip(halves, angles, turns, strict=True)]  # fmt: skip
            angles = [angle + 0.01 * turn for angle, turn in zip(angles, turns, strict=True)]
        fell = (x.abs() > 2.4) | (torch.stack(angles).abs() > 0.6).any(dim=0)
        return Step(torch.stack([x, v, angles[0], turns[0], angles[1], turns[1]], dim=-1), r, fell)


TASKS = {"hover": Hover, "hover_3d": Hover3D, "drag_3d": Drag3D, "reach": Reach, "two_poles": TwoPoles,
         "swimmer": lambda **kwargs: envs.make("mujoco_swimmer", **kwargs)}  # fmt: skip
