"""Recorded results made again: to the byte on the manifest's kind of machine, within a band elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sobolev_book import records
from sobolev_book.records import runs
from sobolev_book.studies import contact, study, table1
from sobolev_book.studies.catalogue import EXPERIMENTS
from sobolev_mini import sac
from sobolev_mini.envs import make
from tests.elsewhere import ROOT

RESULTS = ROOT / "book" / "results"
KEYS = ["settings", "model", "method", "seed", "step"]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def rows(frame):
    """Return a frame's rows as a record writes them."""
    return frame.to_csv(index=False, header=False, float_format="%.9g", lineterminator="\n").splitlines()


def bytes_or_band(found, kept, manifest, band):
    """Assert that rows are the record's; where they need not be, that ``band`` holds; a skip says so."""
    other = records.elsewhere(manifest)
    if not other:
        assert rows(found) == rows(kept)
        return
    band(found, kept)
    agree = "agree" if rows(found) == rows(kept) else "differ"
    pytest.skip(f"BYTES NEED NOT AGREE (they {agree}), the band holds. Made elsewhere: here {other}")


def test_table_1():
    kept, manifest = records.load("table1", RESULTS)
    kept = kept.query("settings == 'stated' and model == 'mlp'").reset_index(drop=True)
    jittered = records.load("table1_jittered", RESULTS)[0].set_index(KEYS)

    def band(found, kept):
        plain, found = kept.set_index(KEYS), found.set_index(KEYS)
        for name in ("q_centred", "q_a", "policy"):  # as chapter 05 measures how far rounding carries
            apart = [np.log(x.loc[plain.index, name] / plain[name]).abs() for x in (jittered, found)]
            widest, ours = (x.groupby("method").max() for x in apart)
            near = (ours < (2 * widest).clip(lower=0.05)).all()
            assert near, f"{name}: {ours.to_dict()} beside {widest.to_dict()}"

    found = table1.runs(range(20), settings=("stated",)).query("model == 'mlp'").reset_index(drop=True)
    bytes_or_band(found, kept, manifest, band)


@pytest.mark.filterwarnings("ignore:seeds .* diverged")  # one of ten does, as it did in the record
def test_a_cell_of_the_record_of_step_selection():
    kept, manifest = records.load("steps", RESULTS)
    kept = kept.query("task == 'lqr' and method == 'value_only_adam'").reset_index(drop=True)
    columns = [name for name in kept if name not in ("seconds", "accepted", "shortened")]

    def band(found, kept):
        last = [frame[frame.step == frame.step.max()]["return"].median() for frame in (found, kept)]
        assert abs(np.log(last[0] / last[1])) < 1  # far from the optimum's 6.4: a factor of e either way

    found = study.run_cell("lqr", "td3", "value_only_adam")
    found["return"] = [float(f"{x:.7g}") for x in found["return"]]  # as a finished cell is kept
    bytes_or_band(found[columns], kept[columns], manifest, band)


def test_the_first_steps_of_an_ant():
    kept, manifest = records.load("value_only-0", RESULTS / "ant")
    steps = (0, 2500, 5000, 7500, 10_000)
    config = replace(EXPERIMENTS["ant"].settings("value_only", 0), steps=steps[-1], record=steps)
    env = make("mujoco_ant")
    run = sac.train_sac(env, config, probe=runs.values_of(runs.held_out(env)))
    kept = kept[kept.step.isin(steps)].reset_index(drop=True)
    found = kept[["step"]].assign(**{name: run.rows[name][:, 0] for name in ("return", "q", "q_sd", "q19")})

    def band(found, kept):
        early = found.step <= 5000  # one update so far: what rounding does has not grown
        np.testing.assert_allclose(found[early], kept[early], rtol=1e-3)

    bytes_or_band(found, kept[list(found)], manifest, band)


def test_a_setting_of_the_contact_record():
    frame = records.load("contact")[0]
    one = contact.STANDARD | {"rule": "paper", "bound": 3.0}
    found = contact.tidy(
        contact.fit(contact.ant(0.02), "paper", 3.0, seeds=contact.SEEDS, record=(0, 125)),
        contact.SEEDS,
        **one,
    )
    told = frame.query("rule == 'paper' and bound == 3 and time_constant == .02 and samples == 200")
    for (seed, update), x in found.set_index(["seed", "update"]).centred.items():
        kept = told[(told.seed == seed) & (told["update"] == update)].centred.item()
        assert x == pytest.approx(kept, rel=1e-3)
