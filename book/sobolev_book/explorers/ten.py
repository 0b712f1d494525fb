"""The explorer of chapter 01: ten networks over training, without and with slope labels, and a ball."""

import numpy as np
import traitlets

from sobolev_book import style
from sobolev_book.explorers.base import Filled
from sobolev_book.explorers.recorded import at_start, fact, unpacked
from sobolev_book.figures.ripple import readings
from sobolev_mini.toy import ToyProblem

CELLS = 80  # of the action, in each of which a network's mean slope is kept
AXES = {"updates": "training updates", "slopes": "slope labels, too", "network": "network"}
AXES |= {"start": "ball starts at", "draw": "draw of labels"}


class Ten(Filled):
    """Ten networks and a ball; made by ``ten_networks``."""

    _name = "ten"
    updates = traitlets.Int(4000).tag(sync=True, control=True)
    slopes = traitlets.Bool(False).tag(sync=True, control=True)
    network = traitlets.Int(8).tag(sync=True, control=True)
    start = traitlets.Float(-0.8).tag(sync=True, control=True)
    draw = traitlets.Int(1).tag(sync=True, control=True)


def ten_networks(plain, sloped, a, samples, labels):
    """Return the explorer of networks at state 0 trained without and with slopes, on D draws of labels.

    ``plain`` and ``sloped`` are updates -> (values, slopes), (D S, n) each, draw by draw, at actions ``a``
    (n,); ``labels`` (D, k) are the values given at ``samples`` (k,). Where n is not 80 m + 1, ``ValueError``.
    """
    if (len(a) - 1) % CELLS:
        raise ValueError(f"a: got {len(a)} actions, wanted a multiple of {CELLS} and one more")
    curves = np.array([[plain[n], sloped[n]] for n in plain])  # updates, kind, value and slope, network, n
    summits = readings(ToyProblem(), 0.0, a, *np.moveaxis(curves, 2, 0))["summits"]
    q = curves[:, :, 0, :, :: (len(a) - 1) // CELLS]
    q, summits = (np.stack(np.split(x, len(labels), axis=2), axis=3) for x in (q, summits))
    starts = [round(x / 10, 1) for x in range(-10, 11)]
    counted = (list(range(1, n + 1)) for n in q.shape[2:4])
    values = list(plain), [False, True], next(counted), starts, next(counted)
    made, on = Ten(), ["updates", "slopes", "network", "draw"]
    axes = [
        {"name": name, "label": label, "values": x, "start": made.values()[name]}
        for (name, label), x in zip(AXES.items(), values, strict=True)
    ]
    made.data = {
        "name": "ten",
        "title": "Ten networks over training, and a ball on one of them",
        "axes": axes,
        "begin": fact("", on, q[..., 0]),
        "slope": fact("", on, np.diff(q) * CELLS / 2, points=1),
        "summits": fact("", on, summits),
        "samples": np.round(samples, 3).tolist(),
        "labels": fact("", ["draw"], labels, points=1),
    }
    return made


def curve(data):
    """Return actions, values and cells' slopes of the network at the start, and where its ball stops."""
    slope, begin = at_start(data, data["slope"], "mean"), at_start(data, data["begin"], "mean")
    a = np.linspace(-1, 1, len(slope) + 1)
    i = np.abs(a - data["axes"][3]["start"]).argmin()
    while i < len(slope) and slope[i] > 0:
        i += 1
    while i > 0 and slope[i - 1] < 0:
        i -= 1
    return a, begin + np.append(0, np.cumsum(slope) * 2 / len(slope)), slope, i


def draw(data):
    """Return a Matplotlib figure of the ``data`` at the start of every axis: the ball at its end."""
    import matplotlib.pyplot as plt

    style.use()
    figure, (values, slopes, false) = plt.subplots(1, 3, figsize=(10, 3.2))
    a, q, slope, end = curve(data)
    look, exact = style.line("value_only", linestyle="-"), style.line("exact", label="exact $Q^*$")
    ball = {"marker": "o", "ls": "", "color": style.color("constant"), "ms": 8, "label": "the ball's end"}
    problem, axes = ToyProblem(), data["axes"]
    values.plot(data["samples"], at_start(data, data["labels"], "mean"), ".", color="#888888", label="labels")
    values.plot(a, problem.optimal_q(0.0, a), **exact)
    values.plot(a, q, **{**look, "label": f"network {axes[2]['start']}"})
    for i in axes[2]["values"]:
        _, y, other, stop = curve(data | {"axes": [*axes[:2], axes[2] | {"start": i}, *axes[3:]]})
        values.plot(a, y, "o-", color=look["color"], lw=0.5, mfc=ball["color"], ms=5, markevery=[stop])
        slopes.stairs(other, a, baseline=None, color=look["color"], lw=0.5)
    values.plot(a[end], q[end], **ball)
    slopes.plot(a, problem.optimal_q_gradients(0.0, a)[1], **exact)
    slopes.stairs(slope, a, baseline=None, color=look["color"], lw=2)
    slopes.axhline(0, color="#888888", lw=1)
    slopes.plot(a[end], 0, **ball)
    summits = unpacked(data["summits"], "mean").reshape(data["summits"]["sizes"])[..., 0].round()
    for kind, method in enumerate(("value_only", "sobolev")):
        look = style.line(method, label=("on values", "on values and slopes")[kind])
        false.plot(data["axes"][0]["values"], np.sum(summits[:, kind] > 1, axis=-1), **look)
    values.set(xlabel="action $a$", title="the ten in value")
    slopes.set(xlabel="action $a$", title="the ten in slope")
    false.set(xlabel="updates", title="networks with a false summit", ylim=(-0.3, 10.3))
    values.legend(fontsize=9, loc="lower center")
    false.legend(fontsize=9, loc="center left")
    return figure


def alt(data):
    """Return the picture's words."""
    (a, _, _, end), (updates, _, network, start, _) = curve(data), (axis["start"] for axis in data["axes"])
    summits = at_start(data, data["summits"], "mean")[0]
    return (
        f"{data['title']}: after {updates:,} updates on values network {network} is near the truth in value. "
        f"Its slope swings to both sides of the true one; of its {summits:.0f} summits the ball from {start} "
        f"stops on that at {a[end]:.2f}. Networks with a false summit become more over training; with slope "
        "labels hardly any has one."
    )
