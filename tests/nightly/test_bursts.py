"""Chapter 05 goes on with ten of the 15 runs that burst; the five that it leaves out say the same."""

import nbformat

from sobolev_book import records
from tests.elsewhere import ROOT


def test_the_five_runs_that_the_chapter_leaves_out():
    cells = nbformat.read(ROOT / "notebooks" / "05_mlp_critic.ipynb", as_version=4).cells
    source = {cell.id: cell.source for cell in cells}
    named = {"seeds": records.load("tangent")[0]}
    begun = source["05-58a"].replace("[-10:]", "[:-10]")
    assert begun != source["05-58a"]
    for code in (source["05-02"], begun, source["05-58b"], source["05-58c1"], source["05-58c"]):
        exec(code, named)
    assert len(named["bursting"]) == 5
    burst = {name: (named["go_on"](**change) > 20).sum() for name, change in named["changes"].items()}
    assert burst.pop("the samples alone") == 5
    assert not any(burst.values()), burst
