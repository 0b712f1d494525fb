"""Swing-ups drawn as linkages: one picture of poses for paper, joints for the clip in the page."""

import numpy as np

from sobolev_book import style
from sobolev_mini import validate

# task: (title, left, right, bottom, top) of what the clip shows, in metres or lengths of a link
STAGES = {
    "pendulum": ("pendulum", -1.3, 1.3, -1.3, 1.3),
    "cartpole_swingup": ("cart-pole", -2.5, 2.5, -2.0, 2.0),
    "acrobot": ("acrobot", -2.2, 2.2, -2.2, 2.2),
}


def joints(task, s):
    """Return where the links meet and end, (T, K, 2), of states s (T, n_s) of ``task``; up is positive.

    The cart-pole's first joint is the cart, its pole twice the 0.5 m to its centre.
    """
    validate.one_of("task", task, tuple(STAGES))
    s = np.asarray(s, dtype=float)
    zero = np.zeros(len(s))
    if task == "pendulum":  # the angle from upright
        points = [(zero, zero), (-s[:, 1], s[:, 0])]
    elif task == "cartpole_swingup":
        points = [(s[:, 0], zero), (s[:, 0] + s[:, 2], s[:, 1])]
    else:  # the first angle from hanging, the second from the first link
        elbow = s[:, 1], -s[:, 0]
        sin, cos = s[:, 1] * s[:, 2] + s[:, 0] * s[:, 3], s[:, 0] * s[:, 2] - s[:, 1] * s[:, 3]
        points = [(zero, zero), elbow, (elbow[0] + sin, elbow[1] - cos)]
    return np.stack([np.stack(point, axis=-1) for point in points], axis=1)


def episodes(frame):
    """Return task -> method -> joints (T, K, 2) of the record ``swingups``."""
    runs = {}
    for (task, method), rows in frame.groupby(["task", "method"], sort=False):
        x = rows.filter(regex="^[xy]").dropna(axis=1).to_numpy()
        runs.setdefault(task, {})[method] = x.reshape(len(x), -1, 2)
    return runs


def fig_swingups(axes, runs):
    """Draw poses of linkages over time, the later the stronger, one panel a task.

    ``runs`` is task -> method -> joints (T, K, 2); drawn is every sixth of the first 72 steps.
    """
    for ax, (task, methods) in zip(axes, runs.items(), strict=True):
        title, left, right, bottom, top = STAGES[task]
        for method, x in methods.items():
            shown = x[:72:6]
            shown = shown[np.isfinite(shown).all(axis=(1, 2))]
            for i, pose in enumerate(shown):
                keywords = style.line(method, label=None) if i < len(shown) - 1 else style.line(method)
                ax.plot(
                    *pose.T, alpha=0.15 + 0.85 * (i + 1) / len(shown), lw=1.5, **keywords | {"linestyle": "-"}
                )
        ax.set(title=title, xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], aspect="equal")
        ax.grid(visible=False)
