"""The explorers' mathematics, run by Node, against Python's."""

import numpy as np
import pytest

from sobolev_mini import quadratic
from sobolev_mini.qlearning import QConfig
from sobolev_mini.qlearning.quadratic_loop import _numbers, _train
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask
from tests.book.explorers.sfc32 import Sfc32

PROBLEMS = [(0.2, 0.9), (-0.7, 0.5), (1e-3, 0.99), (3.0, 0.0), (0.05, 0.999)]


@pytest.mark.parametrize(("slope", "discount"), PROBLEMS)
def test_closed_forms(slope, discount):
    problem, points = ToyProblem(slope, discount), np.random.default_rng(0).uniform(-1, 1, (1000, 2))
    question = {"what": "toy", "slope": slope, "discount": discount, "points": points.tolist()}
    (found,) = ask(question)
    s, a = points.T
    wanted = {
        "optimalPolicy": problem.optimal_policy(s),
        "optimalValue": problem.optimal_value(s),
        "clippedPolicy": problem.clipped_policy(s),
        "clippedValue": problem.clipped_value(s),
        "reward": problem.reward(s, a),
        "rewardGradients": np.stack(problem.reward_gradients(s, a), axis=-1),
        "optimalQ": problem.optimal_q(s, a),
        "optimalQGradients": np.stack(problem.optimal_q_gradients(s, a), axis=-1),
        "clippedQ": problem.clipped_q(s, a),
        "breakpoints": problem.breakpoints(),
    }
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12, atol=1e-12, err_msg=name)


def test_random_bits():
    seeds = (0, 1, 2**32 - 1)
    for seed, found in zip(seeds, ask(*({"what": "bits", "seed": x, "n": 500} for x in seeds)), strict=True):
        assert found == Sfc32(seed).bits(500).tolist()


def test_random_numbers_fill_the_interval_evenly():
    x = Sfc32(3).uniform((200, 500))
    assert -1 <= x.min() < -0.999 and 0.999 < x.max() < 1
    assert abs(x.mean()) < 0.01 and abs((x**2).mean() - 1 / 3) < 0.01
    assert abs((x[:, 1:] * x[:, :-1]).mean()) < 0.01


TRAINING = [
    {},
    {"lam_s": 1.0, "lam_a": 1.0},
    {"lam_s": 0.3, "target": "polyak", "tau": 0.02, "lr": 1e-3},
    {"lam_a": 2.0, "target": "hard", "refresh_every": 70, "lr": 1e-2, "init": 1.0},
    {"lam_a": 0.1, "optimizer": "sgd", "lr": 0.05, "n_actions": 11},
]
CAMEL = {"lam_s": "lamS", "lam_a": "lamA", "refresh_every": "refreshEvery", "n_actions": "nActions"}


@pytest.mark.parametrize("settings", TRAINING, ids=lambda x: "-".join(map(str, x)) or "value-only")
def test_training_on_the_same_samples(settings):
    problem, config = ToyProblem(), QConfig(**settings)
    question = {"slope": 0.2, "discount": 0.9, "steps": 1000, "seed": 7, "batchSize": 50}
    question |= {"what": "train", "settings": {CAMEL.get(k, k): v for k, v in settings.items()}}
    (found,) = ask(question)
    state = np.zeros((4, 6))
    state[:2] = config.init
    assert _train(state, Sfc32(7).uniform((1000, 2, 50)), 0, *_numbers(problem, config)) == -1
    np.testing.assert_allclose(found["w"], state[0], rtol=1e-9, atol=1e-9)
    assert not found["diverged"] and found["steps"] == 1000
    assert np.abs(state[0] - config.init).max() > 0.01


def test_a_run_that_leaves_the_finite_numbers_stops_and_keeps_its_last_weights():
    settings = {"lr": 1e200, "optimizer": "sgd"}
    question = {"slope": 0.2, "discount": 0.9, "settings": settings, "steps": 9, "seed": 0, "batchSize": 5}
    (found,) = ask({"what": "train", **question})
    assert found["diverged"] and found["steps"] < 9 and np.isfinite(found["w"]).all()


def test_greedy_actions():
    rng = np.random.default_rng(1)
    weights = [*rng.normal(size=(20, 6)), np.zeros(6), np.array([0, 0, 0, 0, 0, 1.0])]
    states = np.linspace(-1, 1, 101)
    question = {"what": "greedy", "states": states.tolist(), "nActions": 100}
    found = ask(*({**question, "w": w.tolist()} for w in weights))
    for w, actions in zip(weights, found, strict=True):
        np.testing.assert_allclose(actions, quadratic.greedy_action(w, states, quadratic.action_grid(100)))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"slope": 0.2, "discount": 1.0}, "RangeError: discount: got 1, wanted"),
        ({"slope": None, "discount": 0.9}, "RangeError: slope: got null"),
        ({"slope": 1e308, "discount": 0.999}, "RangeError: slope: got 1e+308, too large"),
        ({"slope": 0.2, "discount": 0.9, "seed": -1}, "RangeError: seed: got -1, wanted"),
        ({"slope": 0.2, "discount": 0.9, "seed": 0.5}, "RangeError: seed: got 0.5, wanted"),
    ],
)
def test_bad_input_is_named(bad, words):
    assert ask({"what": "fails", "seed": 0, **bad})[0].startswith(words)
