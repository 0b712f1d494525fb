"""The explorers' random generator in Python, so that both train on the same samples.

sfc32 of Chris Doty-Humphrey's PractRand (2010): 128 bits of state, additions, shifts and one
rotation. ``sfc32.js`` is the same, number for number.
"""

import numba
import numpy as np

WARM_UP = 12  # outputs thrown away, so that near seeds part


class Sfc32:
    """A stream of numbers; ``seed`` is whole, in [0, 2^32)."""

    def __init__(self, seed):
        self.state = np.array([0, 0, seed, 1], dtype=np.uint32)
        self.bits(WARM_UP)

    def bits(self, n):
        """Return the next n outputs, (n,) uint32."""
        return _fill(self.state, np.empty(n, dtype=np.uint32))

    def uniform(self, shape):
        """Return numbers in [-1, 1), last axis fastest, one output each."""
        return (self.bits(int(np.prod(shape))) / 2.0**31 - 1).reshape(shape)


@numba.njit(cache=True)
def _fill(state, out):
    a, b, c, count = state
    for i in range(out.size):
        now = np.uint32(a + b + count)
        count = np.uint32(count + np.uint32(1))
        a = np.uint32(b ^ (b >> np.uint32(9)))
        b = np.uint32(c + (c << np.uint32(3)))
        c = np.uint32(((c << np.uint32(21)) | (c >> np.uint32(11))) + now)
        out[i] = now
    state[:] = a, b, c, count
    return out
