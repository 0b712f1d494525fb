"""Is our value-only SAC as good as the field's? Beside Stable-Baselines3's on Pendulum-v1, equal in all."""

import itertools

import pandas as pd

from sobolev_book.records.checkpoint import Progress
from sobolev_book.records.sb3 import Policy
from sobolev_mini import envs
from sobolev_mini.recording import evaluate
from sobolev_mini.sac import SACConfig, train_sac

RECORD = (1000, 2000, 3000, 4000, 5000)
COMMON = {"hidden": (64, 64), "batch_size": 128, "discount": 0.99, "tau": 0.005, "start": 100}
RATE = 1e-3


def compare(seeds=range(10), record=RECORD, progress=None):
    """Return the greedy policies' returns: library, step, seed, return; the same ten start states for all.

    ``progress(n)`` is called with the environment steps done.
    """
    frames = [_ours(tuple(seeds), tuple(record), progress)]
    frames += [_theirs(seed, record, progress) for seed in seeds]
    return pd.concat(frames, ignore_index=True)


def _ours(seeds, record, progress):
    config = SACConfig(
        steps=max(record),
        seeds=seeds,
        record=record,
        activation="relu",
        critic_lr=RATE,
        actor_lr=RATE,
        **COMMON,
    )
    told = [Progress(lambda n: progress(n * len(seeds)))] if progress else []
    trained = train_sac(envs.make("pendulum"), config, callbacks=told)
    rows = itertools.product(enumerate(trained.steps), enumerate(seeds))
    return pd.DataFrame(
        {"library": "sobolev_mini", "step": step, "seed": seed, "return": trained.returns[i, k]}
        for (i, step), (k, seed) in rows
    )


def _theirs(seed, record, progress):
    import gymnasium
    from stable_baselines3 import SAC

    model = SAC(
        "MlpPolicy",
        gymnasium.make("Pendulum-v1"),
        seed=seed,
        device="cpu",
        learning_rate=RATE,
        batch_size=COMMON["batch_size"],
        gamma=COMMON["discount"],
        tau=COMMON["tau"],
        learning_starts=COMMON["start"],
        buffer_size=max(record),
        policy_kwargs={"net_arch": list(COMMON["hidden"])},
    )
    env, rows, done = envs.make("pendulum"), [], 0
    for step in record:
        model.learn(step - done, reset_num_timesteps=done == 0)
        if progress:
            progress(step - done)
        done = step
        value = evaluate(env, Policy(model), 10).item()
        rows.append({"library": "stable_baselines3", "step": step, "seed": seed, "return": value})
    return pd.DataFrame(rows)
