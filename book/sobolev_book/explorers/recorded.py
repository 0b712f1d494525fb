"""The recorded explorer: drag through a grid that was computed before; and the picture of its start.

The picture is for print and for readers without JavaScript.
"""

import re

import numpy as np
import traitlets

from sobolev_book import style
from sobolev_book.explorers.base import Filled
from sobolev_mini import validate

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Recorded(Filled):
    """Panels of lines over a recorded grid, a control for each of its axes; made by ``recorded``."""

    _name = "recorded"


def recorded(name, title, axes, panels, facts=(), names=None, play=None, says=()):
    """Return an explorer of a recorded grid.

    Parameters
    ----------
    name : a word that tells it from the page's other explorers; part of its link
    title : what it shows, for screen readers
    axes : name -> (label, values, start); numbers in ascending order, or words
    panels : list of ``panel``
    facts : list of ``fact``, printed below the panels
    names : method -> name in the key, where it is not the book's; {axis} stands for its value
    play : an axis that a button runs through, or None
    says : sentences for the words, with {names} of axes and facts; the fact "case" chooses one
    """
    if not name.isidentifier():
        raise ValueError(f"name: got {name!r}, wanted a word of letters, digits and _")
    controls, traits = [], {}
    for axis, (label, values, start) in axes.items():
        values = [x if isinstance(x, str) else float(x) for x in values]
        start = validate.one_of(f"start of {axis}", start, tuple(values))
        controls.append({"name": axis, "label": label, "values": values, "start": start})
        kind = traitlets.Unicode if isinstance(start, str) else traitlets.Float
        traits[axis] = kind(start).tag(sync=True, control=True)
    lines = [line for panel in panels for line in panel["series"]]
    balls = [ball for panel in panels for ball in panel.get("dots", ())]
    lengths = {axis["name"]: len(axis["values"]) for axis in controls}
    for panel in panels:
        if "by" in panel and len(panel["y"]) != lengths.get(panel["by"]):
            raise ValueError(f"by: got {panel['by']!r}, wanted an axis of {len(panel['y'])} values")
    for numbers in (*lines, *(ball[way] for ball in balls for way in ("across", "up")), *facts):
        _check(numbers, lengths)
    names = {line["method"]: style.line(line["method"])["label"] for line in lines + balls} | (names or {})
    data = {"name": name, "title": title, "names": names, "axes": controls, "panels": panels}
    if play is not None:
        numeric = [axis["name"] for axis in controls if not isinstance(axis["start"], str)]
        data["play"] = validate.one_of("play", play, tuple(numeric))
    told = (*axes, *(one["label"] for one in facts))
    for where, texts, known in (("says", says, told), ("names", names.values(), tuple(axes))):
        for word in re.findall(r"\{(.+?)\}", " ".join(texts)):
            validate.one_of(f"name in {where}", word, known)
    data |= {"says": list(says)} if says else {}
    return type("Recorded", (Recorded,), traits)(data={**data, "facts": list(facts)})


def panel(title, xlabel, ylabel, x, series, alt, *, y=None, by=None, ylog=False, rule=None, balls=()):
    """Return a panel: ``series`` over ``x`` (n,), ``balls`` on it, a vertical line at the value of ``rule``.

    Limits ``y`` have six digits: the rest is a processor's; with ``by``, a pair for each value of that axis.
    """
    x = np.asarray(x, dtype=float).tolist()
    y = y and [float(f"{end:.6g}") if isinstance(end, float) else end for end in y]
    scaled = {} if by is None else {"by": by}
    panel = {"title": title, "xlabel": xlabel, "ylabel": ylabel, "x": x, "series": list(series), "alt": alt}
    return {**panel, "y": y, "ylog": ylog, "rule": rule, **scaled, **({"dots": list(balls)} if balls else {})}


def series(method, on, mean, low=None, high=None, log=False):
    """Return a line: ``mean`` (an axis for each name in ``on``, then n points), with a band where given.

    Numbers are kept to 1/4094 of their range (facts: 1/262,142), with ``log`` of the range of their
    logarithms; NaN is kept.
    """
    method = validate.one_of("method", method, tuple(style.METHODS))
    return {"method": method, **fact("", on, mean, low, high, log, points=1)}


def dots(method, on, x, y):
    """Return dots at x and y, each an axis for each name in ``on``, then n points."""
    method = validate.one_of("method", method, tuple(style.METHODS))
    return {"method": method, "across": fact("", on, x, points=1), "up": fact("", on, y, points=1)}


def fact(label, on, mean, low=None, high=None, log=False, points=0, shown=2, least=0.0):
    """Return a number to print, over the axes named ``on``; with ``points`` = 1 the numbers of a line.

    ``shown`` digits are printed, and 0 for what is smaller than ``least``.
    """
    given = {"mean": mean, "low": low, "high": high}.items()
    arrays = {name: np.asarray(x, dtype=float) for name, x in given if x is not None}
    if log:
        with np.errstate(divide="ignore", invalid="ignore"):
            arrays = {name: np.log10(x) for name, x in arrays.items()}
    finite = np.concatenate([x[np.isfinite(x)] for x in arrays.values()])
    span = [float(f"{f(finite):.6g}") for f in (np.min, np.max)] if finite.size else [0.0, 1.0]
    shape = arrays["mean"].shape
    if any(x.shape != shape for x in arrays.values()) or len(shape) != len(on) + points:
        raise ValueError(f"mean: got shapes {[x.shape for x in arrays.values()]} over axes {list(on)}")
    digits = 2 if points else 3
    about = {"label": label, "on": list(on), "sizes": list(shape[: len(on)]), "n": shape[-1] if points else 1}
    packed = {name: _pack(x, *span, digits) for name, x in arrays.items()}
    told = {name: x for name, x, usual in (("shown", shown, 2), ("least", least, 0.0)) if x != usual}
    return {**about, "digits": digits, "span": span, "log": log, **told, **packed}


def _pack(x, low, high, digits):
    """Return ``x`` as text: each number so many digits to the base of 64, the greatest of them for NaN."""
    top = 64**digits - 2
    share = (x.ravel() - low) / ((high - low) or 1)
    levels = np.where(np.isfinite(share), np.round(np.clip(np.nan_to_num(share), 0, 1) * top), top + 1)
    places = 64 ** np.arange(digits)[::-1]
    return "".join(DIGITS[i] for i in (levels[:, None] // places % 64).astype(int).ravel())


def unpacked(numbers, which):
    """Return the numbers ``which`` ("mean", "low", "high") of a series or fact, flat; logs with ``log``."""
    digits, (low, high), text = numbers["digits"], numbers["span"], numbers[which]
    places = 64 ** np.arange(digits)[::-1]
    levels = np.array([DIGITS.index(x) for x in text]).reshape(-1, digits) @ places
    top = 64**digits - 2
    return np.where(levels > top, np.nan, low + (high - low) * levels / top)


def _check(numbers, lengths):
    on, sizes = numbers["on"], numbers["sizes"]
    if on != [name for name in lengths if name in on]:
        raise ValueError(f"on: got {on}, wanted some of {list(lengths)}, in this order")
    if sizes != [lengths[name] for name in on]:
        raise ValueError(f"mean: got {sizes} along {on}, wanted {[lengths[name] for name in on]}")


def draw(data):
    """Return a Matplotlib figure of the ``data`` of a recorded explorer at the start of every axis."""
    import matplotlib.pyplot as plt

    style.use()
    figure, axes = plt.subplots(1, len(data["panels"]), figsize=(3.6 * len(data["panels"]), 3), squeeze=False)
    starts = {axis["name"]: axis["start"] for axis in data["axes"]}
    names = {method: name.format(**starts) for method, name in data["names"].items()}
    places = {axis["name"]: axis["values"].index(axis["start"]) for axis in data["axes"]}
    for ax, panel in zip(axes[0], data["panels"], strict=True):
        for line in panel["series"]:
            look = style.line(line["method"], label=names[line["method"]])
            if "low" in line:
                bounds = (at_start(data, line, name) for name in ("low", "high"))
                ax.fill_between(panel["x"], *bounds, color=look["color"], alpha=0.2, lw=0)
            ax.plot(panel["x"], at_start(data, line, "mean"), **look)
        for ball in panel.get("dots", ()):
            look = style.line(ball["method"], label=names[ball["method"]], linestyle="", marker="o")
            ax.plot(*(at_start(data, ball[way], "mean") for way in ("across", "up")), **look)
        if panel["rule"]:
            ax.axvline(starts[panel["rule"]], color="#888888", lw=1, ls=":")
        ax.set(title=panel["title"], xlabel=panel["xlabel"], ylabel=panel["ylabel"])
        ax.locator_params(axis="x", nbins=3)  # steps are long numbers
        ax.set_yscale("log" if panel["ylog"] else "linear")
        if panel["y"]:
            ax.set_ylim(panel["y"][places[panel["by"]]] if "by" in panel else panel["y"])
    handles = {name: x for ax in axes[0] for x, name in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=len(handles), fontsize=9)
    return figure


def alt(data):
    """Return the picture's words: what its panels show, and where the controls stand."""
    where = ", ".join(f"{axis['label']} = {axis['start']}" for axis in data["axes"])
    return " ".join(panel["alt"] for panel in data["panels"]) + f" At {where}."


def at_start(data, line, which):
    """Return the numbers (n,) of a series at the start of every axis: the inverse of packing."""
    first = 0
    for axis in data["axes"]:
        if axis["name"] in line["on"]:
            first = first * len(axis["values"]) + axis["values"].index(axis["start"])
    value = unpacked(line, which)[first * line["n"] : (first + 1) * line["n"]]
    return 10**value if line["log"] else value
