"""Chapter 01: the functions that it shows are its equations."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest
from numpy.polynomial.legendre import legder, leggauss, legvander

from sobolev_book.figures import ripple
from sobolev_mini.toy import ToyProblem

PROBLEM = ToyProblem()
CHAPTER = Path(__file__).parents[3] / "notebooks" / "01_why_slopes.ipynb"

@pytest.fixture(scope="module")
def chapter():
    """The functions that a reader of the chapter sees, by name."""
    space = {"np": np, "legder": legder, "legvander": legvander, "problem": PROBLEM, "s": 0.0}
    cells = [cell for cell in nbformat.read(CHAPTER, 4).cells if cell.cell_type == "code"]
    for cell in cells:
        nodes = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
        if "nbval-ignore-output" not in cell.metadata.get("tags", []):
            exec(compile(ast.Module(nodes, []), "<chapter>", "exec"), space)
    return space


def test_eq_01_ripple_has_the_slope_of_its_value(chapter):
    a, h = np.linspace(-0.9, 0.9, 37), 1e-6
    up, down = (chapter["rippled"](a + d, 0.05, 7.0)[0] for d in (h, -h))
    np.testing.assert_allclose(chapter["rippled"](a, 0.05, 7.0)[1], (up - down) / (2 * h), atol=1e-6)


@pytest.mark.parametrize(("amplitude", "periods"), [(0.01, 10), (0.3, 1)])
def test_eq_01_mse(chapter, amplitude, periods):
    """Exact integration (Gauss-Legendre) over whole periods gives the two closed forms."""
    a, p = leggauss(200)
    errors = np.subtract(chapter["rippled"](a, amplitude, periods * np.pi), chapter["exact"](a))
    wanted = amplitude**2 / 2 * np.array([1, (periods * np.pi) ** 2])
    np.testing.assert_allclose(errors**2 @ p / 2, wanted, rtol=1e-10)


@pytest.mark.parametrize("k", [3, 9, 65])
def test_eq_01_twin_agrees_in_value_and_opposes_in_slope(chapter, k):
    a, h = np.linspace(-1, 1, k), 2 / (k - 1)
    value, slope = chapter["twin"](a, h)
    np.testing.assert_allclose(value, PROBLEM.optimal_q(0.0, a), atol=1e-12)
    np.testing.assert_array_equal(slope, -PROBLEM.optimal_q_gradients(0.0, a)[1])
    measured = chapter["difference"](lambda x: chapter["twin"](x, h), a[1:-1])
    np.testing.assert_allclose(slope[1:-1], measured, atol=1e-4)


@pytest.mark.parametrize("frequency", [3.0, 31.4, 100.0])
def test_eq_01_loss_bounds_the_climber_and_the_chooser(chapter, frequency):
    amplitudes, starts = np.geomspace(1e-3, 0.3, 7)[:, None], np.linspace(-1, 1, 41)
    rate = 1 / (4 + amplitudes * frequency**2)
    slope = lambda a: chapter["rippled"](a, amplitudes, frequency)[1]  # noqa: E731
    ends = chapter["climb"](slope, starts + 0 * amplitudes, rate)
    top = PROBLEM.optimal_value(0.0)
    assert (top - PROBLEM.optimal_q(0.0, ends) <= (amplitudes * frequency) ** 2 / 4 + 1e-9).all()
    a = np.linspace(-1, 1, 4001)
    chosen = a[np.argmax(chapter["rippled"](a, amplitudes, frequency)[0], axis=1)]
    assert (top - PROBLEM.optimal_q(0.0, chosen) <= 2 * amplitudes[:, 0]).all()
    short = a[ripple.ends(chapter["rippled"](a, amplitudes, frequency)[1])][:, ::100]
    assert np.mean(np.abs(short - ends) < 2e-3) > 0.9  # few starts lie beside a watershed


def test_eq_01_actor_climbs_to_the_best_action_on_the_exact_critic(chapter):
    ends = chapter["climb"](lambda a: chapter["exact"](a)[1], np.linspace(-1, 1, 5), 0.1)
    np.testing.assert_allclose(ends, PROBLEM.optimal_policy(0.0), atol=1e-12)


@pytest.mark.parametrize("discount", [0.9, 0.5])
def test_eq_01_target_leads_a_table_to_the_optimum(discount):
    problem, grid = ToyProblem(discount=discount), np.linspace(-1, 1, 201)
    q, r = np.zeros((201, 201)), problem.reward(grid[:, None], grid)
    for _ in range(150):
        q = r + discount * q.max(axis=1)
    np.testing.assert_allclose(q, problem.optimal_q(grid[:, None], grid), atol=1e-3)
    value, s = 0.0, -1.0  # eq-01-return of the best agent
    for t in range(200):
        a = problem.optimal_policy(s)
        value, s = value + discount**t * problem.reward(s, a), a
    assert value == pytest.approx(problem.optimal_value(-1.0), abs=1e-6)


@pytest.mark.parametrize("lam_a", [0.3, 2.0])
def test_eq_01_fit_makes_the_loss_stationary(chapter, lam_a):
    a, y, y_a = np.random.default_rng(0).uniform(-1, 1, (3, 20))
    phi, phi_a = chapter["features"](a)
    w = chapter["fit"](a, y, y_a, lam_a)
    gradient = phi.T @ (phi @ w - y) + lam_a * phi_a.T @ (phi_a @ w - y_a)
    np.testing.assert_allclose(gradient, 0, atol=1e-8)
    many = chapter["fit"](*(np.stack([x, x[::-1]]) for x in (a, y, y_a)), lam_a)
    np.testing.assert_allclose(many, [w, w], atol=1e-8)


def test_features_are_orthonormal_and_their_slopes_are_slopes(chapter):
    a, p = leggauss(40)
    phi, phi_a = chapter["features"](a)
    np.testing.assert_allclose((phi.T * p / 2) @ phi, np.eye(12), atol=1e-12)
    up, down = (chapter["features"](a + d)[0] for d in (1e-6, -1e-6))
    np.testing.assert_allclose(phi_a, (up - down) / 2e-6, atol=1e-5)
