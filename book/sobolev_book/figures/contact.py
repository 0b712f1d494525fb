"""Chapter 08's figures: differences over their step, sizes of Jacobians, horizons, the gate's errors."""

import numpy as np

from sobolev_book import style
from sobolev_book.figures.bands import dashed, shaded


def fig_errors(ax, h, errors):
    """Draw relative errors of differences over their step h (H,): medians, shaded up to the 90th percentile.

    ``errors`` is place -> (H, N).
    """
    for (x, look), color in zip(dashed(errors), ("#000000", "#0072B2"), strict=False):
        middle, high = np.quantile(x, (0.5, 0.9), axis=1)
        shaded(ax, h, middle, middle, high, **look | {"color": color})
    ax.set(xscale="log", yscale="log", xlabel="step $h$ of the difference", ylabel="relative error")


def fig_sizes(ax, sizes):
    """Draw the share of states whose Jacobians are larger than a size; ``sizes`` is name -> (N,)."""
    for x, look in dashed(sizes):
        ax.plot(np.sort(x), 1 - np.arange(len(x)) / len(x), **look)
    ax.set(xscale="log", yscale="log", xlabel="size of the Jacobians", ylabel="share of states above")


def fig_horizon(axes, steps, cosines, norms):
    """Draw how two differences agree over the horizon, and how long they are.

    ``cosines`` is label -> (T, N) between two slopes; ``norms`` is (T, N) of the finer.
    """
    for x, look in dashed(cosines):
        axes[0].plot(steps, x.mean(axis=1), **look)
    low, middle, high = np.quantile(norms, (0.1, 0.5, 0.9), axis=1)
    shaded(axes[1], steps, middle, low, high, 0.15, color="black")
    axes[0].set(xlabel="control steps ahead", ylabel="cosine between two differences", ylim=(-0.05, 1.05))
    axes[1].set(xlabel="control steps ahead", ylabel="length of the slope", yscale="log")


def fig_samples(ax, curves, names=()):
    """Draw a rule's error over samples: ``curves`` is method of ``style`` -> (samples, mean, low, high).

    ``names`` is method -> label where it is not the book's.
    """
    for method, curve in curves.items():
        look = style.line(method, **({"label": names[method]} if method in names else {}))
        shaded(ax, *curve, 0.15, marker="o", ms=4, **look)
    ticks = sorted({int(x) for curve in curves.values() for x in curve[0]})
    ax.set(xscale="log", yscale="log", xlabel="samples", ylabel="centred error over spread")
    ax.set_xticks(ticks, labels=ticks)
    ax.minorticks_off()


def fig_gate(axes, frame):
    """Draw the share of states below a relative error of the gate, for f_s and r_s of ``adjoints.errors``."""
    for ax, block in zip(axes, ("f_s", "r_s"), strict=True):
        rows = frame[frame.block == block]
        for place, color in (("air", "#000000"), ("touching", "#0072B2")):
            for mended, dashes in ((False, "--"), (True, "-")):
                x = np.sort(rows[(rows.place == place) & (rows.mended == mended)].error)
                label = f"{place}, {'mended' if mended else 'as it is'}"
                share = np.arange(1, len(x) + 1) / len(x)
                ax.step(np.maximum(x, 1e-5), share, color=color, linestyle=dashes, label=label, where="post")
        symbol = {"f": r"\partial f", "r": r"\partial r"}[block[0]] + rf"/\partial {block[2]}"
        ax.set(xscale="log", xlim=(7e-6, 2), xlabel=f"relative error of ${symbol}$")
    axes[0].set_ylabel("share of states below")
