"""A whole SAC update, Sobolev over value-only, and value-only beside Stable-Baselines3's; `make bench`.

Printed, not asserted: machines are shared and noisy. One seed, batch 256, two layers of 256 units.
"""

import statistics
import time

import pytest
import torch

from sobolev_mini import envs, sac
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant

BATCH, HIDDEN, STORED = 256, (256, 256), 2000


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def learner(activation, rule):
    config = sac.SACConfig(
        seeds=(0,), hidden=HIDDEN, batch_size=BATCH, activation=activation, weighting=rule, steps=STORED
    )
    run = sac.SACLearner(envs.make("pendulum"), config)
    for _ in range(STORED):
        run.collect(run.uniform_actions())
    return run


def theirs():
    """Return Stable-Baselines3's SAC with the same networks, batch and data."""
    import gymnasium
    from stable_baselines3 import SAC
    from stable_baselines3.common.logger import configure

    model = SAC(
        "MlpPolicy",
        gymnasium.make("Pendulum-v1"),
        batch_size=BATCH,
        buffer_size=STORED,
        device="cpu",
        learning_starts=STORED + 10,
        policy_kwargs={"net_arch": list(HIDDEN)},
    )
    model.learn(STORED)
    model.set_logger(configure(None, [""]))
    return model


def side_by_side(calls, rounds=8, each=20):
    """Return the median milliseconds of each call, taken in turns."""
    took = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            for k in range(each):
                start = time.perf_counter()
                call()
                if k > 2:
                    took[name].append(time.perf_counter() - start)
    return {name: 1e3 * statistics.median(times) for name, times in took.items()}


@pytest.mark.parametrize("activation", ["silu", "relu"])
def test_a_whole_update(activation, capsys):
    rules = {"value-only": VALUE_ONLY, "Sobolev, constant": Constant(), "Sobolev, gn": Balanced()}
    runs = {name: learner(activation, rule) for name, rule in rules.items()}
    calls = {name: lambda run=run: sac.update(run, run.sample()) for name, run in runs.items()}
    if activation == "relu":
        model = theirs()
        calls["value-only, Stable-Baselines3"] = lambda: model.train(gradient_steps=1, batch_size=BATCH)
    ms = side_by_side(calls)
    with capsys.disabled():
        print(f"\none SAC update, {activation}, batch {BATCH}, {HIDDEN}, {torch.get_num_threads()} threads")
        for name, each in ms.items():
            print(f"{name:32} {each:7.2f} ms   {each / ms['value-only']:.2f} times value-only")
        # Matrix products: 12 forwards of the critic and 4 of the actor against 20 and 5; where masks are
        # piecewise linear the critics' update takes 8 of the 12 (eq-05-tangent).
        limit = (20 + 5) / (12 + 4) if activation == "silu" else (16 + 5) / (12 + 4)
        print(f"{'arithmetic limit':32} {limit:.2f}")
        # Their actor's loss goes back into the critics' weights too: 14 forwards of the critic against 12.
        print(f"{'theirs over ours, arithmetic':32} {(14 + 4) / (12 + 4):.2f}")
    assert all(x > 0 for x in ms.values())
