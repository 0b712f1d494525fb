"""The environment protocol on the toy: hand-written derivatives against autograd and differences."""

import dataclasses
import sys

import pytest
import torch

from sobolev_book.rewarped import RewarpedAnt
from sobolev_book.studies.coupled import CoupledToy
from sobolev_mini import envs
from sobolev_mini.envs import DifferentiableEnv, Linearization, Step, Toy1D
from sobolev_mini.envs.gate import finite_difference_check
from sobolev_mini.toy import ToyProblem


class Pendulumish(DifferentiableEnv):
    """Two states, one action, nothing written by hand: exercises the defaults."""

    n_s, n_a = 2, 1

    def step(self, s, a):
        angle, speed = s[..., 0], s[..., 1]
        faster = speed + 0.1 * (torch.sin(angle) + a[..., 0])
        s_next = torch.stack([angle + 0.1 * faster, faster], dim=-1)
        return Step(s_next, -(angle**2) - a[..., 0] ** 2 * speed, s_next[..., 0] > 1)


def batch(env, shape=(5,)):
    generator = torch.Generator().manual_seed(0)
    s = torch.rand(*shape, env.n_s, generator=generator, dtype=env.dtype) * 2 - 1
    return s, torch.rand(*shape, env.n_a, generator=generator, dtype=env.dtype) * 2 - 1


def toy():
    return envs.make("toy1d", dtype=torch.float64)


def coupled(carry=0.5):
    return envs.make("toy1d", carry=carry, dtype=torch.float64)


def test_toy_steps_as_the_problem_says():
    env = envs.make("toy1d", slope=-0.5, dtype=torch.float64)
    s, a = batch(env)
    step = env.step(s, a)
    torch.testing.assert_close(step.s_next, a)
    torch.testing.assert_close(step.r, (-0.5 * a - (a - s) ** 2)[:, 0])
    assert not step.terminated.any()


@pytest.mark.parametrize("shape", [(5,), (3, 5)])
@pytest.mark.parametrize("env", [toy(), coupled(0), coupled(), coupled(-2)])
def test_toy_by_hand_is_toy_by_autograd(env, shape):
    s, a = batch(env, shape)
    v = torch.randn(*shape, 1, dtype=torch.float64)
    by_hand, by_autograd = env.transition(s, a), DifferentiableEnv.transition(env, s, a)
    for x, y in zip(by_hand.pullback(v), by_autograd.pullback(v), strict=True):
        torch.testing.assert_close(x, y, atol=1e-14, rtol=0)
    for name in ("s_next", "r", "terminated", "s", "a"):
        torch.testing.assert_close(getattr(by_hand, name), getattr(by_autograd, name))
    for name in ("f_s", "f_a", "r_s", "r_a"):
        one, other = getattr(env.linearize(s, a), name), getattr(DifferentiableEnv.linearize(env, s, a), name)
        torch.testing.assert_close(one, other, atol=1e-14, rtol=0)


@pytest.mark.parametrize("shape", [(5,), (3, 5)])
@pytest.mark.parametrize(
    "env", [toy(), coupled(), Pendulumish(torch.float64)], ids=["toy1d", "coupled", "defaults"]
)
def test_linearization_pulls_back_as_the_transition_does(env, shape):
    s, a = batch(env, shape)
    v = torch.randn(*shape, env.n_s, dtype=torch.float64)
    linear = env.linearize(s, a)
    assert linear.f_s.shape == (*shape, env.n_s, env.n_s)
    assert linear.f_a.shape == (*shape, env.n_s, env.n_a)
    for x, y in zip(linear.pullback(v), env.transition(s, a).pullback(v), strict=True):
        torch.testing.assert_close(x, y, atol=1e-12, rtol=0)


def test_a_carry_makes_the_coupled_toy_and_none_keeps_the_papers():
    assert toy().problem == ToyProblem(0.2, 0.9)
    env = envs.make("toy1d", slope=-0.5, discount=0.8, carry=0.7, dtype=torch.float64)
    coupled_toy = CoupledToy(carry=0.7, slope=-0.5, discount=0.8)
    assert env.problem == ToyProblem(-0.5, 0.8) and env.carry == 0.7
    s, a = batch(env)
    step, r_s_r_a = env.step(s, a), coupled_toy.reward_gradients(s.numpy(), a.numpy())
    torch.testing.assert_close(step.s_next, torch.tanh(0.7 * s + a))
    torch.testing.assert_close(step.s_next.numpy(), coupled_toy.dynamics(s.numpy(), a.numpy()))
    torch.testing.assert_close(step.r, (-0.5 * a - (a - s) ** 2)[:, 0])
    v, f_s_f_a = torch.randn(5, 1).double(), coupled_toy.dynamics_gradients(s.numpy(), a.numpy())
    for g, r_x, f_x in zip(env.transition(s, a).pullback(v), r_s_r_a, f_s_f_a, strict=True):
        torch.testing.assert_close(g.numpy(), r_x + f_x * v.numpy())


class WrongCarry(Toy1D):
    """Forgets the tanh in f_s."""

    def _jacobians(self, s_next):
        return torch.full_like(s_next, self.carry), super()._jacobians(s_next)[1]


@pytest.mark.parametrize("carry", [-2, 0.5])
def test_the_gate_passes_the_coupled_toy_and_names_a_wrong_f_s(carry):
    s, a = batch(coupled(), (50,))
    report = finite_difference_check(coupled(carry), s, a)
    assert report.require(p50=1e-8, p90=1e-7) is report
    report = finite_difference_check(WrongCarry(carry=carry, dtype=torch.float64), s, a)
    with pytest.raises(ValueError, match=r"samples in f_s \([^)]*\), wanted"):
        report.require(p50=1e-3, p90=1e-2)


def test_the_gate_holds_the_coupled_pullback_too():
    class Forgetful(Toy1D):
        def transition(self, s, a):
            true = super().transition(s, a)
            r_s = true.pullback(torch.zeros_like(s))[0]
            return dataclasses.replace(true, pullback=lambda v: (r_s, true.pullback(v)[1]))

    report = finite_difference_check(Forgetful(carry=0.5, dtype=torch.float64), *batch(coupled(), (50,)))
    assert report.p50["f_s"] == 1
    assert report.p90["f_a"] < 1e-7


def test_jacobian_rows_are_outputs():
    """f_s[i, j] = ds'_i / ds_j: a transposed Jacobian would pass on the toy, not here."""
    env = Pendulumish(torch.float64)
    s, a = batch(env)
    f_s = torch.func.vmap(torch.func.jacrev(lambda x, u: env.step(x, u).s_next))(s, a)
    torch.testing.assert_close(env.linearize(s, a).f_s, f_s)
    assert (f_s - f_s.mT).abs().max() > 0.01


def test_pullback_is_usable_twice_and_carries_no_graph():
    transition = Pendulumish(torch.float64).transition(*batch(Pendulumish(torch.float64)))
    v = torch.ones(5, 2, dtype=torch.float64)
    first, second = transition.pullback(v), transition.pullback(v)
    torch.testing.assert_close(first, second)
    assert not any(x.requires_grad for x in (*first, transition.s_next, transition.r))


def test_reset_is_in_the_box_and_repeats():
    env = envs.make("toy1d")
    s = env.reset(1000, torch.Generator().manual_seed(1))
    assert s.shape == (1000, 1)
    assert s.abs().max() <= 1
    assert s.std() == pytest.approx(1 / 3**0.5, rel=0.05)
    torch.testing.assert_close(s, env.reset(1000, torch.Generator().manual_seed(1)), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("s", "a", "message"),
    [
        (torch.zeros(5, 2), torch.zeros(5, 1), r"^s: got shape \(5, 2\), wanted \(..., B, 1\)"),
        (torch.zeros(5), torch.zeros(5, 1), r"^s: got shape \(5,\)"),
        (torch.zeros(5, 1), torch.zeros(4, 1), r"^a: got batch \(4,\), wanted that of s, \(5,\)"),
        (torch.zeros(5, 1), torch.zeros(5, 1).double(), "^a: got torch.float64 on cpu, wanted torch.float32"),
        ([[0.0]], torch.zeros(1, 1), "^s: got list, wanted a torch.Tensor"),
    ],
)
@pytest.mark.parametrize("method", ["step", "transition", "linearize"])
def test_wrong_batches_are_refused(method, s, a, message):
    with pytest.raises(ValueError, match=message):
        getattr(Toy1D(), method)(s, a)


def test_unknown_names_are_refused_and_the_known_ones_listed():
    with pytest.raises(ValueError, match=r"^name: got 'toy2d', wanted one of 'toy1d'"):
        envs.make("toy2d")
    with pytest.raises(ValueError, match=r"^discount: got 1,"):
        envs.make("toy1d", discount=1)
    with pytest.raises(ValueError, match=r"^carry: got 3, wanted a finite number >= -2 and <= 2"):
        envs.make("toy1d", carry=3)


def test_linearization_by_hand():
    """eq-03-pullback: g_s = r_s + f_s^T v with numbers one can check in one's head."""
    linear = Linearization(
        f_s=torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), f_a=torch.tensor([[[5.0], [6.0]]]),
        r_s=torch.tensor([[10.0, 20.0]]), r_a=torch.tensor([[30.0]]),
    )  # fmt: skip
    g_s, g_a = linear.pullback(torch.tensor([[1.0, -1.0]]))
    assert g_s.tolist() == [[10 + 1 - 3, 20 + 2 - 4]]
    assert g_a.tolist() == [[30 + 5 - 6]]


def test_the_papers_simulator_says_what_it_lacks(monkeypatch):
    monkeypatch.setitem(sys.modules, "rewarped", None)
    with pytest.raises(ImportError, match="make rewarped"):
        RewarpedAnt()


def test_an_environment_of_ones_own_gets_a_name():
    with pytest.raises(ValueError, match=r"^name: got 'pendulumish', wanted one of"):
        envs.make("pendulumish")
    for _ in range(2):  # a module that is imported again
        envs.register("pendulumish", Pendulumish)
    assert envs.make("pendulumish").n_s == 2 and envs.time_limit("pendulumish") == 200
    assert envs.time_limit("rewarped_ant") == 1000
    for name, made in ((5, Pendulumish), ("other", None), ("other", len)):
        with pytest.raises(ValueError, match=r"^made: got .*, wanted a name and a DifferentiableEnv class"):
            envs.register(name, made)
    with pytest.raises(ValueError, match=r"^name: got 'lqr', wanted one that is not taken yet"):
        envs.register("lqr", Pendulumish)
