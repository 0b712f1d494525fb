"""Chapter 04's runs: errors over steps, one colour a method."""

import matplotlib.pyplot as plt

from sobolev_book import style
from sobolev_book.figures.bands import LABELS, band
from sobolev_book.fixed_points import family_floors
from sobolev_mini.qlearning import QConfig, train_quadratic
from sobolev_mini.toy import ToyProblem


def fig_errors(axes, histories, names, floors=None):
    """Draw errors over steps, one panel a name: mean over seeds, its 95 % interval as a band.

    Parameters
    ----------
    axes : as many Axes as ``names``
    histories : method (a key of ``style.METHODS``) -> History
    names : errors to draw, as ``quadratic.errors`` names them
    floors : name -> the least error of the family, drawn as a thin line where given
    """
    for ax, name in zip(axes, names, strict=True):
        for method, history in histories.items():
            band(ax, history.steps / 1000, history.errors()[name], method)
        if floors:
            ax.axhline(floors[name], **style.line("exact", label="best quadratic", lw=1))
        ax.set(yscale="log", title=LABELS[name], xlabel="thousand steps")
    axes[0].set_ylabel("mean square error")


def fig_hero(axes, histories, floors):
    """Draw the book's one picture: value-only passes near the optimum and runs away, Sobolev stays."""
    fig_errors(axes, histories, ("policy", "q_a"), floors)
    for ax, name in zip(axes, ("error of the greedy policy", "error of the critic's slope"), strict=True):
        ax.set_title(name)
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


def save_hero(path):
    """Train both critics as the paper states and save ``fig_hero`` to ``path``."""
    style.use()
    problem = ToyProblem()
    histories = {
        method: train_quadratic(problem, QConfig(lam_s=lam, lam_a=lam))
        for method, lam in (("value_only", 0), ("sobolev", 1))
    }
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.4))
    fig_hero(axes, histories, family_floors(problem))
    figure.savefig(path, dpi=160)
    plt.close(figure)
