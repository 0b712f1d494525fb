"""Checkers of chapter 03: slopes of the Bellman target."""

import contextlib

import numpy as np
import torch

from sobolev_book.check.verdict import A_FUNCTION, Refused, Verdict, checker, judge, number, plain, real
from sobolev_mini import envs
from sobolev_mini.quadratic import feature_gradients, features, greedy_action
from sobolev_mini.targets import td_target
from sobolev_mini.toy import ToyProblem


@checker(
    loose=True,
    tolerance=1e-6,  # float32 will do
    otherwise="not {got:.6g}; in turn: s', the best a' there, the critic's slope in s' with it held, the "
    "discount, the reward's slope",
)
def pencil():
    """Check y_a at s = 0, a = 0.4 under Q = s' + 2 s' a' - 2 a'^2, eq-03-slopes (ex-03-pencil)."""
    yield 0.66, "reward slope and critic slope, both there"
    yield 0.8, "you forgot the discount, 0.9 times the critic's slope; or that is the slope in s, 2 (a - s)"
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
        return A_FUNCTION if callable(answer) else judge(answer, lambda: 1e-3, [()], praise="")
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


def _columns(results, shapes):
    """Return a student's arrays side by side, (B, n); anything else is refused in words.

    ``shapes`` is name -> shape, B first; axes of length one may be more or fewer.
    """
    if results is None:
        return None
    results = plain(results)
    stack = (len(shapes), *next(iter(shapes.values())))
    n = len(results) if isinstance(results, tuple | list) or np.shape(results) == stack else None
    if n != len(shapes):
        got = f"a {type(results).__name__}" if n is None else f"{n} results"
        raise Refused(f"got {got}, wanted the {len(shapes)} results ({', '.join(shapes)})")
    columns = []
    for (name, shape), x in zip(shapes.items(), results, strict=True):
        try:
            columns.append(real(x, shape))
        except Refused as refusal:
            raise Refused(f"{name}: {refusal}") from None
        if [n for n in columns[-1].shape if n != 1] != [n for n in shape if n != 1]:
            raise Refused(f"{name}: got shape {columns[-1].shape}, wanted {shape}")
    return np.concatenate([x.reshape(len(x), -1) for x in columns], axis=-1)


def _named(**widths):
    """Return words for a place in ``_columns``' array: name -> how many columns are its own."""
    names = [(name, i) for name, width in widths.items() for i in range(width)]
    return lambda at: f"in {names[at[1]][0]}, sample {at[0]}, component {names[at[1]][1]}:"


def slopes(answer):
    """Check a function (w, s, a) -> (y, y_s, y_a) for the toy, eq-03-slopes (ex-03-slopes).

    ``w`` is (6,), ``s`` and ``a`` are (n,), and so is each of the three results.
    """
    if not callable(answer):
        return _slopes(answer)

    def joined(w, s, a):
        return _columns(answer(w, s, a), dict.fromkeys(("y", "y_s", "y_a"), s.shape))

    verdict, near = _slopes(joined), "near, but not equal: the best of a list only comes near the maximum; "
    if verdict.message.startswith("with w") and _nearly(joined).right:
        return Verdict(False, near + "use the exact maximiser, a parabola's vertex or an end")
    return verdict


def _of_slopes(w, s, a):
    problem = ToyProblem()
    r, (r_s, r_a) = problem.reward(s, a), problem.reward_gradients(s, a)

    def at(b, discount=problem.discount, x=a):
        """Return y, y_s and y_a where the next state is x, the next action b; s' = a."""
        return r + discount * features(x, b) @ w, r_s, r_a + discount * (feature_gradients(x, b)[0] @ w)

    b, here = greedy_action(w, a), at(greedy_action(w, s), x=s)
    y, y_s, y_a = at(b)
    q_s, q_a = (problem.discount * (phi @ w) for phi in feature_gradients(a, b))
    vertex, moving = -(w[2] + w[4] * a) / (2 * w[5]), -w[4] / (2 * w[5])  # the vertex, its motion with s'
    dashed = "you added the motion of b with s': it counts nothing, and at a bound b does not move"
    undiscounted = at(b, discount=1.0)
    for columns, text in [
        ((y, y_s, y_a), "y, y_s and y_a agree, also where b sits at a bound"),
        (undiscounted, "you forgot the discount: value and slope of the next state count 0.9 times"),
        ((y, y_s, undiscounted[2]), "you forgot the discount in y_a: it multiplies the slope too"),
        ((y, 0 * s, q_s), "you forgot the reward's slopes, 2 (a - s) and 0.2 - 2 (a - s)"),
        ((y, y_s, r_a + q_a), "y_a wants the critic's slope in s' (the first of the two), not in its action"),
        *(((y, y_s + q_s, x), "y_s has no bootstrap: s' = a does not move with s") for x in (y_a, r_a)),
        *(((here[0], *x), "s' is a: you took s instead") for x in (here[1:], (r_s + here[2] - r_a, r_a))),
        ((y, y_a, y_s), "y_s and y_a have changed places"),
        ((y, -y_s, y_a), "y_s has the wrong sign: the reward falls with (a - s)^2, where s has a minus"),
        ((y, y_s, r_a), "y_a has no bootstrap: s' = a moves with a, and the critic has a slope there"),
        (at(a), "the critic's action is its greedy one at s', not the action a again"),
        *(((y, y_s, y_a + k * q_a * m), dashed) for m in (moving, moving * (w[5] < 0)) for k in (0.5, 1, 2)),
        *((at(x), "a vertex outside [-1, 1]: cut it off") for x in (vertex, np.where(w[5] < 0, vertex, b))),
        (at(np.clip(vertex, -1, 1)), "w[5] > 0: the parabola opens upwards, its vertex is the worst action"),
    ]:  # fmt: skip
        yield np.stack(columns, axis=-1), text


CASES = [
    (np.array(w), *np.random.default_rng(3).uniform(-1, 1, (2, 5)))
    for w in ([0.3, 1, 0.2, -0.4, 2, -1.5], [0, 0.5, 2.5, 0.3, 0.7, -1], [1, -0.6, 0.4, 0.2, 1.3, 0.8])
]
_slopes = checker(CASES, place=_named(y=1, y_s=1, y_a=1))(_of_slopes)
_nearly = checker(CASES, tolerance=0.05)(_of_slopes)


def pullback(answer):
    """Check a function (v, f_s, f_a, r_s, r_a) -> (g_s, g_a), eq-03-pullback (ex-03-pullback).

    Shapes: v (B, n_s), f_s (B, n_s, n_s), f_a (B, n_s, n_a), r_s and g_s (B, n_s), r_a and g_a (B, n_a).
    """

    def joined(*case):
        return _columns(_called(answer, case), {"g_s": case[3].shape, "g_a": case[4].shape})

    for n_a in (2, 1):  # square Jacobians first: there a missing transpose shows as a wrong number
        check = checker([_linear_system(n_a)], place=_named(g_s=2, g_a=n_a))(_pullback)
        verdict = check(joined if callable(answer) else answer)
        if not verdict.right:
            break
    return verdict


def _called(answer, case):
    """Return what a student's function makes of arrays, or of tensors if it was written for those."""
    try:
        return answer(*case)
    except Exception:
        with contextlib.suppress(Exception):
            return answer(*map(torch.as_tensor, case))
        raise


def _pullback(v, f_s, f_a, r_s, r_a):
    def slopes(f_s=f_s, f_a=f_a, r_s=r_s, r_a=r_a, v=v):
        """Return g_s and g_a side by side, (B, n_s + n_a)."""
        pairs = (f_s, r_s), (f_a, r_a)
        return np.concatenate([r + np.einsum("bij,bi->bj", f, v) for f, r in pairs], axis=-1)

    yield slopes(), "right for square and for tall Jacobians"
    yield slopes(v=0 * v) + (slopes() - slopes(v=0 * v)).sum(axis=0), "you summed over the batch, too"
    if f_a.shape[2] == 2:
        down, across, none_s, none_a = f_s.swapaxes(1, 2), f_a.swapaxes(1, 2), 0 * r_s, 0 * r_a
        for name, moved in (("", (down, across)), ("g_s alone: ", (down,)), ("g_a alone: ", (f_s, across))):
            yield slopes(*moved), name + "you multiplied by the Jacobian, not by its transpose: sum over rows"
        yield slopes(r_s=none_s, r_a=none_a), "you forgot r_s and r_a"
        yield slopes(r_s=none_s), "you forgot r_s"
        yield slopes(r_a=none_a), "you forgot r_a"
        yield np.roll(slopes(), 2, axis=-1), "g_s and g_a have changed places"
        yield slopes(v=-v), "v comes in with a minus: the pull-back adds f_s^T v and f_a^T v"


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
        results = answer(TOY, s, a, a2, _value, DISCOUNT)
        return _columns(results, {"y": (len(s),), "y_s": tuple(s.shape), "y_a": tuple(a.shape)})

    return _two_steps(joined if callable(answer) else answer)


TOY, DISCOUNT = envs.make("toy1d", carry=0.7, dtype=torch.float64), 0.9


def _value(s):
    return (s**3 + torch.sin(2 * s))[..., 0]


def _of_two_steps(s, a, a2):
    s, a = (x.detach().requires_grad_() for x in (s, a))
    first = TOY.step(s, a)
    second = TOY.step(first.s_next, a2)
    last = DISCOUNT * _value(second.s_next)

    def target(gain=DISCOUNT, rest=second.r + last, discount=DISCOUNT):
        """Return y and its slopes side by side; ``gain`` is the discount of the slopes."""
        y = first.r + discount * rest
        slopes = torch.autograd.grad((first.r + gain * rest).sum(), (s, a), retain_graph=True)
        return torch.cat([y[:, None].detach(), *slopes], dim=-1).numpy()

    yield target(), "the slope of the second step in s' is the first step's v"
    yield target(gain=1.0), "the slope at s' is a step away: discount it, as y does its value"
    yield target(rest=last), "you forgot the second reward: it counts, and it has a slope in s'"
    yield target(rest=second.r + last / DISCOUNT), "V(s'') is two steps away: discount squared"
    yield target(gain=0.0), "you forgot that all of the second step moves with s'"
    yield target(discount=1.0), "y: what follows s' is a step away, discount it as its slope"
    yield target(1.0, discount=1.0), "you forgot the first step's discount, in y and in its slopes"
    yield target(DISCOUNT**2), "the slope at s' is discounted twice: it is one step away"
    for rest in (second.r + last, second.r + DISCOUNT * last):
        yield target(DISCOUNT**2, rest, DISCOUNT**2), "what follows s' is discounted twice; r' is a step away"
    yield target()[:, [0, 2, 1]], "y_s and y_a have changed places"
    yield target(rest=second.r + DISCOUNT * last), "V(s'') is discounted three times, it is two steps away"
    one, late = (td_target(TOY.transition(*x), _value, DISCOUNT) for x in ((s, a), (first.s_next, a2)))
    yield torch.cat([one.y[:, None], one.y_s, one.y_a], -1), "that is the target of one step: take a2 as well"
    yield np.hstack([target()[:, :1], late.y_s, late.y_a]), "slopes in s' and a2: pull the one in s' back"
    by_action = target(rest=(late.y_a * first.s_next)[:, 0])[:, 1:]
    yield np.hstack([target()[:, :1], by_action]), "you pulled the slope in a2 back; that in s' is rest.y_s"
    yield next(_of_two_steps(s, a2, a))[0], "a and a2 have changed places: a comes first"


CASE = 2 * torch.rand(3, 4, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1
_two_steps = checker([CASE], place=_named(y=1, y_s=1, y_a=1))(_of_two_steps)
