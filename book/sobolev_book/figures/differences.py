"""Figures of chapter 03: what finite differences can see, and why a maximiser may be held still."""

import numpy as np

from sobolev_book import style

# Number formats are no methods, so they have colours of their own; the scheme is the line style.
COLORS = {"float64": "#3B2A6B", "float32": "#B07D12"}
STYLES = {"central": "-", "forward": "--"}


def fig_step_error(ax, curves, levels):
    """Draw the error of difference quotients against their step, and that of the analytic slope.

    ``curves`` is (dtype, scheme), keys of ``COLORS`` and ``STYLES``, -> (steps (n,), errors (n,)); ``levels``
    is dtype -> error of the analytic slope, > 0. The rise to the right is the terms that Taylor's formula
    drops, the rise to the left is rounding (the chapter's eq-03-step).
    """
    for (dtype, scheme), (steps, errors) in curves.items():
        label = f"{scheme}, {dtype}"
        ax.loglog(steps, errors, color=COLORS[dtype], linestyle=STYLES[scheme], label=label)
    for dtype, error in levels.items():
        ax.axhline(error, color=COLORS[dtype], linestyle=":", label="_level")
        ax.text(2e-13, error / 2, f"analytic, {dtype}", color=COLORS[dtype], va="top", fontsize="small")
    notes = {"rounding ∝ 1/h": (4e-10, 1e-4), "∝ h": (4e-7, 3e-5), "∝ h²": (3e-2, 6e-6)}
    for text, at in notes.items():
        ax.text(*at, text, color="#555555", ha="center")
    ax.set(xlabel="step h", ylabel="median error of the slope", xlim=(1e-13, 1.5), ylim=(1e-17, 10))
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 0.1), fontsize="small")
    return ax


def fig_zoom(ax, offsets, rise, slope, h):
    """Draw a target as the difference quotient with step h > 0 sees it, in units of h.

    ``rise`` (n,) is y(a + offset) - y(a) at ``offsets`` (n,), ascending, -h and h among them; ``slope`` the
    analytic one at offset 0. In these units the tangent is the same line at every h.
    """
    ax.plot(offsets / h, rise / h, color="#7f7f7f", linewidth=1.2, label="target")
    ends = [int(np.argmin(np.abs(offsets - x))) for x in (-h, h)]
    x, y = offsets[ends] / h, rise[ends] / h
    wide = np.array([-1.5, 1.5])
    chord = y[0] + (y[1] - y[0]) / (x[1] - x[0]) * (wide - x[0])
    ax.plot(wide, slope * wide, **style.line("exact", label="tangent", linewidth=1.2))
    ax.plot(wide, chord, **style.line("value_only", label="central difference"))
    ax.plot(x, y, "o", color=style.color("value_only"), label="_ends")
    ax.set(xlabel="offset / h", title=f"h = {h:.1g}", xlim=(-1.5, 1.5), ylim=(-6, 6))
    return ax


def fig_envelope(ax, s_next, value, frozen, at, title):
    """Draw the value of the next state and the same with the action held still.

    At next states ``s_next`` (n,): ``value`` (n,) with the action moving along, ``frozen``, a list of (n,), a
    curve for each action used at the point of contact ``at`` = (s', value there). Where a' is the only
    maximiser the curves touch; where two tie they cross and the maximum has a kink; where a' is no maximum
    they cross as well (the chapter's eq-03-envelope).
    """
    ax.plot(s_next, value, **style.line("exact", label="a′ moves with s′", linewidth=3.0))
    for i, curve in enumerate(frozen):
        label = "a′ frozen" if i == 0 else "_frozen"
        ax.plot(s_next, curve, **style.line("sobolev", label=label, linewidth=1.5))
    ax.plot(*at, "o", color="#000000", label="_contact")
    ax.set(xlabel="next state s′", title=title)
    return ax
