"""The paper's 1D problem and its exact solution, for any slope c and any discount.

States and actions lie in [-1, 1], the action is the next state, and the reward pays for going
right but charges for long steps: s' = a, r = c a - (a - s)^2 (Schramm et al. 2025, section 4).

How the exact solution comes about (chapter 02). Mirror the axis if c < 0, so that the wall that stops the
agent is at +1, and let u = 1 - s be the distance to it and d = a* - s the optimal step. Off the wall the
optimality condition reads d_t = c/2 + discount * d_{t+1}; at the wall d = 0. Counted back from the wall,
full steps are therefore D_j = (c/2) G_j with G_j = 1 + discount + ... + discount^(j-1), and a state with m
full steps ahead of it plus a part of another has u between P_m = (c/2) H_m and P_{m+1}, H_m = G_1 + ... +
G_m. Inside that piece the step grows linearly in u, so the value is quadratic. Nothing here needs a grid.
"""

from dataclasses import dataclass

import numpy as np

from sobolev_mini import validate

MAX_BREAKPOINTS = 100_000


@dataclass(frozen=True)
class ToyProblem:
    """The problem r = slope * a - (a - s)^2, s' = a, with s and a in [-1, 1].

    Parameters
    ----------
    slope : c, the reward per unit of action; any finite number with a finite slope / (1 - discount)
    discount : the discount factor, in [0, 1)

    Notes
    -----
    Methods take scalars or arrays of any shapes that broadcast. The ``optimal_*`` and ``clipped_*`` ones
    raise ``ValueError`` outside [-1, 1]; ``dynamics`` and ``reward`` take any number, to be differentiated.
    """

    slope: float = 0.2
    discount: float = 0.9

    def __post_init__(self):
        slope = validate.real("slope", self.slope)
        discount = validate.real("discount", self.discount, low=0.0, below=1.0)
        if not np.isfinite(slope / (1 - discount)):
            raise ValueError(f"slope: got {slope}, wanted one whose slope / (1 - discount) is finite")
        object.__setattr__(self, "slope", slope)
        object.__setattr__(self, "discount", discount)

    # The problem itself --------------------------------------------------------------------

    def dynamics(self, s, a):
        """Return the next state s' = a."""
        return a + 0 * s

    def reward(self, s, a):
        """Return r(s, a) = slope * a - (a - s)^2."""
        return self.slope * a - (a - s) ** 2

    def reward_gradients(self, s, a):
        """Return (r_s, r_a) = (2 (a - s), slope - 2 (a - s))."""
        return 2 * (a - s), self.slope - 2 * (a - s)

    # The exact optimum under the bounds ------------------------------------------------------

    def breakpoints(self):
        """Return the states inside (-1, 1) where the optimal policy changes piece, descending.

        Shape (K,), eq-02-breakpoints. With discount 0 only the first is real: all steps behind it are equal.
        Raises ``ValueError`` when there are more than 100,000 (values still work then).
        """
        count = 1 if self.discount == 0 else MAX_BREAKPOINTS + 1
        return self._states(abs(self.slope) / 2 * np.cumsum(np.cumsum(self.discount ** np.arange(count))))

    def optimal_policy(self, s):
        """Return a*(s), shape of ``s`` (eq-02-piece)."""
        s = validate.within_box("s", s)
        step, _ = self._step_and_loss(s)
        return np.clip(s + step, -1, 1)

    def optimal_value(self, s):
        """Return V*(s), shape of ``s`` (eq-02-value)."""
        s = validate.within_box("s", s)
        _, loss = self._step_and_loss(s)
        return abs(self.slope) / (1 - self.discount) - loss

    def optimal_value_gradient(self, s):
        """Return dV*/ds = 2 (a*(s) - s), shape of ``s``. V* is continuously differentiable."""
        s = validate.within_box("s", s)
        step, _ = self._step_and_loss(s)
        return 2 * step

    def optimal_q(self, s, a):
        """Return Q*(s, a) = r + discount * V*(a), broadcast over ``s`` and ``a`` (eq-02-bellman)."""
        s, a = validate.within_box("s", s), validate.within_box("a", a)
        return self.reward(s, a) + self.discount * self.optimal_value(a)

    def optimal_q_gradients(self, s, a):
        """Return (Q*_s, Q*_a), of the broadcast shape of ``s`` and ``a``."""
        s, a = validate.within_box("s", s), validate.within_box("a", a)
        r_s, r_a = self.reward_gradients(s, a)
        return r_s, r_a + self.discount * self.optimal_value_gradient(a)

    # The paper's shortcut: clip the unconstrained optimum ---------------------------------------

    def clipped_policy(self, s):
        """Return clip(s + slope / (2 (1 - discount)), -1, 1): eq-02-unbounded, clipped."""
        s = validate.within_box("s", s)
        return np.clip(s + self.slope / (2 * (1 - self.discount)), -1, 1)

    def clipped_breakpoints(self):
        """Return the states inside (-1, 1) where ``clipped_value`` has a kink, descending, shape (K,).

        They lie whole strides of slope / (2 (1 - discount)) from the wall. ``ValueError`` for over 100,000.
        """
        stride = abs(self.slope) / (2 * (1 - self.discount))
        return self._states(stride * np.arange(1, MAX_BREAKPOINTS + 2))

    def clipped_value(self, s):
        """Return the value that ``clipped_policy`` earns from ``s``, in closed form."""
        s = validate.within_box("s", s)
        _, loss = self._clipped_step_and_loss(s)
        return abs(self.slope) / (1 - self.discount) - loss

    def clipped_q(self, s, a):
        """Return r(s, a) + discount * clipped_value(a): act once with ``a``, then clip for ever."""
        s, a = validate.within_box("s", s), validate.within_box("a", a)
        return self.reward(s, a) + self.discount * self.clipped_value(a)

    def clipped_q_gradients(self, s, a):
        """Return (q_s, q_a) of ``clipped_q``; at its kinks the slope of the side nearer the wall."""
        s, a = validate.within_box("s", s), validate.within_box("a", a)
        r_s, r_a = self.reward_gradients(s, a)
        value_gradient, _ = self._clipped_step_and_loss(a)
        return r_s, r_a + self.discount * value_gradient

    # Closed forms ----------------------------------------------------------------------------

    def _states(self, distances):
        """Return the states at ``distances`` from the wall that lie inside (-1, 1), descending."""
        states = 1 - distances[(distances > 0) & (distances < 2)]
        if len(states) > MAX_BREAKPOINTS:
            wanted = f"wanted one with at most {MAX_BREAKPOINTS:,} breakpoints"
            raise ValueError(f"slope: got {self.slope} with discount {self.discount}, {wanted}")
        return states if self.slope > 0 else -states[::-1]

    def _step_and_loss(self, s):
        """Return the signed optimal step (eq-02-step) and V*(wall) - V*(s)."""
        sign, half, g = np.sign(self.slope), abs(self.slope) / 2, self.discount
        if half == 0:
            return np.zeros_like(s), np.zeros_like(s)
        u = 1 - sign * s
        with np.errstate(over="ignore"):
            sums = _full_steps(g, u / half)
        full = half * sums.G
        rest = u - half * sums.H
        step = full + sums.power * rest / (1 + g * sums.G)
        # The loss is the integral of dV*/du = 2 step: whole pieces (sum over j of D_j (D_j +
        # D_{j-1})) and the trapezium of the last one.
        return sign * step, half * (half * sums.T) + (full + step) * rest

    def _clipped_step_and_loss(self, s):
        """Return the slope of ``clipped_value`` and its loss V(wall) - V(s)."""
        sign, c, g = np.sign(self.slope), abs(self.slope), self.discount
        stride = min(c / (2 * (1 - g)), 4.0)  # longer strides are cut at the wall alike
        if stride == 0:
            return np.zeros_like(s), np.zeros_like(s)
        u = 1 - sign * s
        with np.errstate(over="ignore"):
            m = np.minimum(np.floor(u / stride), 2.0**1000)  # full strides, then rest to the wall
        rest = u - m * stride
        power = g**m
        G = (1 - power) / (1 - g)
        H = (m - G) / (1 - g)  # G_1 + ... + G_{m-1}
        loss = G * (c * rest + stride**2) + c * (stride * H) + power * rest**2
        return sign * (c * G + 2 * power * rest), loss


@dataclass(frozen=True)
class _Sums:
    """Geometric sums for m full steps; g is the discount.

    power = g^m, G = G_m, H = G_1 + ... + G_m, T = the sum over j <= m of G_j (G_j + G_{j-1}).
    """

    power: np.ndarray
    G: np.ndarray
    H: np.ndarray
    T: np.ndarray

    def then(self, n, other):
        """Return the sums for m + n steps; every term is positive, so nothing cancels."""
        G, p = self.G, self.power
        return _Sums(
            p * other.power,
            G + p * other.G,
            self.H + n * G + p * other.H,
            self.T + 2 * n * G**2 + p * G * (4 * other.H - other.G) + p**2 * other.T,
        )


def _full_steps(discount, distance):
    """Return the sums for the largest m with H_m <= distance, shape of ``distance``.

    Binary lifting: jumps of 1, 2, 4, ... steps are prepared, then taken from the longest down. The
    ladder ends where it outreaches every distance or where discount^m has vanished; beyond that
    all steps are equal and the last piece goes on for ever.
    """
    ladder = [_Sums(*(np.float64(x) for x in (discount, 1, 1, 1)))]
    while ladder[-1].power > 0 and ladder[-1].H <= np.max(distance, initial=0):
        ladder.append(ladder[-1].then(2.0 ** (len(ladder) - 1), ladder[-1]))
    zero = np.zeros_like(distance)
    now = _Sums(zero + 1, zero, zero, zero)
    for i in reversed(range(len(ladder))):
        trial = now.then(2.0**i, ladder[i])
        take = trial.H <= distance
        now = _Sums(*(np.where(take, getattr(trial, x), getattr(now, x)) for x in ("power", "G", "H", "T")))
    return now
