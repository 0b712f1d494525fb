"""Chapter 09's figures: the two panels of the paper's Figure 2."""

from matplotlib.ticker import EngFormatter

from sobolev_book import style
from sobolev_book.figures.bands import shaded

# method of the record -> the style that shows it, and its label where that differs
LOOKS = {
    "value_only": ("value_only", {}),
    "paper": ("constant", {"label": "the paper's weights"}),
    "balanced": ("sobolev", {"label": "balanced weights"}),
    "paper_unmended": ("slope_a", {"label": "the paper's weights, unmended"}),
    "sb3": ("clipped", {"label": "Stable-Baselines3"}),
}


def fig_curves(ax, curves, ylabel):
    """Draw interquartile means over environment steps, with intervals (``ant_report.curves``)."""
    for method, rows in curves.groupby("method", sort=False):
        name, changes = LOOKS[method]
        shaded(ax, rows.step, rows.iqm, rows.low, rows.high, 0.15, **style.line(name, **changes))
    ax.set(xlabel="environment steps", ylabel=ylabel)
    ax.xaxis.set_major_formatter(EngFormatter(sep=""))


def fig_followed(axes, runs):
    """Draw the values of each followed state over steps, a panel a run.

    ``runs`` is method -> frame of one seed with columns step and q00, q01, ...
    """
    for ax, (method, run) in zip(axes, runs.items(), strict=True):
        name, changes = LOOKS[method]
        look = style.line(name, **changes)
        ax.plot(run.step, run.filter(regex=r"^q\d"), color=look["color"], lw=0.8, alpha=0.7)
        ax.set(title=look["label"], xlabel="environment steps")
        ax.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes[0].set_ylabel("$Q$ of followed states")
