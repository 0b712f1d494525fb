"""Chapters 06 and 07's figures: errors against lambda, learning curves, the slope backup's contraction."""

import numpy as np

from sobolev_book import stats, style
from sobolev_book.figures.bands import band, dashed

PANELS = {
    "value": "value",
    "centred": "value, centred",
    "slope_a": "action slope",
    "cosine": "one less cosine",
}


def fig_evaluation(axes, lams, rows):
    """Draw a fitted critic's errors at the end of training against lambda, one panel a name of ``PANELS``.

    ``lams`` (N,) ascend from 0, which is drawn apart, as a level; ``rows`` is name -> (N, S).
    """
    for ax, (name, title) in zip(axes, PANELS.items(), strict=True):
        y = np.asarray(rows[name])
        y = 1 - y if name == "cosine" else y
        band(ax, lams[1:], y[1:], "constant")
        ax.lines[-1].set_marker("o")
        low, high = stats.bootstrap_interval(y[0])
        ax.axhline(y[0].mean(), **style.line("value_only"))
        ax.axhspan(low, high, color=style.color("value_only"), alpha=0.2, lw=0)
        ax.set(xscale="log", yscale="log", title=title, xlabel=r"$\lambda$")


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
    """Draw ``slope_backups`` of each closed loop in ``loops``, label -> matrix, on a log scale."""
    for matrix, look in dashed(loops):
        norm = discount * np.linalg.norm(matrix, 2)
        radius = discount * np.abs(np.linalg.eigvals(matrix)).max()
        look["label"] += f": norm {norm:.2f}, radius {radius:.2f}"
        ax.plot(slope_backups(matrix, discount, n), **look)
    ax.axhline(1, color="#b0b0b0", lw=1)
    ax.set(yscale="log", xlabel="backups", ylabel="size of the slope's error")
    ax.legend()
