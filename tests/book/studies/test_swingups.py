"""The episodes of the clip, and the record of what a step of each method costs."""

import numpy as np
import pandas as pd
import pytest
import torch

from sobolev_book import __main__ as command_line
from sobolev_book import records
from sobolev_book.studies import cost, study, swingups
from sobolev_mini import envs


def study_frame(tasks=("pendulum", "cartpole_swingup", "acrobot"), last=(3.0, 1.0, 4.0, 2.0)):
    """Return a study's record of four seeds 7 to 10, whose last returns are ``last``."""
    return pd.DataFrame(
        {"task": task, "algorithm": "sac", "method": method, "step": step, "seed": 7 + i,
         "return": x if step else 0.0}
        for task in tasks for method in swingups.SHOWN for step in (0, 10) for i, x in enumerate(last)
    )  # fmt: skip


def test_the_seed_shown_is_the_median_one_by_its_last_return():
    assert swingups.middle_seed(study_frame(), "acrobot", "sac", "sobolev") == 10
    lost = study_frame(last=(3.0, np.nan, 4.0))  # a seed that diverged is the worst
    assert swingups.middle_seed(lost, "acrobot", "sac", "sobolev") == 7


def test_an_episode_ends_where_the_cart_leaves_the_track():
    env = envs.make("cartpole_swingup")
    states, total = swingups.episode(env, lambda s: torch.ones(1, 1, 1))
    assert 10 < len(states) < env.time_limit and abs(states[-1, 0]) <= 2.4 < abs(states[-1, 0]) + 0.5
    assert 0 <= total < len(states)


def test_the_record_holds_a_row_a_step_and_joints_on_their_links(monkeypatch):
    frame = swingups.swingups(study_frame(), share=0.02)
    sizes = frame.groupby(["task", "method"]).step.agg(["size", "max"])
    assert (sizes["size"] == sizes["max"] + 1).all() and sizes.loc["acrobot", "size"].eq(250).all()
    assert set(frame.seed) == {10}
    acrobot = frame[frame.task == "acrobot"]
    assert np.hypot(acrobot.x2 - acrobot.x1, acrobot.y2 - acrobot.y1).to_numpy() == pytest.approx(1, abs=2e-4)
    assert frame[frame.task != "acrobot"].x2.isna().all()


def test_the_command_takes_the_study_s_record(tmp_path, monkeypatch):
    records.save(study_frame(), "study", "python -m sobolev_book study", tmp_path)
    whole = swingups.swingups
    monkeypatch.setattr(
        swingups, "swingups", lambda frame, progress: whole(frame, share=0.01, progress=progress)
    )
    command_line.main(["swingups", "--out", str(tmp_path)])
    frame, manifest = records.load("swingups", tmp_path)
    assert set(frame.method) == set(swingups.SHOWN) and manifest["command"].endswith("swingups")


def test_cost_has_a_row_a_method_and_value_only_costs_one(monkeypatch):
    found = cost.cost(task="lqr", updates=3, rounds=1, seeds=(0,)).set_index(["algorithm", "method"])
    assert set(found.index) == {(a, m) for a in study.LOOPS for m in study.STUDY_METHODS}
    assert found.ratio["td3", "value_only"] == found.ratio["sac", "value_only"] == 1
    assert (found.milliseconds > 0).all() and found.ratio.between(0.2, 30).all()


def test_its_record_says_that_slopes_cost_about_twice_as_much():
    ratio = records.load("cost")[0].set_index(["algorithm", "method"]).ratio
    assert all(1.4 < ratio[a, "sobolev"] < 3 for a in study.LOOPS)
