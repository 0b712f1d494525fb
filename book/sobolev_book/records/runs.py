"""Experiments made of long runs, one method and seed each: resumed where they stopped, recorded when done.

A run leaves NAME/METHOD-SEED.csv and its manifest among the results; its checkpoint stays out of them.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import time
import warnings
from pathlib import Path

import pandas as pd
import torch
from filelock import FileLock, Timeout

from sobolev_book.records import sb3, tables
from sobolev_book.records.atomic import write_text
from sobolev_book.records.checkpoint import Checkpoint, Progress
from sobolev_book.records.walks import Kept, walks
from sobolev_mini.envs.gate import gate
from sobolev_mini.envs.rollout import uniform
from sobolev_mini.sac import train_sac

HERE = Path(__file__).parents[1]  # the book's code: with the module's, its commit goes into the manifest
HELD_OUT, FOLLOWED = 1000, 20  # states whose values are averaged, and how many of them are recorded each
BEHAVED = 25  # steps of uniform actions that lead to the held-out states


def held_out(env):
    """Return states (HELD_OUT, n_s) that random behaviour leads to, the same for every run."""
    generator = torch.Generator().manual_seed(30_000_001)
    s = env.reset(HELD_OUT, generator)
    for _ in range(BEHAVED):
        step = env.step(s, uniform(env, HELD_OUT, generator))
        s = torch.where(step.terminated[:, None], s, step.s_next)
    return s


def values_of(s):
    """Return a probe: the critics' mean value of greedy actions over states s (N, n_s), and of some each."""

    @torch.no_grad()
    def probe(run):
        states = s.expand(run.n_seeds, -1, -1)
        q = run.critic(states, run.actor(states)).mean(dim=0)
        followed = {f"q{i:02}": q[:, i] for i in range(FOLLOWED)}
        return {"q": q.mean(dim=1), "q_sd": q.std(dim=1)} | followed

    return probe


def run(experiment, name, method, seed, results, kept, *, every=None, until=None, trust=False, device="cpu",
        progress=None):  # fmt: skip
    """Run one method and seed of ``experiment`` to its end, from its checkpoint on; return the record's path.

    Parameters
    ----------
    experiment : Experiment
    name : the experiment's, part of the record
    seed : None where all seeds are one run
    results, kept : folders of finished records and of checkpoints
    every : seconds between checkpoints; "sb3" leaves one at each recorded step
    until : time (``time.time()``) at which to write a checkpoint and raise ``TimeUp``, optional
    trust : whether to go on with a simulator whose derivatives fail the gate
    device : of networks and buffer, "cpu" or "cuda"; "sb3" runs on "cpu"
    progress : callable, called with the number of steps done

    Raises ``ValueError`` for a method or seed that the experiment lacks, for "sb3" on another device, where
    another process holds the run, and where the gate is not passed.
    """
    config, kept, stem = experiment.settings(method, seed), Path(kept), stem_of(method, seed)
    record, checkpoint = Path(results) / f"{stem}.csv", kept / f"{stem}.pt"
    if method == "sb3" and device != "cpu":
        raise ValueError(f"device: got {device!r}, wanted 'cpu' for method 'sb3'")
    with _alone_in(kept, stem), _alone_in(Path(results), stem):
        if record.exists():
            return record
        if config.takes_slopes:
            trusted = trust or experiment.method(method).trust
            _passed(experiment.make(method, dtype=torch.float64, device=device), trusted)
        clock = Clock(kept / f"{stem}.time")

        def going(n):
            clock.tick()
            if progress:
                progress(n)

        env = experiment.make(method, device=device)
        if method == "sb3":
            history = sb3.train(env, config, checkpoint, going, held_out(env), until)
        else:
            s = held_out(env)
            values, callbacks = values_of(s), [Checkpoint(checkpoint, every, until), Progress(going)]
            if experiment.walks:
                draft, states = kept / f"{stem}.best.npz", s[: experiment.walks]
                callbacks.insert(0, Kept(record.with_suffix(".npz"), draft, states))

            def probe(run):
                return values(run) | (walks(run) if experiment.walks else {})

            history = train_sac(env, config, probe=probe, callbacks=callbacks)
        clock.tick(last=True)
        frame = tables.long(history.steps, config.seeds, dict(sorted(history.rows.items())))
        frame = frame.sort_values("seed", kind="stable", ignore_index=True)
        frame = tables.labelled(frame, experiment=name, method=method, seed=frame.seed)
        command = f"python -m sobolev_book run {name} --method {method}"
        command += "" if seed is None else f" --seed {seed}"
        command += " --small" * experiment.is_small + " --trust" * trust
        command += "" if device == "cpu" else f" --device {device}"
        tables.save(frame, stem, command, results, **_manifest(experiment, method, history, clock))
        for left in kept.glob(f"{stem}.*"):
            if left.suffix != ".lock":
                left.unlink()
    return record


@contextlib.contextmanager
def _alone_in(folder, stem):
    """Hold a run's lock in ``folder``; ``ValueError`` where another process does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{stem}.lock", timeout=0)
    try:
        with lock:
            yield
            with contextlib.suppress(OSError):  # it is done, and whoever comes next finds the record
                Path(lock.lock_file).unlink()
    except Timeout:
        raise ValueError(f"runs: got {folder}, where another process is at work on {stem}") from None


def _passed(env, trust):
    """Hold ``env`` against the gate; where it fails say so and go on, if it is trusted."""
    try:
        gate(env)
    except ValueError as error:
        if not trust:
            raise
        warnings.warn(f"going on although {error}", stacklevel=3)


def stem_of(method, seed):
    """Return the name of a run's files."""
    return method if seed is None else f"{method}-{seed}"


def _manifest(experiment, method, history, clock):
    """Return what a run's manifest says besides what every record's does."""
    device, diverged_at = history.env.device.type, history.diverged_at.tolist()
    identity = repr((experiment.env, sorted(experiment.method(method).env.items()), history.config))
    return {
        "config": identity,
        "config_hash": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "commit": ", ".join(clock.commits),
        "device": torch.cuda.get_device_name() if device == "cuda" else device,
        "diverged_at": diverged_at if experiment.batched else diverged_at[0],
        "seconds": {"wall": round(clock.seconds[0]), "cpu": round(clock.seconds[1])},
    }


class Clock:
    """What a run took over all its attempts, kept at ``path``; a killed one may lose its last minute.

    Attributes
    ----------
    seconds : [wall, processor], up to the last tick
    commits : of the code that each attempt started with, each once
    """

    def __init__(self, path):
        self.path, self.began, self.last = path, (time.time(), time.process_time()), time.time()
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.before, known = kept.get("seconds", [0.0, 0.0]), kept.get("commits", [])
        self.commits = list(dict.fromkeys([*known, commit()]))
        self.tick(last=True)

    def tick(self, last=False):
        """Bring ``seconds`` up to now and write them down, once a minute."""
        if not last and time.time() - self.last < 60:
            return
        self.last = time.time()
        now = (self.last - self.began[0], time.process_time() - self.began[1])
        self.seconds = [a + b for a, b in zip(self.before, now, strict=True)]
        write_text(self.path, json.dumps({"seconds": self.seconds, "commits": self.commits}))


def commit():
    """Return the commit of the code, "+" behind it where something is changed.

    "unknown" without git, or where the code lies in another project's repository.
    """
    own = {name: x for name, x in os.environ.items() if not name.startswith("GIT_")}  # a hook sets its own

    def git(*words):
        command = ["git", "-C", HERE, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=own).stdout.strip()

    try:
        if not (Path(git("rev-parse", "--show-toplevel")) / "book" / "sobolev_book").samefile(HERE):
            return "unknown"
        return git("rev-parse", "HEAD") + "+" * bool(git("status", "--porcelain", ".", ":/sobolev_mini"))
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def together(experiment, results):
    """Return the frame of all finished runs of ``experiment``, and the runs that are missing."""
    frames, missing = [], []
    for method, seed in experiment.runs:
        path = Path(results) / f"{stem_of(method, seed)}.csv"
        frames += [pd.read_csv(path)] if path.exists() else []
        missing += [] if path.exists() else [(method, seed)]
    return (pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()), missing
