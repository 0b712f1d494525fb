"""Chapter 01's figures: critics that agree in value and differ in slope."""

import numpy as np

from sobolev_book import style
from sobolev_book.figures.bands import shaded

RATE = 0.13  # drawn length of an actor step per unit of slope


def fig_two_critics(axes, problem, s, samples, critic):
    """Draw Q*(s, .) beside another critic: values on the left, slopes at ``samples`` on the right.

    ``samples`` (k,) are actions in [-1, 1]; ``critic`` takes actions and returns (value, slope), each in
    their shape. An arrow is one step of gradient ascent, a -> a + 0.13 dQ/da (deterministic
    policy gradient, Silver et al. 2014; the chapter's eq-01-actor).
    """
    values, steps = axes
    exact, other = style.line("exact", label="exact $Q^*$"), style.line("value_only", label="its twin")
    a, best = np.linspace(-1, 1, 801), problem.optimal_policy(s)
    values.plot(a, problem.optimal_q(s, a), **exact)
    values.plot(a, critic(a)[0], **other)
    values.plot(samples, problem.optimal_q(s, samples), "o", color=exact["color"], ms=5, label="samples")
    values.set(xlabel="action $a$", title=f"value at $s = {s:g}$")
    values.figure.legend(*values.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    slopes = (problem.optimal_q_gradients(s, samples)[1], critic(samples)[1])
    for slope, look, marker in zip(slopes, (exact, other), "os", strict=True):
        steps.plot(samples, slope, marker, color=look["color"], ms=5, label=look["label"])
        arrows = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.011, "zorder": 2}
        steps.quiver(samples, slope, RATE * slope, np.zeros_like(slope), color=look["color"], **arrows)
    for ax in axes:
        ax.axvline(best, color="#888888", lw=1, zorder=0)
        ax.annotate("$a^*$", (best, 0.04), (4, 0), ("data", "axes fraction"), "offset points")
    steps.axhline(0, color="#888888", lw=1, zorder=0)
    steps.set(xlabel="action $a$", title="slope, actor step", xlim=(-1.5, 1.3))
    return axes


def fig_ends(ax, starts, ends, best, amplitudes):
    """Draw the action where gradient ascent ends against the one where it starts.

    ``starts`` are (n,), ``ends`` (m, n), a row for each ripple of ``amplitudes`` (m,); ``best`` is optimal.
    """
    ax.axhline(best, **style.line("exact", label="$a^*$"))
    shades = np.linspace(0.45, 1, len(amplitudes))
    for row, amplitude, shade in zip(ends, amplitudes, shades, strict=True):
        look = style.line("value_only", label=f"ripple of {amplitude:.2g}")
        ax.plot(starts, row, **look, alpha=shade)
    ax.set(xlabel="the climb starts at", ylabel="the climb ends at", xlim=(-1, 1), ylim=(-1.05, 1.05))
    ax.legend(loc="upper left", fontsize=9)
    return ax


def fig_loss(ax, amplitudes, climbed, taken, frequency):
    """Draw what two readers of a rippled critic lose in true value, and what they can lose at most.

    At each of ``amplitudes`` (m,) > 0 of the ripple, ``climbed`` (m, n) are losses of gradient ascent from n
    starts, of which the worst is drawn, ``taken`` (m,) those of the action with the largest value. The
    bounds, thin: (amplitude * frequency)^2 / 4 and 2 amplitude (the chapter's eq-01-loss).
    """
    climber = style.line("value_only", label="climbs the slope, worst start")
    chooser = style.line("value_only", label="takes the largest value", color="#444444", linestyle="-.")
    ax.loglog(amplitudes, climbed.max(axis=1), **climber)
    ax.loglog(amplitudes, taken, **chooser)
    ax.loglog(amplitudes, (amplitudes * frequency) ** 2 / 4, color=climber["color"], lw=0.8)
    ax.loglog(amplitudes, 2 * amplitudes, color=chooser["color"], lw=0.8)
    ax.set(xlabel="ripple amplitude $\\varepsilon$", ylabel="loss in $Q^*$")
    ax.set_ylim(top=100)  # room for the legend
    ax.legend(loc="upper left", fontsize=9)
    return ax


def fig_samples(axes, counts, errors, n_features):
    """Draw value error and slope error of a fit, on an axes each, against its number of samples.

    ``errors`` is method -> (2, m, sets), root mean square errors of value and slope at ``counts`` (m,) of
    samples. Lines are medians over the sample sets, bands the middle half; thin lines stand where a method
    has as many numbers as unknowns, ``n_features``.
    """
    for ax, row, name in zip(axes, (0, 1), ("value", "slope"), strict=True):
        for numbers_a_sample, (method, error) in zip((1, 2), errors.items(), strict=True):
            look = style.line(method)
            low, middle, high = np.quantile(error[row], [0.25, 0.5, 0.75], axis=-1)
            shaded(ax, counts, middle, low, high, **look)
            ax.axvline(n_features / numbers_a_sample, **{**look, "label": None}, lw=1, zorder=1)
        ax.set(xscale="log", yscale="log", xlabel="samples $k$", ylabel=f"{name} error (RMS)")
        ax.set_xticks([4, 6, 8, 12, 16, 24, 32, 48], labels=["4", "6", "8", "12", "16", "24", "32", "48"])
        ax.minorticks_off()
    axes[1].legend()
    return axes
