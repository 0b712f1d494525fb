"""First-order targets: against central differences of the whole backup, and at their corners."""

import dataclasses

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.targets import max_value, td_target

ACTIONS = torch.linspace(-1, 1, 100, dtype=torch.float64)[:, None]
CONCAVE = torch.tensor([0.3, -0.2, 0.5, -0.4, 0.8, -0.9], dtype=torch.float64)


def quadratic_critic(w):
    def critic(s, a):
        s, a = s[..., 0], a[..., 0]
        return w[0] + w[1] * s + w[2] * a + w[3] * s * s + w[4] * s * a + w[5] * a * a

    return critic


def toy_batch(shape=(200,)):
    env = envs.make("toy1d", dtype=torch.float64)
    s, a = torch.rand(2, *shape, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    return env, s, a


def backup(env, critic, s, a):
    """eq-03-target, nothing differentiated: r + .9 max over the grid."""
    step = env.step(s, a)
    q = critic(step.s_next.unsqueeze(-2), ACTIONS)
    return step.r + 0.9 * q.amax(dim=-1)


@pytest.mark.parametrize("shape", [(200,), (3, 40)])
def test_max_target_against_central_differences(shape):
    """eq-03-slopes: y_s and y_a are the derivatives of y, away from the few ties of the grid."""
    env, s, a = toy_batch(shape)
    critic, h = quadratic_critic(CONCAVE), 1e-6
    target = td_target(env.transition(s, a), max_value(critic, ACTIONS), 0.9)
    torch.testing.assert_close(target.y, backup(env, critic, s, a), atol=1e-14, rtol=0)
    for slope, ds, da in ((target.y_s, h, 0), (target.y_a, 0, h)):
        up, down = backup(env, critic, s + ds, a + da), backup(env, critic, s - ds, a - da)
        torch.testing.assert_close(slope[..., 0], (up - down) / (2 * h), atol=1e-8, rtol=0)


def test_gradient_flows_through_next_state_and_not_through_the_action():
    env, s, a = toy_batch()
    b = []

    def critic(s, action):
        b.append(action)
        return quadratic_critic(CONCAVE)(s, action)

    target = td_target(env.transition(s, a), max_value(critic, ACTIONS), 0.9)
    frozen = b[-1][..., 0]
    r_a = 0.2 - 2 * (a - s)[..., 0]
    expected = r_a + 0.9 * (CONCAVE[1] + 2 * CONCAVE[3] * a[..., 0] + CONCAVE[4] * frozen)
    torch.testing.assert_close(target.y_a[..., 0], expected, atol=1e-14, rtol=0)
    torch.testing.assert_close(target.y_s, 2 * (a - s), atol=1e-14, rtol=0)  # no bootstrap: f_s = 0


def test_ties_go_to_the_lowest_action_as_in_the_quadratic_module():
    _, s, _ = toy_batch()
    flat = max_value(lambda s, a: 0 * (s + a)[..., 0], ACTIONS)
    assert (flat(s) == 0).all()
    seen = []
    max_value(lambda s, a: (seen.append(a), 0 * (s + a)[..., 0])[1], ACTIONS)(s)
    assert (seen[-1] == -1).all()


def test_termination_leaves_the_reward_alone():
    env, s, a = toy_batch((6,))
    ended = torch.tensor([True, False] * 3)
    transition = dataclasses.replace(env.transition(s, a), terminated=ended)
    target = td_target(transition, max_value(quadratic_critic(CONCAVE), ACTIONS), 0.9)
    going = td_target(env.transition(s, a), max_value(quadratic_critic(CONCAVE), ACTIONS), 0.9)
    r_s, r_a = env.problem.reward_gradients(s, a)
    for found, at_end, on in [(target.y, transition.r, going.y), (target.y_s, r_s, going.y_s),
                              (target.y_a, r_a, going.y_a)]:  # fmt: skip
        assert torch.equal(found[ended], at_end[ended])
        assert torch.equal(found[~ended], on[~ended])
    assert (going.y_a != r_a).all()


def test_discount_zero_is_the_reward():
    env, s, a = toy_batch()
    target = td_target(env.transition(s, a), max_value(quadratic_critic(CONCAVE), ACTIONS), 0.0)
    torch.testing.assert_close(target.y, env.step(s, a).r)


def test_targets_are_constants_of_the_update():
    """Stop-gradient: nothing reaches the target network's weights, under no_grad or not."""
    env, s, a = toy_batch()
    w = CONCAVE.clone().requires_grad_()
    for mode in (torch.enable_grad(), torch.no_grad()):
        with mode:
            target = td_target(env.transition(s, a), max_value(quadratic_critic(w), ACTIONS), 0.9)
        assert not any(x.requires_grad for x in (target.y, target.y_s, target.y_a))
        torch.testing.assert_close(
            target.y_a,
            td_target(env.transition(s, a), max_value(quadratic_critic(CONCAVE), ACTIONS), 0.9).y_a,
        )


@pytest.mark.parametrize("discount", [1, -0.1, float("nan"), "x"])
def test_bad_discounts_are_refused(discount):
    env, s, a = toy_batch()
    with pytest.raises(ValueError, match=r"^discount: got .*, wanted a finite number >= 0.0 and < 1.0"):
        td_target(env.transition(s, a), max_value(quadratic_critic(CONCAVE), ACTIONS), discount)


def test_values_of_the_wrong_shape_are_refused():
    env, s, a = toy_batch((6,))
    with pytest.raises(ValueError, match=r"^next_value: got shape \(6, 1\), wanted that of r, \(6,\)"):
        td_target(env.transition(s, a), lambda s_next: s_next, 0.9)
