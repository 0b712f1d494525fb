"""What a recorded explorer shows at its start, as a picture for print and for readers without JavaScript."""

from sobolev_book import style
from sobolev_book.explorers.recorded import unpacked


def draw(data):
    """Return a Matplotlib figure of the ``data`` of a recorded explorer at the start of every axis."""
    import matplotlib.pyplot as plt

    style.use()
    figure, axes = plt.subplots(1, len(data["panels"]), figsize=(3.6 * len(data["panels"]), 3), squeeze=False)
    starts = {axis["name"]: axis["start"] for axis in data["axes"]}
    for ax, panel in zip(axes[0], data["panels"], strict=True):
        for line in panel["series"]:
            look = style.line(line["method"], label=data["names"][line["method"]])
            if "low" in line:
                bounds = (unpack(data, line, name) for name in ("low", "high"))
                ax.fill_between(panel["x"], *bounds, color=look["color"], alpha=0.2, lw=0)
            ax.plot(panel["x"], unpack(data, line, "mean"), **look)
        if panel["rule"]:
            ax.axvline(starts[panel["rule"]], color="#888888", lw=1, ls=":")
        ax.set(title=panel["title"], xlabel=panel["xlabel"], ylabel=panel["ylabel"])
        ax.locator_params(axis="x", nbins=3)  # steps are long numbers
        ax.set_yscale("log" if panel["ylog"] else "linear")
        if panel["y"]:
            ax.set_ylim(panel["y"])
    known = {name: x for ax in axes[0] for x, name in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(known.values(), known, loc="outside lower center", ncols=len(known), fontsize=9)
    return figure


def alt(data):
    """Return the picture's words: what its panels show, and where the controls stand."""
    where = ", ".join(f"{axis['label']} = {axis['start']}" for axis in data["axes"])
    return " ".join(panel["alt"] for panel in data["panels"]) + f" At {where}."


def unpack(data, line, which):
    """Return the numbers (n,) of a series at the start of every axis: the inverse of packing."""
    first = 0
    for axis in data["axes"]:
        if axis["name"] in line["on"]:
            first = first * len(axis["values"]) + axis["values"].index(axis["start"])
    value = unpacked(line, which)[first * line["n"] : (first + 1) * line["n"]]
    return 10**value if line["log"] else value
