"""The extended buffer: what goes in comes out with its derivatives; bad input stores nothing."""

import dataclasses

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.replay import ReplayBuffer

DOUBLE = torch.float64


def generators(n=2, seed=0):
    return [torch.Generator().manual_seed(seed + i) for i in range(n)]


def transitions(env, count, seed=0):
    g = torch.Generator().manual_seed(seed)
    s = torch.stack([env.reset(count, g) for _ in range(2)])
    a = torch.randn(2, count, env.n_a, generator=g, dtype=env.dtype)
    return env.transition(s, a)


@pytest.fixture(params=["pendulum", "lqr"])
def env(request):
    return envs.make(request.param, dtype=DOUBLE)


@pytest.mark.parametrize("cached", [True, False])
def test_a_sample_is_a_transition_with_its_pull_back(env, cached):
    buffer, new = ReplayBuffer(env, 10, n_seeds=2, cached=cached), transitions(env, 7)
    buffer.add(new)
    places = torch.tensor([[3, 3, 0], [6, 1, 2]])
    found, rows = buffer.at(places), torch.arange(2)[:, None]
    for name in ("s", "a", "s_next", "r", "terminated"):
        assert torch.equal(getattr(found, name), getattr(new, name)[rows, places])
    v = torch.randn(2, 3, env.n_s, dtype=DOUBLE)
    full = torch.zeros(2, 7, env.n_s, dtype=DOUBLE)
    for k in range(3):
        full[rows[:, 0], places[:, k]] = v[:, k]
        for got, wanted in zip(found.pullback(v), new.pullback(full), strict=True):
            torch.testing.assert_close(got[:, k], wanted[rows[:, 0], places[:, k]])


def test_a_cached_pull_back_calls_no_simulator(env, monkeypatch):
    buffer = ReplayBuffer(env, 10, n_seeds=2)
    buffer.add(transitions(env, 5))
    for name in ("step", "transition", "linearize"):
        monkeypatch.setattr(type(env), name, lambda *_: pytest.fail("the simulator was called"))
    sample = buffer.sample(4, generators())
    sample.pullback(torch.zeros_like(sample.s))


def test_the_oldest_give_way():
    env = envs.make("toy1d")
    buffer = ReplayBuffer(env, 5, n_seeds=2)
    for k in range(4):
        s = torch.full((2, 2, 1), 0.1 * k)
        buffer.add(env.transition(s, s))
    kept = buffer.at(torch.arange(5).expand(2, -1)).s[0, :, 0]
    assert buffer.size == 5 and sorted(round(x / 0.1) for x in kept.tolist()) == [1, 2, 2, 3, 3]


def test_draws_are_even_and_a_seed_s_own(env):
    buffer = ReplayBuffer(env, 20, n_seeds=2)
    buffer.add(transitions(env, 4))
    one = buffer.sample(4000, generators())
    counts = torch.stack([(one.r[0] == r).sum() for r in buffer.at(torch.arange(4).expand(2, -1)).r[0]])
    assert counts.sum() == 4000 and (counts - 1000).abs().max() < 120
    other = buffer.sample(4000, [generators()[0], torch.Generator().manual_seed(99)])
    assert torch.equal(one.s[0], other.s[0]) and not torch.equal(one.s[1], other.s[1])


def test_its_state_restores_another_to_the_bit(env):
    buffer, again = (ReplayBuffer(env, 6, n_seeds=2) for _ in range(2))
    for seed in range(3):
        buffer.add(transitions(env, 3, seed))
    again.restore(buffer.state())
    for each in (buffer, again):
        each.add(transitions(env, 2, 9))
    one, two = (x.sample(50, generators()) for x in (buffer, again))
    for name in ("s", "a", "s_next", "r", "terminated"):
        assert torch.equal(getattr(one, name), getattr(two, name))
    v = torch.ones_like(one.s)
    assert all(torch.equal(x, y) for x, y in zip(one.pullback(v), two.pullback(v), strict=True))


def test_another_buffer_s_state_is_refused_and_nothing_is_lost(env):
    buffer = ReplayBuffer(env, 6, n_seeds=2)
    buffer.add(transitions(env, 3))
    before = buffer.at(torch.tensor([[0], [0]])).s
    for other in (
        ReplayBuffer(env, 7, n_seeds=2),
        ReplayBuffer(env, 6, n_seeds=2, cached=False),
        ReplayBuffer(env, 6),
    ):
        with pytest.raises(ValueError, match=r"^(state: got capacity|\w+: got torch)"):
            buffer.restore(other.state())
    assert buffer.size == 3 and torch.equal(buffer.at(torch.tensor([[0], [0]])).s, before)


def test_wrong_shapes_and_types_are_named_and_nothing_is_stored(env):
    buffer, new = ReplayBuffer(env, 4, n_seeds=2), transitions(env, 3)
    bad = {
        r"^s: got shape \(1, 3": {"s": new.s[:1]},
        r"^a: got shape \(2, 3, \d+\), wanted": {"a": torch.cat([new.a, new.a], dim=-1)},
        r"^r: got shape \(2, 2\), wanted": {"r": new.r[:, 1:]},
        r"^r: got torch.float32": {"r": new.r.float()},
        r"^terminated: got torch.float64": {"terminated": new.r},
    }
    linear = env.linearize(new.s, new.a)
    for words, change in bad.items():
        with pytest.raises(ValueError, match=words):
            buffer.add(dataclasses.replace(new, **change), linear)
    with pytest.raises(ValueError, match=r"^f_s: got shape"):
        buffer.add(new, dataclasses.replace(linear, f_s=linear.f_a[..., :1].expand(-1, -1, -1, env.n_s + 1)))
    with pytest.raises(ValueError, match=r"^transition: got 5 at once, wanted at most the capacity, 4"):
        buffer.add(transitions(env, 5))
    assert buffer.size == 0
    with pytest.raises(ValueError, match=r"^size: got an empty buffer"):
        buffer.sample(1, generators())
    with pytest.raises(ValueError, match=r"^capacity: got 0"):
        ReplayBuffer(env, 0)
    buffer.add(new)
    with pytest.raises(ValueError, match=r"^generators: got 1, wanted one for each of 2"):
        buffer.sample(1, generators(1))
    with pytest.raises(ValueError, match=r"^n: got 0"):
        buffer.sample(0, generators())
