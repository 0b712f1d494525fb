"""Chapter 08's figures: differences over their step, sizes of Jacobians, horizons, false slopes' lengths."""

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


def fig_horizon(axes, ahead, courses, names=()):
    """Draw how two differences of a return agree over the horizon ``ahead`` (T,).

    ``courses`` is behaviour -> (panels, 3, T): mean, low and high of the cosine in each of ``axes``;
    ``names`` is method -> label where it is not the book's.
    """
    looks = {"uniform actions": {"label": "uniform actions", "color": "#000000", "linestyle": ":"}}
    for behaviour, panels in courses.items():
        look = looks.get(behaviour) or _named(behaviour, names)
        for ax, course in zip(axes, panels, strict=True):
            shaded(ax, ahead, *course, 0.15, marker="o", ms=4, **look)
    for ax in axes:
        ax.set(xlabel="control steps ahead", ylim=(-0.15, 1.05))
    axes[0].set_ylabel("cosine between two differences")


def fig_samples(ax, curves, names=()):
    """Draw a rule's error over samples: ``curves`` is method of ``style`` -> (samples, mean, low, high).

    ``names`` is method -> label where it is not the book's.
    """
    for method, curve in curves.items():
        shaded(ax, *curve, 0.15, marker="o", ms=4, **_named(method, names))
    ticks = sorted({int(x) for curve in curves.values() for x in curve[0]})
    ax.set(xscale="log", yscale="log", xlabel="samples", ylabel="centred error over spread")
    ax.set_xticks(ticks, labels=ticks)
    ax.minorticks_off()


def _named(method, names):
    """Return a method's look, its label from ``names`` where it stands there."""
    return style.line(method, **({"label": names[method]} if method in names else {}))


def fig_shape(ax, frame):
    """Draw each state's slope: its length over that of differences, over the cosine of the angle between.

    ``frame`` has "place", "mended", "cosine" and "length", a row a state.
    """
    for place, mark in (("air", "o"), ("touching", "^")):
        for mended, color in ((False, "#D55E00"), (True, "#0072B2")):
            x = frame[(frame.place == place) & (frame.mended == mended)]
            label = f"{place}, {'mended' if mended else 'as it is'}"
            ax.plot(x.cosine, x.length, mark, color=color, ms=5, alpha=0.5, mew=0, label=label)
    ax.axhline(1, color="black", lw=0.8)
    ax.set(xlabel="cosine of the angle to differences", ylabel="length over theirs", yscale="log")
