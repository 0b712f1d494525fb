"""One episode of each learned swing-up, for chapter 07's clip."""

import numpy as np
import pandas as pd
import torch

from sobolev_book.figures.swingups import STAGES, joints
from sobolev_book.records.checkpoint import Progress
from sobolev_book.records.tables import labelled
from sobolev_book.studies.study import TASKS, off_policy
from sobolev_mini import envs
from sobolev_mini.envs.gate import gate
from sobolev_mini.envs.rollout import rollout
from sobolev_mini.recording import starts

SHOWN = ("value_only", "sobolev")


def middle_seed(frame, task, algorithm, method):
    """Return the seed of the study's ``frame`` whose last return is the median, the lower one of two."""
    cell = frame[(frame.task == task) & (frame.algorithm == algorithm) & (frame.method == method)]
    last = cell[cell.step == cell.step.max()].sort_values("return", kind="stable", na_position="first")
    return int(last.seed.iloc[(len(last) - 1) // 2])


@torch.no_grad()
def episode(env, actor):
    """Return the states (T, n_s) of the greedy policy from ``evaluate``'s first start, and the return.

    Up to termination or the time limit.
    """
    s, states, rewards = starts(env, 1)[None], [], []

    def watch(step, a, alive):
        states.append(step.s_next[0, 0])
        rewards.append(step.r.item())

    rollout(env, s, actor, env.time_limit, watch)
    return torch.stack([s[0, 0], *states[:-1]]).numpy(), sum(rewards)


def swingups(frame, algorithm="sac", share=1.0, progress=None):
    """Return a row a step: task, method, seed, return (of the episode), step, x0, y0, x1, ... (joints).

    Each policy is that of the study's median seed, trained again alone with the study's settings;
    ``share`` of the budget, for a trial. Raises ``ValueError`` where a task does not pass the gate.
    """
    frames = []
    for task in STAGES:
        gate(envs.make(task, dtype=torch.float64))
        for method in SHOWN:
            seed = middle_seed(frame, task, algorithm, method)
            steps = max(1, round(share * TASKS[task].steps))
            told = {"steps": steps, "start": min(TASKS[task].start, steps), "seeds": (seed,), "record": ()}
            train, config = off_policy(algorithm, method, **told)
            run = train(envs.make(task), config, callbacks=[Progress(progress)] if progress else [])
            states, total = episode(run.env, run.actor)
            x = joints(task, states).reshape(len(states), -1).round(4)
            names = [f"{axis}{i}" for i in range(x.shape[1] // 2) for axis in "xy"]
            labels = {"task": task, "method": method, "seed": seed, "return": round(total, 4)}
            labels["step"] = np.arange(len(x))
            frames.append(labelled(pd.DataFrame(x, columns=names), **labels))
    return pd.concat(frames, ignore_index=True)
