"""An environment of one's own: every slip in it is named before anything is trained."""

import math
import os

import pytest
import torch

from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.envs import DifferentiableEnv, Step
from sobolev_mini.envs.gate import gate
from sobolev_mini.losses import Balanced
from sobolev_mini.replay import ReplayBuffer
from sobolev_mini.sac import SACConfig, train_sac

SMALL = {
    "steps": 12,
    "start": 4,
    "hidden": (8,),
    "batch_size": 4,
    "seeds": (0, 1),
    "record": (12,),
    "episodes": 1,
}


class Mass(DifferentiableEnv):
    """A point on a line, pushed; ``slip`` spoils what its step returns."""

    n_s, n_a, time_limit = 2, 1, 5
    state_scale, action_limit = (1.0, 2.0), 3

    def __init__(self, slip=lambda step: step, **kwargs):
        super().__init__(**kwargs)
        self.slip = slip

    def step(self, s, a):
        x, v = s[..., 0], s[..., 1]
        v = v + 0.1 * self.within(a)[..., 0]
        r = -(x**2) - 0.1 * v**2
        return self.slip(Step(torch.stack([x + 0.1 * v, v], dim=-1), r, x.abs() > 100))


def spoilt(**parts):
    return lambda step: Step(
        *(parts.get(n, lambda x: x)(getattr(step, n)) for n in ("s_next", "r", "terminated"))
    )


def test_numbers_and_tuples_serve_as_scales_and_limits():
    env = Mass()
    assert env.state_scale.tolist() == [1, 2] and env.action_limit.tolist() == [3] and env.action_scale == 1
    assert Mass.state_scale == (1.0, 2.0)
    history = train_ddpg(env, DDPGConfig(weighting=Balanced(), **SMALL))
    assert math.isfinite(history.returns.sum())
    gate(Mass(dtype=torch.float64))


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        (tuple, "got tuple from its step, wanted a Step"),
        (lambda step: (step.s_next, step.r, step.terminated), "got tuple from its step, wanted a Step"),
        (spoilt(r=lambda r: r[..., None]), r"\(2, 1, 1\) .*'s r, wanted torch.float32 \(2, 1\)"),
        (spoilt(s_next=lambda s: s[..., :1]), r"its step's s_next, wanted torch.float32 \(2, 1, 2\)"),
        (spoilt(s_next=lambda s: s.double()), "got torch.float64"),
        (spoilt(terminated=lambda t: t.float()), "its step's terminated, wanted torch.bool"),
        (spoilt(r=lambda r: 0.0), "got float for its step's r"),
        (spoilt(r=lambda r: r.detach().numpy()), "got ndarray for its step's r"),
        (spoilt(s_next=lambda s: s * math.nan), "step 1 returned numbers that are not finite"),
        (spoilt(s_next=torch.detach, r=torch.detach), "s_next has no graph"),
        (spoilt(s_next=torch.detach), "s_next has no graph"),  # beside a live reward
    ],
)  # fmt: skip
@pytest.mark.parametrize(("train", "config"), [(train_ddpg, DDPGConfig), (train_sac, SACConfig)])
@pytest.mark.parametrize("record", [(12,), (0, 12)])  # met while acting, and before that in an evaluation
def test_a_slip_in_a_step_is_named(record, train, config, slip, message):
    slip = (lambda step: (step.s_next, step.r)) if slip is tuple else slip
    with pytest.raises(ValueError, match=f"^env: .*{message}"):
        train(Mass(slip), config(weighting=Balanced(), **SMALL | {"record": record}))


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        (spoilt(s_next=lambda s: s * math.nan), "not finite"),
        (spoilt(s_next=torch.detach, r=torch.detach), "s_next has no graph"),
        (spoilt(r=lambda r: r[..., None]), "its step's r"),
    ],
)
def test_the_gate_names_it_too(slip, message):
    with pytest.raises(ValueError, match=f"^env: .*{message}"):
        gate(Mass(slip, dtype=torch.float64))


def test_slopes_within_inference_mode_are_refused_with_the_reason():
    env = Mass()
    with torch.inference_mode():
        s, a = torch.zeros(3, 2), torch.zeros(3, 1)
        for ask in (env.linearize, lambda s, a: env.transition(s, a).pullback(s)):
            with pytest.raises(ValueError, match=r"no graph.*inference_mode"):
                ask(s, a)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"dtype": torch.float16}, "^dtype: got torch.float16, wanted one of torch.float32, torch.float64"),
        ({"dtype": torch.bfloat16}, "^dtype: got torch.bfloat16"),
        ({"dtype": 0}, "^dtype: got 0"),
        ({"device": 1.5}, "^device: got 1.5, wanted one that is here"),
        ({"device": "cuda:77"}, "^device: got 'cuda:77', wanted one that is here"),
        ({"device": "abacus"}, "^device: got 'abacus', wanted one that is here"),
    ],
)
def test_what_no_tensor_can_be_is_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        Mass(**kwargs)


def test_missing_sizes_and_bad_scales_are_refused():
    class Sizeless(Mass):
        n_s = None

    with pytest.raises(ValueError, match=r"^n_s: got None, wanted a whole number >= 1"):
        Sizeless()
    for name, bad in (("action_scale", torch.ones(2)), ("action_limit", (3.0,)), ("time_limit", 0)):
        env = Mass()
        setattr(env, name, bad)
        with pytest.raises(ValueError, match=f"^{name}: got "):
            train_sac(env, SACConfig(**SMALL))
    with pytest.raises(ValueError, match=r"^state_scale: got 'ab', wanted 2 numbers > 0"):
        type("Letters", (Mass,), {"state_scale": "ab"})()
    for scale in ((1.0, 2.0), torch.ones(3), torch.tensor([1.0, 0.0]), torch.ones(2, dtype=torch.float64)):
        env = Mass()
        env.state_scale = scale
        with pytest.raises(ValueError, match=r"^state_scale: got .*, wanted a tensor of 2 numbers > 0"):
            train_sac(env, SACConfig(**SMALL))


def test_more_than_the_memory_holds_is_refused_before_it_is_filled():
    env = envs.make("pendulum")
    with pytest.raises(ValueError, match=r"^capacity: got 1,000,000,000,000, .* GiB, wanted what fits"):
        train_sac(env, SACConfig(**SMALL | {"capacity": 10**12}))
    with pytest.raises(ValueError, match=r"^batch_size: got 10,000,000,000, .* GiB, wanted what fits"):
        train_sac(env, SACConfig(**SMALL | {"batch_size": 10**10}))


def test_a_run_that_would_train_nothing_is_refused_unless_that_is_said():
    env = envs.make("pendulum")
    with pytest.raises(ValueError, match=r"^start: got 13, wanted at most 12 steps, or updates=0"):
        train_sac(env, SACConfig(**SMALL | {"start": 13}))
    train_sac(env, SACConfig(**SMALL | {"start": 13, "updates": 0}))


def test_what_reset_gives_is_looked_at_before_the_first_step():
    class Wide(Mass):
        def reset(self, n, generator):
            return torch.zeros(n, 3)

    with pytest.raises(ValueError, match=r"^s: got shape \(2, 1, 3\), wanted \(..., B, 2\)"):
        train_sac(Wide(), SACConfig(**SMALL))


def test_scales_are_each_environments_own():
    class Tensors(Mass):
        state_scale = torch.tensor([1.0, 2.0])

    Tensors().state_scale[0] = 7.0
    assert Tensors.state_scale.tolist() == [1, 2]


def test_every_seeds_buffer_counts_in_bytes(monkeypatch):
    """A row of the pendulum's, with slopes, has 3 + 1 + 3 + 1 + 1 + 9 + 3 + 3 + 1 = 25 numbers of 4 bytes."""
    kinds = {"SC_PHYS_PAGES": 2 * 1000 * 25 * 4 - 1, "SC_PAGE_SIZE": 1}
    monkeypatch.setattr(os, "sysconf", kinds.get)
    ReplayBuffer(envs.make("pendulum"), 999, 2)
    with pytest.raises(ValueError, match=r"^capacity: got 1,000"):
        ReplayBuffer(envs.make("pendulum"), 1000, 2)
