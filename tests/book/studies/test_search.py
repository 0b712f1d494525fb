"""The search for unsaid settings: its misfit, and that its seeds are its own."""

import numpy as np
import pandas as pd
import pytest

from sobolev_book.studies import search, table1
from sobolev_book.studies.paper import TABLE1


def frame(factor=1.0, wide=1.0):
    """Runs on the paper's MLP cells at step 2, ``factor`` off, ``wide`` times the spread; far off at 1."""
    rows = []
    for method in ("value_only", "sobolev"):
        for seed in range(4):
            row = {"method": method, "seed": seed, "q_centred": 1e3, "policy_mae": 1e3, "gap": 1e3}
            for cell, (mean, sd) in TABLE1["mlp", method].items():
                row[cell] = factor * mean + wide * sd * (-1) ** seed
            rows += [row | {"step": 2}, row | {"step": 1, "q_a": 1e3}]
    return pd.DataFrame(rows)


def test_a_perfect_row_has_no_misfit_and_stands_first():
    best = search.misfits("mlp", frame()).iloc[0]
    assert best.misfit == pytest.approx(0, abs=1e-9)
    assert (best.q, best.policy, best.step) == ("q", "policy", 2)


def test_misfit_is_the_larger_of_half_z_and_the_factor_in_powers_of_two():
    assert search.misfits("mlp", frame(4.0, wide=1e3)).iloc[0].misfit == pytest.approx(2)
    sd, mean = TABLE1["mlp", "value_only"]["q_a"][1], TABLE1["mlp", "value_only"]["q_a"][0]
    ours = sd**2 * 4 / 3 / 4
    assert search.misfits("mlp", frame(2.0)).iloc[0].misfit == pytest.approx(
        max(1, mean / np.sqrt(ours + sd**2 / 5) / 2), rel=1e-6
    )


def test_the_search_never_saw_the_seeds_that_are_reported():
    assert not set(search.SEARCH_SEEDS) & set(range(20))


@pytest.mark.parametrize("model", ["quadratic", "mlp"])
def test_settings_are_distinct_and_the_best_known_is_one_of_their_kind(model):
    every = list(getattr(search, f"{model}_settings")())
    assert len({repr(sorted(x.items())) for x in every}) == len(every)
    assert set(table1.SETTINGS["best", model]) <= set().union(*every)


def test_a_run_has_both_methods_at_forty_or_more_steps():
    found = search.run("quadratic", {"steps": 400, "lr": 1e-2}, seeds=(1, 2))
    assert set(found.method) == {"value_only", "sobolev"} and found.step.nunique() >= 40


def test_the_search_is_a_row_a_reading_and_looks_again_at_every_step_round_the_best(tmp_path, monkeypatch):
    few = {
        "quadratic": lambda: iter([{"steps": 400, "lr": 1e-2}, {"steps": 400, "lr": 1e-3}]),
        "mlp": lambda: iter([{"steps": 40, "hidden": (8, 8), "lam": 3.0}]),
    }
    monkeypatch.setattr(search, "SEARCHED", few)
    done = []
    found = search.search(tmp_path, done.append)
    assert sum(done) == search.count() == 4 and list(found) == list(search.COLUMNS)
    assert found.groupby(["settings", "refined"]).size().tolist() == [len(search.READINGS)] * 4
    assert "steps=40 hidden=(8,8) lam=3.0" in set(found.settings)
    coarse, fine = (found[(found.model == "quadratic") & (found.refined == x)].iloc[0] for x in (False, True))
    assert fine.settings == coarse.settings and fine.misfit <= coarse.misfit
    near = search.recorded_steps("quadratic", 400)
    i = near.index(coarse.step)
    assert near[i - 1] <= fine.step <= near[min(i + 1, len(near) - 1)]
    assert search.search(tmp_path).equals(found)
    page = search.page(found, n=2)
    assert page.critic.tolist() == ["MLP", "quadratic", "quadratic"]
    assert page.misfit.iloc[1] == f"{found[found.model == 'quadratic'].misfit.min():.2f}"
