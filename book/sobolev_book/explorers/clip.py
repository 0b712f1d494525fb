"""The clip: recorded episodes of linkages that play in the page, with a still picture for print."""

import numpy as np

from sobolev_book import style
from sobolev_book.explorers.base import Filled
from sobolev_book.explorers.recorded import at_start, series
from sobolev_book.figures.swingups import STAGES, fig_swingups


class Clip(Filled):
    """Episodes played side by side; made by ``clip``."""

    _name = "clip"


def clip(name, title, runs, captions, words):
    """Return the ``Clip`` of ``runs``.

    Parameters
    ----------
    name : a word that names its still picture
    title : what it shows, for screen readers
    runs : task -> method -> joints (T, K, 2), as ``figures.swingups.joints`` returns
    captions : task -> words under its panel
    words : printed below all
    """
    names, panels, length = {}, [], 0
    for task, methods in runs.items():
        stage, *box = STAGES[task]
        longest, lines = max(len(x) for x in methods.values()), []
        for method, x in methods.items():
            held = np.full((longest - len(x), *x.shape[1:]), np.nan)  # an episode that ended before
            lines.append(series(method, (), np.concatenate([x, held]).ravel()))
        labels = {method: style.line(method)["label"] for method in methods}
        names, length = names | labels, max(length, longest)
        panels.append({
            "title": captions[task], "box": box, "cart": task == "cartpole_swingup", "links": x.shape[1] - 1,
            "alt": f"The {stage} swung up: {', '.join(labels.values())}.", "task": task, "series": lines,
        })  # fmt: skip
    return Clip(data={"name": name, "title": title, "names": names, "axes": [], "length": length,
                      "words": words, "panels": panels})  # fmt: skip


def draw(data):
    """Return a Matplotlib figure of poses, for readers without JavaScript."""
    import matplotlib.pyplot as plt

    style.use()
    runs = {}
    for panel in data["panels"]:
        shape = -1, panel["links"] + 1, 2
        runs[panel["task"]] = {
            line["method"]: at_start(data, line, "mean").reshape(shape) for line in panel["series"]
        }
    figure, axes = plt.subplots(1, len(runs), figsize=(3.2 * len(runs), 3.2), squeeze=False)
    fig_swingups(axes[0], runs)
    axes[0, 0].legend(fontsize=9, loc="lower left")
    return figure


def alt(data):
    """Return the picture's words."""
    return f"{data['title']}. " + " ".join(panel["alt"] for panel in data["panels"])
