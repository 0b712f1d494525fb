"""Taylor models and stability near a critic: against closed forms, and against their parts."""

import numpy as np
import pytest
import torch

from sobolev_book.studies import local
from sobolev_book.studies.tangent import semi_gradient_spectrum
from sobolev_mini.networks import MLPCritic
from sobolev_mini.quadratic import action_grid
from sobolev_mini.toy import ToyProblem


def test_a_linear_critic_is_its_own_taylor_model_and_promises_its_slope():
    critic, problem = MLPCritic(1, 1, (3, 5), hidden=()), ToyProblem()
    found = local.taylor(critic, distances=(0.1, 0.4))
    assert found.shape == (4, 5) and found.own.max() < 1e-6
    x = local.midpoints(local.N_POINTS)
    s, a = np.meshgrid(x, x)
    pairs = [(s[inside], a[inside], d) for d in (0.4, -0.4) for inside in [np.abs(a + d) <= 1]]
    slope = critic.parameters[0][1, 1, 0].item()
    gaps = [slope * d - (problem.optimal_q(y, b + d) - problem.optimal_q(y, b)) for y, b, d in pairs]
    row = found[(found.distance == 0.4) & (found.seed == 5)].iloc[0]
    assert row.gain == pytest.approx(np.sqrt(np.mean(np.concatenate(gaps) ** 2)), rel=1e-6)


def test_the_exact_slope_s_error_is_of_second_order_and_the_same_for_every_seed():
    best = local.taylor(MLPCritic(1, 1, (3, 5)), distances=(0.01, 0.02)).pivot(
        index="distance", columns="seed", values="best"
    )
    assert (best[3] == best[5]).all()
    assert best[3][0.02] / best[3][0.01] == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("lam", [0.0, 1.0])
def test_stability_is_the_end_of_the_spectrum(lam, monkeypatch):
    monkeypatch.setattr(local, "N_SAMPLES", 20)
    critic = MLPCritic(1, 1, (3, 5), hidden=(8, 8, 8))
    found = local.stability(critic, lam)
    samples = [torch.as_tensor(x) for x in np.random.default_rng(0).uniform(-1, 1, (2, 20, 1))]
    actions = torch.as_tensor(action_grid(100))[:, None]
    real = semi_gradient_spectrum(critic, samples, actions, 0.9, lam, lam, 1).real.numpy()
    assert found.seed.tolist() == [3, 5]
    np.testing.assert_allclose(found.iloc[1][["least", "greatest"]].astype(float), [real.min(), real.max()])
    assert found.negative[1] == (real < -1e-9 * real.max()).sum()


def test_both_records_have_every_method_and_seed(monkeypatch):
    monkeypatch.setattr(local, "STEPS", (1, 2))
    monkeypatch.setattr(local, "STATED", 1)
    monkeypatch.setattr(local, "N_SAMPLES", 5)
    found = dict(zip(("taylor", "tangent"), local.local(seeds=(0, 3)).values(), strict=True))
    assert len(found["taylor"]) == 2 * 2 * len(local.DISTANCES) and len(found["tangent"]) == 2 * 2 * 2
    assert set(found["tangent"].method) == {"value_only", "sobolev"}
