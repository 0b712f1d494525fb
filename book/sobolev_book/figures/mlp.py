"""Chapter 05's figures: Q-slices, errors over steps, lam_s x lam_a, and bursts."""

import numpy as np

from sobolev_book import style
from sobolev_book.figures.bands import LABELS, band


def fig_slices(axes, problem, states, actions, curves):
    """Draw Q over the action at each of ``states``: the exact one and every seed of every method.

    Parameters
    ----------
    axes : as many Axes as states
    states, actions : (N,), (A,)
    curves : method (a key of ``style.METHODS``) -> Q (S, N, A)
    """
    for i, (ax, s) in enumerate(zip(axes, states, strict=True)):
        for method, q in curves.items():
            ax.plot(actions, q[:, i].T, alpha=0.7, **style.line(method, lw=1, label=None))
            ax.plot([], [], **style.line(method, lw=1))
        ax.plot(actions, problem.optimal_q(s, actions), **style.line("exact", lw=2.2, zorder=3))
        ax.set(title=f"$s = {s:g}$", xlabel="action $a$", ylabel="$Q$")
    return axes


def fig_curves(axes, frame, names, methods=("value_only", "sobolev")):
    """Draw measures over steps from a tidy ``frame``: mean over seeds, its 95 % interval as a band.

    ``frame`` has the columns method, step, seed and ``names``, one panel a name.
    """
    for ax, name in zip(axes, names, strict=True):
        for method in methods:
            table = frame[frame.method == method].pivot(index="step", columns="seed", values=name)
            band(ax, table.index, table.to_numpy(), method)
        ax.set(yscale="log", title=LABELS[name], xlabel="step", ylabel="mean square error")
    return axes


def fig_weights(axes, frame, step, names):
    """Draw the median of each measure over lam_s x lam_a at ``step``, a map each, coloured by logarithm.

    A white line on black parts the weights that do better than none from those that do worse.
    ``frame`` has the columns lam_s, lam_a, step, seed and ``names``.
    """
    for ax, name in zip(axes, names, strict=True):
        table = frame[frame.step == step].pivot_table(name, index="lam_s", columns="lam_a", aggfunc="median")
        image = ax.imshow(np.log10(table), origin="lower", cmap="viridis")
        ax.contour(table, [table.iloc[0, 0]], colors="black", linewidths=3.5)
        ax.contour(table, [table.iloc[0, 0]], colors="white", linewidths=1.5)
        ends = np.linspace(*image.get_clim(), 3)  # of the colours
        bar = ax.figure.colorbar(image, ax=ax, location="bottom", ticks=ends)
        bar.set_ticklabels([f"{10**x:.2g}" for x in ends], fontsize=9)
        short = lambda values: [f"{x:g}".replace("0.", ".") for x in values]  # noqa: E731
        ax.set_xticks(range(table.shape[1]), short(table.columns))
        ax.set_yticks(range(table.shape[0]), short(table.index))
        ax.set(title=LABELS[name], xlabel=r"$\lambda_a$", ylabel=r"$\lambda_s$")
        ax.tick_params(labelsize=9)
        ax.grid(False)
    return axes


def fig_bursts(axes, frame):
    """Draw every seed's error of Q over steps, a panel a method; where there are shares, also the mark.

    ``frame`` is the record "tangent": columns method, step, seed, q, and perhaps "share", the least real
    part over the greatest. Rings: shares below -0.001. Seeds that never pass 20 from step 300 on are grey.
    """
    for ax, (method, part) in zip(axes, frame.groupby("method", sort=False), strict=True):
        table = part.pivot(index="step", columns="seed", values="q")
        burst = table[table.index >= 300].max() > 20
        for some, look in ((~burst, {"color": "#7f7f7f", "alpha": 0.5}), (burst, {"alpha": 0.8})):
            ax.plot(table.index, table.loc[:, some], **style.line(method) | {"lw": 1, "label": None} | look)
        if "share" in frame:
            low = part[part.share < -1e-3]
            ax.plot(low.step, low.q, "o", color="black", mfc="none", ms=6, label="the mark")
        ax.set(yscale="log", xlabel="step", ylabel="error of $Q$", title=style.line(method)["label"])
    return axes
