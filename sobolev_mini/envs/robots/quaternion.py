"""Unit quaternions inside a state: how they may move, and slopes along that. Turns are in rad."""

import torch


def turn(q, order="wxyz"):
    """Return the change (..., 4, 3) of a unit quaternion q (..., 4) by a small turn about the body's axes.

    Its columns are orthogonal to q and to one another, of length a half. ``order`` says where q keeps its
    scalar part w: first or last.
    """
    w, x, y, z = (q[..., order.index(part)] for part in "wxyz")
    rows = {"w": (-x, -y, -z), "x": (w, -z, y), "y": (z, w, -x), "z": (-y, x, w)}
    return torch.stack([torch.stack(rows[part], dim=-1) for part in order], dim=-2) / 2


def normal(s, at):
    """Return states s (..., n) whose quaternion, four entries from index ``at`` on, has length one."""
    if at is None:
        return s
    before, q, after = s.split([at, 4, s.shape[-1] - at - 4], dim=-1)
    return torch.cat([before, q / q.norm(dim=-1, keepdim=True), after], dim=-1)


def tangent(s, slope, at, order="wxyz"):
    """Return a slope (..., n) at states s with three entries, a turn of the body, for its quaternion."""
    if at is None:
        return slope
    before, by_q, after = slope.split([at, 4, slope.shape[-1] - at - 4], dim=-1)
    along = (turn(s[..., at : at + 4], order).mT @ by_q[..., None])[..., 0]
    return torch.cat([before, along, after], dim=-1)
