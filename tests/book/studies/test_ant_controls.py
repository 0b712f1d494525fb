"""Chapter 09's control runs: its cells show whatever stands, from the first runs to all that are planned."""

import ast
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest

from sobolev_book.studies import ant_report
from sobolev_book.studies.catalogue import EXPERIMENTS

CHAPTER = Path(__file__).resolve().parents[3] / "notebooks" / "09_ant.ipynb"
CELLS = {cell.id: cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells}
PLANNED = EXPERIMENTS["ant_controls"].runs


def run(body, names):
    """Execute statements in ``names`` and return the value that the last one is, or None."""
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    return last and eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.fixture(params=["what stands", "all"])
def chapter(request, monkeypatch):
    """Return (the names of the chapter where its controls begin, the control runs that stand)."""
    real = ant_report.recorded

    def recorded(name="ant"):
        frame, missing = real(name)
        if name == "ant_controls" and request.param == "all":
            one = frame[(frame.method == "paper_bounded") & (frame.seed == 10)]
            frame = pd.concat([frame, *(one.assign(method=m, seed=s) for m, s in missing)])
        return frame, missing

    monkeypatch.setattr(ant_report, "recorded", recorded)
    names = {"frame": recorded()[0], "idle": 1001.0}
    run(ast.parse(CELLS["09-02"]).body, names)
    run(ast.parse(CELLS["each-run-in-order"]).body[:2], names)  # in_order and places
    stand = recorded("ant_controls")[0][["method", "seed"]].drop_duplicates().to_numpy().tolist()
    yield names, [method for method, _ in stand]
    plt.close("all")


def test_controls_are_counted_and_drawn_however_many_stand(chapter):
    names, stand = chapter
    ids = list(CELLS)
    parts = ids[ids.index("09-25c") : ids.index("09-25t") + 1]
    tables = {x: run(ast.parse(CELLS[x]).body, names) for x in parts}
    counted = {row[0]: row[-1] for row in tables["09-25e"].cells()}
    told = {row[0]: row[1:] for row in tables["09-25t"].cells()}
    summed = [row[0] for row in tables["09-25q"].cells()]
    assert len(tables["09-27x"].rows) == 4
    for name, (record, method) in names["ARMS"].items():
        if record == "ant_controls":
            count = stand.count(method)
            assert counted[name] == f"{count} of {sum(m == method for m, _ in PLANNED)}"
            assert sum(x != "" for x in told.get(name, ())) == count
            assert (name in summed) == (count > 0)
    assert len(told) == len(summed)
    ax = plt.gcf().axes[0]  # a row an arm, empty ones too, and in each a dot a run
    rows = zip(ax.get_yticklabels(), ax.lines, names["arms"].items(), strict=False)
    for label, line, (name, frame) in rows:
        assert label.get_text().replace("\n", " ").replace("\xa0", " ") == f"{name} ({counted[name]})"
        assert len(line.get_xdata()) == frame.seed.nunique()
    assert len(ax.get_yticks()) == len(names["ARMS"]) == len(counted)
