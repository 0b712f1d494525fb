"""Systems with dials: what each dial does, what is wrong on purpose, how cells of them are run and judged."""

import pandas as pd
import pytest
import torch

from sobolev_book.studies import dials, study, study_report
from sobolev_book.studies.dials import Chain
from sobolev_mini.envs.gate import gate

DOUBLE = torch.float64
REGULATORS = ("size", "radius")
HONEST = [name for name, task in dials.TASKS.items() if task.gated and not name.startswith(REGULATORS)]


@pytest.fixture
def points():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(8, n, generator=generator, dtype=DOUBLE) for n in (6, 3)]


@pytest.mark.parametrize("name", HONEST)
def test_slopes_are_those_of_the_steps_where_they_are_meant_to_be(name):
    gate(dials.TASKS[name].env(name, dtype=DOUBLE))


@pytest.mark.parametrize("name", ["noise 0.1", "model 3.0"])
def test_where_slopes_are_wrong_on_purpose_the_gate_is_shut_and_not_asked(name):
    task = dials.TASKS[name]
    assert not task.gated
    with pytest.raises(ValueError, match=r"^env: derivatives disagree"):
        gate(task.env(name, dtype=DOUBLE))


def test_without_anything_on_it_a_chain_is_a_line_of_springs():
    """Semi-implicit steps of Euler of v' = f - 0.1 v + neighbours' pull, four of 0.025 s."""
    s, a = torch.tensor([[0.3, -0.2, 0.0, 0.0]], dtype=DOUBLE), torch.tensor([[1.0, 5.0]], dtype=DOUBLE)
    x, v = [0.3, -0.2], [0.0, 0.0]
    for _ in range(4):
        pull = x[1] - x[0]
        v = [v[0] + 0.025 * (1.0 - 0.1 * v[0] + pull), v[1] + 0.025 * (2.0 - 0.1 * v[1] - pull)]  # within 2 N
        x = [x[0] + 0.025 * v[0], x[1] + 0.025 * v[1]]
    step = Chain(2, dtype=DOUBLE).step(s, a)
    torch.testing.assert_close(step.s_next, torch.tensor([[*x, *v]], dtype=DOUBLE))
    torch.testing.assert_close(step.r, torch.tensor([-(0.3**2 + 0.2**2 + 0.1 * (1 + 4))], dtype=DOUBLE))


def test_drag_slows_a_spring_pulls_home_and_a_wall_pushes_back():
    s, a = torch.tensor([[1.2, 2.0]], dtype=DOUBLE), torch.zeros(1, 1, dtype=DOUBLE)
    speed = Chain(1, dtype=DOUBLE).step(s, a).s_next[0, 1]
    for dial in ({"drag": 1.0}, {"spring": 1.0}, {"wall": 20.0}):
        assert Chain(1, **dial, dtype=DOUBLE).step(s, a).s_next[0, 1] < speed - 0.05, dial
    assert Chain(1, spring=-0.6, dtype=DOUBLE).step(s, a).s_next[0, 1] > speed
    inside = torch.tensor([[0.5, 0.0]], dtype=DOUBLE)
    walled, free = (Chain(1, wall=w, dtype=DOUBLE).step(inside, a).s_next for w in (20.0, 0.0))
    torch.testing.assert_close(walled, free)


def test_a_wrong_model_moves_as_the_right_one_and_lies_about_slopes(points):
    right, wrong = Chain(dtype=DOUBLE), Chain(model=3.0, dtype=DOUBLE)
    torch.testing.assert_close(right.step(*points).s_next, wrong.step(*points).s_next)
    heavy, true = wrong.linearize(*points).f_a, right.linearize(*points).f_a
    assert (heavy.norm() / true.norm()).item() == pytest.approx(1 / 3, rel=0.05)


def test_noise_is_of_its_size_the_same_again_and_no_slope_knows_it(points):
    plain, rough = Chain(dtype=DOUBLE), Chain(noise=0.3, dtype=DOUBLE)
    g = torch.Generator().manual_seed(1)
    s, a = (torch.randn(1600, x.shape[1], generator=g, dtype=DOUBLE) for x in points)
    off = rough.step(s, a).s_next - plain.step(s, a).s_next
    assert off.std().item() == pytest.approx(0.3, rel=0.05) and abs(off.mean()) < 0.02
    assert torch.equal(rough.step(s, a).s_next, rough.step(s, a).s_next)
    torch.testing.assert_close(*(vars(env.linearize(*points)) for env in (rough, plain)))


def test_every_cell_is_of_a_task_and_a_method_and_one_can_be_run():
    assert len(dials.cells()) == 150 and {m for *_, m in dials.cells()} <= set(study.METHODS)
    crossed = dials.frontier_cells()
    assert len(set(crossed)) == 6 * 19 and {m for *_, m in crossed} == set(study.GRID) <= set(study.METHODS)
    assert {task for task, *_ in crossed} <= set(dials.TASKS)
    told = {"seeds": (0, 1), "share": 0.08, "tasks": dials.TASKS}
    frame = study.run_cell("discount 0.8", "td3", "share", **told)
    assert set(frame.task) == {"discount 0.8"} and frame.step.max() == 120 and frame["return"].notna().all()


def test_the_threshold_is_a_quarter_over_the_least_cost_of_a_median_seed():
    rows = [("x", m, step, seed, cost) for m, costs in (("a", (-8.0, -4, -2)), ("b", (-9.0, -9, -1)))
            for seed, cost in enumerate(costs) for step in (0, 100)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["task", "method", "step", "seed", "return"])
    assert dials.thresholds(frame) == {"x": pytest.approx(-5.0)}


def test_a_run_of_lost_seeds_counts_with_the_task_s_budget():
    """It ends early, and its last step is no number of samples that sufficed."""
    rows = [("wall 20.0", "td3", m, step, 0, -1.0 if m == "good" and step == 1500 else None)
            for m, steps in (("good", (0, 750, 1500)), ("lost", (0, 750))) for step in steps]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["task", "algorithm", "method", "step", "seed", "return"])
    found = study_report.samples(frame, {"wall 20.0": -5.0}, dials.TASKS).set_index("method")
    assert found.samples.to_dict() == {"good": 1500, "lost": 1500}
    assert found.bound.to_dict() == {"good": False, "lost": True}


def test_gains_are_over_the_better_baseline_of_what_is_compared():
    """After 300 steps of 1 s, twice 200 of 2 s, with slopes 200 of 4 s: at 100 no update was made yet."""
    rows = []
    for method, there, pace in (("value_only", 300, 1), ("twice", 200, 2), ("sobolev", 100, 4)):
        for step in range(0, 1501, 100):
            rows.append(("size 2", "td3", method, step, 0, -1.0 if step >= there else -9.0, 1500.0 * pace))
    names = ["task", "algorithm", "method", "step", "seed", "return", "seconds"]
    frame = pd.DataFrame(rows, columns=names)
    found = dials.gains(frame).loc["size 2"]
    assert dials.needed(frame).loc["size 2", "sobolev"].to_list() == pytest.approx([200, 800])
    assert found.loc["sobolev"].to_list() == pytest.approx([1, 300 / 800])
