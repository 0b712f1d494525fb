"""Chapter 04's theory: fixed points and eigenvalues against the slope weight."""

import numpy as np

from sobolev_book import style

ERRORS = {
    "q": {"label": "$Q$", "color": "#222222", "linestyle": "-"},
    "q_centred": {"label": "$Q$ less its offset", "color": "#888888", "linestyle": ":"},
    "q_a": {"label": r"$\nabla_a Q$", "color": "#8C510A", "linestyle": "--"},
    "policy": {"label": "policy", "color": "#01665E", "linestyle": "-."},
}
MATRICES = {
    "frozen": {"label": "greedy action held at $a^*$", "color": "#7f7f7f", "linestyle": "--"},
    "training": {"label": "greedy action of the critic, moving", "color": "#0072B2", "linestyle": "-"},
}


def fig_lambda(axes, lams, errors, floors, margins, thresholds):
    """Draw the fixed points' errors (top) and the least real parts (bottom) against lambda.

    Parameters
    ----------
    axes : two Axes that share their abscissa
    lams : (L,) slope weights > 0
    errors : name -> (L,), as ``quadratic.errors`` names them
    floors : name -> float, the least error of the family
    margins : "frozen" and "training" -> (L,), least real parts of the two matrices
    thresholds : "frozen" and "training" -> float, where they cross zero
    """
    top, bottom = axes
    for name, look in ERRORS.items():
        top.plot(lams, errors[name], **look)
        if name in floors:
            top.plot(lams[-1], floors[name], marker="_", color=look["color"], clip_on=False, ms=14)
    top.set(yscale="log", ylabel="mean square error", xlim=(lams[0], lams[-1]))
    top.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4)
    shade(bottom, thresholds["training"])
    shade(top, thresholds["training"])
    sides = {"frozen": ("right", (-6, 6)), "training": ("left", (6, -14))}
    for name, look in MATRICES.items():
        threshold, (side, shift) = thresholds[name], sides[name]
        words = {"color": look["color"], "textcoords": "offset points", "ha": side}
        bottom.plot(lams, margins[name], **look)
        bottom.plot(threshold, 0, "o", color=look["color"])
        bottom.annotate(f"{threshold:.3g}", (threshold, 0), shift, **words)
    bottom.axhline(0, color="black", lw=1)
    bottom.set(xscale="log", xlabel=r"$\lambda_s = \lambda_a = \lambda$", ylabel="least real part",
               ylim=(-0.035, 0.08))  # fmt: skip
    bottom.legend(loc="lower right")
    return axes


def shade(ax, threshold):
    """Shade the unstable side of ``threshold`` on an axis of slope weights."""
    ax.axvspan(1e-9, threshold, color="#D55E00", alpha=0.08, lw=0)


def fig_end(ax, lams, ends, limit):
    """Draw where runs end against lambda: one dot a seed, side by side, settled ones filled.

    Parameters
    ----------
    lams : (L,) slope weights, drawn side by side
    ends : (L, S) error at the end
    limit : runs below it count as settled, drawn as a line
    """
    for x, row in enumerate(ends):
        places = x + np.linspace(-0.1, 0.1, len(row))
        for settled in (True, False):
            group, color = (row < limit) == settled, style.color("sobolev" if settled else "value_only")
            face = color if settled else "none"
            ax.plot(places[group], row[group], "o", color=color, markerfacecolor=face)
    ax.axhline(limit, color="#888888", lw=1)
    ax.set(yscale="log", xlabel=r"$\lambda_s = \lambda_a = \lambda$", ylabel="policy error")
    ax.set_xticks(range(len(lams)), [f"{lam:g}" for lam in lams])
    return ax
