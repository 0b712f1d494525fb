"""Chapter 03's checkers: right answers, each known mistake, and nonsense."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from sobolev_book.check import first_order_targets as check
from tests.book.check.target_answers import (
    at_s,
    bootstrap_in_y_s_alone,
    by_hand,
    by_the_second_action,
    cut,
    dashed,
    half_transposed,
    in_torch,
    nested,
    not_transposed,
    of_a_list,
    one_step,
    only_square,
    outer,
    pullback,
    rearranged,
    slopes,
    slopes_of_the_second,
    summed,
    tensors_only,
    two_steps,
    vertex,
    vertex_or_end,
    without_the_second_reward,
)


@pytest.mark.parametrize(
    "verdict",
    [
        check.pencil(0.66),
        check.pencil((0.2 - 2 * 0.4) + 0.9 * (1 + 2 * 0.2)),
        check.pencil([0.66]),
        check.pencil((0.66,)),
        check.pencil(np.array([0.66])),
        check.pencil(torch.tensor(0.66, dtype=torch.float64, requires_grad=True)),
        check.pencil([torch.tensor(0.66, dtype=torch.float64)]),
        check.pencil(Fraction(33, 50)),
        check.pencil(torch.tensor(0.66)),
        check.pencil(np.float32(0.66)),
        check.best_step(1e-3),
        check.best_step([1e-3]),
        check.best_step(torch.tensor(1e-3)),
        check.best_step(Fraction(1, 1000)),
        check.best_step(5e-10 ** (1 / 3)),
        check.best_step(1e-9 ** (1 / 3)),
        check.slopes(slopes),
        check.slopes(lambda *x: np.stack(slopes(*x))),
        check.slopes(by_hand),
        check.slopes(in_torch),
        check.pullback(tensors_only),
        check.pullback(lambda *x: [torch.tensor(g, requires_grad=True) for g in pullback(*x)]),
        check.two_steps(two_steps),
        check.two_steps(nested),
        check.two_steps(lambda *x: [g.numpy() for g in two_steps(*x)]),
        check.pullback(pullback),
        check.pullback(lambda *x: [g.tolist() for g in pullback(*x)]),
    ],
)
def test_right_answers(verdict):
    assert verdict.right, verdict


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (check.pencil(None), "got None"),
        (check.pencil(-0.6 + 1.4), "forgot the discount"),
        (check.pencil(0.9 * 1.4), "forgot the reward"),
        (check.pencil(-0.6 + 0.9 * (2 * 0.4 - 4 * 0.2)), "reward's slope alone"),
        (check.pencil(-0.6 + 0.9), "the cross term"),
        (check.pencil(-0.6 + 0.9 * (1 + 2 * 0.4)), "not the action a"),
        (check.pencil(3.0), "not 3; in turn"),
        (check.pencil(0.2 + 0.8 + 1.26), "falls with the distance"),
        (check.pencil([0.66, 0.66]), "got shape (2,)"),
        (check.pencil("much"), "got a str"),
        (check.best_step(None), "got None"),
        (check.best_step("small"), "got a str"),
        (check.best_step(np.complex128(1e-3)), "got complex"),
        (check.best_step(torch.tensor(1e-3 + 0j)), "got complex"),
        (check.best_step(lambda: 1), "got a function"),
        (check.best_step(int), "got a function"),
        (check.pencil(lambda: 1), "got a function"),
        (check.pencil(int), "got a function"),
        (check.pencil(0.66 + 0j), "got complex"),
        (check.best_step(-1e-3), "wanted a step > 0"),
        (check.best_step(float("nan")), "wanted a step > 0"),
        (check.best_step(1e-9**0.5), "one-sided"),
        (check.best_step(np.finfo(float).eps ** (1 / 3)), "float64's best step"),
        (check.best_step(1e-9), "noise over noise"),
        (check.best_step(0.1), "h^2 is larger"),
        (check.best_step(1e-7), "1e-9 / h is larger"),
        (check.slopes(lambda w, s, a: None), "got None"),
        (check.slopes(lambda *x: slopes(*x, discount=1, slope_discount=1)), "value and slope"),
        (check.slopes(lambda *x: slopes(*x, slope_discount=1)), "the discount in y_a"),
        (check.slopes(lambda *x: slopes(*x, reward=0)), "the reward's slopes"),
        (check.slopes(lambda *x: slopes(*x, which=1)), "not in its action"),
        (check.slopes(lambda *x: slopes(*x, bootstrap=1)), "y_s has no bootstrap"),
        (check.slopes(bootstrap_in_y_s_alone), "y_s has no bootstrap"),
        (check.slopes(at_s), "s' is a"),
        (check.slopes(lambda *x: at_s(*x, moving=False)), "s' is a"),
        (check.slopes(lambda *x: slopes(*x, own=True)), "its greedy one"),
        (check.slopes(None), "got None"),
        (check.slopes(lambda *x: slopes(*x, b=vertex)), "cut it off"),
        (check.slopes(lambda *x: slopes(*x, b=vertex_or_end)), "cut it off"),
        (check.slopes(lambda *x: slopes(*x, b=cut)), "opens upwards"),
        (check.slopes(lambda *x: slopes(*x)[0]), "got a ndarray, wanted the 3 results (y, y_s, y_a)"),
        (check.slopes(rearranged(slopes, lambda y, y_s, y_a: (y, None, y_a))), "y_s: got None"),
        (
            check.slopes(rearranged(slopes, lambda y, y_s, y_a: ((y, y_s), y_a))),
            "got 2 results, wanted the 3",
        ),
        (check.slopes(rearranged(slopes, lambda y, y_s, y_a: (y, [y_s, 1], y_a))), "y_s: got a list"),
        (check.slopes(rearranged(slopes, lambda y, y_s, y_a: (y, y_a, y_s))), "have changed places"),
        (check.slopes(rearranged(slopes, lambda y, y_s, y_a: (y, -y_s, y_a))), "y_s has the wrong sign"),
        (check.slopes(rearranged(slopes, lambda y, y_s, y_a: (y, y_s + 1, y_a))), "in y_s, sample"),
        (check.slopes(rearranged(slopes, lambda y, y_s, y_a: (y + 0j, y_s, y_a))), "y: got complex"),
        (check.slopes(lambda *x: slopes(*x, slope_discount=0)), "y_a has no bootstrap"),
        (check.slopes(dashed), "the motion of b with s'"),
        (check.slopes(lambda *x: dashed(*x, only_concave=True)), "the motion of b with s'"),
        (check.slopes(lambda *x: dashed(*x, share=0.5)), "the motion of b with s'"),
        (check.slopes(lambda *x: slopes(*x, b=of_a_list)), "use the exact maximiser"),
        (check.slopes(lambda *x: slopes(*x, reward=2)), "wanted"),
        (check.slopes(lambda w, s, a: w @ s), "it raised ValueError"),
        (check.pullback(None), "got None"),
        (check.pullback(lambda *x: None), "got None"),
        (check.pullback(not_transposed), "not by its transpose"),
        (check.pullback(lambda v, f, g, r_s, r_a: pullback(v, f, g, 0 * r_s, 0 * r_a)), "forgot r_s and r_a"),
        (check.pullback(half_transposed), "g_s alone: you multiplied by the Jacobian"),
        (check.pullback(lambda *x: half_transposed(*x, which="a")), "g_a alone"),
        (check.pullback(lambda v, f, g, r_s, r_a: pullback(v, f, g, 0 * r_s, r_a)), "forgot r_s"),
        (check.pullback(lambda v, f, g, r_s, r_a: pullback(v, f, g, r_s, 0 * r_a)), "forgot r_a"),
        (check.pullback(only_square), "got"),
        (check.pullback(summed), "summed over the batch"),
        (check.pullback(lambda *x: pullback(*x)[0]), "wanted the 2 results (g_s, g_a)"),
        (check.pullback(lambda *x: 3), "got a int, wanted the 2 results (g_s, g_a)"),
        (check.pullback(lambda *x: pullback(*x)[::-1]), "g_s and g_a have changed places"),
        (check.pullback(lambda v, *rest: pullback(-v, *rest)), "v comes in with a minus"),
        (check.pullback(lambda *x: (2 * pullback(*x)[0], pullback(*x)[1])), "in g_s, sample"),
        (check.pullback(lambda *x: [g + 0j for g in pullback(*x)]), "g_s: got complex"),
        (check.pullback(lambda *x: [g.sum(axis=0) for g in pullback(*x)]), "g_s: got shape (2,)"),
        (check.pullback(lambda *x: 1 / 0), "it raised ZeroDivisionError"),
        (check.two_steps(None), "got None"),
        (check.two_steps(lambda *x: None), "got None"),
        (check.two_steps(lambda *x: 1 / 0), "it raised ZeroDivisionError"),
        (check.two_steps(lambda *x: two_steps(*x, gain=1 / 0.9)), "discount it"),
        (check.two_steps(lambda *x: two_steps(*x, gain=0)), "moves with s'"),
        (check.two_steps(lambda *x: two_steps(*x, far=1 / 0.9)), "discount squared"),
        (check.two_steps(one_step), "one step"),
        (check.two_steps(lambda *x: two_steps(*x, far=0.9)), "discounted three times"),
        (check.two_steps(slopes_of_the_second), "pull the one in s' back"),
        (check.two_steps(without_the_second_reward), "forgot the second reward"),
        (check.two_steps(by_the_second_action), "that in s' is rest.y_s"),
        (check.two_steps(lambda env, s, a, a2, *x: two_steps(env, s, a2, a, *x)), "a comes first"),
        (check.two_steps(lambda *x: two_steps(*x)[0]), "wanted the 3 results (y, y_s, y_a)"),
        (check.two_steps(lambda *x: (1.0, 2.0, 3.0)), "y: got shape (), wanted (4,)"),
        (check.two_steps(lambda *x: {}), "got a dict, wanted the 3"),
        (check.two_steps(rearranged(two_steps, lambda y, y_s, y_a: (y, y_a, y_s))), "have changed places"),
        (check.two_steps(rearranged(two_steps, lambda y, y_s, y_a: (y + 0j, y_s, y_a))), "y: got complex"),
        (check.two_steps(lambda *x: outer(*x, 1.0, 1.0)), "forgot the first step's discount"),
        (check.two_steps(lambda *x: outer(*x, 1.0, 0.9)), "y: what follows s' is a step away"),
        (check.two_steps(lambda *x: outer(*x, 0.9, 0.81)), "the slope at s' is discounted twice"),
        (check.two_steps(lambda *x: outer(*x, 0.81, 0.81)), "what follows s' is discounted twice"),
        (check.two_steps(lambda *x: two_steps(*x[:-1], 0.81)), "what follows s' is discounted twice"),
    ],
)
def test_mistakes_are_named(verdict, words):
    assert not verdict.right
    assert words in verdict.message


@pytest.mark.parametrize("answer", [3.0, 0.0, -1, [0.5], None, "much", float("nan")])
def test_a_wrong_number_does_not_buy_the_right_one(answer):
    assert "0.66" not in check.pencil(answer).message


@pytest.mark.parametrize(
    "verdict",
    [
        check.pullback(lambda *x: 1 / 0),
        check.two_steps(lambda *x: 1 / 0),
        check.two_steps(rearranged(two_steps, lambda y, y_s, y_a: (2 * y, y_s, y_a))),
    ],
)
def test_a_verdict_is_one_line(verdict):
    assert "\n" not in verdict.message and "array([" not in verdict.message


@pytest.mark.parametrize("answer", [lambda: 1, int, [1, 2], "much", 1j, 0.0, None])
def test_a_wrong_step_does_not_buy_the_right_one(answer):
    assert "0.001" not in check.best_step(answer).message
