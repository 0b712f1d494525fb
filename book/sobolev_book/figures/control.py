"""Chapters 06 and 07's figures: learning curves, the paths of a target's slope, its backup's contraction."""

import numpy as np

from sobolev_book import style
from sobolev_book.figures.bands import band, dashed
from sobolev_book.figures.boxes import diagram

PATHS = {  # of a slope from SAC's V back to s': colour, arrows, where its error stands
    "direct": (style.color("sobolev"), "sq", (0.9, 0.75, "right")),
    "actor": (style.color("value_only"), "sa aq", (1.9, 0.25, "left")),
    "entropy": (style.color("slope_s"), "sp ap pv", (3.05, -0.65, "left")),
}


def fig_learning(ax, steps, curves):
    """Draw method -> (R, S) over environment steps: mean over seeds, 95 % interval as a band.

    Seeds that diverged (NaN) leave the mean; their number stands in the legend.
    """
    for method, y in curves.items():
        y = np.asarray(y, dtype=float)
        lost = int(np.isnan(y[-1]).sum())
        band(ax, steps, y[:, ~np.isnan(y[-1])], method)
        if lost:
            ax.lines[-1].set_label(f"{style.line(method)['label']} ({lost} of {y.shape[1]} diverged)")
    ax.set(xlabel="environment steps")


def fig_paths(ax, cut):
    """Draw on which paths SAC's V hangs on s'; ``cut``, a key of ``PATHS`` -> words, stands beside each."""
    boxes = {
        "s": (0, 0, "$s'$"),
        "a": (1, 0, "$a'$"),
        "q": (2.2, 1, "$Q(s', a')$"),
        "p": (2.2, -1, r"$-\alpha \log\,\pi(a' | s')$"),
        "v": (3.4, 0, "$V(s')$"),
    }
    arrows = [(*"qv", {"color": "#777777", "linestyle": "-"})]
    for path, (color, ways, (x, y, side)) in PATHS.items():
        arrows += [(*way, {"color": color, "linestyle": "-"}) for way in ways.split()]
        edge = {"boxstyle": "round,pad=0.25", "facecolor": "none", "edgecolor": color}
        ax.text(x, y, cut[path], ha=side, fontsize=10.5, bbox=edge)
    diagram(ax, boxes, arrows)


def slope_backups(matrix, discount, n):
    """Return a slope error's size after 0 to n backups over its first, (n + 1,) (eq-06-contraction).

    ``matrix`` (n_s, n_s) is the closed loop's Jacobian, the same everywhere. The first error has the
    direction that n / 4 backups enlarge most.
    """
    step = discount * np.asarray(matrix, dtype=float).T
    sizes, error = [], np.linalg.svd(np.linalg.matrix_power(step, max(1, n // 4)))[2][0]
    for _ in range(n + 1):
        sizes.append(np.linalg.norm(error))
        error = step @ error
    return np.array(sizes) / sizes[0]


def fig_contraction(ax, discount, loops, n=30):
    """Draw ``slope_backups`` of each closed loop in ``loops``, label -> matrix, its words at its end."""
    for matrix, look in dashed(loops):
        norm = discount * np.linalg.norm(matrix, 2)
        radius = discount * np.abs(np.linalg.eigvals(matrix)).max()
        words = f"{look.pop('label')}:\nnorm {norm:.2f}, radius {radius:.2f}"
        ax.plot(sizes := slope_backups(matrix, discount, n), **look)
        ax.text(1.02 * n, sizes[-1], words, va="center", fontsize=10)
    ax.axhline(1, color="#888888", lw=1)
    ax.set(yscale="log", xlim=(0, n), xlabel="backups", ylabel="size of the slope's error")
