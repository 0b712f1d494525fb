"""What stops the bursts of value-only critics: runs go on from step 300 with one thing changed."""

import copy
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import torch

from sobolev_book import records
from sobolev_book.records.grid_max import best_action_index
from sobolev_book.records.measures import SLOPE_WEIGHTS, tidy
from sobolev_book.records.mlp_runs import critic_at
from sobolev_book.records.tables import labelled
from sobolev_mini.qlearning import QConfig
from sobolev_mini.qlearning.mlp_loop import MLPTraining
from sobolev_mini.targets import Target
from sobolev_mini.toy import ToyProblem

BURST, BEGIN, END = 20, 300, 1200  # an error of Q above it; steps
BOTH, TENTH = dict.fromkeys(("lam_s", "lam_a"), 1), dict.fromkeys(("lam_s", "lam_a"), 0.1)
HELD = {"refresh_every": 10**6}
CHANGES = {  # name -> settings from step 300 on
    "nothing": {},
    "other samples drawn": {},
    "half the rate": {"lr": 5e-5},
    "target held still": HELD,
    "both slopes": BOTH,
    "action slopes": {"lam_a": 1},
    "state slopes": {"lam_s": 1},
    "both slopes, weight 0.1": TENTH,
    "slopes of other samples": BOTH,
    "slopes of 0, weight 0.03": dict.fromkeys(BOTH, 0.03),
    "slopes of 0, weight 0.1": TENTH,
    "slopes of 0, weight 0.3": dict.fromkeys(BOTH, 0.3),
    "mean moved by the last bias": {},
    "the same, slowly": {},
    "the same, to step 350": {},
    "the same, to step 400": {},
    "held, raised by 10": HELD,
    "held, raised by 10, both slopes": HELD | BOTH,
}
WAYS = {  # name -> of ``go_on``: another target or optimiser from step 300 on, and two changes beside it
    "nothing": {"name": "nothing"},
    "state slopes": {"name": "state slopes"},
    "target follows slowly": {"target": "polyak"},
    "Adam begun anew": {"optimizer": "adam"},
    "plain steps": {"optimizer": "sgd", "lr": 1e-3},
}
SEEDS, FITTED, ASKED = tuple(range(32)), tuple(range(16)), BEGIN + 350  # of gains, of fits; gains' last step
RAISED, FITS = (0, 1, 2, 4, 10), (*range(50, END + 1, 50), 2000, 3000, 4000, 5000)
STEPS = {"bursts": len(CHANGES) * (END - BEGIN), "fits": 2 * FITS[-1]}
STEPS["gains"] = 2 * len(RAISED) * (ASKED - BEGIN)


def begun(seeds, step=BEGIN, **settings):
    """Return value-only runs of these seeds at a step, by settings that ``QConfig`` takes."""
    steps = step + END - BEGIN
    told = {"steps": steps, "seeds": seeds, "record": tuple(range(step + 50, steps + 1, 50))}
    told |= {"target": "hard", "refresh_every": 1} | settings  # the current critic, and it can be held
    run = MLPTraining(ToyProblem(), QConfig(**told), keep=told["record"], argmax=best_action_index)
    while run.step < step:
        run.take_step()
    return run


def go_on(start, name="nothing", progress=None, labels=None, **settings):
    """Return the ``MLPHistory`` of a copy of a run, gone on with under a change and settings.

    ``labels`` (run, s, a, slopes) -> ``Target`` takes the place of the change's own, if any; an
    ``optimizer`` among the settings begins anew.
    """
    run = copy.deepcopy(start)
    run.config = replace(run.config, **CHANGES[name], **settings)
    if optimizer := settings.get("optimizer"):
        made = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[optimizer]
        run.optimizer = made(run.critic.parameters, lr=run.config.lr, fused=True)
    run.optimizer.param_groups[0]["lr"] = run.config.lr
    if labels := labels or LABELS.get(name):
        run.labels = partial(labels, run)
    if name == "other samples drawn":
        for seed, sampler in zip(run.config.seeds, run.samplers, strict=True):
            sampler.rng = np.random.default_rng((seed, 1))
    return _to_end(run, progress)


def _to_end(run, progress):
    while run.step < run.config.steps:
        run.take_step()
        if progress:
            progress(1)
    return run.history()


@torch.no_grad()
def levels(history, step, n=64):
    """Return (4, S) at a step whose weights were kept: the mean of Q, E[max_a Q] less it; and that of Q*.

    To Q* is added, in the third row, what Q is off by in all states alike (its mean over s), in the last the
    rest of what it is off by.
    """
    x = (torch.arange(n) + 0.5) / (n / 2) - 1
    s, a = (z.reshape(1, -1, 1).expand(len(history.config.seeds), -1, -1) for z in
            torch.meshgrid(x, x, indexing="ij"))  # fmt: skip
    q = critic_at(history, step)(s, a).double().reshape(len(s), n, n)
    best = torch.as_tensor(history.problem.optimal_q(s[:1].double().numpy(), a[:1].double().numpy()))
    best = best.reshape(1, n, n)
    alike = (q - best).mean(dim=1, keepdim=True)
    gaps = [x.amax(dim=2).mean(dim=1) - x.mean(dim=(1, 2)) for x in (q, best + alike, q - alike)]
    return np.stack([q.mean(dim=(1, 2)), *gaps])


def relabelled(new, run, *batch):
    """Return the right labels of a batch (S, B, 1), their slopes as ``new`` makes them of the right ones."""
    target = MLPTraining.labels(run, *batch)
    return replace(target, y_s=new(target.y_s), y_a=new(target.y_a))


def raised(by, run, *batch):
    """Return the right labels of a batch (S, B, 1), their values raised."""
    target = MLPTraining.labels(run, *batch)
    return replace(target, y=target.y + by)


@torch.no_grad()
def level_by_bias(share, until, run, *batch):
    """Take the batch's mean out of the misfit and give a share to the last bias, up to step ``until``."""
    target = MLPTraining.labels(run, *batch)
    if run.step >= until:
        return target
    off = (target.y - run.critic.value_and_slopes(*batch[:2], slopes=False)[0]).mean(dim=-1, keepdim=True)
    run.critic.parameters[-1].add_(share * off.reshape(-1, 1, 1))
    return replace(target, y=target.y - off)


ZERO = partial(relabelled, torch.zeros_like)
LABELS = {  # name of a change -> (run, s, a, slopes) -> its labels, where these are not the right ones
    "slopes of other samples": partial(relabelled, partial(torch.roll, shifts=1, dims=1)),
    **dict.fromkeys([name for name in CHANGES if name.startswith("slopes of 0")], ZERO),
    "mean moved by the last bias": partial(level_by_bias, 0.1, END),
    "the same, slowly": partial(level_by_bias, 0.005, END),
    "the same, to step 350": partial(level_by_bias, 0.1, 350),
    "the same, to step 400": partial(level_by_bias, 0.1, 400),
    **dict.fromkeys([name for name in CHANGES if name.startswith("held, raised")], partial(raised, 10)),
}


def true_labels(run, s, a, slopes=True):
    """Return Q* and its slopes at a batch (S, B, 1) as a ``Target``: labels of a plain fit."""
    at = [x[..., 0].double().numpy() for x in (s, a)]
    labels = run.problem.optimal_q(*at), *(x[..., None] for x in run.problem.optimal_q_gradients(*at))
    return Target(*(torch.as_tensor(x, dtype=s.dtype) for x in labels))


def fitted(config, progress=None):
    """Return the ``MLPHistory`` of a plain fit to Q* and its slopes, in which nothing is bootstrapped."""
    run = MLPTraining(ToyProblem(), config)
    run.labels = partial(true_labels, run)
    return _to_end(run, progress)


def fits(progress=None):
    """Return the record of plain fits: method, step, seed, errors."""
    told = {"steps": FITS[-1], "record": FITS, "seeds": FITTED}
    configs = {m: QConfig(lam_s=lam, lam_a=lam, **told) for m, lam in SLOPE_WEIGHTS.items()}
    frames = [labelled(tidy(fitted(x, progress)), method=method) for method, x in configs.items()]
    return pd.concat(frames, ignore_index=True)


def gains(progress=None):
    """Return the record of gaps that a rise opens: slopes, seed, by how much labels are raised, greatest gap.

    All 32 seeds from step 300 to 650, the target held still, without slopes and with both.
    """
    start, rows = begun(SEEDS), []
    told = {"steps": ASKED, "record": tuple(range(BEGIN + 50, ASKED + 1, 50))}
    for name, slopes in (("none", {}), ("both", BOTH)):
        for by in RAISED:
            history = go_on(start, "target held still", progress, partial(raised, by), **told, **slopes)
            greatest = np.max([levels(history, step)[1] for step in history.steps], axis=0)
            rows += [(name, seed, by, gap) for seed, gap in zip(SEEDS, greatest, strict=True)]
    return pd.DataFrame(rows, columns=["slopes", "seed", "raised", "gap"])


def bursts(progress=None):
    """Return the record: change, step (350 to 1,200), seed, errors of Q and of its slope, and ``levels``."""
    return _gone_on({name: {"name": name} for name in CHANGES}, progress, ["mean", "gap"])


def bursts_ways(progress=None):
    """Return the same of ``WAYS``, and all of ``levels``."""
    return _gone_on(WAYS, progress, ["mean", "gap", "alike", "apart"])


def _gone_on(changes, progress, names):
    late = records.load("tangent")[0].query("method == 'value_only' and step >= @BEGIN")
    start, frames = begun(tuple(sorted(late[late.q > BURST].seed.unique().tolist()))), []
    for name, told in changes.items():
        history = go_on(start, progress=progress, **told)
        errors = tidy(history).filter(["step", "seed", "q", "q_a"])
        found = np.stack([levels(history, step) for step in history.steps])
        errors[names] = found[:, : len(names)].transpose(0, 2, 1).reshape(-1, len(names))
        frames.append(labelled(errors, change=name))
    return pd.concat(frames, ignore_index=True)
