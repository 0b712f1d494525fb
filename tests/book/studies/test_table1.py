"""Table 1: what is run, how it is compared, and what the record says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sobolev_book import records
from sobolev_book.records.measures import SLOPE_WEIGHTS, tidy
from sobolev_book.records.mlp_runs import train_mlp
from sobolev_book.studies import search, table1
from sobolev_book.studies.paper import CELLS, TABLE1
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.qlearning.measure import NAMES
from sobolev_mini.toy import ToyProblem

PAPER = ToyProblem()
ROOT = Path(__file__).resolve().parents[3]
TINY = {
    ("stated", "quadratic"): {"steps": 30},
    ("stated", "mlp"): {"steps": 5, "hidden": (8, 8, 8)},
    ("best", "quadratic"): {"steps": 20, "lr": 1e-2},
    ("best", "mlp"): {"steps": 4, "hidden": (8, 8, 8)},
}


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(table1, "SETTINGS", TINY)
    return table1.runs(seeds=range(3))


def test_the_paper_s_table_is_the_paper_s():
    text = {key: [f"{mean:.2e}" for mean, _ in row.values()] for key, row in TABLE1.items()}
    assert text["mlp", "value_only"] == ["4.45e-02", "4.33e-01", "1.67e-02"]
    assert text["quadratic", "sobolev"] == ["1.05e-02", "3.16e-02", "5.03e-03"]
    assert all(tuple(row) == CELLS for row in TABLE1.values()) and len(TABLE1) == 4


def test_a_run_is_a_row_a_seed_of_what_the_trainers_find(tiny):
    assert len(tiny) == 2 * 2 * 2 * 3
    config = QConfig(lam_s=1, lam_a=1, seeds=(0, 1, 2), steps=5, hidden=(8, 8, 8), record=(5,))
    history = train_mlp(PAPER, config)
    row = tiny[(tiny.settings == "stated") & (tiny.model == "mlp") & (tiny.method == "sobolev")]
    np.testing.assert_array_equal(row.q, history.errors()["q"][0])
    np.testing.assert_array_equal(row.clipped_q_a, history.errors("clipped")["q_a"][0])
    np.testing.assert_array_equal(row["return"], history.measured["return"][0])
    assert row.step.tolist() == [5, 5, 5] and row.seed.tolist() == [0, 1, 2]


def test_tidy_measures_both_critics_alike():
    history = train_quadratic(PAPER, QConfig(steps=50, seeds=(0, 1), record=(0, 50)))
    frame = tidy(history)
    assert frame.step.tolist() == [0, 0, 50, 50] and frame.seed.tolist() == [0, 1, 0, 1]
    assert set(NAMES) <= set(frame)
    np.testing.assert_array_equal(frame.q, history.errors()["q"].ravel())
    # zero weights: every action ties, the lowest wins, and stays
    distance = np.abs(-1 - PAPER.optimal_policy((np.arange(256) + 0.5) / 128 - 1)).mean()
    np.testing.assert_allclose(frame.policy_mae[:2], distance)
    stays = np.mean(PAPER.reward((np.arange(256) + 0.5) / 128 - 1, -1.0)) - 0.2 * 0.9 / 0.1
    np.testing.assert_allclose(frame["return"][:2], stays, atol=1e-9)


def cells(**shift):
    """Runs that lie on the paper's cells but for a factor a (settings, cell)."""
    rows = []
    for (settings, model), (method, seed) in (
        (s, m) for s in TINY for m in ((x, y) for x in SLOPE_WEIGHTS for y in range(20))
    ):
        row = {"settings": settings, "model": model, "method": method, "seed": seed}
        for cell, (mean, sd) in TABLE1[model, method].items():
            column = table1.READINGS[settings, model][cell]
            row[column] = shift.get(f"{settings}_{cell}", 1) * mean + sd * (-1) ** seed
        rows.append(row)
    return pd.DataFrame(rows)


def verdicts(frame):
    found = table1.comparison(frame)
    return {cell: set(group.verdict) for cell, group in found.groupby("cell")}


def test_verdicts_tell_stated_from_found_from_never():
    assert verdicts(cells()) == {cell: {"reproduced"} for cell in CELLS}
    found = verdicts(cells(stated_q=9, stated_q_a=9, best_q_a=9))
    assert found == {"q": {"undetermined"}, "q_a": {"not reproduced"}, "policy": {"reproduced"}}


def test_the_page_says_what_the_comparison_says():
    page = table1.page(table1.comparison(cells(stated_q=9)))
    assert len(page) == 12
    row = page.iloc[9]
    assert (row.critic, row.method, row.error, row.verdict) == ("MLP", "Sobolev", "$Q^*$", "undetermined")
    assert (
        row.paper == "0.0125 ± 0.026"
        and row.best.startswith("0.013 ± 0.027 [")
        and row.stated.startswith("0.11 ± ")
    )


def test_z_is_welch_s():
    frame = cells(stated_q=3)
    row = (
        table1.comparison(frame)
        .query("settings == 'stated' and model == 'mlp' and method == 'sobolev'")
        .iloc[0]
    )
    ours = 3 * 1.25e-2, 2.6e-2 * np.sqrt(20 / 19)
    assert row["mean"] == pytest.approx(ours[0]) and row.sd == pytest.approx(ours[1])
    assert row.z == pytest.approx((ours[0] - 1.25e-2) / np.sqrt(ours[1] ** 2 / 20 + 2.6e-2**2 / 5))
    assert row.low < row["mean"] < row.high


def test_records_are_whole_and_repeat_byte_for_byte(tmp_path, tiny):
    first = records.save(tiny, "x", "a command", tmp_path).read_bytes()
    assert records.save(table1.runs(seeds=range(3)), "x", "a command", tmp_path).read_bytes() == first
    frame, manifest = records.load("x", tmp_path)
    assert manifest["command"] == "a command"
    assert {"numba", "numpy", "pandas", "torch"} <= set(manifest["versions"])  # others where imported
    np.testing.assert_allclose(frame.q, tiny.q, rtol=1e-8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.json"]


def test_the_recorded_comparison_is_that_of_the_recorded_runs():
    runs, manifest = records.load("table1", ROOT / "book" / "results")
    compared, _ = records.load("table1_comparison", ROOT / "book" / "results")
    assert (
        set(runs.seed) == set(range(20)) and manifest["command"] == "python -m sobolev_book table1 --seeds 20"
    )
    again = table1.comparison(runs)
    assert again.verdict.tolist() == compared.verdict.tolist()
    page, _ = records.load("table1_page", ROOT / "book" / "results")
    assert table1.page(compared).equals(page)
    numbers = again.select_dtypes("number")
    np.testing.assert_allclose(numbers, compared[numbers.columns], rtol=1e-6)


def test_the_recorded_runs_come_out_again():
    """The quadratic critic's, which take a second, to the record's digits; elsewhere rounding may differ."""
    runs, _ = records.load("table1", ROOT / "book" / "results")
    for method, lam in SLOPE_WEIGHTS.items():
        settings = table1.SETTINGS["best", "quadratic"]
        config = QConfig(
            lam_s=lam, lam_a=lam, seeds=tuple(range(20)), record=(settings["steps"],), **settings
        )
        recorded = runs.query(f"settings == 'best' and model == 'quadratic' and method == '{method}'")
        again = tidy(train_quadratic(PAPER, config))
        for name in (*NAMES, "return"):
            np.testing.assert_allclose(again[name], recorded[name], rtol=1e-6)


def test_the_page_of_results_names_the_settings_that_were_run():
    text = " ".join((ROOT / "book" / "results.md").read_text(encoding="utf-8").split())
    for settings in table1.SETTINGS.values():
        assert f"{settings['steps']:,} steps" in text
    quadratic, mlp = table1.SETTINGS["best", "quadratic"], table1.SETTINGS["best", "mlp"]
    assert f"rate {quadratic['lr']}, a start at the constant {quadratic['init'][0]}" in text
    assert f"follows by {quadratic['tau']} a step" in text and f"follows by {mlp['tau']} a step" in text
    assert table1.READINGS["best", "quadratic"]["q"] == "q_centred" and len(mlp["hidden"]) == 2


@pytest.mark.parametrize("model", ["quadratic", "mlp"])
def test_the_best_settings_are_the_recorded_search_s(model):
    found = records.load("search", ROOT / "book" / "results")[0].query("model == @model")
    best, wanted = found.loc[found.misfit.idxmin()], table1.SETTINGS["best", model]
    chosen = next(each for each in search.SEARCHED[model]() if search.words(each) == best.settings)
    assert {**chosen, "steps": int(best.step)} == wanted
    assert table1.READINGS["best", model] == {"q": best.q, "q_a": "q_a", "policy": best.policy}


def test_what_results_says_of_the_paper_s_spread_as_a_standard_error():
    cells = records.load("table1_comparison")[0]
    cells["z"] = (cells["mean"] - cells.paper) / np.sqrt(cells.sd**2 / 20 + cells.paper_sd**2)
    cells = cells.set_index(["settings", "model", "method"]).sort_index()
    assert (cells.loc["stated", "mlp"].z.abs() <= 2).all()
    slope = cells.loc[("stated", "mlp", "value_only")].set_index("cell").z["q_a"]
    assert round(slope, 1) == -1.9
    assert (cells.loc[("best", "quadratic", "value_only")].z.abs() <= 2).all()
    assert (cells.loc[("stated", "quadratic", "value_only")].z > 2).all()
