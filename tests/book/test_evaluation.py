"""Fitted evaluation: its errors by definition, what slopes do for it, its options, bad settings."""

import numpy as np
import pytest
import torch

from sobolev_book.evaluation import EvaluationConfig, _errors, fitted_evaluation, regulated
from sobolev_mini import envs
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant

SMALL = {"samples": 64, "updates": 150, "hidden": (16, 16), "seeds": (0, 1)}


@pytest.fixture(scope="module")
def regulator():
    env = envs.make("lqr", n_s=3, n_a=2, dtype=torch.float64)
    return env, regulated(env, 0.7 * env.optimum(0.97).K, 0.97)


def evaluated(regulator, **settings):
    env, solution = regulator
    return fitted_evaluation(
        env, solution.policy, lambda s, a: (solution.q(s, a), *solution.q_gradients(s, a)),
        EvaluationConfig(**(SMALL | settings)),
    )  # fmt: skip


class Exact:
    def __init__(self, solution, off=0.0, factor=1.0):
        self.solution, self.off, self.factor = solution, off, factor

    def value_and_slopes(self, s, a):
        q_s, q_a = self.solution.q_gradients(s, a)
        return self.factor * self.solution.q(s, a) + self.off, self.factor * q_s, self.factor * q_a


def test_errors_are_those_of_their_definition(regulator):
    _, solution = regulator
    s, a = torch.randn(1, 500, 3, dtype=torch.float64), torch.randn(1, 500, 2, dtype=torch.float64)
    exact = solution.q(s, a), *solution.q_gradients(s, a)
    found = _errors(Exact(solution, off=exact[0].std()), s, a, exact)
    assert {k: round(v.item(), 6) for k, v in found.items()} == {
        "value": 1.0, "centred": 0.0, "cosine": 1.0, "slope_s": 0.0, "slope_a": 0.0
    }  # fmt: skip
    found = _errors(Exact(solution, factor=-1.0), s, a, exact)
    assert found["cosine"].item() == pytest.approx(-1)
    assert found["slope_s"].item() == found["slope_a"].item() == pytest.approx(2)
    assert found["centred"].item() == pytest.approx(2)


def test_slopes_help_where_data_are_few(regulator):
    plain, slopes = (evaluated(regulator, weighting=x, updates=500)[1] for x in (VALUE_ONLY, Constant()))
    assert plain["update"].tolist() == slopes["update"].tolist() == list(range(0, 501, 50))
    for name in ("slope_s", "slope_a", "centred"):
        np.testing.assert_array_equal(plain[name][0], slopes[name][0])
        assert (slopes[name][-1] < 0.8 * plain[name][-1]).all(), name
    assert (slopes["cosine"][-1] > plain["cosine"][-1]).all()


def test_the_same_seed_repeats_and_stands_alone(regulator):
    one, again = (evaluated(regulator, weighting=Balanced())[1] for _ in range(2))
    alone = evaluated(regulator, weighting=Balanced(), seeds=(1,))[1]
    for name in one:
        np.testing.assert_array_equal(one[name], again[name])
        if name != "update":
            np.testing.assert_allclose(one[name][:, 1], alone[name][:, 0], rtol=1e-6)


def test_the_path_through_the_policy_counts(regulator):
    whole, cut = (evaluated(regulator, weighting=Constant(10, 10), actor_path=x)[1] for x in (True, False))
    assert (cut["slope_s"][-1] > whole["slope_s"][-1]).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"samples": 0}, "^samples: got 0"),
        ({"noise": -1}, "^noise: got -1"),
        ({"lr": 0}, "^lr: got 0"),
        ({"weighting": 1.0}, r"^weighting: got 1.0, wanted a rule"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        EvaluationConfig(**settings)


def test_where_true_slopes_are_unknown_only_values_are_judged(regulator):
    env, solution = regulator
    rows = fitted_evaluation(
        env, solution.policy, lambda s, a: (solution.q(s, a), None, None),
        EvaluationConfig(**SMALL, weighting=Constant()),
        starts=lambda n, g: torch.full((n, 3), 0.5, dtype=torch.float64),
    )[1]  # fmt: skip
    assert set(rows) == {"update", "value", "centred"}
    known = evaluated(regulator, weighting=Constant())[1]
    assert not np.array_equal(rows["centred"], known["centred"])  # other starts, other tests


def test_a_bound_on_jacobians_reaches_the_critic(regulator):
    free, wide, tight = (
        evaluated(regulator, weighting=Constant(), jacobian_clip=x)[1]["slope_s"] for x in (None, 1e6, 0.1)
    )
    np.testing.assert_array_equal(free, wide)
    assert (tight[-1] > 1.05 * free[-1]).all()  # it learns slopes of a slower system
    with pytest.raises(ValueError, match="jacobian_clip: got 0"):
        EvaluationConfig(jacobian_clip=0)
