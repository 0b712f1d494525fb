"""Stable-Baselines3's policy is judged as ours is, on the same physics and start states."""

import gymnasium
import numpy as np
import torch

from sobolev_book.records.sb3 import Policy
from sobolev_book.studies import against_sb3
from sobolev_mini import envs
from sobolev_mini.recording import evaluate


def test_both_libraries_are_judged_at_the_same_steps():
    taken = []
    frame = against_sb3.compare(seeds=(0, 1), record=(120, 160), progress=taken.append)
    assert frame.groupby(["library", "step"])["seed"].apply(list).to_dict() == {
        (library, step): [0, 1] for library in ("sobolev_mini", "stable_baselines3") for step in (120, 160)
    }
    assert frame["return"].between(-1900, -100).all()
    assert sum(taken) == 2 * 2 * 160


def test_their_policy_s_return_here_is_that_in_gymnasium_s_pendulum():
    from stable_baselines3 import SAC

    model = SAC("MlpPolicy", gymnasium.make("Pendulum-v1"), seed=3, device="cpu")
    env = envs.make("pendulum")
    starts = env.reset(3, torch.Generator().manual_seed(20_000_003))
    returns = []
    for s in starts:
        real = gymnasium.make("Pendulum-v1").unwrapped
        real.reset(seed=0)
        real.state = np.array([torch.atan2(s[1], s[0]).item(), s[2].item()])
        observed, total = real._get_obs(), 0.0
        for _ in range(200):
            observed, r, *_ = real.step(model.predict(observed, deterministic=True)[0])
            total += r
        returns.append(total)
    found = evaluate(env, Policy(model), 3).item()
    np.testing.assert_allclose(found, np.mean(returns), rtol=2e-3)
