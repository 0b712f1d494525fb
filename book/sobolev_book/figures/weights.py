"""Chapter 07's figures: weights over training, step selection, and the control study in one picture."""

import numpy as np

from sobolev_book import style
from sobolev_book.figures.bands import dashed, shaded
from sobolev_book.stats import bootstrap_interval
from sobolev_mini.pilot import EXACT, FAILS, PAYS, USELESS, Pilot

# the study's method -> the style that shows it
LOOKS = {
    "value_only": "value_only",
    "sobolev": "sobolev",
    "svg": "svg",
    "twice": "twice",
    "mage": "slope_a",
    "gdhp": "slope_s",
    "constant": "constant",
}
MARKS = {"x1": "o", "x2": "s", "x4": "^"}  # updates a step
ANSWERS = {"pays": "#0072B2", "cannot tell": "#888888", "does not pay": "#D55E00"}
RULE = ((0.05, 0.75, "left", "$e'$ ≥ 0.5: does not pay"), (0.05, 0.2, "left", "$e'$ ≥ $e$/2:\ndoes not pay"),
        (18, 0.11, "right", "$e'$ ≤ $e$/3:\npays"), (18, 0.025, "right", "$e'$ ≤ 0.05: pays"))  # fmt: skip


def fig_weights(ax, courses):
    """Draw a weight over steps on a log scale, a line a task, its name at its end.

    ``courses`` is task -> (steps (R,), weight (R, S)); the line is the median over seeds.
    """
    place = 0.0
    for (steps, lam), look in sorted(dashed(courses), key=lambda course: np.median(course[0][1][-1])):
        ax.plot(steps, y := np.median(lam, axis=1), **look)
        place = max(y[-1], 1.4 * place)  # names do not overlap
        ax.text(1.02, place, look["label"], transform=ax.get_yaxis_transform(), va="center")
    ax.set(yscale="log", xmargin=0, xlabel="environment steps", ylabel=r"$\lambda$ that balances")


def fig_selection(axes, curves):
    """Draw a method's curves under each step selection, one panel a method.

    ``curves`` is method -> selection -> (steps (R,), y (R, S)), NaN where a seed diverged.
    """
    for ax, (method, selections) in zip(axes, curves.items(), strict=True):
        for (steps, y), look in dashed(selections, style.color(method)):
            low, middle, high = np.nanquantile(y, (0.25, 0.5, 0.75), axis=1)
            shaded(ax, steps, middle, low, high, 0.12, **look)
        ax.set(title=style.line(method)["label"], xlabel="environment steps")


def fig_ratios(ax, tables):
    """Draw each method's ratio of samples: all pairs of task and algorithm small, their mean with interval.

    ``tables`` is method -> frame of ``study_report.ratios``, its last row that of all.
    """
    for y, (method, table) in enumerate(tables.items()):
        color, pairs, overall = style.color(LOOKS[method]), table.iloc[:-1], table.iloc[-1]
        marks = np.where(pairs.algorithm == "td3", "o", "^")
        for ratio, mark in zip(pairs.ratio, marks, strict=True):
            ax.plot(ratio, y + 0.18, mark, color=color, alpha=0.45, ms=5, mew=0)
        ax.plot([overall.low, overall.high], [y - 0.12] * 2, color=color, lw=3)
        ax.plot(overall.ratio, y - 0.12, "D", color=color, ms=7)
        text = f"{overall.ratio:.2f} [{overall.low:.2f}, {overall.high:.2f}]"
        ax.text(1.02, y, text, transform=ax.get_yaxis_transform(), va="center")
    ax.axvline(1, color="#888888", lw=1)
    _ticks(ax, x=[0.5, 1, 2])
    ax.set(xlabel="value-only's samples over the method's")
    ax.set(yticks=range(len(tables)), yticklabels=[style.line(LOOKS[m])["label"] for m in tables])
    ax.invert_yaxis()


def fig_frontier(ax, points, labels):
    """Draw each method's samples against its seconds, both over value-only's: means over systems, intervals.

    ``points`` is method -> (seconds (T,), samples (T,)) of T systems; means are geometric.
    """
    for method, both in points.items():
        x, y = (np.exp(np.log(z).mean()) for z in both)
        (left, right), (low, high) = (np.exp(bootstrap_interval(np.log(z))) for z in both)
        color = style.color(LOOKS.get(method, "sobolev"))
        ax.plot([left, right], [y, y], color=color, lw=1.5)
        ax.plot([x, x], [low, high], color=color, lw=1.5)
        ax.plot(x, y, "o", color=color, mfc="none" if method == "share" else color, ms=8)
        ax.annotate(labels[method], (x, y), (8, 7), textcoords="offset points")
    _ticks(ax, *[[0.4, 0.5, 0.6, 0.8, 1, 1.4]] * 2)
    ax.set(xlabel="seconds over value-only's", ylabel="samples over value-only's")


def fig_shares(ax, means):
    """Draw samples against seconds of shares, rules and updates a step; a line joins what none beats in both.

    ``means`` has a row a method of ``study.GRID``, columns seconds and samples. A mark grows with the share,
    its shape tells the updates; those of ``Balanced`` are hollow.
    """
    best = means.sort_values("seconds")
    best = best[best.samples <= best.samples.cummin()]
    ax.plot(best.seconds, best.samples, color="#888888", lw=1, zorder=0)
    for name, row in means.iterrows():
        rule, *share, updates = name.split()
        color = style.color("sobolev" if share else "value_only")
        look = {"mfc": "none"} if rule == "balanced" else {"mec": "white"}
        size = 4 + 1.6 * np.log2(int(share[0]) / 2) if share else 9
        ax.plot(row.seconds, row.samples, MARKS[updates], color=color, ms=size, **look)
    for name, row in means[means.index.str.contains("values|normalised 32|normalised 128 x[24]")].iterrows():
        told, left = name.replace("values", "value-only").replace("normalised ", ""), " 32 " in name
        ax.annotate(told, (row.seconds, row.samples), (-13 if left else 9, 0), textcoords="offset points",
                    va="center", ha="right" if left else "left")  # fmt: skip
    _ticks(ax, *[[0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2]] * 2)
    ax.set(xlabel="seconds over value-only's", ylabel="samples over value-only's")


def fig_map(ax, samples, seconds, spans, apart=()):
    """Draw gains of systems, task -> ratio: in samples filled, in seconds open; right of the line it pays.

    ``spans`` has the ends "low" and "high" of the samples' intervals. Rows that lose samples wear another
    colour; lines stand above the rows ``apart``.
    """
    rows, colors = np.arange(len(samples)), np.where(samples > 1, ANSWERS["pays"], ANSWERS["does not pay"])
    ax.hlines(rows - 0.15, spans.low, spans.high, color=colors, lw=1.5)
    ax.scatter(samples, rows - 0.15, 34, colors, zorder=3, label="samples")
    ax.scatter(seconds, rows + 0.2, 20, "none", marker="s", edgecolors=colors, zorder=3, label="seconds")
    ax.axvline(1, color="#888888", lw=1)
    ax.hlines(np.subtract(apart, 0.5), 0, 1, color="#888888", lw=0.8, transform=ax.get_yaxis_transform())
    _ticks(ax, x=[0.5, 0.7, 1, 1.4, 2, 3])
    ax.set(yticks=rows, yticklabels=samples.index, ylim=(len(samples) - 0.5, -0.5))
    ax.set(xlabel="saved by slopes, times")


def fig_pilot(ax, pilots, gains):
    """Draw the pilot's errors, by task, over what it says of them; a mark grows with what slopes gained.

    ``pilots`` has the columns "values", "slopes" and "answer"; where it wrongly says no, tasks are named.
    """
    axes = np.meshgrid(np.geomspace(0.04, 20, 150), np.geomspace(0.012, 1.4, 150))
    said = np.vectorize(lambda *errors: list(ANSWERS).index(Pilot(*errors).answer))(*axes)
    ax.contourf(*axes, said, [-0.5, 0.5, 1.5, 2.5], colors=list(ANSWERS.values()), alpha=0.15)
    ends = np.array([[0.04, 0.04, FAILS * EXACT, PAYS * EXACT], [20, 20, FAILS * USELESS, PAYS * USELESS]])
    ax.plot(ends, [[EXACT, USELESS, EXACT, EXACT], [EXACT, *[USELESS] * 3]], color="#888888", lw=1)
    for x, y, side, words in RULE:
        ax.text(x, y, words, ha=side, va="center", fontsize=10)
    ax.text(0.8, 0.32, "cannot tell", ha="center", va="center", rotation=51, fontsize=9)
    both, paid = pilots[["values", "slopes"]].loc[gains.index], gains > 1
    for those, answer, mark, label in ((paid, "pays", "o", "paid"), (~paid, "does not pay", "X", "lost")):
        look = {"marker": mark, "linewidths": 0, "zorder": 3, "label": label}
        ax.scatter(*both[those].to_numpy().T, 20 + 25 * gains[those], ANSWERS[answer], **look)
    for task in gains.index[(pilots.answer[gains.index] == "does not pay") & paid]:
        ax.annotate(task, both.loc[task], (-7, 4), textcoords="offset points", ha="right")
    _ticks(ax, [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], [0.02, 0.05, 0.1, 0.2, 0.5, 1])
    ax.set(xlabel="$e$: error in the action's slope, by values", ylabel="$e'$: error with slopes")


def _ticks(ax, x=None, y=None):
    """Give an axis for which there are ticks a log scale with these."""
    for name, axis, ticks in (("x", ax.xaxis, x), ("y", ax.yaxis, y)):
        if ticks:
            ax.set(**{f"{name}scale": "log"})
            axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
            axis.set_ticks([], minor=True)
