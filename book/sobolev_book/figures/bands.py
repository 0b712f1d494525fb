"""What the figures of training runs share: names of the measures, and a mean over seeds with its band."""

from sobolev_book import stats, style

LABELS = {
    "q": "$Q$",
    "q_centred": "$Q$ less its offset",
    "q_s": r"$\nabla_s Q$",
    "q_a": r"$\nabla_a Q$",
    "policy": "policy",
    "return": "return",
}

DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))


def dashed(curves, color="black"):
    """Yield (values, ``plot`` keywords) for each of ``curves``, label -> values, told apart by dashes."""
    for (label, values), dashes in zip(curves.items(), DASHES, strict=False):
        yield values, {"color": color, "linestyle": dashes, "label": label}


def shaded(ax, x, middle, low, high, alpha=0.2, **look):
    """Draw ``middle`` over x as a line, its keywords ``look``, and the band from low to high; all (N,)."""
    ax.plot(x, middle, **look)
    ax.fill_between(x, low, high, color=look["color"], alpha=alpha, lw=0)


def band(ax, x, y, method):
    """Draw the mean of y (N, S) over seeds at x (N,), its 95 % interval as a band, in a method's style."""
    shaded(ax, x, y.mean(axis=1), *stats.bootstrap_interval(y, draws=2000), **style.line(method))
