"""What a critic is like near a point: its Taylor model in the action, and is training stable there."""

import numpy as np
import pandas as pd
import torch

from sobolev_book.records.measures import SLOPE_WEIGHTS, tidy
from sobolev_book.records.mlp_runs import critic_at, train_mlp
from sobolev_book.records.sweep import SWEPT
from sobolev_book.records.tables import labelled
from sobolev_book.studies.tangent import semi_gradient_spectrum
from sobolev_mini.qlearning import QConfig
from sobolev_mini.qlearning.measure import midpoints
from sobolev_mini.quadratic import action_grid
from sobolev_mini.toy import ToyProblem

STEPS = tuple(range(50, 1201, 50))
STATED = 1000  # the step at which critics are taken to be trained
DISTANCES = tuple(np.geomspace(0.01, 0.64, 7).round(4).tolist())
N_POINTS = 64  # midpoints an axis
N_SAMPLES = 100  # that stand for the expectation in the spectrum


def taylor(critic, distances=DISTANCES):
    """Return root mean square errors of Taylor models in the action (eq-05-taylor), by distance and seed.

    Over all midpoints (s, a) and both directions in which a + d stays in [-1, 1]:
    "own" is Q(s, a + d) - Q(s, a) - grad_a Q(s, a) d, the critic against itself; "gain" is
    grad_a Q(s, a) d - (Q*(s, a + d) - Q*(s, a)), what it promises against what is true; "best" is
    "gain" with the exact slope of Q*, what no first-order model can avoid.
    """
    problem, x = ToyProblem(), midpoints(N_POINTS)
    s, a = (z.ravel() for z in np.meshgrid(x, x, indexing="ij"))
    (q, slope), rows = _q_and_slope(critic, s, a), []
    true_slope = problem.optimal_q_gradients(s, a)[1]
    for distance in distances:
        errors = {"own": [], "gain": [], "best": []}
        for d in (distance, -distance):
            inside = np.abs(a + d) <= 1
            here, there = s[inside], (a + d)[inside]
            true = problem.optimal_q(here, there) - problem.optimal_q(here, a[inside])
            moved = _q_and_slope(critic, here, there)[0] - q[:, inside]
            errors["own"].append(moved - slope[:, inside] * d)
            errors["gain"].append(slope[:, inside] * d - true)
            errors["best"].append(np.broadcast_to(true_slope[inside] * d - true, moved.shape))
        rms = {name: np.sqrt((np.hstack(e) ** 2).mean(axis=1)) for name, e in errors.items()}
        rows.append(pd.DataFrame({"distance": distance, "seed": critic.seeds, **rms}))
    return pd.concat(rows, ignore_index=True)


def _q_and_slope(critic, s, a):
    """Return Q and its slope in the action (S, N), float64."""
    batch = (torch.as_tensor(z, dtype=torch.float32)[None, :, None] for z in (s, a))
    with torch.no_grad():
        q, _, q_a = critic.value_and_slopes(*(z.expand(len(critic.seeds), -1, -1) for z in batch))
    return q.double().numpy(), q_a[..., 0].detach().double().numpy()


def stability(critic, lam, discount=0.9):
    """Return a frame, a row a seed: of the semi-gradient's spectrum the "least" and "greatest" real part.

    "negative" counts those below zero by more than rounding, a billionth of the greatest.
    """
    s, a = np.random.default_rng(0).uniform(-1, 1, (2, N_SAMPLES, 1))
    actions, rows = torch.as_tensor(action_grid(100))[:, None], []
    for i, seed in enumerate(critic.seeds):
        samples = torch.as_tensor(s), torch.as_tensor(a)
        real = semi_gradient_spectrum(critic, samples, actions, discount, lam, lam, i).numpy().real
        negative = (real < -1e-9 * real.max()).sum()
        rows.append({"seed": seed, "least": real.min(), "greatest": real.max(), "negative": negative})
    return pd.DataFrame(rows)


def local(seeds=range(32), progress=None):
    """Return the records {"taylor": at step ``STATED``, "tangent": at every step, with the errors}, tidy.

    Both methods are trained under the stated settings.
    """
    parts = {"taylor": [], "tangent": []}
    for method, lam in SLOPE_WEIGHTS.items():
        config = QConfig(lam_s=lam, lam_a=lam, steps=max(STEPS), seeds=tuple(seeds), record=STEPS)
        history = train_mlp(ToyProblem(), config, keep=STEPS, progress=progress)
        near = [stability(critic_at(history, step), lam).assign(step=step) for step in STEPS]
        errors = tidy(history)[["step", "seed", *SWEPT]]
        spectra = errors.merge(pd.concat(near), on=["step", "seed"], validate="one_to_one")
        parts["tangent"].append(labelled(spectra, method=method))
        parts["taylor"].append(labelled(taylor(critic_at(history, STATED)), method=method))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
