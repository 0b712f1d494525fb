"""The maximising action on a grid for an MLP critic, the costliest line of Algorithm 1.

A hundred actions at each of fifty states are 5,000 evaluations a seed, against 50 for the update.
A kernel finds the same grid point with a fraction of the arithmetic:

- Along a state's row of actions the first layer is linear but where one of its units switches. The
  second layer's inputs are updated at the switches instead of multiplied out at every action.
- The third layer is multiplied out at every seventh action. Between two of them its inputs are
  within |W_3k| |e| of their interpolation, e the second layer's distance from its own, and leaky ReLU
  keeps distances or shrinks them. So Q is at most its value at the interpolated inputs plus
  |e| sum_k |w_4k| |W_3k|, and an action whose bound lies below the best so far cannot win.
"""

import numba
import numpy as np
import torch

from sobolev_mini.critics import LEAK

COARSE = 7  # every so many actions are evaluated first
MATH = {"contract", "reassoc", "nsz", "arcp"}  # fused and reordered sums, as a matrix product has
BLOCK = 10  # states a block of the general path: its layers stay in cache


def best_action_index(critic, s, actions):
    """Return the index (S, B) of the grid action where the critic is greatest, the first of equals.

    Parameters
    ----------
    critic : MLPCritic with n_s = n_a = 1
    s : (S, B, 1) states
    actions : (A, 1) ascending grid
    """
    with torch.no_grad():
        if not _compiled(critic, s):
            return torch.cat([_scan(critic, part, actions) for part in s.split(BLOCK, dim=1)], dim=1)
        w1, b1, w2, b2, *rest = (x.detach() for x in critic.parameters)
        leak = LEAK if critic.activation == "leaky_relu" else 0.0
        # The second layer's inputs are start + action * rise up to the first switch of a unit.
        at_zero, per_action = s * w1[:, :1] + b1, w1[:, 1:]
        on = at_zero + actions[0] * per_action > 0
        scale = torch.where(on, 1.0, leak)
        start, rise = torch.baddbmm(b2, scale * at_zero, w2), torch.bmm(scale * per_action, w2)
        arrays = [x.contiguous().numpy() for x in (on, at_zero, per_action[:, 0], start, rise, w2)]
        arrays += [actions[:, 0].numpy(), s.new_tensor(leak).numpy()[()]]
        last = rest[-2][..., 0].contiguous()
        if len(critic.hidden) == 2:
            return torch.from_numpy(_best_of_two(*arrays, last.numpy()))
        w3, b3 = rest[0], rest[1][:, 0]
        # the most that Q moves when the second layer moves by one
        reach = (last.abs() * w3.norm(dim=1)).sum(dim=1)
        coarse = np.append(np.arange(0, len(actions) - 1, COARSE), len(actions) - 1)
        third = [x.contiguous().numpy() for x in (w3, b3, last, reach)]
        return torch.from_numpy(_best_of_three(*arrays, *third, coarse))


def _compiled(critic, s):
    """Return whether a kernel takes this critic: two or three piecewise linear layers, on the CPU."""
    return (
        len(critic.hidden) in (2, 3)
        and critic.activation in ("leaky_relu", "relu")
        and critic.n_s == critic.n_a == 1
        and s.device.type == "cpu"
        and all(width % 2 == 0 for width in critic.hidden)
    )


def _scan(critic, s, actions):
    """Return the index (S, B) by evaluating every action."""
    n_seeds, n, count = s.shape[0], s.shape[1], len(actions)
    every = s.repeat_interleave(count, dim=1), actions.repeat(n, 1).expand(n_seeds, -1, -1)
    return critic(*every).reshape(n_seeds, n, count).argmax(dim=-1)


@numba.njit(parallel=True, fastmath=MATH, cache=True)
def _best_of_two(on, at_zero, per_action, start, rise, w2, grid, leak, w3):
    n_seeds, n, _ = start.shape
    best = np.empty((n_seeds, n), np.int64)
    for job in numba.prange(n_seeds * n):
        i, j = job // n, job % n
        h, q = np.empty((grid.size, w2.shape[2]), w2.dtype), np.zeros(grid.size, w2.dtype)
        _second_layer(on[i, j], at_zero[i, j], per_action[i], start[i, j], rise[i, j], w2[i], grid, leak, h)
        for row in range(grid.size):
            for k in range(w2.shape[2]):
                q[row] += w3[i, k] * h[row, k]
        best[i, j] = np.argmax(q)
    return best


@numba.njit(parallel=True, fastmath=MATH, cache=True)
def _best_of_three(on, at_zero, per_action, start, rise, w2, grid, leak, w3, b3, w4, reach, coarse):
    n_seeds, n, _ = start.shape
    best = np.empty((n_seeds, n), np.int64)
    for job in numba.prange(n_seeds * n):
        i, j = job // n, job % n
        h = np.empty((grid.size, w2.shape[2]), w2.dtype)
        _second_layer(on[i, j], at_zero[i, j], per_action[i], start[i, j], rise[i, j], w2[i], grid, leak, h)
        best[i, j] = _argmax(h, coarse, w3[i], b3[i], w4[i], reach[i], leak)
    return best


@numba.njit(fastmath=MATH, cache=True)
def _argmax(h, coarse, w3, b3, w4, reach, leak):
    """Return the row of ``h`` where the critic is greatest, the first of equals."""
    n = h.shape[0]
    q, z = np.full(n, -np.inf, h.dtype), np.empty((n + 3, w3.shape[1]), h.dtype)
    _third_layer(h, coarse, w3, b3, w4, leak, z, q)
    top = np.argmax(q)
    slack = 0.0  # rounding: far more than float32 loses in the sums above
    for k in range(w4.size):
        slack += 1e-5 * abs(w4[k] * z[top // COARSE, k])
    rivals, count = np.empty(n, np.int64), 0
    for c in range(coarse.size - 1):
        low, high = coarse[c], coarse[c + 1]
        for i in range(low + 1, high):
            t = h.dtype.type((i - low) / (high - low))
            far, bound = h.dtype.type(0), h.dtype.type(0)
            for k in range(h.shape[1]):
                far += (h[i, k] - h[low, k] - t * (h[high, k] - h[low, k])) ** 2
            for k in range(w4.size):
                between = z[c, k] + t * (z[c + 1, k] - z[c, k])
                bound += w4[k] * max(between, leak * between)
            if bound + reach * np.sqrt(far) >= q[top] - slack:
                rivals[count] = i
                count += 1
    _third_layer(h, rivals[:count], w3, b3, w4, leak, z, q)
    return np.argmax(q)


@numba.njit(fastmath=MATH, cache=True)
def _second_layer(on, u, v, start, rise, w2, grid, leak, h):
    """Write the second layer's outputs at every action of the grid into ``h`` (A, H).

    The first layer's inputs are u + action * v, ``on`` where positive at the first action; ``start``
    and ``rise`` are moved along the grid.
    """
    last, n_in, n_out = grid.size - 1, w2.shape[0], w2.shape[1]
    # newest[i] is the last unit found to switch at action i, older[k] the one found before k, or -1.
    newest, older = np.full(grid.size, -1), np.empty(n_in, np.int64)
    for k in range(n_in):
        if on[k] != (u[k] + v[k] * grid[last] > 0):
            low, high = 0, last
            while high - low > 1:
                middle = (low + high) // 2
                if (u[k] + v[k] * grid[middle] > 0) == on[k]:
                    low = middle
                else:
                    high = middle
            older[k], newest[high] = newest[high], k
    for i in range(grid.size):
        k = newest[i]
        while k >= 0:
            scale = (1 - leak) if v[k] > 0 else (leak - 1)
            for j in range(n_out):
                start[j] += scale * u[k] * w2[k, j]
                rise[j] += scale * v[k] * w2[k, j]
            k = older[k]
        for j in range(n_out):
            z = start[j] + grid[i] * rise[j]
            h[i, j] = max(z, leak * z)


@numba.njit(fastmath=MATH, cache=True)
def _third_layer(h, rows, w3, b3, w4, leak, z, q):
    """Write the third layer's inputs at ``rows`` of ``h`` into ``z``, Q less its last bias into ``q``."""
    n_out = w3.shape[1]
    for start in range(0, rows.size, 4):
        for r in range(4):
            z[start + r] = b3
        # Four rows at a time; where there are fewer the last one is done again.
        last = rows.size - 1
        i0, i1 = rows[start], rows[min(start + 1, last)]
        i2, i3 = rows[min(start + 2, last)], rows[min(start + 3, last)]
        y0, y1, y2, y3 = z[start], z[start + 1], z[start + 2], z[start + 3]
        for k in range(0, h.shape[1], 2):  # two by four products: what the registers hold
            p0, p1, p2, p3 = h[i0, k], h[i1, k], h[i2, k], h[i3, k]
            q0, q1, q2, q3 = h[i0, k + 1], h[i1, k + 1], h[i2, k + 1], h[i3, k + 1]
            for j in range(n_out):
                y0[j] += p0 * w3[k, j] + q0 * w3[k + 1, j]
                y1[j] += p1 * w3[k, j] + q1 * w3[k + 1, j]
                y2[j] += p2 * w3[k, j] + q2 * w3[k + 1, j]
                y3[j] += p3 * w3[k, j] + q3 * w3[k + 1, j]
        for r in range(min(4, rows.size - start)):
            value = h.dtype.type(0)
            for j in range(n_out):
                value += w4[j] * max(z[start + r, j], leak * z[start + r, j])
            q[rows[start + r]] = value
