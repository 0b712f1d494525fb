"""Table 1 again: four rows under the stated settings and under the best settings known.

What is recorded is a row a seed; means, spreads, intervals and verdicts are computed from it.
"""

import itertools

import numpy as np
import pandas as pd

from sobolev_book import stats
from sobolev_book.records.measures import SLOPE_WEIGHTS, tidy, train
from sobolev_book.records.tables import labelled
from sobolev_book.studies.paper import CELLS, SEEDS, TABLE1
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem

# What the paper states is QConfig's default; how many steps it does not say. Stated: 1,000 for the MLP
# critic, 60,000 for the quadratic one, enough for its Sobolev run to settle. Best: the least misfit of
# ``search`` on seeds of its own, at its best step; the paper gives none of it.
SETTINGS = {
    ("stated", "quadratic"): {"steps": 60_000},
    ("stated", "mlp"): {"steps": 1_000},
    ("best", "quadratic"): {
        "steps": 700,
        "lr": 1e-2,
        "init": (3.2, 0, 0, 0, 0, 0),
        "target": "polyak",
        "tau": 0.02,
    },
    ("best", "mlp"): {"steps": 1_425, "hidden": (128, 128), "target": "polyak", "tau": 0.1},
}
# Which column of ``measures.tidy`` a cell of the table is taken to be.
READINGS = {key: {"q": "q", "q_a": "q_a", "policy": "policy"} for key in SETTINGS}
READINGS["best", "quadratic"] = {"q": "q_centred", "q_a": "q_a", "policy": "policy"}


def runs(seeds=range(20), settings=("stated", "best"), progress=None, jitter=0.0):
    """Return a row a seed for each of the four rows of the table under each of ``settings``.

    ``progress(n)`` is called with the steps done; ``jitter`` is ``mlp_runs.train_mlp``'s.
    """
    frames = []
    for name, model, method in itertools.product(settings, ("quadratic", "mlp"), SLOPE_WEIGHTS):
        setting, lam = SETTINGS[name, model], SLOPE_WEIGHTS[method]
        config = QConfig(lam_s=lam, lam_a=lam, seeds=tuple(seeds), record=(setting["steps"],), **setting)
        options = {"progress": progress, "jitter": jitter} if model == "mlp" else {}
        frame = tidy(train(model, ToyProblem(), config, **options))
        frames.append(labelled(frame, settings=name, model=model, method=method, seed=frame.seed))
    return pd.concat(frames, ignore_index=True)


def mlp_steps():
    """Return how many MLP steps ``runs`` takes, all seeds at once, for a progress bar."""
    return len(SLOPE_WEIGHTS) * sum(SETTINGS[name, "mlp"]["steps"] for name in ("stated", "best"))


def comparison(frame):
    """Return a row a cell of the paper's table: ours beside it, with interval, z and verdict.

    z is the difference of the means over the standard error of that difference (Welch), the paper's
    from its spread over five seeds. Verdicts: "reproduced" where abs(z) <= 2 under the stated settings,
    "undetermined" where it is so only under others, "not reproduced" where under none.
    """
    rows = []
    for (settings, model, method), group in frame.groupby(["settings", "model", "method"], sort=False):
        for cell in CELLS:
            x = group[READINGS[settings, model][cell]].to_numpy()
            mean, sd, (low, high) = x.mean(), x.std(ddof=1), stats.bootstrap_interval(x)
            theirs, their_sd = TABLE1[model, method][cell]
            z = (mean - theirs) / np.sqrt(sd**2 / len(x) + their_sd**2 / SEEDS)
            row = {"model": model, "method": method, "cell": cell, "settings": settings}
            row |= {"mean": mean, "sd": sd, "low": low, "high": high}
            rows.append(row | {"paper": theirs, "paper_sd": their_sd, "z": z})
    cells = pd.DataFrame(rows)
    fits = cells.assign(fits=cells.z.abs() <= 2).pivot(
        index=["model", "method", "cell"], columns="settings", values="fits"
    )
    fits = fits.reindex(columns=["stated", "best"], fill_value=False)
    verdict = pd.Series(
        np.select([fits.stated, fits.best], ["reproduced", "undetermined"], "not reproduced"), fits.index
    )
    return cells.join(verdict.rename("verdict"), on=["model", "method", "cell"])


def page(comparison):
    """Return the comparison as words for the page of results, a row a cell of the paper's table.

    Columns: critic, method, error, paper, stated, best, verdict; ours as mean ± sample sd [95 % interval].
    """
    names = {"quadratic": "quadratic", "mlp": "MLP", "value_only": "value-only", "sobolev": "Sobolev"}
    names |= {"q": "$Q^*$", "q_a": "$\\nabla_a Q^*$", "policy": "policy"}
    rows = []
    for (model, method, cell), part in comparison.groupby(["model", "method", "cell"], sort=False):
        row = {"critic": names[model], "method": names[method], "error": names[cell]}
        row["paper"] = f"{part.paper.iloc[0]:.3g} ± {part.paper_sd.iloc[0]:.2g}"
        for ours in part.itertuples():
            row[ours.settings] = f"{ours.mean:.2g} ± {ours.sd:.2g} [{ours.low:.2g}, {ours.high:.2g}]"
        rows.append(row | {"verdict": part.verdict.iloc[0]})
    return pd.DataFrame(rows)
