"""The clip: recorded episodes of linkages that play in the page, with a still picture for print."""

import numpy as np
import traitlets

from sobolev_book import style
from sobolev_book.explorers.base import Explorer, inside
from sobolev_book.explorers.recorded import series
from sobolev_book.explorers.recorded_still import unpack
from sobolev_book.figures.swingups import STAGES, fig_swingups


class Clip(Explorer):
    """Episodes played side by side; made by ``clip``."""

    _name = "clip"
    data = traitlets.Dict().tag(sync=True)

    def element(self):
        """Return the custom element as HTML, the data inside."""
        return inside(self._name, {}, self.data)


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
    length = max(len(x) for methods in runs.values() for x in methods.values())
    methods = list(dict.fromkeys(method for one in runs.values() for method in one))
    panels = []
    for task, one in runs.items():
        stage, *box = STAGES[task]
        longest = max(len(x) for x in one.values())
        lines = []
        for method, x in one.items():
            held = np.full((longest - len(x), *x.shape[1:]), np.nan)  # an episode that ended before
            lines.append(series(method, (), np.concatenate([x, held]).ravel()))
        links = next(iter(one.values())).shape[1] - 1
        told = ", ".join(style.line(method)["label"] for method in one)
        panels.append({
            "title": captions[task], "box": box, "cart": task == "cartpole_swingup", "links": links,
            "alt": f"The {stage} swung up: {told}.", "task": task, "series": lines,
        })  # fmt: skip
    names = {method: style.line(method)["label"] for method in methods}
    return Clip(data={"name": name, "title": title, "names": names, "axes": [], "length": length,
                      "words": words, "panels": panels})  # fmt: skip


def draw(data):
    """Return a Matplotlib figure of poses, for readers without JavaScript."""
    import matplotlib.pyplot as plt

    style.use()
    runs = {panel["task"]: {one["method"]: _joints(data, panel, one) for one in panel["series"]}
            for panel in data["panels"]}  # fmt: skip
    figure, axes = plt.subplots(1, len(runs), figsize=(3.2 * len(runs), 3.2), squeeze=False)
    fig_swingups(axes[0], runs)
    axes[0, 0].legend(fontsize=9, loc="lower left")
    return figure


def alt(data):
    """Return the picture's words."""
    return f"{data['title']}. " + " ".join(panel["alt"] for panel in data["panels"])


def _joints(data, panel, one):
    return unpack(data, one, "mean").reshape(-1, panel["links"] + 1, 2)
