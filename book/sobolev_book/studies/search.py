"""Which unsaid settings give Table 1? One search, on seeds of its own.

A setting fits as badly as its worst cell, over both methods and all three columns, at its best step.
"Policy error" may be read in three ways (mean square, mean absolute, gap in return), and the error
of Q may leave out its mean. The quadratic critic passes quickly: its best setting is run again and
measured at every step between the records beside the best.
"""

import itertools

import numpy as np
import pandas as pd

from sobolev_book.records.measures import SLOPE_WEIGHTS, tidy, train
from sobolev_book.records.sweep import kept, place
from sobolev_book.studies.paper import SEEDS, TABLE1
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem

SEARCH_SEEDS = (1000, 1001, 1002, 1003, 1004)  # never reported on
READINGS = tuple(itertools.product(("q", "q_centred"), ("policy", "policy_mae", "gap")))


def quadratic_settings():
    """Yield settings of the quadratic critic: rate, target, start, batch."""
    targets = [{}, *({"target": "polyak", "tau": tau} for tau in (0.005, 0.02))]
    targets += [{"target": "hard", "refresh_every": n} for n in (100, 1000)]
    rates = {1e-4: 60_000, 3e-4: 40_000, 1e-3: 20_000, 3e-3: 10_000, 1e-2: 5_000}
    for (lr, steps), target, start in itertools.product(rates.items(), targets, (0.0, 1.0, 3.2)):
        init = (start, 0, 0, 0, 0, 0) if start == 3.2 else start
        yield {"lr": lr, "steps": steps, "init": init, **target}
    for samples in (50, 200, 1000):
        yield {"lr": 1e-4, "steps": 60_000, "batch_size": samples}


def mlp_settings():
    """Yield settings of the MLP critic: one change at a time from what is stated, and a few pairs."""
    stated = {"steps": 1_600}
    yield stated
    for change in (
        {"samples": 100},
        {"samples": 300},
        {"samples": 1000},
        {"samples": 3000},
        {"hidden": (128, 128), "samples": 300},
        {"hidden": (128, 128), "steps": 5_000},
        *({"hidden": (128, 128), "steps": 3_000, "target": "polyak", "tau": tau} for tau in (0.05, 0.1, 0.2)),
        {"hidden": (128, 128), "steps": 3_000, "target": "hard", "refresh_every": 100},
        {"lr": 3e-4},
        {"lr": 3e-4, "samples": 300},
        {"lr": 1e-3},
        {"batch_size": 25},
        {"batch_size": 200},
        {"target": "polyak", "tau": 0.02},
        {"target": "polyak", "tau": 0.1},
        {"target": "hard", "refresh_every": 100},
        {"activation": "relu"},
        {"lam": 0.3},
        {"lam": 3.0},
    ):
        yield stated | change


SEARCHED = {"quadratic": quadratic_settings, "mlp": mlp_settings}
COLUMNS = ("model", "settings", "refined", "q", "policy", "step", "misfit")


def search(folder, progress=None):
    """Return a row a setting and reading, at its best step; ``COLUMNS``, the best of each model first.

    Finished settings are kept in ``folder``. ``progress(1)`` is called after each.
    """
    frames = []
    for model, settings in SEARCHED.items():
        tried = [_best_steps(folder, model, setting, None, progress) for setting in settings()]
        if model == "quadratic":
            best = pd.concat(tried).sort_values("misfit", kind="stable").iloc[0]
            setting = next(setting for setting in settings() if words(setting) == best.settings)
            steps = recorded_steps(model, setting["steps"])
            i = steps.index(best.step)
            around = tuple(range(steps[i - 1], steps[min(i + 1, len(steps) - 1)] + 1))
            tried.append(_best_steps(folder, model, setting, around, progress))
        frames.append(pd.concat(tried).sort_values("misfit", kind="stable"))
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def page(searched, n=6):
    """Return the ``n`` best settings of each model as words, each in the reading that suits it best."""
    best = searched.sort_values("misfit", kind="stable").groupby(["model", "settings", "refined"], sort=False)
    best = best.head(1).groupby("model", sort=False).head(n).sort_values(["model", "misfit"], kind="stable")
    names = {"quadratic": "quadratic", "mlp": "MLP", "q": "mean square", "q_centred": "less its mean"}
    names |= {"policy": "mean square", "policy_mae": "mean absolute", "gap": "gap in return"}
    return pd.DataFrame(
        {
            "critic": best.model.map(names),
            "settings": best.settings.where(~best.refined, best.settings + ", every step"),
            "error of Q": best.q.map(names),
            "policy error": best.policy.map(names),
            "step": best.step,
            "misfit": best.misfit.map("{:.2f}".format),
        }
    )


def count():
    """Return how many settings ``search`` tries, for a progress bar."""
    return sum(len(list(settings())) for settings in SEARCHED.values()) + 1


def words(settings):
    """Return the settings as text, such as "steps=697 lr=0.01"."""
    return " ".join(f"{name}={value}".replace(" ", "") for name, value in settings.items())


def _best_steps(folder, model, settings, record, progress):
    def make(_):
        ordered = misfits(model, run(model, settings, record=record))
        best = ordered.groupby(["q", "policy"], sort=False).head(1)
        return best.assign(model=model, settings=words(settings), refined=record is not None)

    frame = kept(place(folder, (model, settings, record)), make)
    if progress:
        progress(1)
    return frame


def recorded_steps(model, steps):
    """Return the steps measured in a run: forty even ones, or sixty even in their log."""
    even, log = np.linspace(steps / 40, steps, 40), np.geomspace(steps / 100, steps, 60)
    return tuple(np.unique((even if model == "mlp" else log).astype(int)).tolist())


def run(model, settings, seeds=SEARCH_SEEDS, record=None):
    """Return the tidy frame of both methods under ``settings``, at ``record`` or ``recorded_steps``."""
    settings, frames = dict(settings), []
    lam = settings.pop("lam", 1.0)
    record = record or recorded_steps(model, settings["steps"])
    for method, weight in SLOPE_WEIGHTS.items():
        config = QConfig(lam_s=lam * weight, lam_a=lam * weight, seeds=seeds, record=record, **settings)
        frames.append(tidy(train(model, ToyProblem(), config)).assign(method=method))
    return pd.concat(frames)


def misfits(model, frame):
    """Return the misfit of every reading and step, the best first: at most 1 is a fit.

    A cell's misfit is the larger of abs(z) / 2 and abs(ln(ours / theirs)) / ln 2: a mean within two
    standard errors and within a factor two (a wide spread alone would excuse any mean).
    """
    columns = ["q", "q_centred", "q_a", "policy", "policy_mae", "gap"]
    grouped = frame.groupby(["method", "step"])[columns]
    mean, var, n = grouped.mean(), grouped.var(ddof=1), grouped.size().iloc[0]
    readings = []
    for q, policy in READINGS:
        worst = 0
        for method in SLOPE_WEIGHTS:
            for column, cell in ((q, "q"), ("q_a", "q_a"), (policy, "policy")):
                theirs, sd = TABLE1[model, method][cell]
                ours = mean.loc[method, column]
                z = (ours - theirs) / np.sqrt(var.loc[method, column] / n + sd**2 / SEEDS)
                worst = np.maximum(worst, np.maximum(z.abs() / 2, np.log(ours / theirs).abs() / np.log(2)))
        readings.append(pd.DataFrame({"q": q, "policy": policy, "misfit": worst}).reset_index())
    return pd.concat(readings, ignore_index=True).sort_values("misfit")
