"""What a Jacobian of the Ant costs in control steps, and what a second core saves."""

import time

import torch

from sobolev_mini.envs.robots.mujoco import MuJoCo


def walked(env, n, steps=20):
    """Return states and actions (n, .) with feet on the ground."""
    generator = torch.Generator().manual_seed(0)
    s = env.reset(n, generator)
    for _ in range(steps):
        a = 2 * torch.rand(n, env.n_a, generator=generator) - 1
        step = env.step(s, a)
        s = torch.where(step.terminated[:, None], env.reset(n, generator), step.s_next)
    return s, a


def fastest(work, rounds=7):
    """Return the least seconds of several rounds: what the machine can do when it is left alone."""
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def test_a_jacobian_in_control_steps():
    env = MuJoCo("ant")
    s, a = walked(env, 128)
    step, jacobian = fastest(lambda: env.step(s, a)), fastest(lambda: env.linearize(s, a))
    each = f"{jacobian / 128 * 1e3:.2f} ms a Jacobian, {step / 128 * 1e3:.3f} ms a step"
    print(f"\n{each}: {jacobian / step:.1f} steps (30)")


def test_collecting_on_two_cores():
    """Collection: a step and its Jacobian, for a batch of environments side by side."""
    one, two = MuJoCo("ant", threads=1), MuJoCo("ant", threads=2)
    for n in (1, 5, 64):
        s, a = walked(one, n)

        def collect(env, s=s, a=a):
            env.step(s, a)
            env.linearize(s, a)

        ratio = fastest(lambda: collect(one)) / fastest(lambda: collect(two))
        print(f"\n{n} environments: two threads {ratio:.2f} times faster (1.6)")
