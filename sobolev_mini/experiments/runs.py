"""Experiments made of long runs, one method and seed each: resumed where they stopped, recorded when done.

A run leaves NAME/METHOD-SEED.csv and its manifest among the results; its checkpoint stays out of them.
"""

import hashlib
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from filelock import FileLock, Timeout

from sobolev_mini import envs, validate
from sobolev_mini.control import Checkpoint
from sobolev_mini.envs.gate import gate
from sobolev_mini.experiments import records
from sobolev_mini.sac import SACConfig, train_sac

HELD_OUT, FOLLOWED = 1000, 20  # states whose values are averaged, and how many of them are recorded each
BEHAVED = 25  # steps of uniform actions that lead to the held-out states


@dataclass(frozen=True)
class Experiment:
    """An environment, SAC's settings, and the methods that differ in some of them."""

    env: str
    config: SACConfig
    methods: dict
    seeds: tuple
    env_settings: dict = field(default_factory=dict)

    def make(self, **more):
        """Return the environment; ``more`` goes to its constructor too."""
        return envs.make(self.env, **self.env_settings, **more)

    def settings(self, method, seed):
        """Return the ``SACConfig`` of one run."""
        validate.one_of("method", method, tuple(self.methods))
        return replace(self.config, seeds=(validate.whole("seed", seed, 0),), **self.methods[method])


def held_out(env):
    """Return states (HELD_OUT, n_s) that random behaviour leads to, the same for every run."""
    generator = torch.Generator().manual_seed(30_000_001)
    s = env.reset(HELD_OUT, generator)
    for _ in range(BEHAVED):
        a = 2 * torch.rand(HELD_OUT, env.n_a, generator=generator) - 1
        step = env.step(s, (a * env.action_scale.cpu()).to(env.device, env.dtype))
        s = torch.where(step.terminated[:, None], s, step.s_next)
    return s


def values_of(s):
    """Return a probe: the critics' mean value of greedy actions over states s (N, n_s), and of some each."""

    @torch.no_grad()
    def probe(run):
        every = s.expand(run.n_seeds, -1, -1)
        q = run.stacked(run.critic)(every, run.actor(every)).mean(dim=0)
        each = {f"q{i:02}": q[:, i] for i in range(FOLLOWED)}
        return {"q": q.mean(dim=1), "q_sd": q.std(dim=1)} | each

    return probe


def run(experiment, name, method, seed, results, runs, every=None, trust=False, progress=None):
    """Run one method and seed of ``experiment`` to its end, from its checkpoint on; return the record's path.

    Parameters
    ----------
    experiment : Experiment
    name : the experiment's, part of the record
    results, runs : folders of finished records and of checkpoints
    every : seconds between checkpoints
    trust : whether to go on with a simulator whose derivatives fail the gate
    progress : callable, called with the number of steps done

    Raises ``ValueError`` where another process holds the run, or where the gate is not passed.
    """
    config = experiment.settings(method, seed)
    results, runs, stem = Path(results), Path(runs), f"{method}-{seed}"
    runs.mkdir(parents=True, exist_ok=True)
    if (results / f"{stem}.csv").exists():
        return results / f"{stem}.csv"
    if not trust and not getattr(config.weighting, "off", False):
        gate(experiment.make(dtype=torch.float64))
    try:
        with FileLock(runs / f"{stem}.lock", timeout=0):
            return _locked(
                experiment, config, name, (method, seed), results, runs / f"{stem}.pt", every, progress
            )
    except Timeout:
        raise ValueError(f"runs: got {runs}, where another process is at work on {stem}") from None


def _locked(experiment, config, name, which, results, path, every, progress):
    env = experiment.make()
    clock = Clock(path.with_suffix(".time"))

    def going(n):
        clock.tick()
        if progress:
            progress(n)

    found = train_sac(
        env, config, checkpoint=Checkpoint(path, every), progress=going, probe=values_of(held_out(env))
    )
    wall, cpu = clock.tick(last=True)
    labels = {"experiment": name, "method": which[0], "seed": which[1]}
    frame = pd.DataFrame({"step": found.steps} | {key: x[:, 0] for key, x in sorted(found.rows.items())})
    frame = frame.assign(**labels)[[*labels, *frame]]
    identity = repr((experiment.env, sorted(experiment.env_settings.items()), config))
    more = {
        "config": identity,
        "config_hash": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "commit": commit(),
        "device": env.device.type,
        "diverged_at": int(found.diverged_at[0]),
        "seconds": {"wall": round(wall), "cpu": round(cpu)},
    }
    command = f"python -m sobolev_mini run {name} --method {which[0]} --seed {which[1]}"
    made = records.save(frame, path.stem, command, results, **more)
    for left in path.parent.glob(f"{path.stem}.*"):
        if left.suffix != ".lock":
            left.unlink()
    return made


class Clock:
    """Wall and processor seconds of a run over all attempts; a killed one may lose its last minute."""

    def __init__(self, path):
        self.path, self.began, self.last = path, (time.time(), time.process_time()), time.time()
        self.before = [float(x) for x in path.read_text().split()] if path.exists() else [0.0, 0.0]

    def tick(self, last=False):
        """Return (wall, processor) seconds; written down once a minute."""
        if not last and time.time() - self.last < 60:
            return None
        self.last = time.time()
        now = (self.last - self.began[0], time.process_time() - self.began[1])
        total = [a + b for a, b in zip(self.before, now, strict=True)]
        self.path.write_text(" ".join(map(str, total)))
        return total


def commit():
    """Return the commit of the code, "+" behind it where something is changed; "unknown" without git."""
    try:
        head, changed = (
            subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "sobolev_mini"])
        )
        return head + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def together(experiment, name, results):
    """Return the frame of all finished runs of ``experiment``, and the runs that are missing."""
    frames, missing = [], []
    for method in experiment.methods:
        for seed in experiment.seeds:
            path = Path(results) / f"{method}-{seed}.csv"
            frames += [pd.read_csv(path)] if path.exists() else []
            missing += [] if path.exists() else [(method, seed)]
    return (pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()), missing


def evenly(steps, n):
    """Return n + 1 even steps from 0 to ``steps``."""
    return tuple(np.linspace(0, steps, n + 1).astype(int).tolist())
