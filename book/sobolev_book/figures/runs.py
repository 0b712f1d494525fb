"""Chapter 04's runs: errors over steps, one colour a method, and the path of the weights."""

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


def _squares(ax, paths, looks, end):
    """Draw the weights of s^2 and a^2, the convex region and the fixed point; an inset enlarges that."""
    top = max(float(w[:, 5].max()) for w in paths.values()) * 1.1 + 0.1
    ax.axhspan(0, top, color=style.color("value_only"), alpha=0.16, lw=0)
    zoom = ax.inset_axes((0.58, 0.11, 0.41, 0.36), xlim=(-1.3, -0.6), ylim=(-1.7, -0.8))
    zoom.set(xticks=(-1.2, -0.7), yticks=(-1.5, -1.0))
    zoom.tick_params(labelsize=9, pad=1)
    for part in (ax, zoom):
        for name, w in paths.items():
            part.plot(w[:, 3], w[:, 5], **looks[name])
        part.plot(end[3], end[5], "*", ms=11, mfc="none", color=style.color("exact"), label="fixed point")
    ax.indicate_inset_zoom(zoom, edgecolor="#777777")
    ax.set(xlabel="weight of $s^2$", ylabel="weight of $a^2$", ylim=(-3.8, top))
    ax.legend(loc="upper left", fontsize=9)


def fig_path(ax, histories, end):
    """Draw the path of the weights of s^2 and a^2 (seed 0), the convex region, and the fixed point.

    Parameters
    ----------
    histories : method -> History
    end : (6,) weights of the fixed point that a settled run reaches
    """
    paths = {method: history.w[:, 0] for method, history in histories.items()}
    _squares(ax, paths, {method: style.line(method) for method in paths}, end)
    for method, history in histories.items():
        w = paths[method][history.steps % 10_000 == 0]
        ax.plot(w[:, 3], w[:, 5], "o", ms=4, color=style.color(method))
    ax.annotate("convex in $a$", (0.98, 0.04), xycoords=("axes fraction", "data"), ha="right", va="bottom")


RULES = {
    "plain": {"label": "plain", "color": "#009E73", "linestyle": "-"},
    "sign": {"label": "by sign", "color": "#D55E00", "linestyle": "--"},
    "centred": {"label": "by sign, centred", "color": "#AA4499", "linestyle": "-."},
}


def fig_rules(ax, paths, end):
    """Draw the paths of the weights of s^2 and a^2 under three rules for a step.

    Parameters
    ----------
    paths : rule (a key of RULES) -> (T, 6) weights
    end : (6,) weights of the fixed point
    """
    _squares(ax, paths, RULES, end)
    ax.plot(0, 0, "o", ms=5, color=style.color("exact"))
    ax.annotate("start", (0, 0), (-34, 4), textcoords="offset points")
    ax.set_xlim(-4.2, None)


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
