"""Every exercise after all cells of its chapter, as readers meet it; by day those that it needs run."""

import matplotlib.pyplot as plt

from tests.test_solutions import chapter, solved  # noqa: F401  (the fixture)


def test_solutions_pass_in_whole_chapters(chapter, monkeypatch):  # noqa: F811
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    solved(chapter, {i for i, cell in enumerate(chapter) if cell.cell_type == "code"})
