"""Figures of chapter 02: the exact optimum, the clipped shortcut, and value iteration's shape."""

import colorsys
import itertools

import matplotlib as mpl
import numpy as np

from sobolev_book import style

MOST_BANDS = 60  # pieces drawn as bands; beyond that the eye sees none
STATES = np.linspace(-1, 1, 801)
STEPS = 12  # of a walk that are shown
OWN = {"color": style.color("slope_s"), "linestyle": "--"}  # a path made by hand


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


def walks(problem, policy, s, a, steps=300):
    """Return path and return of the agent that does ``a`` at ``s`` and follows ``policy`` ever after.

    ``s`` and ``a`` broadcast to (...); the path is (..., STEPS + 1), the return (...). After ``steps`` steps
    what is left counts for nothing.
    """
    s, a = np.broadcast_arrays(np.asarray(s, dtype=float), a)
    path = [s, a]
    while len(path) <= steps:
        path.append(policy(path[-1]))
    path = np.stack(path, axis=-1)
    return path[..., : STEPS + 1], collected(problem, path, steps)[..., -1]


def collected(problem, path, steps):
    """Return what ``path`` (..., n), at rest in the end, has earned after 1 to ``steps``, (..., steps)."""
    rest = np.repeat(path[..., -1:], max(steps + 1 - path.shape[-1], 0), axis=-1)
    stops = np.concatenate([path, rest], axis=-1)[..., : steps + 1]
    r = problem.reward(stops[..., :-1], stops[..., 1:])
    return np.cumsum(problem.discount ** np.arange(steps) * r, axis=-1)


def fig_policy(ax, problem):
    """Draw a*(s) over bands that count the steps to the wall, the clipped policy and the optimal path."""
    _bands(ax, problem)
    ax.plot([-1, 1], [-1, 1], color="0.4", linewidth=1.1)
    ax.annotate("stay", (-0.62, -0.62), (4, -4), textcoords="offset points", va="top", fontsize="small")
    ax.plot(*staircase(problem), color=style.color("slope_s"), linewidth=1.1, label="best path from $-1$")
    _curves(ax, problem.clipped_policy, problem.optimal_policy)
    inner = pieces(problem)[1:-1]
    ax.plot(inner, problem.optimal_policy(inner), "o", color=style.color("exact"), markersize=4)
    ax.set(xlim=(-1, 1), ylim=(-1.22, 1.08), xlabel="state $s$", ylabel="action $a$")
    ax.set(xticks=[-1, -0.5, 0, 0.5, 1], yticks=[-1, 0, 1])
    ax.grid(False)  # its lines look like the bands' edges
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize="small")


def fig_value(ax, problem):
    """Draw V*(s) and the value that the clipped policy earns."""
    _curves(ax, problem.clipped_value, problem.optimal_value)
    ax.set(xlim=(-1.05, 1.05), xlabel="state $s$", title="value $V(s)$")  # room for the last tick's label
    ax.legend(loc="lower right", fontsize="small")


def fig_slices(ax, problem):
    """Draw Q(s, .) at two states, exact and clipped, with a dot at what each policy does there."""
    for s in (-0.8, 0.5):
        best, clipped = problem.optimal_policy(s), problem.clipped_policy(s)
        for method, q, a in (("clipped", problem.clipped_q, clipped), ("exact", problem.optimal_q, best)):
            ax.plot(STATES, q(s, STATES), **style.line(method))
            ax.plot(a, q(s, a), "o", color=style.color(method), markersize=6)
        ax.annotate(f"$s = {s:g}$", (best, problem.optimal_q(s, best)), (0, 6), **_ABOVE)
    ax.set(xlim=(-1.05, 1.05), xlabel="action $a$", title="$Q(s, a)$ at two states")
    ax.margins(y=0.12)


def fig_backups(axes, problem, values, slopes):
    """Draw value iteration (the chapter's eq-02-backups) on two axes: values after n backups, worst errors.

    ``values`` and ``slopes`` are V_n and its derivative at ``STATES``, n from 0, (n_backups + 1, 801) each.
    """
    left, right = axes
    shown = [n for n in (1, 2, 3, 4, 5, 6, 7, 14, 21) if n < len(values)]
    beside = {"textcoords": "offset points", "va": "center", "fontsize": 9}
    for n in shown:
        color = mpl.colormaps["viridis"](0.3 + 0.55 * min(n, 7) / 7)
        left.plot(STATES, values[n], color=color, linewidth=1.2)
        left.annotate(f"{n}", (1, values[n][-1]), (4, 0), **beside)
    left.plot(STATES, problem.optimal_value(STATES), **style.line("exact", label="$V^*$"))
    left.set(xlim=(-1, 1.2), xlabel="state $s$", title="$V_n(s)$", xticks=[-1, -0.5, 0, 0.5, 1])
    left.legend(loc="upper left", fontsize="small")
    n = np.arange(len(values))
    errors = {"value": values - problem.optimal_value(STATES)}
    errors["slope"] = slopes - problem.optimal_value_gradient(STATES)
    for (name, gap), marker, shade in zip(errors.items(), ("s--", "o-"), (0.6, 0.0), strict=True):
        look = {"color": mpl.colormaps["viridis"](shade), "label": f"worst {name} error"}
        right.plot(n, np.abs(gap).max(axis=1), marker, markersize=4, **look)
    right.set(xlabel="backups $n$", title="what is still wrong", ylim=(0, None), yticks=[0, 0.5, 1, 1.5, 2])
    right.legend(fontsize="small")


_ABOVE = {"textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": "small"}


def _curves(ax, clipped, exact):
    for method, function in (("clipped", clipped), ("exact", exact)):
        ax.plot(STATES, function(STATES), **style.line(method))


def _bands(ax, problem):
    """Shade one band a piece, darker with each step to the wall; number those wide enough."""
    edges = pieces(problem)
    n = len(edges) - 1
    if not 1 < n <= MOST_BANDS:
        return
    shades = [colorsys.hls_to_rgb(0.7, lightness, 0.14) for lightness in np.linspace(0.97, 0.8, n)]
    for k, (near, far) in enumerate(itertools.pairwise(edges), start=1):
        ax.axvspan(min(near, far), max(near, far), facecolor=shades[k - 1], edgecolor="none", zorder=0)
        if abs(near - far) > 0.07:
            text = f"{k} or more" if k == 2 and problem.discount == 0 else f"{k}"
            place = ((near + far) / 2, 0.03)
            ax.text(*place, text, transform=ax.get_xaxis_transform(), ha="center", fontsize="small")
