"""Chapter 01: weight decay in place of slope labels, its size chosen by held-out values alone."""

import numpy as np
import torch

from sobolev_book.stats import bootstrap_interval
from tests.nightly.test_rough import ran

DECAYS = (0.0, 0.1, 0.3, 1.0, 3.0)
FOLD = np.arange(25) % 5
WANTED = 0.071, 0.062, 0.057, 0.053, 0.074, 0.059  # median value errors, the last with decays chosen


def fitted(here, y, kept, decay):
    """Return 200 critics after 1,500 updates on values y (200, 25), those of the places ``kept`` (25,)."""
    kept = torch.tensor(kept).float()
    critics = here["MLPCritic"](1, 1, range(200), hidden=(32, 32))
    *_, critic = here["train"](lambda *x: here["value_loss"](*x) * kept, critics, y, None, 1500, decay)
    return critic


def missed(here, y, decay):
    """Return the mean square error (200,) at the labels that five fits left out, a fifth each."""
    total = 0
    for fold in range(5):
        off = here["value_loss"](fitted(here, y, FOLD != fold, decay), y, None).detach().numpy()
        total = total + np.sum(off * (FOLD == fold), axis=1)
    return total / 25


def test_decay_of_the_right_size_leaves_few_false_summits_and_held_out_values_hardly_find_it():
    here = ran("many = np.random.default_rng(1)")
    noise = np.random.default_rng(1).standard_normal((2, 200, 25))[0]
    y = torch.tensor(here["exact"](here["samples"])[0] + 0.1 * noise).float()
    critics = [fitted(here, y, np.ones(25), decay) for decay in DECAYS]
    pairs = [here["figures"].drawn(critic, here["s"], here["x"]) for critic in critics]
    found = [here["figures"].readings(here["problem"], here["s"], here["x"], *pair) for pair in pairs]
    best = np.argmin([missed(here, y, decay) for decay in DECAYS], axis=0)
    found.append({name: np.choose(best, [at[name] for at in found]) for name in found[0]})
    false = [100 * np.mean(at["summits"] > 1) for at in found]
    value = [np.median(at["value"]) for at in found]
    for seen, wanted, by in ((false, (71, 29.5, 10, 1.5, 0, 18), 6), (value, WANTED, 0.005)):
        np.testing.assert_allclose(seen, wanted, rtol=0, atol=by)
    assert bootstrap_interval(100.0 * (found[-1]["summits"] > 1))[0] > 5 * 1.5


def test_at_twice_the_noise_it_takes_twice_the_decay_to_do_as_slopes():
    here = ran("many = np.random.default_rng(1)")
    noise = np.random.default_rng(1).standard_normal((2, 200, 25))
    y, y_a = torch.tensor(np.stack(here["exact"](here["samples"]))[:, None] + 0.2 * noise).float()
    critics = [fitted(here, y, np.ones(25), decay) for decay in (1.0, 2.0)]
    sloped = here["MLPCritic"](1, 1, range(200), hidden=(32, 32))
    *_, critic = here["train"](here["sobolev_loss"], sloped, y, y_a, 1500)
    pairs = [here["figures"].drawn(one, here["s"], here["x"]) for one in (*critics, critic)]
    found = [here["figures"].readings(here["problem"], here["s"], here["x"], *pair) for pair in pairs]
    false = [100 * np.mean(at["summits"] > 1) for at in found]
    np.testing.assert_allclose(false, (7.5, 1, 1), rtol=0, atol=2)
