import numpy as np
import pytest
import torch

from notebooks.assignments.term import numbers
from sobolev_mini import envs
from sobolev_mini.losses import sobolev_loss
from sobolev_mini.networks import MLPCritic
from sobolev_mini.quadratic import greedy_action
from sobolev_mini.targets import max_value, td_target
from tests.course import wrong_a2
from tests.course.common import TERM, Common
from tests.course.sheets import ASSIGNMENTS, marks, swapped


class TestSheet(Common):
    path, points, questions, wrong = ASSIGNMENTS / "a2.ipynb", 20, 5, wrong_a2.WRONG
    slow, costly, trains = "q5", ("q5",), "for seed in seeds[:3]"


SHEET = TestSheet()


@pytest.fixture(scope="module")
def names():
    return SHEET.answered()


def test_the_answers_that_the_wrong_ones_are_made_from_are_right(names):
    for question, source in zip(
        ("q1", "q2", "q3", "q4", "q4", "q5"),
        (getattr(wrong_a2, x) for x in ("TARGET", "GRADIENT", "INPUT", "MATRIX", "THRESHOLD", "TRAIN")),
        strict=True,
    ):
        assert marks(swapped(names, source), {question: SHEET.files()[question]})[question].messages == ()


def test_training_without_slopes_fails_the_check_of_errors_alone(names):
    """It has steps 30 and below right, so that only the long run can tell."""
    short = "lam_s, lam_a = (lam_s, lam_a) if steps <= 30 else (0, 0)\n    rng, weights"
    tests = {"q5": SHEET.files(whole=True)["q5"]}
    found = marks(swapped(names, wrong_a2.TRAIN.replace("rng, weights", short, 1)), tests)
    assert found["q5"].score == found["q5"].possible - 1
    assert "does training see the slopes?" in found["q5"].messages[0]


def test_last_years_sheet_falls_where_numbers_matter(names):
    last = marks(names, SHEET.files("2027-autumn"))
    assert {key for key, mark in last.items() if mark.score < mark.possible} == {"q1", "q2", "q4", "q5"}


def test_solutions_agree_with_the_module(names):
    n = numbers(TERM)
    rng, column = np.random.default_rng(0), lambda x: torch.tensor(x)[None, :, None]
    s, a, b = rng.uniform(-1, 1, (3, 40))
    env = envs.make("toy1d", slope=n["c"], discount=n["gamma"], carry=n["carry"], dtype=torch.float64)
    transition = env.transition(column(s), column(a))
    w = torch.tensor([0.3, 1.0, 0.2, -0.4, 2.0, -1.5], dtype=torch.float64)

    def quadratic(s, a):
        s, a = s[..., 0], a[..., 0]
        return w[0] + w[1] * s + w[2] * a + w[3] * s**2 + w[4] * s * a + w[5] * a**2

    grid = torch.linspace(-1, 1, 100, dtype=torch.float64)
    target = td_target(transition, max_value(quadratic, grid[:, None]), n["gamma"])
    y, y_s, y_a = names["first_order_target"](w.numpy(), s, a)
    for found, wanted in ((y, target.y), (y_s, target.y_s), (y_a, target.y_a)):
        assert np.allclose(found, wanted.ravel())
    chosen = greedy_action(w.numpy(), np.tanh(n["carry"] * s + a), grid.numpy())
    step = names["features"](np.tanh(n["carry"] * s + a), chosen) @ w.numpy()
    assert np.allclose(y, n["c"] * a - (a - s) ** 2 + n["gamma"] * step)

    critic = MLPCritic(1, 1, (3,), (6, 5), "tanh", torch.float64)
    weights = [x.detach()[0] if i % 2 == 0 else x.detach()[0, 0] for i, x in enumerate(critic.parameters)]
    target = td_target(transition, lambda t: critic(t, column(b)), n["gamma"])
    q, q_s, q_a = critic.value_and_slopes(column(s), column(a))
    loss, _ = sobolev_loss(q, q_s, q_a, target, 0.5, 2.0)
    found = names["sobolev_gradient"](weights, *map(torch.tensor, (s, a, b)), 0.5, 2.0)
    assert np.isclose(found[0], loss.item())
    for x, wanted in zip(found[1], torch.autograd.grad(loss, critic.parameters), strict=True):
        assert torch.allclose(x.ravel(), wanted.ravel())
    slopes = names["input_gradient"]([x.numpy() for x in weights], np.stack([s, a], axis=-1))
    assert np.allclose(slopes, torch.cat([q_s, q_a], dim=-1)[0].detach())
