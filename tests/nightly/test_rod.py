"""The page "Use it": what it says of samples on its rod, at other levels and with other seeds."""

import time

import numpy as np
import pytest

from sobolev_mini.recording import evaluate
from tests.test_use_it import cell, ran


@pytest.mark.parametrize("seeds", ["range(10)", "range(10, 20)"])
def test_two_updates_never_take_more_samples_than_slopes_and_both_together_take_fewer(seeds):
    quiet = {"time": time, "evaluate": evaluate, "Bar": lambda steps: lambda *_: None,
             "known": dict.fromkeys("abc", -4.0)}  # fmt: skip  (the level is set below)
    names = ran("class Rod(", "class Clock", "ways = {", "LEVEL = ", **quiet)
    trainings = cell("train_ddpg(Rod(), config, **look)")
    assert trainings.count("seeds=range(10),") == 1
    exec(trainings.replace("seeds=range(10),", f"seeds={seeds},"), names)
    for level in (-3.0, -4.0, -5.0):
        names["LEVEL"] = level
        took = {way: np.log(names["reached"](run)[0]).mean() for way, run in names["runs"].items()}
        assert took["twice the updates"] <= took["slopes"], level
        assert took["a share, two updates"] < took["twice the updates"] - np.log(1.1), level
