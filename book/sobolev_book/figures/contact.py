"""Chapter 08's figures: tangents, differences over their step, horizons, false slopes' lengths."""

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
        ax.set(xlabel="decisions ahead", ylim=(-0.15, 1.05))
    axes[0].set_ylabel("cosine between two differences")


def fig_tangents(ax, x, y, slopes):
    """Draw y over x (both (N,)), a dot in the middle, and what slopes there promise: label -> slope."""
    half = len(x) // 2
    ax.plot(x, y, color="black", lw=1.4)
    for (slope, look), color in zip(dashed(slopes), ("#D55E00", "#0072B2"), strict=False):
        ax.plot(x, y[half] + slope * (x - x[half]), **look | {"color": color, "linestyle": "--"})
    ax.plot(x[half], y[half], "o", color="#D55E00")
    room = 0.1 * (y.max() - y.min())
    ax.set_ylim(y.min() - room, y.max() + room)


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
