"""Figures of chapter 02: the exact optimum, the clipped shortcut, and what was measured against which."""

import itertools

import matplotlib as mpl
import numpy as np

from sobolev_book import style

MOST_BANDS = 60  # pieces drawn as bands; beyond that the eye sees none
STATES = np.linspace(-1, 1, 801)


def pieces(problem):
    """Return the edges of the optimal policy's pieces, (K + 1,), from the wall that stops the agent.

    Piece k lies between edges k - 1 and k, and its states are k steps from the wall (the chapter's
    eq-02-breakpoints), except that with discount 0 the second piece holds all the longer ways.
    Without a reward for moving (slope 0) there is one piece and no wall to reach. Raises
    ``ValueError`` for more than 100,001 pieces.
    """
    inner = problem.breakpoints()
    return np.concatenate([[1.0], inner, [-1.0]] if problem.slope >= 0 else [[-1.0], inner[::-1], [1.0]])


def staircase(problem):
    """Return (x, y), the optimal path from the far end as a staircase between a = s and a = a*(s).

    Each step goes up to the policy and across to the diagonal: points (s, s), (s, a*), (a*, a*), ...
    for at most ``MOST_BANDS`` steps or until the path rests.
    """
    path = [-1.0 if problem.slope >= 0 else 1.0]
    while len(path) <= MOST_BANDS and problem.optimal_policy(path[-1]) != path[-1]:
        path.append(float(problem.optimal_policy(path[-1])))
    corners = np.repeat(path, 2)
    return corners[:-1], corners[1:]


def fig_policy(ax, problem):
    """Draw a*(s) over bands that count the steps to the wall, the clipped policy and the optimal path."""
    _bands(ax, problem, labels=True)
    ax.plot([-1, 1], [-1, 1], color="0.55", linewidth=0.9, label="stay, $a = s$")
    ax.plot(*staircase(problem), color="black", linewidth=0.9, alpha=0.6, label="optimal path")
    _curves(ax, problem.clipped_policy, problem.optimal_policy)
    inner = _edges(problem)[1:-1]
    ax.plot(inner, problem.optimal_policy(inner), "o", color=style.color("exact"), markersize=4)
    ax.set(xlim=(-1, 1), ylim=(-1.32, 1.08), xlabel="state $s$", ylabel="action $a$")
    ax.set(xticks=[-1, -0.5, 0, 0.5, 1], yticks=[-1, 0, 1])
    ax.legend(loc="lower right" if problem.slope >= 0 else "upper left", fontsize="small", borderaxespad=1.6)
    return ax


def fig_value(ax, problem):
    """Draw V*(s) and the value that the clipped policy earns, over the same bands."""
    _bands(ax, problem)
    _curves(ax, problem.clipped_value, problem.optimal_value)
    ax.set(xlim=(-1, 1), xlabel="state $s$", ylabel="value $V(s)$")
    return ax


def fig_slices(ax, problem):
    """Draw Q(s, .) at two states, exact and clipped, with a dot at what each policy does there."""
    for s in (-0.8, 0.5):
        best, clipped = problem.optimal_policy(s), problem.clipped_policy(s)
        for method, q, a in (("clipped", problem.clipped_q, clipped), ("exact", problem.optimal_q, best)):
            ax.plot(STATES, q(s, STATES), **style.line(method))
            ax.plot(a, q(s, a), "o", color=style.color(method), markersize=6)
        ax.annotate(f"$s = {s:g}$", (best, problem.optimal_q(s, best)), (0, 6), **_ABOVE)
    ax.set(xlim=(-1.05, 1.05), xlabel="action $a$", ylabel="$Q(s, a)$")
    ax.margins(y=0.12)
    return ax


def fig_optimum(axes, problem):
    """Draw policy, value and Q-slices of ``problem`` on three ``axes``; return them."""
    fig_policy(axes[0], problem)
    fig_value(axes[1], problem)
    fig_slices(axes[2], problem)
    axes[0].set_title(_title(problem))
    return axes


def fig_family(axes, problems):
    """Draw the policies of several ``problems``, one on each of ``axes``, with their number of pieces."""
    for ax, problem in zip(axes, problems, strict=True):
        fig_policy(ax, problem)
        ax.get_legend().remove()
        ax.set_title(_title(problem))
    return axes


def fig_backups(axes, problem, values, slopes):
    """Draw value iteration (the chapter's eq-02-backups) on two axes: values after n backups, worst errors.

    ``values`` and ``slopes`` are V_n and its derivative at ``STATES``, n from 0, (n_backups + 1, 801) each.
    """
    upper, lower = axes
    shown = [n for n in (1, 2, 3, 4, 5, 6, 7, 14, 21) if n < len(values)]
    beside = {"textcoords": "offset points", "va": "center", "fontsize": 8}
    for n in shown:
        color = mpl.colormaps["viridis"](0.85 * min(n, 7) / 7)
        upper.plot(STATES, values[n], color=color, linewidth=1.2)
        upper.annotate(f"{n}", (1, values[n][-1]), (3, 0), **beside)
    upper.plot(STATES, problem.optimal_value(STATES), **style.line("exact", label="$V^*$"))
    upper.set(xlim=(-1, 1.12), xlabel="state $s$", ylabel="$V_n(s)$", xticks=[-1, -0.5, 0, 0.5, 1])
    upper.legend(loc="upper left", fontsize="small")
    n = np.arange(len(values))
    errors = {"value": values - problem.optimal_value(STATES)}
    errors["slope"] = slopes - problem.optimal_value_gradient(STATES)
    for (name, gap), marker, shade in zip(errors.items(), ("s--", "o-"), (0.6, 0.0), strict=True):
        look = {"color": mpl.colormaps["viridis"](shade), "label": f"worst {name} error"}
        lower.plot(n, np.abs(gap).max(axis=1), marker, markersize=4, **look)
    lower.set(xlabel="backups $n$", ylabel="error", ylim=(0, None))
    lower.legend(fontsize="small")
    return axes


def fig_floors(axes, floors, table):
    """Draw what a table reports beside the least errors that its family can have, one of ``axes`` a column.

    ``floors`` is reference, "exact" or "clipped", -> quantity -> least error; its first quantities name the
    axes. ``table`` is method, a name that ``style.line`` knows, -> quantity -> (mean, spread).
    """
    for ax, quantity in zip(axes, next(iter(floors.values())), strict=True):
        for reference, least in floors.items():
            keywords = style.line(reference, label=f"least against {_PLAIN[reference]}")
            if least[quantity] > 0:
                ax.axhline(least[quantity], **keywords)
            else:  # a floor of zero lies below every logarithmic axis
                ax.text(0.5, 0.02, f"{reference}: 0 $\\downarrow$", transform=ax.transAxes, **_BELOW)
        for x, (method, row) in enumerate(table.items()):
            mean, spread = row[quantity]
            label = f"reported, {style.line(method)['label']}"
            ax.errorbar(x, mean, spread, fmt="so"[x % 2], color=style.color(method), capsize=4, label=label)
        ax.set(yscale="log", xlim=(-0.7, len(table) - 0.3), title=_TITLE[quantity])
        ax.set_ylim(bottom=ax.get_ylim()[0] / 2)
        ax.set_xticks([])
    return axes


_ABOVE = {"textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": "small"}
_BELOW = {"ha": "center", "va": "bottom", "fontsize": "small", "color": style.color("clipped")}
_PLAIN = {"exact": "the exact optimum", "clipped": "the clipped shortcut"}
_TITLE = {"q": "$Q$", "q_a": r"$\nabla_a Q$", "policy": "policy"}


def _edges(problem):
    """Return ``pieces``, or the two walls alone where there are too many to list."""
    try:
        return pieces(problem)
    except ValueError:
        return np.array([1.0, -1.0])


def _title(problem):
    try:
        n = len(pieces(problem)) - 1
        count = f"{n} piece" + "s" * (n > 1)
    except ValueError:
        count = "more than 100,000 pieces"
    return f"$c = {problem.slope:g}$, $\\gamma = {problem.discount:g}$: {count}"


def _curves(ax, clipped, exact):
    for method, function in (("clipped", clipped), ("exact", exact)):
        ax.plot(STATES, function(STATES), **style.line(method))


def _bands(ax, problem, labels=False):
    """Shade one band a piece, darker with each step to the wall; number those wide enough."""
    edges = _edges(problem)
    n = len(edges) - 1
    if not 1 < n <= MOST_BANDS:
        return
    shades = mpl.colormaps["Purples"](np.linspace(0.04, 0.38, n))
    for k, (near, far) in enumerate(itertools.pairwise(edges), start=1):
        ax.axvspan(min(near, far), max(near, far), facecolor=shades[k - 1], edgecolor="none", zorder=0)
        if labels and abs(near - far) > 0.07:
            text = f"{k} or more" if k == 2 and problem.discount == 0 else f"{k}"
            place = ((near + far) / 2, 0.03)
            ax.text(*place, text, transform=ax.get_xaxis_transform(), ha="center", fontsize="small")
