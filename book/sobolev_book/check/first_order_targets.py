"""Checkers of chapter 03: slopes of the Bellman target."""

import numpy as np
import torch

from sobolev_book.check.verdict import Verdict, checker, judge, number, plain
from sobolev_mini import envs
from sobolev_mini.quadratic import feature_gradients, features, greedy_action
from sobolev_mini.targets import td_target
from sobolev_mini.toy import ToyProblem


@checker(
    loose=True,
    otherwise="not {got:.6g}; in turn: s', the best a' there, the critic's slope in s' with it held, the "
    "discount, the reward's slope",
)
def pencil():
    """Check y_a at s = 0, a = 0.4 under Q = s' + 2 s' a' - 2 a'^2, eq-03-slopes (ex-03-pencil)."""
    yield 0.66, "reward slope and critic slope, both there"
    yield 0.8, "you forgot the discount: the critic's slope counts 0.9 times"
    yield 1.26, "you forgot the reward's own slope, 0.2 - 2 (a - s)"
    yield -0.6, "that is the reward's slope alone: the action moves s', and the critic has a slope in s'"
    yield 0.3, "the cross term 2 s' a' has a slope in s' too: 2 a'"
    yield 2.26, "the reward falls with the distance of a from s: its slope is 0.2 - 2 (a - s)"
    yield 1.02, "a' is the maximiser at s', which is s'/2 = 0.2, not the action a"


def best_step(answer):
    """Check the best central step when values carry an error of 1e-9, eq-03-step (ex-03-step).

    The answer is an order of magnitude: anything within a factor of four of 1e-3 is right.
    """
    h = number(answer)
    if not isinstance(h, float):
        return judge(answer, lambda: 1e-3, [()], praise="")
    if 2.5e-4 <= h <= 4e-3:
        return Verdict(True, "the two errors meet near the cube root of 1e-9; the slope is then good to 1e-6")
    if not h > 0:
        return Verdict(False, f"got {h:.3g}, wanted a step > 0")
    for mistake, text in [
        (3.2e-5, "that balances a one-sided difference: its error is h, a central one's is h^2"),
        (6e-6, "that is float64's best step; here the noise is 1e-9, far above float64's rounding"),
        (1e-9, "a step of the size of the noise: the quotient would be noise over noise"),
    ]:
        if mistake / 2 <= h <= mistake * 2:
            return Verdict(False, text)
    side = "h^2 is larger than 1e-9 / h" if h > 1e-3 else "1e-9 / h is larger than h^2"
    return Verdict(False, f"with h = {h:.3g} the error {side}; make the two equal")


@checker(
    (np.array(w), *np.random.default_rng(3).uniform(-1, 1, (2, 5)))
    for w in ([0.3, 1, 0.2, -0.4, 2, -1.5], [0, 0.5, 2.5, 0.3, 0.7, -1], [1, -0.6, 0.4, 0.2, 1.3, 0.8])
)
def slopes(w, s, a):
    """Check a function (w, s, a) -> (y, y_s, y_a) for the toy, eq-03-slopes (ex-03-slopes).

    ``w`` is (6,), ``s`` and ``a`` are (n,), and so is each of the three results.
    """
    problem = ToyProblem()
    r, (r_s, r_a) = problem.reward(s, a), problem.reward_gradients(s, a)

    def critic(b, discount=problem.discount):
        """Return the critic's value at (s', b) = (a, b) and its two slopes, discounted."""
        return discount * features(a, b) @ w, *(discount * (phi @ w) for phi in feature_gradients(a, b))

    b = greedy_action(w, a)
    q, q_s, q_a = critic(b)
    yield (r + q, r_s, r_a + q_s), "y, y_s and y_a agree, also where b sits at a bound"
    full, full_s, _ = critic(b, discount=1.0)
    undiscounted = r + full, r_s, r_a + full_s
    yield undiscounted, "you forgot the discount: value and slope of the next state count 0.9 times"
    yield (r + q, r_s, r_a + full_s), "you forgot the discount in y_a: it multiplies the slope too"
    yield (r + q, 0 * s, q_s), "you forgot the reward's slopes, 2 (a - s) and 0.2 - 2 (a - s)"
    in_action = r + q, r_s, r_a + q_a
    yield in_action, "y_a wants the critic's slope in s' (feature_gradients(a, b)[0]), not in its action"
    yield (r + q, r_s + q_s, r_a + q_s), "y_s has no bootstrap: s' = a does not move with s"
    again, again_s, _ = critic(a)
    same_action = r + again, r_s, r_a + again_s
    yield same_action, "the critic's action is its greedy one at s', not the action a again"
    vertex = -(w[2] + w[4] * a) / (2 * w[5])
    unbounded = "that is the parabola's vertex, also where it lies outside [-1, 1]: cut it off"
    lowest = (
        "with w[5] > 0 the parabola opens upwards and its vertex is the worst action: take the better end"
    )
    for other, text in [
        (vertex, unbounded),
        (np.where(w[5] < 0, vertex, b), unbounded),
        (np.clip(vertex, -1, 1), lowest),
    ]:
        then, then_s, _ = critic(other)
        yield (r + then, r_s, r_a + then_s), text


def pullback(answer):
    """Check a function (v, f_s, f_a, r_s, r_a) -> (g_s, g_a), eq-03-pullback (ex-03-pullback).

    Shapes: v (B, n_s), f_s (B, n_s, n_s), f_a (B, n_s, n_a), r_s and g_s (B, n_s), r_a and g_a (B, n_a).
    """
    joined = answer if not callable(answer) else lambda *case: _join(_called(answer, case), *case)
    for n_a in (2, 1):  # square Jacobians first: there a missing transpose shows as a wrong number
        verdict = checker([_linear_system(n_a)])(_pullback)(joined)
        if not verdict.right:
            break
    return verdict


def _called(answer, case):
    """Return what a student's function makes of arrays, or of tensors if it was written for those."""
    try:
        return plain(answer(*case))
    except Exception:
        try:
            return plain(answer(*map(torch.as_tensor, case)))
        except Exception:
            pass
        raise


def _pullback(v, f_s, f_a, r_s, r_a):
    def slopes(f_s=f_s, f_a=f_a, r_s=r_s, r_a=r_a):
        """Return g_s and g_a side by side, (B, n_s + n_a)."""
        pairs = (f_s, r_s), (f_a, r_a)
        return np.concatenate([r + np.einsum("bij,bi->bj", f, v) for f, r in pairs], axis=-1)

    yield slopes(), "right for square and for tall Jacobians"
    if f_a.shape[2] == 2:
        down, across, none_s, none_a = f_s.swapaxes(1, 2), f_a.swapaxes(1, 2), 0 * r_s, 0 * r_a
        for name, moved in (("", (down, across)), ("g_s alone: ", (down,)), ("g_a alone: ", (f_s, across))):
            rule = "you multiplied by the Jacobian, not by its transpose: v has one entry for each row of "
            yield slopes(*moved), f"{name}{rule}f_s and f_a"
        yield slopes(r_s=none_s, r_a=none_a), "you forgot r_s and r_a"
        yield slopes(r_s=none_s), "you forgot r_s"
        yield slopes(r_a=none_a), "you forgot r_a"


def _join(pair, v, f_s, f_a, r_s, r_a):
    """Return a student's (g_s, g_a) side by side; raise ``ValueError`` on anything else."""
    if pair is None:
        return None
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"got a {type(pair).__name__}, wanted the pair (g_s, g_a)")
    for name, got, like in (("g_s", pair[0], r_s), ("g_a", pair[1], r_a)):
        if np.shape(got) != like.shape:
            raise ValueError(f"{name}: got shape {np.shape(got)}, wanted {like.shape}")
    return np.concatenate([np.asarray(x, dtype=float) for x in pair], axis=-1)


def _linear_system(n_a):
    """Return v, f_s, f_a, r_s, r_a of two samples with n_s = 2, in small round numbers."""
    rng = np.random.default_rng(n_a)
    draw = lambda *shape: rng.integers(-4, 5, shape) / 2.0  # noqa: E731
    return draw(2, 2), draw(2, 2, 2), draw(2, 2, n_a), draw(2, 2), draw(2, n_a)


def two_steps(answer):
    """Check a function (env, s, a, a2, next_value, discount) -> (y, y_s, y_a), eq-03-slopes (ex-03-two).

    y (B,) is r + discount r' + discount^2 V(s'') with the second action ``a2`` held still. Shapes: s and y_s
    (B, n_s), a, a2 and y_a (B, n_a).
    """

    def joined(s, a, a2):
        results = plain(answer(TOY, s, a, a2, _value, DISCOUNT))
        if results is None:
            return None
        if not isinstance(results, tuple | list) or len(results) != 3:
            raise ValueError(f"got a {type(results).__name__}, wanted the three (y, y_s, y_a)")
        return np.concatenate([np.asarray(x, dtype=float).reshape(len(s), -1) for x in results], axis=-1)

    return _two_steps(joined if callable(answer) else answer)


TOY, DISCOUNT = envs.make("toy1d", carry=0.7, dtype=torch.float64), 0.9


def _value(s):
    return (s**3 + torch.sin(2 * s))[..., 0]


@checker([2 * torch.rand(3, 4, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1])
def _two_steps(s, a, a2):
    s, a = (x.detach().requires_grad_() for x in (s, a))
    first = TOY.step(s, a)
    second = TOY.step(first.s_next, a2)
    last = DISCOUNT * _value(second.s_next)

    def target(gain=1.0, rest=second.r + last):
        """Return y and its slopes side by side; ``gain`` is a factor that mistakes put in."""
        y = first.r + DISCOUNT * rest
        moved = (first.r + gain * DISCOUNT * rest).sum()
        slopes = torch.autograd.grad(moved, (s, a), retain_graph=True)
        return torch.cat([y[:, None].detach(), *slopes], dim=-1).numpy()

    yield target(), "the slope of the second step in s' is the first step's v"
    discounted = "the slope at s' is a step away: discount it, as y does its value"
    yield target(gain=1 / DISCOUNT), discounted
    yield target(rest=last), "you forgot the second reward: it counts, and it has a slope in s'"
    yield target(rest=second.r + last / DISCOUNT), "V(s'') is two steps away: discount squared"
    yield target(gain=0.0), "you forgot that all of the second step moves with s'"
    one = td_target(TOY.transition(s.detach(), a.detach()), _value, DISCOUNT)
    one_step = np.stack([one.y, one.y_s[:, 0], one.y_a[:, 0]], axis=-1)
    yield one_step, "that is the target of one step: take a2 at s' as well"
