"""Updates with slopes on a share of the batch, over value-only; SAC's beside plain JAX's; `make bench`.

Printed, not asserted. One seed on the pendulum, one thread; milliseconds are the process's CPU time, which
other work on the machine disturbs less. JAX is optional: `pip install --no-deps --target DIR jax jaxlib
ml_dtypes opt_einsum`, and DIR on PYTHONPATH.
"""

import os
import statistics
import time

import pytest
import torch

from sobolev_mini import ddpg, envs, sac
from sobolev_mini.losses import VALUE_ONLY, Balanced, Constant, HugeSavine

STORED, UPDATES, TURNS = 2000, 20, 15
PLAIN, ALL = {"weighting": VALUE_ONLY}, {"weighting": Constant()}
RULES = {"constant": Constant(), "Huge and Savine": HugeSavine(), "balanced": Balanced()}
WIDE = {"hidden": (256, 256), "batch_size": 256}
XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """One thread of torch's and one core, as JAX starts several threads whatever it is told."""
    before, cores = torch.get_num_threads(), os.sched_getaffinity(0)
    torch.set_num_threads(1), os.sched_setaffinity(0, {max(cores)})
    monkeypatch.setenv("XLA_FLAGS", XLA), monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    yield
    torch.set_num_threads(before), os.sched_setaffinity(0, cores)


def learner(algorithm, settings):
    """Return the learner of an algorithm's module with ``STORED`` steps of uniform actions."""
    kinds = {sac: (sac.SACLearner, sac.SACConfig), ddpg: (ddpg.DDPGLearner, ddpg.DDPGConfig)}[algorithm]
    run = kinds[0](envs.make("pendulum"), kinds[1](seeds=(0,), steps=STORED, **settings))
    for _ in range(STORED):
        run.collect(run.uniform_actions())
    return run


def updates(algorithm, cases):
    """Return calls that sample and update, name -> call, of learners with the settings of ``cases``."""
    runs = {name: learner(algorithm, settings) for name, settings in cases.items()}
    return {name: lambda run=run: algorithm.update(run, run.sample()) for name, run in runs.items()}


def in_turns(calls):
    """Return the median milliseconds of each call, of bursts with a ``Balanced`` measurement each."""
    took = {name: [] for name in calls}
    for _ in range(TURNS):
        for name, call in calls.items():
            call(), call()
            start = time.process_time()
            for _ in range(UPDATES):
                call()
            took[name].append((time.process_time() - start) / UPDATES)
    return {name: 1e3 * statistics.median(times) for name, times in took.items()}


def products(m, algorithm=sac, rule=None):
    """Return an update's matrix products, in a network's forwards over the batch, slopes on the share m."""
    again = m if m < 1 else 0  # for a share the target is computed once more, with its graph
    target = (2 + 1) * (1 + again + m)  # critics at the actor's action; back to s'
    # Q and its slopes; the weights' gradient and the layer's input's; for slopes the tangents' two as well.
    critics = 2 + 2 * m + 2 * (2 + 2 * m)
    measured = 2 * 2 * (2 + 2 * m) / 20 if isinstance(rule, Balanced) else 0  # both gradients at every 20th
    # The actor's forward and backward, and the critics' slope; TD3: of one, at every second update.
    return target + critics + measured + ((3 + 2 * 2) if algorithm is sac else (3 + 2) / 2)


def calls_of_aten(call):
    """Return how many operators of aten an update calls, those that others call among them."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        for _ in range(UPDATES):
            call()
    return sum(x.count for x in profile.key_averages() if x.key.startswith("aten::")) / UPDATES


def table(title, ms, limits, aim):
    print(f"\n{title}, one thread")
    for name, each in ms.items():
        ratio, limit = each / ms["value-only"], limits[name] / limits["value-only"]
        print(f"{name:32} {each:7.3f} ms   {ratio:.2f} times value-only, arithmetic {limit:.2f}")
    print(f"aimed at for the share: at most {aim}")


def test_a_share_of_sac(capsys):
    cases, limits = {"value-only": PLAIN, "256 of 256, constant": ALL}, [products(0), products(1)]
    for name, rule in RULES.items():
        cases[f"32 of 256, {name}"] = {"weighting": rule, "slope_batch": 32}
        limits.append(products(32 / 256, rule=rule))
    limits = dict(zip(cases, limits, strict=True))
    ms = in_turns(updates(sac, {name: WIDE | settings for name, settings in cases.items()}))
    with capsys.disabled():
        table("one SAC update, batch 256, (256, 256)", ms, limits, 1.25)
    assert all(x > 0 for x in ms.values())


def test_a_share_of_td3(capsys):
    cases = {"value-only": PLAIN, "128 of 128, constant": ALL}
    cases["16 of 128, constant"] = ALL | {"slope_batch": 16}
    limits = dict(zip(cases, (products(m, ddpg) for m in (0, 1, 16 / 128)), strict=True))
    calls = updates(ddpg, cases)
    ms, counts = in_turns(calls), {name: calls_of_aten(call) for name, call in calls.items()}
    with capsys.disabled():
        table("one TD3 update, of pairs, batch 128, (64, 64)", ms, limits, 1.5)
        for name, count in counts.items():
            print(f"{name:32} {count:7.1f} calls of aten an update, {count / counts['value-only']:.2f} times")
    assert all(x > 0 for x in [*ms.values(), *counts.values()])


def test_sac_beside_jax(capsys):
    pytest.importorskip("jax")
    from tests.bench import jax_sac

    cases = {"value-only": WIDE | PLAIN, "256 of 256, constant": WIDE | ALL}
    ours = updates(sac, cases)
    theirs = {f"{name}, JAX": jax_sac.trainer(learner(sac, settings)) for name, settings in cases.items()}
    ms = in_turns(ours | theirs)
    with capsys.disabled():
        print("\none SAC update, batch 256, (256, 256), beside JAX's, one thread")
        for name in cases:
            mine, other = ms[name], ms[f"{name}, JAX"]
            print(f"{name:32} {mine:7.3f} ms, JAX {other:7.3f} ms, ours over JAX's {mine / other:.2f}")
    assert all(x > 0 for x in ms.values())
