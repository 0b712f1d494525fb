"""Chapter 01's figures: critics that agree in value and differ in slope, and what an actor makes of it."""

import numpy as np
import torch

from sobolev_book import style
from sobolev_book.figures.bands import shaded

RATE = 0.13  # drawn length of an actor step per unit of slope
CHOOSER = {"label": "takes the largest value", "color": "#444444", "linestyle": "-."}
CLIMBER = style.line("value_only", label="climbs, worst start")
GREY = {"color": "#888888", "lw": 1, "zorder": 0}


def ends(slope):
    """Return the places where steps too short to jump over a summit end, from each of n places in a row.

    ``slope`` (..., n) is a critic's; so is the shape of the answer. The ends of the row hold a climber.
    """
    n = np.arange(slope.shape[-1])
    right = np.minimum.accumulate(np.where(slope <= 0, n, n[-1])[..., ::-1], axis=-1)[..., ::-1]
    left = np.maximum.accumulate(np.where(slope >= 0, n, 0), axis=-1)
    return np.where(slope > 0, right, left)


def readings(problem, s, a, q, q_a):
    """Return what critics with values q and slopes q_a (..., n) at actions a (n,) are worth, name -> (...).

    "value" and "slope" are root mean square errors against Q*, "summits" the number of places where climbs
    end; "climber" and "chooser" the loss in Q* of the worst climb and of the action with the largest value.
    """
    exact, exact_a = problem.optimal_q(s, a), problem.optimal_q_gradients(s, a)[1]
    found, loss = ends(q_a), problem.optimal_value(s) - exact
    return {
        "value": np.sqrt(np.mean((q - exact) ** 2, axis=-1)),
        "slope": np.sqrt(np.mean((q_a - exact_a) ** 2, axis=-1)),
        "summits": 1 + np.sum(np.diff(found, axis=-1) > 0, axis=-1),
        "climber": loss[found].max(axis=-1),
        "chooser": loss[np.argmax(q, axis=-1)],
    }


def median(x):
    """Return the median of x (n,) and the ends of its 95 % interval, from the order of the numbers."""
    ends = 0.5 + np.array([-0.98, 0.98]) / np.sqrt(len(x))
    return float(np.median(x)), *np.quantile(x, ends).tolist()


def drawn(critic, s, a):
    """Return Q and its slope in the action of the networks ``critic`` at s and actions a (n,): (S, n)."""
    a = torch.as_tensor(a, dtype=torch.float32)[None, :, None]
    q, _, q_a = critic.value_and_slopes(torch.full_like(a, s), a)
    return q.detach().numpy(), q_a[..., 0].detach().numpy()


def fig_learning(axes, rewards, discount, grid, rounds, exact):
    """Draw a return as the sum of its discounted ``rewards`` (T,), and a critic after rounds of updates.

    ``rounds`` is number of rounds -> Q (n,) over the actions ``grid`` (n,), ``exact`` (n,) its limit (the
    chapter's eq-01-return and eq-01-target).
    """
    bars, curves = axes
    t = np.arange(len(rewards))
    parts = discount**t * rewards
    bars.bar(t, parts, color=style.color("sobolev"), label=r"$\gamma^t r_t$")
    bars.step(t, np.cumsum(parts), where="mid", color="black", label="their sum so far")
    bars.set(xlabel="step $t$", title="a return")
    bars.legend(loc="center right", fontsize=9)
    for (n, q), shade in zip(rounds.items(), np.linspace(0.6, 1, len(rounds)), strict=True):
        curves.plot(grid, q, color=style.color("sobolev"), alpha=shade)
        curves.annotate(f"{n}", (grid[-1], q[-1]), (3, -3), textcoords="offset points", fontsize=9)
    curves.plot(grid, exact, **style.line("exact", label="$Q^*$", linestyle=":"))
    curves.set(xlabel="action $a$", title="a critic after rounds of updates", xlim=(-1, 1.2))
    curves.legend(loc="lower center", fontsize=9)


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
    values.plot(samples, problem.optimal_q(s, samples), "D", color="#888888", ms=5, label="samples")
    values.set(xlabel="action $a$", title=f"value at $s = {s:g}$")
    slopes = (problem.optimal_q_gradients(s, samples)[1], critic(samples)[1])
    for slope, look, marker in zip(slopes, (exact, other), "os", strict=True):
        after = samples + RATE * slope
        steps.hlines(slope, samples, after, color=look["color"], lw=2, zorder=2)
        for head, way in ((">", slope > 0), ("<", slope < 0)):  # heads of one size: the shortest step has one
            steps.plot(after[way], slope[way], head, color=look["color"], ms=6, zorder=4)
        dots = {"linestyle": "", "marker": marker, "color": look["color"], "ms": 4, "zorder": 3}
        steps.plot(samples, slope, **dots, label=look["label"])
    for ax, where in zip(axes, ("lower center", "upper right"), strict=True):
        ax.axvline(best, **GREY)
        ax.annotate("$a^*$", (best, 0.02), (4, 0), ("data", "axes fraction"), "offset points")
        ax.legend(loc=where, fontsize=9)
    steps.axhline(0, **GREY)
    steps.set(xlabel="action $a$", title="slope, and one step", xlim=(-1.5, 1.3))


def fig_ends(ax, starts, found, best, amplitudes):
    """Draw the action where gradient ascent ends against the one where it starts.

    ``starts`` are (n,), ``found`` (m, n), a row for each of ``amplitudes`` (m,), m <= 3; ``best`` is optimal.
    """
    ax.axhline(best, **style.line("exact", label="$a^*$"))
    for row, amplitude, dash in zip(found, amplitudes, (":", "--", "-"), strict=False):
        look = style.line("value_only", label=f"ripple of {amplitude:.2g}", linestyle=dash, lw=1.6)
        ax.plot(starts, row, **look)
    ax.set(xlabel="the climb starts at", ylabel="the climb ends at", xlim=(-1.05, 1.05), ylim=(-1.05, 1.05))
    ax.legend(loc="upper left", fontsize=9)


def fig_loss(ax, amplitudes, climbed, taken, frequency):
    """Draw what two readers of a rippled critic lose in true value, and what they can lose at most.

    At each of ``amplitudes`` (m,) > 0 of the ripple, ``climbed`` and ``taken`` (m, n) are losses under n
    phases of it, of the worst start of gradient ascent and of the action with the largest value: median, and
    the middle half. The bounds, thin: (amplitude * frequency)^2 / 4 and 2 amplitude (eq-01-loss).
    """
    for losses, look, bound in (
        (climbed, CLIMBER, (amplitudes * frequency) ** 2 / 4),
        (taken, CHOOSER, 2 * amplitudes),
    ):
        low, middle, high = np.quantile(losses, [0.25, 0.5, 0.75], axis=1)
        shaded(ax, amplitudes, middle, np.maximum(low, 1e-9), high, **look)
        ax.plot(amplitudes, bound, color=look["color"], lw=0.8)
    ax.set(xscale="log", yscale="log", xlabel="ripple amplitude $\\varepsilon$", ylabel="loss in $Q^*$")
    ax.set_ylim(1e-5, 300)  # room for the legend
    ax.legend(loc="upper left", fontsize=9)


def fig_ways(ax, draws):
    """Draw the worst climb's loss, median and 95 % interval, and write how many have a false summit.

    ``draws`` is a name of the way of training -> ``readings`` (S,), a row each from the top.
    """
    for i, at in enumerate(draws.values()):
        middle, low, high = median(at["climber"])
        look = style.color("sobolev" if "slope" in list(draws)[i] else "value_only")
        ax.plot([low, high], [i, i], color=look, lw=3, solid_capstyle="butt")
        ax.plot(middle, i, "o", color=look, ms=7)
        share = f"{100 * np.mean(at['summits'] > 1):.0f} %"
        ax.annotate(share, (1.02, i), xycoords=("axes fraction", "data"), va="center")
    ticks = [0.01, 0.03, 0.1, 0.3]
    ax.set(xscale="log", xlabel="worst climb loses (log)", xlim=(0.004, 0.6), ylim=(len(draws) - 0.5, -0.5))
    ax.set_xticks(ticks, labels=[f"{x:g}" for x in ticks])
    ax.set_yticks(range(len(draws)), labels=list(draws))
    ax.xaxis.minorticks_off()
    ax.set_title("false\nsummits", loc="left", x=1.02, fontsize=9)


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
        ax.set_xticks([4, 6, 8, 12, 16, 24, 48], labels=["4", "6", "8", "12", "16", "24", "48"])
        ax.minorticks_off()
    axes[1].legend(fontsize=9)
