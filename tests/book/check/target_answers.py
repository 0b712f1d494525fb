"""Right answers of chapter 03, and wrong ones with a known mistake."""

import numpy as np
import torch

from sobolev_mini.quadratic import feature_gradients, features, greedy_action
from sobolev_mini.targets import td_target
from sobolev_mini.toy import ToyProblem

PROBLEM = ToyProblem()


def slopes(w, s, a, discount=0.9, slope_discount=0.9, reward=1.0, which=0, bootstrap=0.0, own=False, b=None):
    b = (a if own else greedy_action(w, a)) if b is None else b(w, a)
    r_s, r_a = (reward * g for g in PROBLEM.reward_gradients(s, a))
    v = slope_discount * feature_gradients(a, b)[which] @ w
    return PROBLEM.reward(s, a) + discount * features(a, b) @ w, r_s + bootstrap * v, r_a + v


def by_hand(w, s, a):
    tilt = w[2] + w[4] * a
    b = np.clip(-tilt / (2 * w[5]), -1, 1) if w[5] < 0 else np.where(tilt > 0, 1.0, -1.0)
    value = w[0] + w[1] * a + w[3] * a**2 + tilt * b + w[5] * b**2
    y = 0.2 * a - (a - s) ** 2 + 0.9 * value
    return y, 2 * (a - s), 0.2 - 2 * (a - s) + 0.9 * (w[1] + 2 * w[3] * a + w[4] * b)


def in_torch(w, s, a):
    s, a = (torch.tensor(x, requires_grad=True) for x in (s, a))
    y, y_s, y_a = slopes(w, s.detach().numpy(), a.detach().numpy())
    return [torch.tensor(x) + 0 * a for x in (y, y_s, y_a)]


def vertex(w, a):
    return -(w[2] + w[4] * a) / (2 * w[5])


def cut(w, a):
    return np.clip(vertex(w, a), -1, 1)


def vertex_or_end(w, a):
    return vertex(w, a) if w[5] < 0 else greedy_action(w, a)


def of_a_list(w, a, n=100):
    actions = np.linspace(-1, 1, n)
    return actions[np.argmax([features(a, np.full_like(a, b)) @ w for b in actions], axis=0)]


def dashed(w, s, a, only_concave=False, share=1.0):
    b = greedy_action(w, a)
    motion = 0 if only_concave and w[5] > 0 else -w[4] / (2 * w[5])
    y, y_s, y_a = slopes(w, s, a)
    return y, y_s, y_a + share * 0.9 * (feature_gradients(a, b)[1] @ w) * motion


def rearranged(function, change):
    return lambda *case: change(*function(*case))


def pullback(v, f_s, f_a, r_s, r_a):
    return r_s + (f_s.mT @ v[..., None])[..., 0], r_a + (f_a.mT @ v[..., None])[..., 0]


def not_transposed(v, f_s, f_a, r_s, r_a):
    return r_s + (f_s @ v[..., None])[..., 0], r_a + (f_a @ v[..., None])[..., 0]


def half_transposed(v, f_s, f_a, r_s, r_a, which="s"):
    f_s, f_a = (f_s.mT, f_a) if which == "s" else (f_s, f_a.mT)
    return pullback(v, f_s, f_a, r_s, r_a)


def tensors_only(v, f_s, f_a, r_s, r_a):
    return r_s + torch.bmm(f_s.mT, v[..., None])[..., 0], r_a + torch.bmm(f_a.mT, v[..., None])[..., 0]


def two_steps(env, s, a, a2, value, discount, gain=1.0, far=1.0):
    first = env.transition(s, a)
    second = env.transition(first.s_next, a2)
    rest = td_target(second, lambda x: far * value(x), discount)
    y_s, y_a = first.pullback(gain * discount * rest.y_s)
    return first.r + discount * rest.y, y_s, y_a


def outer(env, s, a, a2, value, discount, of_value, of_slope):
    first = env.transition(s, a)
    rest = td_target(env.transition(first.s_next, a2), value, discount)
    return first.r + of_value * rest.y, *first.pullback(of_slope * rest.y_s)


def nested(env, s, a, a2, value, discount):
    def second(s_next):
        step = env.step(s_next, a2)
        return step.r + discount * value(step.s_next)

    target = td_target(env.transition(s, a), second, discount)
    return target.y, target.y_s, target.y_a


def one_step(env, s, a, a2, value, discount):
    target = td_target(env.transition(s, a), value, discount)
    return target.y, target.y_s, target.y_a


def slopes_of_the_second(env, s, a, a2, value, discount):
    first = env.transition(s, a)
    rest = td_target(env.transition(first.s_next, a2), value, discount)
    return first.r + discount * rest.y, rest.y_s, rest.y_a


def without_the_second_reward(env, s, a, a2, value, discount):
    first = env.transition(s, a)

    def later(s_next):
        return discount * value(env.step(s_next, a2).s_next)

    target = td_target(first, later, discount)
    return target.y, target.y_s, target.y_a


def at_s(w, s, a, moving=True):
    """The next state taken for s, and held while a moves or moving with s."""
    b = greedy_action(w, s)
    (r_s, r_a), v = PROBLEM.reward_gradients(s, a), 0.9 * feature_gradients(s, b)[0] @ w
    y = PROBLEM.reward(s, a) + 0.9 * features(s, b) @ w
    return (y, r_s + v, r_a) if moving else (y, r_s, r_a + v)


def bootstrap_in_y_s_alone(w, s, a):
    y, y_s, _ = slopes(w, s, a, bootstrap=1)
    return y, y_s, PROBLEM.reward_gradients(s, a)[1]


def summed(v, f_s, f_a, r_s, r_a):
    return r_s + np.einsum("bij,bi->j", f_s, v), r_a + np.einsum("bij,bi->j", f_a, v)


def by_the_second_action(env, s, a, a2, value, discount):
    first = env.transition(s, a)
    rest = td_target(env.transition(first.s_next, a2), value, discount)
    return first.r + discount * rest.y, *first.pullback(discount * rest.y_a)


def only_square(v, f_s, f_a, r_s, r_a):
    return pullback(v, f_s, f_a, r_s, r_a) if f_a.shape[2] == 2 else (r_s, r_a)
