"""The finite-difference gate lets true derivatives through and names the block of a false one."""

import dataclasses

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.envs import DifferentiableEnv, Toy1D
from sobolev_mini.envs.gate import BLOCKS, finite_difference_check, gate

S = torch.linspace(-1, 1, 21, dtype=torch.float64)[:, None]
A = torch.linspace(1, -0.9, 21, dtype=torch.float64)[:, None]


class Tampered(Toy1D):
    """The toy with one block of its derivatives changed."""

    def __init__(self, block, change):
        super().__init__(dtype=torch.float64)
        self.block, self.change = block, change

    def linearize(self, s, a):
        true = super().linearize(s, a)
        return dataclasses.replace(true, **{self.block: self.change(getattr(true, self.block))})


class Smooth(DifferentiableEnv):
    """Three states, two actions, derivatives by autograd."""

    n_s, n_a = 3, 2

    def reset(self, n, generator):
        return torch.rand(n, 3, generator=generator, dtype=self.dtype)

    def step(self, s, a):
        from sobolev_mini.envs import Step

        s_next = torch.tanh(s.roll(1, -1) * 100 + a[..., :1] - a[..., 1:] ** 2)
        return Step(s_next, (s**3).sum(-1) * a[..., 0], torch.zeros(s.shape[:-1], dtype=torch.bool))


def test_toy_passes():
    report = finite_difference_check(Toy1D(dtype=torch.float64), S, A)
    assert max(report.p90.values()) < 1e-8
    assert report.require(p50=1e-8, p90=1e-8) is report
    assert report.n == 21


def test_autograd_defaults_pass():
    rng = torch.Generator().manual_seed(0)
    s, a = 0.03 * torch.randn(50, 3, generator=rng).double(), torch.randn(50, 2, generator=rng).double()
    finite_difference_check(Smooth(torch.float64), s, a).require(p50=1e-6, p90=1e-5)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b != "f_s"])
def test_a_factor_two_is_named(block):
    report = finite_difference_check(Tampered(block, lambda x: 2 * x), S, A)
    with pytest.raises(ValueError, match=rf"^env: .* over 21 samples in {block} \(p50 5.0e-01") as caught:
        report.require(p50=1e-3, p90=1e-2)
    assert not any(f"{other} (" in str(caught.value) for other in BLOCKS if other != block)


class WrongPullback(Toy1D):
    """Right Jacobians, and a transition that forgets the bootstrap."""

    def transition(self, s, a):
        true = super().transition(s, a)
        return dataclasses.replace(true, pullback=lambda v: (true.pullback(v)[0], true.pullback(0 * v)[1]))


def test_a_wrong_pullback_beside_right_jacobians_is_named():
    report = finite_difference_check(WrongPullback(dtype=torch.float64), S, A)
    assert report.p50 == {"f_s": 0, "f_a": 1, "r_s": 0, "r_a": 0}


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e30])
def test_what_is_not_a_derivative_is_named(block, bad):
    report = finite_difference_check(Tampered(block, lambda x: torch.full_like(x, bad)), S, A)
    assert bad == 1e30 or report.p50[block] == report.p90[block] == float("inf")
    with pytest.raises(ValueError, match=rf"in {block} \("):
        report.require(p50=1e-3, p90=1e-2)


def test_a_slope_that_should_be_zero_is_named():
    report = finite_difference_check(Tampered("f_s", lambda x: x + 1e-3), S, A)
    assert report.p50["f_s"] == 1


def test_a_few_bad_samples_move_p90_and_not_p50():
    def third(x):
        return torch.where(torch.arange(len(x))[:, None] % 3 == 0, 2 * x, x)

    report = finite_difference_check(Tampered("r_a", third), S, A)
    assert report.p50["r_a"] < 1e-8
    assert report.p90["r_a"] == pytest.approx(0.5, rel=1e-6)
    with pytest.raises(ValueError, match=r"r_a"):
        report.require(p50=1e-3, p90=1e-2)


def test_report_reads_as_a_table():
    lines = str(finite_difference_check(Toy1D(dtype=torch.float64), S, A)).splitlines()
    assert [line.split()[0] for line in lines] == list(BLOCKS)


@pytest.mark.parametrize(
    ("env", "eps", "message"),
    [
        (Toy1D(), 1e-6, "^env: got torch.float32, wanted torch.float64"),
        (Toy1D(dtype=torch.float64), 0, "^eps: got 0, wanted a finite number > "),
    ],
)
def test_bad_input_is_refused(env, eps, message):
    with pytest.raises(ValueError, match=message):
        finite_difference_check(env, S, A, eps)


@pytest.mark.parametrize("name", sorted(set(envs.NAMES) - {"toy1d"}))
def test_every_environment_of_the_module_passes(name):
    report = gate(envs.make(name, dtype=torch.float64))
    assert report.n == 12


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("name", ["pendulum", "push", "mujoco_ant"])
def test_a_factor_two_in_any_block_is_refused_by_name(name, block, monkeypatch):
    env = envs.make(name, dtype=torch.float64)
    true = env.linearize

    def twice(s, a):
        found = true(s, a)
        return dataclasses.replace(found, **{block: 2 * getattr(found, block)})

    monkeypatch.setattr(env, "linearize", twice)
    with pytest.raises(
        ValueError, match=rf"^env: derivatives disagree .* in {block} \(p50 5.0e-01"
    ) as caught:
        gate(env)
    assert not any(f"{other} (" in str(caught.value) for other in BLOCKS if other != block)


class Remembers(envs.Pendulum):
    """A pendulum whose steps keep a trace of the one before."""

    trace = 0.0

    def step(self, s, a):
        found = super().step(s, a)
        left, self.trace = self.trace, s.detach().sum().item()
        return dataclasses.replace(found, s_next=found.s_next + 1e-12 * left)


def test_a_step_that_depends_on_the_one_before_is_refused():
    with pytest.raises(ValueError, match=r"^env: the same step gave states .*e-1\d apart, wanted"):
        gate(Remembers(dtype=torch.float64))


@pytest.mark.parametrize(("given", "words"), [({"n": 1}, "^n: got 1"), ({"steps": -1}, "^steps: got -1")])
def test_a_gate_wants_states(given, words):
    with pytest.raises(ValueError, match=words):
        gate(Toy1D(dtype=torch.float64), **given)


def test_a_gate_wants_an_environment_and_a_step_that_takes_seeds_in_front():
    class First(Smooth):
        def step(self, s, a):
            step = super().step(s, a)
            return dataclasses.replace(step, r=step.r.reshape(-1))  # forgets the axis in front

    with pytest.raises(ValueError, match=r"^env: got \w+, wanted a DifferentiableEnv"):
        gate(Smooth)
    with pytest.raises(ValueError, match=r"its step's r, wanted torch.float64 \(1, 12\)"):
        gate(First(dtype=torch.float64))
    gate(Smooth(dtype=torch.float64))
