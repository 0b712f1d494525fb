"""Chapter 04's runs: errors over steps, one colour a method, and the path of the weights."""

import numpy as np

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


def fig_path(ax, histories, end):
    """Draw the path of the weights of s^2 and a^2 (seed 0), the convex region, and the fixed point.

    Parameters
    ----------
    histories : method -> History
    end : (6,) weights of the fixed point that a settled run reaches
    """
    for method, history in histories.items():
        w = history.w[:, 0]
        ax.plot(w[:, 3], w[:, 5], **style.line(method))
        marks = np.isin(history.steps, np.arange(0, history.steps[-1] + 1, 10_000))
        ax.plot(w[marks, 3], w[marks, 5], "o", ms=4, color=style.color(method))
    ax.plot(end[3], end[5], "*", ms=13, color=style.color("exact"), label="fixed point", zorder=3)
    top = max(float(history.w[:, 0, 5].max()) for history in histories.values()) * 1.1 + 0.1
    ax.axhspan(0, top, color=style.color("value_only"), alpha=0.08, lw=0)
    ax.annotate("convex in $a$", (0.98, 0.04), xycoords=("axes fraction", "data"),
                ha="right", va="bottom")  # fmt: skip
    ax.set(xlabel="weight of $s^2$", ylabel="weight of $a^2$", ylim=(None, top))
    ax.legend(loc="upper left")


RULES = {
    "plain": {"label": "plain", "color": "#009E73", "linestyle": "-"},
    "sign": {"label": "by sign", "color": "#D55E00", "linestyle": "--"},
    "centred": {"label": "by sign, centred", "color": "#0072B2", "linestyle": "-."},
}


def fig_rules(ax, paths, end):
    """Draw the paths of the weights of s^2 and a^2 under three rules for a step.

    Parameters
    ----------
    paths : rule (a key of RULES) -> (T, 6) weights
    end : (6,) weights of the fixed point
    """
    for rule, w in paths.items():
        ax.plot(w[:, 3], w[:, 5], **RULES[rule])
    top = max(float(w[:, 5].max()) for w in paths.values()) * 1.05 + 0.1
    ax.axhspan(0, top, color=style.color("value_only"), alpha=0.08, lw=0)
    ax.plot(0, 0, "o", ms=5, color=style.color("exact"))
    ax.annotate("start", (0, 0), (6, -12), textcoords="offset points")
    ax.plot(end[3], end[5], "*", ms=13, color=style.color("exact"), label="fixed point", zorder=3)
    ax.set(xlabel="weight of $s^2$", ylabel="weight of $a^2$", xlim=(-4.2, None), ylim=(None, top))
    ax.legend(loc="upper left", fontsize=9)


def fig_hero(axes, histories, floors):
    """Draw the book's one picture: value-only passes near the optimum and runs away, Sobolev stays."""
    fig_errors(axes, histories, ("policy", "q_a"), floors)
    for ax, name in zip(axes, ("error of the greedy policy", "error of the critic's slope"), strict=True):
        ax.set_title(name)
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)


def save_hero(path):
    """Train both critics as the paper states and save ``fig_hero`` to ``path``."""
    import matplotlib.pyplot as plt

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
