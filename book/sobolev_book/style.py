"""One look for every figure: a colour and a line style a method, the same throughout the book.

Colours are told apart by the colour-blind, most are Okabe and Ito's (2008); each has a contrast of 3 to
the page at least, for which the dark page changes some. The line style says the same again for print.
"""

import sys

from sobolev_mini import validate

# name: (label, colour, line style)
METHODS = {
    "exact": ("exact optimum", "#000000", "-"),
    "clipped": ("clipped shortcut", "#7f7f7f", ":"),
    "value_only": ("value-only", "#D55E00", "--"),
    "sobolev": ("Sobolev", "#0072B2", "-"),
    "slope_s": ("state slopes only", "#009E73", "-."),
    "slope_a": ("action slopes only", "#CC79A7", (0, (3, 1, 1, 1))),
    "svg": ("slopes in the actor only", "#774422", (0, (6, 1.5))),
    "twice": ("twice the updates", "#075255", (0, (1.5, 1.5))),
    "constant": ("Sobolev, constant weights", "#332288", (0, (6, 1.5, 1, 1.5, 1, 1.5))),
}
# what the dark page shows instead; the explorers' (`plot.js`, `view.js`) are the same
DARK = {"#000000": "#e8e8e8", "#0072B2": "#3f93d6", "#774422": "#e69f00", "#075255": "#8fdaff",
        "#332288": "#a79cf0"}  # fmt: skip


def line(method, **changes):
    """Return ``plot`` keywords (label, color, linestyle) of a method; ``changes`` override them."""
    label, color, linestyle = METHODS[validate.one_of("method", method, tuple(METHODS))]
    return {"label": label, "color": color, "linestyle": linestyle, **changes}


def color(method):
    """Return the colour of a method."""
    return line(method)["color"]


def use():
    """Set Matplotlib's defaults for the book: quiet axes, legible type, white paper."""
    import matplotlib as mpl

    mpl.rcParams.update(
        {
            "figure.figsize": (7.2, 3.4),
            "figure.dpi": 110,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "svg.hashsalt": "sobolev",  # the same names of parts at every run
            "font.size": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#e6e6e6",
            "lines.linewidth": 1.8,
            "legend.frameon": False,
        }
    )
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        if hasattr(shell, "kernel"):  # lines stay sharp, and the page may colour them for its theme
            set_matplotlib_formats("svg", metadata={"Date": None})
