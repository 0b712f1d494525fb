"""Chapter 07's figures: weights over training, step selection, and the control study in one picture."""

import numpy as np

from sobolev_book import style
from sobolev_book.figures.bands import dashed, shaded

# the study's method -> the style that shows it
LOOKS = {
    "value_only": "value_only",
    "sobolev": "sobolev",
    "svg": "svg",
    "twice": "twice",
    "mage": "slope_a",
    "gdhp": "slope_s",
    "constant": "constant",
}


def fig_weights(ax, courses):
    """Draw a weight over steps on a log scale, a line a task.

    ``courses`` is task -> (steps (R,), weight (R, S)); the line is the median over seeds.
    """
    for (steps, lam), look in dashed(courses):
        ax.plot(steps, np.median(lam, axis=1), **look)
    ax.set(yscale="log", xlabel="environment steps", ylabel=r"$\lambda$ that balances")


def fig_selection(axes, curves):
    """Draw a method's curves under each step selection, one panel a method.

    ``curves`` is method -> selection -> (steps (R,), y (R, S)), NaN where a seed diverged.
    """
    for ax, (method, selections) in zip(axes, curves.items(), strict=True):
        for (steps, y), look in dashed(selections, style.color(method)):
            low, middle, high = np.nanquantile(y, (0.25, 0.5, 0.75), axis=1)
            shaded(ax, steps, middle, low, high, 0.12, **look)
        ax.set(title=style.line(method)["label"], xlabel="environment steps")


def fig_ratios(ax, tables):
    """Draw each method's ratio of samples: all pairs of task and algorithm small, their mean with interval.

    ``tables`` is method -> frame of ``study_report.ratios``, its last row that of all.
    """
    for y, (method, table) in enumerate(tables.items()):
        color, pairs, overall = style.color(LOOKS[method]), table.iloc[:-1], table.iloc[-1]
        marks = np.where(pairs.algorithm == "td3", "o", "^")
        for ratio, mark in zip(pairs.ratio, marks, strict=True):
            ax.plot(ratio, y + 0.18, mark, color=color, alpha=0.45, ms=5, mew=0)
        ax.plot([overall.low, overall.high], [y - 0.12] * 2, color=color, lw=3)
        ax.plot(overall.ratio, y - 0.12, "D", color=color, ms=7)
        text = f"{overall.ratio:.2f} [{overall.low:.2f}, {overall.high:.2f}]"
        ax.text(1.02, y, text, transform=ax.get_yaxis_transform(), va="center")
    ticks = [0.5, 0.7, 1, 1.4, 2, 3]
    ax.axvline(1, color="#888888", lw=1)
    ax.set(xscale="log", xticks=ticks, xticklabels=ticks, xlabel="value-only's samples over the method's")
    ax.set(yticks=range(len(tables)), yticklabels=[style.line(LOOKS[m])["label"] for m in tables])
    ax.minorticks_off()
    ax.invert_yaxis()


def fig_scores(ax, curves, methods):
    """Draw interquartile means over all tasks (``study_report.curves``) over the share of the budget."""
    for method in methods:
        rows = curves[curves.method == method].sort_values("share")
        shaded(ax, rows.share, rows.iqm, rows.low, rows.high, **style.line(LOOKS[method]))
    ax.set(xlabel="share of the budget", ylabel="score: 0 naive, 1 planning")
