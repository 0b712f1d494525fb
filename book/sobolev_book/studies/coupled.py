"""The 1D problem whose next state depends on the state: s' = tanh(carry s + a), with its solution.

In the paper's problem (``toy.py``) f_s = 0, so the target's state slope r_s + discount f_s V'(s') needs no
bootstrapping. Here f_s = carry (1 - s'^2): both slopes bootstrap (eq-05-coupled). There is no closed
form; the truth is value iteration on 8,001 nodes. The envelope theorem hands every backup its slope,
V'(s) = r_s + discount f_s V'(s') at the best action, so value and slope together make a cubic
Hermite interpolant, and the best action solves a one-dimensional equation instead of picking a grid point.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from sobolev_mini import validate
from sobolev_mini.toy import ToyProblem

COARSE, FINE = 401, 8001  # nodes on [-1, 1]; the coarse solution starts the fine one
ACTIONS = np.linspace(-1, 1, 65)  # brackets of the best action
MAX_IMPROVEMENTS, MAX_HELD = 200, 5_000  # 0.99^3200 = 1e-14
BLOCK = 8192  # states searched at once, so that memory does not grow with the query


@dataclass(frozen=True)
class CoupledToy:
    """The problem r = slope * a - (a - s)^2, s' = tanh(carry * s + a), with s and a in [-1, 1].

    Parameters
    ----------
    carry : how much of the state is carried over, in [-2, 2]
    slope : c, the reward per unit of action, in [-1e6, 1e6]
    discount : the discount factor, in [0, 0.99]

    Notes
    -----
    Methods take scalars or arrays of any shapes that broadcast. A parameter outside its interval raises
    ``ValueError``, as the ``optimal_*`` methods do for states or actions outside [-1, 1]; the others take any
    real number. The first ``optimal_*`` call solves the problem (about a second) and the solution is kept; it
    raises ``RuntimeError`` where value iteration does not settle: seen, after up to half a minute, at a
    discount of 0.99 with unusual slopes and at a carry below -1 with steep ones.

    At the default slope and discount and abs(carry) <= 1, V* is C^1 and the Bellman residual at most 2e-9
    (median 1e-15; the 2e-9 where V*'' jumps). From a carry of about 1.05 on, two courses are equally
    good at some state: there the policy jumps, V* has a convex kink, and the residual reaches 3e-4 inside
    that one cell of width 2.5e-4. Smaller slopes bring such kinks at a smaller carry.
    """

    carry: float = 0.5
    slope: float = 0.2
    discount: float = 0.9

    def __post_init__(self):
        for name, low, high in (("carry", -2, 2), ("slope", -1e6, 1e6), ("discount", 0, 0.99)):
            object.__setattr__(self, name, validate.real(name, getattr(self, name), low=low, high=high))

    # The problem itself --------------------------------------------------------------------

    def dynamics(self, s, a):
        """Return the next state s' = tanh(carry * s + a), in [-1, 1]."""
        return np.tanh(self.carry * s + a)

    def dynamics_gradients(self, s, a):
        """Return (f_s, f_a) = (carry (1 - s'^2), 1 - s'^2)."""
        f_a = 1 - self.dynamics(s, a) ** 2
        return self.carry * f_a, f_a

    reward, reward_gradients = ToyProblem.reward, ToyProblem.reward_gradients

    # The optimum under the bounds, from value iteration ----------------------------------------

    def optimal_policy(self, s):
        """Return a*(s), shape of ``s``: the maximiser of ``optimal_q`` over [-1, 1]."""
        s = validate.within_box("s", s)
        flat, value = s.ravel(), _solve(self)
        parts = [_best_action(self, value, flat[i : i + BLOCK]) for i in range(0, s.size, BLOCK)]
        return np.concatenate([*parts, []]).reshape(s.shape)

    def optimal_value(self, s):
        """Return V*(s), shape of ``s``."""
        return _solve(self)(validate.within_box("s", s))

    def optimal_value_gradient(self, s):
        """Return dV*/ds, shape of ``s``: the derivative of ``optimal_value`` as it stands."""
        return _solve(self)(validate.within_box("s", s), 1)

    def optimal_q(self, s, a):
        """Return Q*(s, a) = r + discount * V*(s'), broadcast over ``s`` and ``a``."""
        s, a = validate.within_box("s", s), validate.within_box("a", a)
        return self.reward(s, a) + self.discount * _solve(self)(self.dynamics(s, a))

    def optimal_q_gradients(self, s, a):
        """Return (Q*_s, Q*_a), each the broadcast shape of ``s`` and ``a``: both bootstrap."""
        s, a = validate.within_box("s", s), validate.within_box("a", a)
        r_s, r_a = self.reward_gradients(s, a)
        f_s, f_a = self.dynamics_gradients(s, a)
        v = self.discount * _solve(self)(self.dynamics(s, a), 1)
        return r_s + f_s * v, r_a + f_a * v


def _best_action(problem, value, s):
    """Return the maximiser over [-1, 1] of r + discount * value(s'), for states s (B,).

    The best grid action brackets it; Newton's method on the slope in a, kept inside the bracket, finds it.
    """
    g = problem.discount
    column = s[:, None]
    q = problem.reward(column, ACTIONS) + g * value(problem.dynamics(column, ACTIONS))
    best = q.argmax(axis=1)
    low, high = ACTIONS[np.maximum(best - 1, 0)], ACTIONS[np.minimum(best + 1, len(ACTIONS) - 1)]
    a, last = ACTIONS[best], high - low  # a bound where Q still rises is the start already, and stays
    for _ in range(60):
        after = problem.dynamics(s, a)
        f_a, v = 1 - after**2, value(after, 1)
        q_a = problem.reward_gradients(s, a)[1] + g * f_a * v
        q_aa = -2 + g * f_a * (f_a * value(after, 2) - 2 * after * v)
        low, high = np.where(q_a > 0, a, low), np.where(q_a > 0, high, a)
        step = -q_a / np.where(q_aa < 0, q_aa, -1.0)
        # Bisect where Newton leaves the bracket, finds no concavity, or does not halve its step.
        lost = (a + step < low) | (a + step > high) | (q_aa >= 0) | (np.abs(step) > last / 2)
        step = np.where(lost & (np.abs(step) > 1e-13), (low + high) / 2 - a, step)
        a, last = np.clip(a + step, low, high), np.abs(step)
        if last.max(initial=0) <= 1e-12:
            break
    return a


@lru_cache(maxsize=64)
def _solve(problem):
    """Return V* as a cubic spline; raise ``RuntimeError`` if value iteration does not settle."""
    start, s = np.zeros((2, COARSE)), np.linspace(-1, 1, COARSE)
    coarse, _ = _value_iteration(problem, s, *start)  # a start only: it need not settle
    s = np.linspace(-1, 1, FINE)
    value, settled = _value_iteration(problem, s, coarse(s), coarse(s, 1))
    if not settled:
        raise RuntimeError(f"{problem}: value iteration did not settle in {MAX_IMPROVEMENTS} improvements")
    return value


def _value_iteration(problem, s, values, slopes):
    """Iterate the max backup on the nodes s (N,) from ``values`` and ``slopes`` (N,).

    Return V* as a cubic spline and whether it settled.
    """
    a = np.full_like(s, np.inf)
    for _ in range(MAX_IMPROVEMENTS):
        value = CubicHermiteSpline(s, values, slopes)
        a, before = _best_action(problem, value, s), a
        v_s = problem.discount * value(problem.dynamics(s, a), 1)
        new_slopes = problem.reward_gradients(s, a)[0] + problem.dynamics_gradients(s, a)[0] * v_s
        bend, (values, span) = np.abs(new_slopes - slopes).max(), _backup(problem, s, a, values, slopes)
        slopes, scale = new_slopes, max(1.0, np.abs(values).max())
        if span <= 1e-14 * scale and bend <= 1e-9 * scale:
            return CubicHermiteSpline(s, values, slopes), True
        # Once the policy rests: cheap sweeps with held actions. The slopes rest too, for their backup
        # is V*'s only at the best action and may diverge at any other.
        if np.abs(a - before).max() <= 1e-6:
            for _ in range(MAX_HELD):
                if span <= 1e-14 * scale:
                    break
                values, span = _backup(problem, s, a, values, slopes)
    return CubicHermiteSpline(s, values, slopes), False


def _backup(problem, s, a, values, slopes):
    """Return the values (N,) after one backup under actions a (N,), and the span of their change.

    MacQueen's shift adds the constant that the rest of the geometric series would bring. What remains to
    settle are differences of value, and one attractor settles them fast.
    """
    g = problem.discount
    new = problem.reward(s, a) + g * CubicHermiteSpline(s, values, slopes)(problem.dynamics(s, a))
    change = new - values
    return new + g / (1 - g) * (change.max() + change.min()) / 2, np.ptp(change)
