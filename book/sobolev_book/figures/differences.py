"""Figures of chapter 03: the envelope, and what differences can see."""

from sobolev_book import style

# Number formats are no methods, so they have colours of their own; the scheme is the line style.
COLORS = {"float64": "#7F63C9", "float32": "#B07D12"}
STYLES = {"central": "-", "forward": "--"}


def fig_envelope(ax, s_next, value, frozen, at, title, others=()):
    """Draw the value of the next state, and curves with the action held still.

    At next states ``s_next`` (n,): ``value`` (n,) with the action moving along; ``frozen``, a list of (n,), a
    curve for each action used at the point of contact ``at`` = (s', value there); ``others``, curves of other
    actions. Where a' is the only maximiser value and curve touch; where two tie the curves cross and the
    maximum has a kink; where a' is no maximum they cross as well (the chapter's eq-03-envelope).
    """
    for i, curve in enumerate(others):
        ax.plot(s_next, curve, color="#888888", linewidth=0.8, label="_other" if i else "other actions")
    ax.plot(s_next, value, **style.line("exact", label="$a'$ moves along", linewidth=3.0))
    for i, curve in enumerate(frozen):
        ax.plot(s_next, curve, **style.line("slope_a", label="_held" if i else "$a'$ held still"))
    ax.plot(*at, "o", color="#000000", label="_contact")
    ax.set(xlabel="next state $s'$", title=title)


def fig_grid(ax, spacing, errors, predicted):
    """Draw errors of a target over a grid of actions against its spacing (G,).

    ``errors`` and ``predicted`` are name -> (G,): points, and the lines that theory draws through them.
    """
    for name, method, marker in zip(errors, ("slope_s", "slope_a"), "so", strict=True):
        ax.loglog(spacing, predicted[name], **style.line(method, label="_predicted"))
        ax.loglog(spacing, errors[name], marker, color=style.color(method), label=name)
    ax.set(xlabel="distance between two actions", ylabel="error (root mean square)")
    ax.legend(loc="lower right")


def fig_step_error(ax, curves, levels):
    """Draw the error of difference quotients against their step, and that of the analytic slope.

    ``curves`` is (dtype, scheme), keys of ``COLORS`` and ``STYLES``, -> (steps (n,), errors (n,)); ``levels``
    is dtype -> error of the analytic slope, > 0. The rise to the right is the terms that Taylor's formula
    drops, the rise to the left is rounding (the chapter's eq-03-step).
    """
    for (dtype, scheme), (steps, errors) in curves.items():
        ax.loglog(steps, errors, color=COLORS[dtype], linestyle=STYLES[scheme], label=f"{scheme}, {dtype}")
    for dtype, error in levels.items():
        ax.axhline(error, color=COLORS[dtype], linestyle=":", label="_level")
        va = "bottom" if "64" in dtype else "top"
        ax.text(2e-13, error, f"chain rule,\n{dtype}", va=va)
    notes = {"rounding ∝ 1/h": (4e-10, 1e-4), "∝ h": (3e-7, 2e-5), "∝ h²": (2e-2, 5e-7)}
    for text, at in notes.items():
        ax.text(*at, text, color="#555555", ha="center", fontsize=10)
    ax.set(xlabel="step h", ylabel="median error of the slope", xlim=(1e-13, 1), ylim=(1e-18, 10))
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 0.08), fontsize=10)
