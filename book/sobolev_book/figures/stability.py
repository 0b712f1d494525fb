"""Chapter 04's theory, fixed points and eigenvalues against the slope weight, and how runs end."""

import matplotlib.pyplot as plt
import numpy as np

from sobolev_book import style

ERRORS = {
    "q": {"label": "$Q$", "color": "#222222", "linestyle": "-"},
    "q_centred": {"label": "$Q$ less its offset", "color": "#888888", "linestyle": ":"},
    "q_a": {"label": r"$\nabla_a Q$", "color": "#BF812D", "linestyle": "--"},
    "policy": {"label": "policy", "color": "#35978F", "linestyle": "-."},
}
BOTH = r"$\lambda_s = \lambda_a = \lambda$"
MATRICES = {
    "frozen": {"label": "action held at $a^*$", "color": "#7f7f7f", "linestyle": "--"},
    "training": {"label": "its own, moving", "color": "#0072B2", "linestyle": "-"},
}


def fig_lambda(ax, lams, errors, floors):
    """Draw the fixed points' errors against lambda.

    Parameters
    ----------
    lams : (L,) slope weights > 0
    errors : name -> (L,), as ``quadratic.errors`` names them
    floors : name -> float, the least error of the family
    """
    for name, look in ERRORS.items():
        ax.plot(lams, errors[name], **look)
        if name in floors:
            ax.plot(lams[-1], floors[name], marker="_", color=look["color"], clip_on=False, ms=14)
            ax.text(lams[-1], floors[name], f"  least {look['label']}", va="center", color=look["color"])
    ax.set(xscale="log", yscale="log", ylabel="mean square error", xlabel=BOTH, xlim=(lams[0], lams[-1]))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)


def fig_margins(ax, lams, margins, thresholds):
    """Draw the least real parts of "frozen" and "training", name -> (L,), against lambda (L,).

    ``thresholds``, name -> float, are where they cross zero; the ground is shaded up to that of "training".
    """
    ax.axvspan(1e-9, thresholds["training"], color="#D55E00", alpha=0.16, lw=0)
    sides = {"frozen": ("right", (-5, 6)), "training": ("left", (6, -14))}
    for name, look in MATRICES.items():
        threshold, (side, shift) = thresholds[name], sides[name]
        words = {"color": look["color"], "textcoords": "offset points", "ha": side}
        ax.plot(lams, margins[name], **look)
        ax.plot(threshold, 0, "o", color=look["color"])
        ax.annotate(f"{threshold:.3g}", (threshold, 0), shift, **words)
    ax.axhline(0, color="black", lw=1)
    ax.set(xscale="log", xlabel=BOTH, ylabel="least real part", ylim=(-0.08, 0.08), xlim=(lams[0], lams[-1]))
    ax.legend(loc="lower right")


def fig_misfit(ax, a, misfits, joins, path):
    """Draw the misfits e, lambda -> (A,), of fixed points over the action a (A,), and mark them at a = 1.

    Ticks mark ``joins``, lambda -> the action from which on the next is the bound; dots the actions ``path``.
    """
    looks = zip(misfits.items(), ("value_only", "#888888", "sobolev"), ("--", ":", "-"), strict=True)
    for (lam, e), name, line in looks:
        color = name if name.startswith("#") else style.color(name)
        ax.plot(a, e, color=color, linestyle=line, label=rf"$\lambda = {lam:g}$")
        ax.plot(1, e[-1], "o", color=color, clip_on=False)
        ax.plot(joins[lam], np.interp(joins[lam], a, e), "|", color=color, ms=12, mew=2)
    ax.axhline(0, color="black", lw=1)
    ax.plot(path, np.zeros(len(path)), "o", color="black", ms=4, clip_on=False)
    ax.annotate("a greedy path", (path[2], 0), (0, -14), textcoords="offset points", ha="center", fontsize=9)
    ax.set(xlabel="action $a$", ylabel=r"misfit $e = Q_w - y$", xlim=(-1, 1))
    ax.legend(loc="upper center")


def fig_rays(ax, lams, rays):
    """Draw the weights of s^2 and a^2 along two rays (L, 2, 3) of (1, s^2, a^2) over lambda (L,)."""
    for i, color, label in ((1, "#35978F", "s²"), (2, "#BF812D", "a²")):
        ax.plot(lams, rays[:, 1, i], color=color, label=f"weight of {label}")
        ax.plot(lams, rays[:, 0, i], color=color, linestyle="--")
    ax.set(xlabel=BOTH, ylabel="growth, the constant's is 1", ylim=(0, 1.05))
    ax.legend(loc="lower right")


ENDS = {
    "settled": {"marker": "o", "ms": 9, "color": style.color("sobolev")},
    "circling": {"marker": "o", "ms": 9, "color": "#7f7f7f", "markerfacecolor": "none"},
    "away": {"marker": "x", "ms": 9, "mew": 2, "color": style.color("value_only")},
}


def mark_ends(ax, places):
    """Mark how runs ended: ``places`` is a list of (x, y, a name of ENDS); one entry of a legend a name."""
    for name, look in ENDS.items():
        x, y = [[place[i] for place in places if place[2] == name] for i in (0, 1)]
        if x:
            ax.plot(x, y, linestyle="none", label=name, **look)


def fig_map(ax, lams, ends, margins):
    """Draw how runs end over lambda_a (across) and lambda_s (up), and where theory says that they leave.

    Parameters
    ----------
    lams : (L,) weights on both axes, drawn side by side
    ends : (lambda_s, lambda_a) -> list of names of ENDS, one a seed
    margins : (lambda_s, lambda_a) -> least real part of plain training at its fixed point
    """
    places = []
    for y, lam_s in enumerate(lams):
        for x, lam_a in enumerate(lams):
            names = ends[lam_s, lam_a]
            places += [(x + 0.22 * (i - (len(names) - 1) / 2), y, name) for i, name in enumerate(names)]
            if margins[lam_s, lam_a] < 0:
                ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, color="#D55E00", alpha=0.16, lw=0))
    mark_ends(ax, places)
    at, names = range(len(lams)), [f"{lam:g}" for lam in lams]
    ax.set(xlabel=r"$\lambda_a$, weight of action slopes", ylabel=r"$\lambda_s$, weight of state slopes",
           xlim=(-0.5, len(lams) - 0.5), ylim=(-0.5, len(lams) - 0.5),
           xticks=at, yticks=at, xticklabels=names, yticklabels=names)  # fmt: skip
    ax.grid(visible=False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)


def fig_targets(axes, panels):
    """Draw how runs end against rate times period, a row a rate, a panel a way of waiting.

    Parameters
    ----------
    panels : title -> list of (rate, rate times period, name of ENDS), as many as ``axes``
    """
    for ax, (title, ends) in zip(axes, panels.items(), strict=True):
        mark_ends(ax, [(product, rate, name) for rate, product, name in ends])
        ax.set(title=title, xscale="log", yscale="log", xlabel="rate × period", xlim=(0.08, 0.63),
               ylabel="learning rate", ylim=(6e-5, 2e-2))  # fmt: skip
        ax.set_xticks((0.1, 0.2, 0.3, 0.5), ("0.1", "0.2", "0.3", "0.5"))
        ax.minorticks_off()
        ax.legend(loc="upper center", ncols=2, handletextpad=0.1, columnspacing=0.8)
