"""Uniform actions below, planning above."""

from pathlib import Path

import numpy as np
import torch

from sobolev_book import records
from sobolev_book.studies import references
from sobolev_mini import envs
from sobolev_mini.recording import evaluate, starts


class Still:
    """An actor that gives one action everywhere."""

    seeds = (0,)

    def __init__(self, a):
        self.a = a

    def __call__(self, s):
        return torch.full((*s.shape[:-1], 1), self.a)


def test_a_rollout_is_what_evaluation_sums():
    env = envs.make("cartpole_swingup")
    s = starts(env, 4)
    for a in (0.0, 1.0):  # the second leaves the track
        found = references.rollout(env, s, torch.full((env.time_limit, 4, 1), a), env.time_limit).mean()
        torch.testing.assert_close(found, evaluate(env, Still(a), 4)[0])


def test_planning_stands_far_above_uniform_actions(monkeypatch):
    monkeypatch.setattr(references, "HORIZON", 30)
    monkeypatch.setattr(references, "PLANS", 48)
    (row,) = references.references({"push": envs.make("push")}).to_dict("records")
    assert row["task"] == "push"
    assert row["uniform"] < -80 < -40 < row["planned"]
    assert row["none"] < -80


def test_planning_on_a_regulator_stays_below_the_exact_optimum_and_near():
    env = envs.make("lqr", n_s=2, n_a=1, seed=1)
    env.time_limit = 30
    s = env.reset(5, torch.Generator().manual_seed(0))
    actor, x, alive = env.optimum(0.999), s, torch.zeros(5)
    for _ in range(30):
        step = env.step(x, actor.policy(x))
        alive, x = alive + step.r, step.s_next
    best = alive.mean().item()
    assert 2 * best < references.planned(env, s) < best
    assert references.uniform(env, s) < 5 * best


def test_what_the_faq_says_of_planning_the_records_have():
    faq = (Path(__file__).resolve().parents[3] / "book" / "faq.md").read_text(encoding="utf-8")
    steps, above, tasks = references.HORIZON * references.PLANS * references.ROUNDS, 0, 0
    for study, ends in (("study", "references"), ("second", "second_ends")):
        frame = records.load(study)[0].fillna({"return": -np.inf})
        last = frame[frame.step == frame.groupby("task").step.transform("max")]
        best = last.groupby(["task", "algorithm", "method"])["return"].median().groupby("task").max()
        planned = records.load(ends)[0].set_index("task").planned.drop("lqr", errors="ignore")
        above, tasks = above + (best[planned.index] > planned).sum(), tasks + len(planned)
    assert f"takes {steps:,} steps of the simulator" in faq
    assert (above, tasks) == (7, 10) and "above it on seven of ten" in faq
