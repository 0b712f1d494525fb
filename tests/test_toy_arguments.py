"""What the toy takes and what it refuses."""

import numpy as np
import pytest

from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()


def test_shapes_broadcast_and_scalars_stay_scalar():
    assert np.ndim(PAPER.optimal_value(0.3)) == 0
    assert PAPER.optimal_q(np.zeros((4, 1)), np.zeros(3)).shape == (4, 3)
    assert [x.shape for x in PAPER.optimal_q_gradients(np.zeros((4, 1)), np.zeros(3))] == [(4, 3)] * 2
    assert PAPER.optimal_policy(np.empty(0)).shape == (0,)


@pytest.mark.parametrize(
    "method", ["optimal_policy", "optimal_value", "optimal_value_gradient", "clipped_policy", "clipped_value"]
)
@pytest.mark.parametrize(
    ("bad", "came"), [(1.5, "1.5"), ([0, np.nan], "nan"), ("x", "'x'"), (-np.inf, "-inf")]
)
def test_states_outside_are_refused(method, bad, came):
    with pytest.raises(ValueError, match=f"^s: got {came}, wanted"):
        getattr(PAPER, method)(bad)


@pytest.mark.parametrize("method", ["optimal_q", "clipped_q", "optimal_q_gradients", "clipped_q_gradients"])
def test_actions_outside_are_refused(method):
    with pytest.raises(ValueError, match=r"^a: got -1.2, wanted values in \[-1, 1\]"):
        getattr(PAPER, method)(0, -1.2)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"discount": 1}, r"^discount: got 1, wanted a finite number >= 0.0 and < 1.0"),
        ({"discount": -0.1}, "^discount: got -0.1"),
        ({"discount": np.nan}, "^discount: got nan"),
        ({"slope": np.inf}, "^slope: got inf, wanted a finite number"),
        ({"slope": "up"}, "^slope: got 'up'"),
        ({"slope": 1e308, "discount": 0.99}, "^slope: got 1e.308, wanted one whose slope"),
    ],
)
def test_bad_problems_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ToyProblem(**kwargs)


def test_anything_real_is_differentiable():
    assert PAPER.reward(3.0, -2.0) == pytest.approx(-0.4 - 25)
    assert PAPER.dynamics(3.0, -2.0) == -2.0
