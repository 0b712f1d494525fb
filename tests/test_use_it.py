"""The page "Use it": what its outputs do not hold. Its cells are run as they are, not its trainings."""

import io
import re
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import torch
from tqdm import tqdm

from sobolev_mini import envs
from sobolev_mini.ddpg import DDPGConfig, train_ddpg
from sobolev_mini.envs.gate import gate
from sobolev_mini.envs.robots.mujoco import ROBOTS, MuJoCo
from sobolev_mini.losses import VALUE_ONLY, Balanced
from sobolev_mini.recording import evaluate

ROOT = Path(__file__).resolve().parents[1]
PAGE = nbformat.read(ROOT / "notebooks" / "use_it.ipynb", as_version=4)
PROSE = "\n\n".join(cell.source for cell in PAGE.cells if cell.cell_type == "markdown")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALL = {"steps": 30, "start": 10, "seeds": (0, 1), "record": (10, 30), "batch_size": 8, "episodes": 2}


def cell(words):
    """Return the source of the one cell of code that has ``words``."""
    (found,) = (c.source for c in PAGE.cells if c.cell_type == "code" and words in c.source)
    return found


def ran(*words, **names):
    """Return the names that cells make, each found by its words; ``names`` come first."""
    names |= {"torch": torch, "replace": replace, "np": np}
    for x in words:
        exec(cell(x), names)
    return names


@pytest.fixture(scope="module")
def rod():
    return ran("class Rod(")["Rod"]


def trained(rod, **kwargs):
    return train_ddpg(rod(), DDPGConfig(**SMALL, weighting=Balanced()), **kwargs)


def test_the_readme_and_the_page_install_the_same_and_name_extras_that_exist():
    installed = re.findall(r"^pip install .*$", PROSE, flags=re.MULTILINE)
    assert len(installed) == 1 and installed[0] in README.splitlines()
    assert installed[0] in (ROOT / "book/intro.md").read_text(encoding="utf-8").splitlines()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {x for found in re.findall(r"sobolev-mini\[([\w,]+)\]", PROSE) for x in found.split(",")}
    assert named == {"notebooks", "sb3"} and named <= set(extras["optional-dependencies"])
    for where in (README, (ROOT / "notebooks/07_weights_and_steps.ipynb").read_text(encoding="utf-8")):
        assert "use_it" in where


def test_what_the_page_says_first_its_outputs_say_again():
    """The numbers in the minute's box and in the first figure."""
    head = next(c.source for c in PAGE.cells if "In one minute" in c.source).partition("In one minute")[2]
    figure = cell("fig_flow").partition("figure, ax")[0]
    answers = [c for c in PAGE.cells if re.search(r"print\(pilot\(|Table\(\"The rod", c.source)]
    outputs = [o for c in answers for o in c.outputs]
    told = "\n".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)
    said = re.findall(r"\d+\.\d+|\d+(?= %)", head + figure)
    assert len(said) > 6
    assert not [x for x in said if not re.search(rf"(?<![\d.]){re.escape(x)}(?![\d])", told)]


def test_the_readme_s_lines_serve_the_page_s_system(rod, tmp_path, monkeypatch):
    """The README's eight lines, with the page's rod in the pendulum's place."""
    lines = re.search(r"(?s)```python\n(.*?)```", README)[1]
    made, state = 'envs.make("pendulum")', "[1.0, 0.0, 0.5]"
    assert made in lines and state in lines
    lines = lines.replace(made, "Rod()").replace(state, "[20.0] * 5")
    monkeypatch.chdir(tmp_path)
    found = {"Rod": rod}
    exec(lines.replace("steps=2000", "steps=20, start=5"), found)
    assert found["action"].shape == (2,)


def test_every_column_is_explained_and_none_that_is_not_there(rod):
    table = PROSE.partition("| column |")[2].partition("\n\n")[0]
    said = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    clock = ran("class Clock", time=time, evaluate=evaluate)["Clock"]()
    run = trained(rod, probe=clock)
    assert sorted(said) == sorted(run.rows)
    assert (np.diff(run.rows["seconds"], axis=0) > 0).all() and clock.judged > 0
    np.testing.assert_array_equal(run.returns, trained(rod).returns)


def test_judging_takes_no_seconds(rod, monkeypatch):
    """A processor's clock that moves by one a look, and by a hundred while a policy is judged."""
    at = iter(np.arange(1000.0))
    judged = []

    def slow(*args):
        judged.append(100)
        return evaluate(*args)

    told = SimpleNamespace(process_time=lambda: next(at) + sum(judged))
    run = trained(rod, probe=ran("class Clock", time=told, evaluate=slow)["Clock"]())
    assert len(judged) == 2 and np.ptp(run.rows["seconds"]) < 10


def test_a_linear_controller_of_the_page_does_what_a_riccati_equation_says(rod):
    """On a linear system with a quadratic reward it is the optimum."""
    env = envs.make("lqr")
    policy = ran("def linear(")["linear"](env, 0.9)
    s = env.reset(50, torch.Generator().manual_seed(1))
    torch.testing.assert_close(policy(s), env.optimum(0.9).policy(s), rtol=1e-3, atol=1e-4)


def told(writer, run):
    """Assert that ``writer`` has the mean over seeds of every column of every record of ``run``."""
    wanted = {}
    for name, course in run.rows.items():
        wanted |= {(name, k): x.mean() for k, x in zip(run.steps, course, strict=True) if k}
    wanted = {key: x for key, x in wanted.items() if np.isfinite(x)}
    assert writer.keys() == wanted.keys() and len(wanted) > 10
    for key, x in wanted.items():
        np.testing.assert_allclose(writer[key], x, rtol=1e-6)


def test_the_callback_tells_every_record(rod):
    class Writer(dict):
        def add_scalar(self, name, value, step):
            assert (name, step) not in self
            self[name, step] = value

    writer = Writer()
    told(writer, trained(rod, callbacks=(ran("class ToTensorBoard")["ToTensorBoard"](writer),)))


def test_tensorboard_s_own_writer_takes_it(rod, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(tmp_path) as writer:
        run = trained(rod, callbacks=(ran("class ToTensorBoard")["ToTensorBoard"](writer),))
    read = EventAccumulator(str(tmp_path)).Reload()
    found = {(n, e.step): e.value for n in read.Tags()["scalars"] for e in read.Scalars(n)}
    told(found, run)


def test_the_bar_comes_to_its_end_and_closes(rod):
    text = io.StringIO()
    bar = ran("class Bar:", tqdm=lambda **kwargs: tqdm(file=text, **kwargs))["Bar"](SMALL["steps"])
    run = trained(rod, callbacks=(bar,))
    assert bar.bar.n == 30 and bar.bar.disable
    assert f"returned={run.returns[-1].mean():.3g}"[:11] in text.getvalue()


def test_the_angle_s_lines_are_the_pendulum_s():
    block = re.search(r"(?s)```python\n(def tangent.*?)```", PROSE)[1]
    exec(block, found := {"torch": torch})
    env, s = envs.make("pendulum"), torch.randn(4, 3)
    slope = torch.randn(2, 4, 3)
    torch.testing.assert_close(found["tangent"](env, s, slope), env.tangent(s, slope))
    assert torch.equal(found["tangent_scale"].fget(env), env.tangent_scale)


def test_a_share_asks_the_simulator_for_that_share_only(rod):
    """What the page says of `slope_batch`, and value-only asks for none."""
    asked = []

    class Counted(rod):
        def linearize(self, s, a):
            asked.append(1)
            return super().linearize(s, a)

    counts = []
    for way in ({}, {"slope_batch": 2}, {"weighting": VALUE_ONLY}):
        asked.clear()
        train_ddpg(Counted(), DDPGConfig(**SMALL | {"weighting": Balanced()} | way))
        counts.append(len(asked))
    assert counts[0] == 30 and 5 <= counts[1] <= 10 and counts[2] == 0


MOVED = {"whole": ("", ""), "no part of the action": ("r_a + by_a", "r_a"),
         "no way through the step": ("bare.pullback(by_next)", "by_next, 0 * found.r_a"),
         "the old reward as well": ("bare.pullback", "found.pullback")}  # fmt: skip


@pytest.mark.parametrize("slip", MOVED)
@pytest.mark.parametrize("robot", ["ant", "swimmer"])
def test_a_reward_of_one_s_own_has_its_slopes_on_robots_with_turns_and_contacts(robot, slip):
    old, new = MOVED[slip]
    source = cell("class OwnReward")
    assert old in source
    exec(source.replace(old, new) if old else source, names := {"torch": torch, "replace": replace})

    class Still(names["OwnReward"]):
        def reward(self, s_next, a):
            return -((s_next / 3) ** 2).sum(dim=-1) - 0.3 * (a**2).sum(dim=-1)

    env = Still(robot, dtype=torch.float64)
    if slip == "whole":
        gate(env)
        return
    with pytest.raises(ValueError, match=r"^env: derivatives disagree .* in r_"):
        gate(env)


def test_a_model_that_keeps_all_its_positions_is_differentiated_and_goes_as_far():
    kept, usual = (MuJoCo(replace(ROBOTS["ant"], skip=k), dtype=torch.float64) for k in (0, 2))
    assert kept.n_s == usual.n_s + 2
    gate(kept)
    s = kept.reset(4, torch.Generator().manual_seed(0))
    a = torch.rand(4, 8, dtype=torch.float64)
    s[:, 0] = 0.0  # where the other stands, for they round alike there
    torch.testing.assert_close(kept.step(s, a).r, usual.step(s[:, 2:], a).r)
    s[:, 0] = 7.0
    torch.testing.assert_close(kept.step(s, a).r, usual.step(s[:, 2:], a).r, rtol=1e-6, atol=1e-6)


def test_what_the_page_cites_stands_there():
    cited = re.findall(r'\{doc\}`(\w+)`, "([^"]+)"', PROSE)
    assert len(cited) >= 3
    for chapter, title in cited:
        notebook = nbformat.read(ROOT / "notebooks" / f"{chapter}.ipynb", as_version=4)
        heads = [x for c in notebook.cells if c.cell_type == "markdown" for x in c.source.splitlines()]
        assert f"## {title}" in heads, f"{chapter} has no section {title!r}"
