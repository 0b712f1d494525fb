"""The maximising action on a grid for an MLP critic, the costliest line of Algorithm 1.

A hundred actions at each of fifty states are 5,000 evaluations a seed, against 50 for the update.
A kernel finds the same grid point with a fraction of the arithmetic:

- Along a state's row of actions the first layer is linear but where one of its units switches. The
  second layer's inputs are updated at the switches instead of multiplied out at every action.
- The third layer is multiplied out at every fourteenth action or so. Between two of them its inputs
  are z_k = m_k + e W_3k with m their interpolation, e the second layer's distance from its own, and
  |e W_3k| <= r_k = |e| |W_3k|. With any fixed slopes d_k, Q is e W_3 (d w_4) plus the sum over k of
  w_4k (phi(m_k + x) - d_k x) at some |x| <= r_k. Leaky ReLU phi is convex: where w_4k > 0 the term is
  greatest at an end, where w_4k < 0 it is at most w_4k (phi(m_k) - |phi'(m_k) - d_k| r_k). With d the
  slopes of the interval's middle the bound is tight, for most units do not change sign. An action
  whose bound lies below the best so far cannot win; the others are multiplied out.
"""

import math

import numba
import numpy as np
import torch

from sobolev_mini.networks import LEAKS
from sobolev_mini.qlearning import measure
from sobolev_mini.qlearning.compiled import compiled

COARSE = 15  # one action in so many is evaluated first
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
            parts = s.split(BLOCK, dim=1)
            return torch.cat([measure.best_action_index(critic, part, actions) for part in parts], dim=1)
        w1, b1, w2, b2, *rest = (x.detach() for x in critic.parameters)
        leak = LEAKS[critic.activation]
        # The second layer's inputs are start + action * rise up to the first switch of a unit.
        at_zero, per_action = s * w1[:, :1] + b1, w1[:, 1:]
        on = at_zero + actions[0] * per_action > 0
        scale = torch.where(on, s.new_ones(()), leak)
        start, rise = torch.baddbmm(b2, scale * at_zero, w2), torch.bmm(scale * per_action, w2)
        arrays = [x.contiguous().numpy() for x in (on, at_zero, per_action[:, 0], start, rise, w2)]
        arrays += [actions[:, 0].numpy(), s.new_tensor(leak).numpy()[()]]
        last = rest[-2][..., 0].contiguous()
        if len(critic.hidden) == 2:
            return torch.from_numpy(_best_of_two(*arrays, last.numpy()))
        w3, b3 = rest[0], rest[1][:, 0]
        coarse = np.linspace(0, len(actions) - 1, math.ceil((len(actions) - 1) / COARSE) + 1).round()
        third = [x.contiguous().numpy() for x in (w3, w3.mT, (w3 * w3).sum(dim=1).sqrt(), b3, last)]
        return torch.from_numpy(_best_of_three(*arrays, *third, coarse.astype(int)))


def _compiled(critic, s):
    """Return whether a kernel takes this critic: two or three piecewise linear layers, no scales, CPU."""
    return (
        critic.scales is None
        and len(critic.hidden) in (2, 3)
        and critic.activation in LEAKS
        and critic.n_s == critic.n_a == 1
        and s.device.type == "cpu"
        and all(width % 4 == 0 for width in critic.hidden)
    )


@compiled(parallel=True, fastmath=MATH)
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


@compiled(parallel=True, fastmath=MATH)
def _best_of_three(on, at_zero, per_action, start, rise, w2, grid, leak, w3, w3_t, norm, b3, w4, coarse):
    n_seeds, n, _ = start.shape
    best = np.empty((n_seeds, n), np.int64)
    for job in numba.prange(n_seeds * n):
        i, j = job // n, job % n
        h = np.empty((grid.size, w2.shape[2]), w2.dtype)
        _second_layer(on[i, j], at_zero[i, j], per_action[i], start[i, j], rise[i, j], w2[i], grid, leak, h)
        best[i, j] = _argmax(h, coarse, w3[i], w3_t[i], norm[i], b3[i], w4[i], leak)
    return best


@compiled(fastmath=MATH)
def _argmax(h, coarse, w3, w3_t, norm, b3, w4, leak):
    """Return the row of ``h`` where the critic is greatest, the first of equals."""
    q, z = np.full(h.shape[0], -np.inf, h.dtype), np.empty((coarse.size + 3, w4.size), h.dtype)
    _third_layer(h, coarse, w3, b3, w4, leak, z, q)
    top = np.argmax(q)
    slack = 0.0  # rounding: far more than float32 loses in these sums
    for k in range(w4.size):
        slack += 1e-5 * abs(w4[k] * z[np.searchsorted(coarse, top), k])
    bound = _bounds(h, coarse, w3_t, norm, w4, leak, z)
    likely = np.empty(4, np.int64)
    for i in range(4):
        likely[i] = np.argmax(bound)
        bound[likely[i]] = -np.inf
    _third_layer(h, likely, w3, b3, w4, leak, np.empty((4, w4.size), h.dtype), q)
    rivals = np.flatnonzero(bound >= q.max() - slack)
    _third_layer(h, rivals, w3, b3, w4, leak, np.empty((rivals.size + 3, w4.size), h.dtype), q)
    return np.argmax(q)


@compiled(fastmath=MATH)
def _bounds(h, coarse, w3_t, norm, w4, leak, z):
    """Return what Q less its last bias cannot exceed at each row of ``h``, -inf at the coarse ones."""
    n_out, one = w4.size, h.dtype.type(1)
    bound, slopes = np.full(h.shape[0], -np.inf, h.dtype), np.empty((coarse.size - 1, n_out), h.dtype)
    for c in range(coarse.size - 1):
        for k in range(n_out):
            slopes[c, k] = one if z[c, k] + z[c + 1, k] > 0 else leak
    rows, along = np.arange(coarse.size - 1), np.empty((coarse.size + 3, h.shape[1]), h.dtype)
    _product(slopes * w4, rows, w3_t, np.zeros(h.shape[1], h.dtype), along)
    for c in range(coarse.size - 1):
        low, high, d = coarse[c], coarse[c + 1], slopes[c]
        for i in range(low + 1, high):
            t = h.dtype.type((i - low) / (high - low))
            far, most = h.dtype.type(0), h.dtype.type(0)
            for k in range(h.shape[1]):
                e = h[i, k] - h[low, k] - t * (h[high, k] - h[low, k])
                far += e * e
                most += e * along[c, k]
            far = np.sqrt(far)
            for k in range(n_out):
                m, r = z[c, k] + t * (z[c + 1, k] - z[c, k]), far * norm[k]
                up, down = max(m + r, leak * (m + r)) - d[k] * r, max(m - r, leak * (m - r)) + d[k] * r
                turn = abs((one if m > 0 else leak) - d[k]) * r
                most += w4[k] * (max(up, down) if w4[k] > 0 else max(m, leak * m) - turn)
            bound[i] = most
    return bound


@compiled(fastmath=MATH)
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


@compiled(fastmath=MATH)
def _third_layer(h, rows, w3, b3, w4, leak, z, q):
    """Write the third layer's inputs at ``rows`` of ``h`` into ``z``, Q less its last bias into ``q``."""
    _product(h, rows, w3, b3, z)
    for r in range(rows.size):
        value = h.dtype.type(0)
        for j in range(w4.size):
            value += w4[j] * max(z[r, j], leak * z[r, j])
        q[rows[r]] = value


@compiled(fastmath=MATH)
def _product(x, rows, w, b, out):
    """Write x[rows] @ w + b into ``out``, which has three rows to spare."""
    last = rows.size - 1
    for start in range(0, rows.size, 4):
        for r in range(4):
            out[start + r] = b
        # Four rows at a time; where there are fewer the last one is done again.
        x0, x1 = x[rows[start]], x[rows[min(start + 1, last)]]
        x2, x3 = x[rows[min(start + 2, last)]], x[rows[min(start + 3, last)]]
        y0, y1, y2, y3 = out[start], out[start + 1], out[start + 2], out[start + 3]
        for k in range(0, x.shape[1], 4):  # by four inputs: a sum is loaded and stored once for four
            a0, b0, c0, d0 = x0[k], x0[k + 1], x0[k + 2], x0[k + 3]
            a1, b1, c1, d1 = x1[k], x1[k + 1], x1[k + 2], x1[k + 3]
            a2, b2, c2, d2 = x2[k], x2[k + 1], x2[k + 2], x2[k + 3]
            a3, b3, c3, d3 = x3[k], x3[k + 1], x3[k + 2], x3[k + 3]
            for j in range(w.shape[1]):
                wa, wb, wc, wd = w[k, j], w[k + 1, j], w[k + 2, j], w[k + 3, j]
                y0[j] += a0 * wa + b0 * wb + c0 * wc + d0 * wd
                y1[j] += a1 * wa + b1 * wb + c1 * wc + d1 * wd
                y2[j] += a2 * wa + b2 * wb + c2 * wc + d2 * wd
                y3[j] += a3 * wa + b3 * wb + c3 * wc + d3 * wd
