"""Chapter 05's test of the theory: what ``quadratic`` predicts as lines, what training does as points.

Three predictions: where runs end, how fast they leave or approach the fixed point, and how many
refreshes of the target the offset takes. Every run takes plain gradient steps, lam_s = lam_a.
"""

import numpy as np

from sobolev_book import fixed_points, stats, style
from sobolev_book.figures.stability import ERRORS, MATRICES, shade
from sobolev_mini import quadratic
from sobolev_mini.qlearning import QConfig, train_quadratic

SEEDS = (0, 1, 2, 3, 4)
RATE = 0.05  # of the runs near a fixed point
NAMES = ("q", "q_a", "policy")
MEAN = np.array([1, 0, 0, 1 / 3, 0, 1 / 3])  # E[phi] over the square: w @ MEAN is the mean of Q_w
MARKERS = {"hard": "s", "current": "o"}


def refreshed_run(problem, lam, rounds):
    """Train from zero weights, the target copied every 200 steps; return w (rounds + 1, S, 6).

    The rate gives the slowest direction of the loss nine e-folds a round, so each round is solved.
    """
    lr = 4.5 / (200 * np.linalg.eigvalsh(quadratic.gram_matrix(lam, lam))[0])
    how = {"target": "hard", "refresh_every": 200, "batch_size": 100}
    return _train(problem, lam, range(0, rounds * 200 + 1, 200), lr, **how)


def settled_run(problem, lam, fixed):
    """Train from zero weights, the critic itself as target; return five late records, w (5, S, 6).

    The rate gives the slowest direction at the fixed point, ``fixed`` (6,), fifteen e-folds in all.
    """
    steps = 12_000
    lr = 7.5 / (steps * _slowest(problem, lam, fixed)[0].real)
    return _train(problem, lam, np.linspace(0.8 * steps, steps, 5), lr, batch_size=50)


def _train(problem, lam, record, lr, seeds=SEEDS, **how):
    """Return the weights at the steps of ``record``, whose last one ends the run."""
    record = tuple(int(step) for step in record)
    how = {"steps": record[-1], "record": record, "lr": lr, "seeds": seeds, "optimizer": "sgd", **how}
    return train_quadratic(problem, QConfig(lam_s=lam, lam_a=lam, **how)).w


def _slowest(problem, lam, w):
    """Return (eigenvalue, eigenvector (6,)) of ``training_matrix`` with the least real part.

    Its sign is a processor's choice, so its greatest entry is made positive here.
    """
    values, vectors = np.linalg.eig(fixed_points.training_matrix(problem, w, lam, lam))
    least = values.real.argmin()
    vector = vectors[:, least]
    return values[least], vector * np.sign(vector[np.abs(vector).argmax()].real)


def end_data(problem):
    """Return errors of the fixed points and of where runs end, for a max over 100 actions.

    The first two weights, below the threshold, train against a target copied 70 times ("hard"); the others
    against the critic itself ("current"). "lams" (L,), "targets" (L,) str, "fixed" name -> (L,), "runs"
    name -> (L, S), errors averaged over a run's last five records.
    """
    lams = (0, 0.03, 0.1, 0.3, 1, 3, 10)
    targets = ["hard"] * 2 + ["current"] * 5
    fixed = [quadratic.fitted_q_iteration(problem, lam, lam, tolerance=1e-6) for lam in lams]
    runs = [
        refreshed_run(problem, lam, 70)[-5:] if target == "hard" else settled_run(problem, lam, w)
        for lam, target, w in zip(lams, targets, fixed, strict=True)
    ]
    ends = {name: error.mean(axis=1) for name, error in quadratic.errors(problem, np.array(runs)).items()}
    errors = quadratic.errors(problem, np.array(fixed))
    return {"lams": np.array(lams), "targets": np.array(targets), "fixed": errors, "runs": ends}


def growth_rates(problem, lam, fixed, seeds=SEEDS, n_actions=2001):
    """Return the log-slope per step of the distance from the fixed point ``fixed`` (6,), (S,); eq-05-growth.

    Two runs a seed, off by the real and by the imaginary part of the slowest eigenvector: for a
    linear map the root of their summed squares grows without swinging. They last one e-fold, 800
    steps at most, and stay within 0.06: close enough to be linear, and above the noise.
    """
    value, vector = _slowest(problem, lam, fixed)
    steps = int(min(800, 1 / (2 * RATE * abs(value.real))))
    start = 0.06 * min(1, np.exp(2 * RATE * value.real * steps)) * vector
    record = np.linspace(0, steps, 11).astype(int)
    how = {"seeds": seeds, "batch_size": 1000, "n_actions": n_actions}
    starts = [tuple(fixed + x) for x in (start.real, start.imag)]
    square = sum(
        ((_train(problem, lam, record, RATE, init=init, **how) - fixed) ** 2).sum(axis=-1) for init in starts
    )
    return np.polyfit(record, np.log(square) / 2, 1)[0]


def rate_data(problem):
    """Return growth per step near the fixed points, predicted and measured; "lams" (L,).

    "training", "frozen" (L,): -2 ``RATE`` times the least real part of chapter 04's two matrices, for the
    max over all of [-1, 1]; the 2 is the square's. "runs" (L, S), "threshold" by interpolation.
    """
    lams = (0, 0.03, 0.06, 0.1, 0.15)
    fixed = [quadratic.fitted_q_iteration(problem, lam, lam, None, tolerance=1e-8) for lam in lams]
    pairs = list(zip(lams, fixed, strict=True))
    moving = [_slowest(problem, lam, w)[0].real for lam, w in pairs]
    matrices = [fixed_points.td_matrix(problem, problem.optimal_policy, lam, lam) for lam in lams]
    return {
        "lams": np.array(lams),
        "training": -2 * RATE * np.array(moving),
        "frozen": -2 * RATE * fixed_points.least_real_part(np.array(matrices)),
        "runs": np.array([growth_rates(problem, lam, w) for lam, w in pairs]),
        "threshold": np.interp(0, moving, lams),
    }


def refresh_data(problem):
    """Return the way to the fixed point over n = 0..30 refreshes, one dictionary a weight.

    "lam"; "factors" (6,), moduli of the eigenvalues of one exact round at the fixed point (eq-05-round);
    "exact" and "runs", ``bellman_projection`` and training: each "offset", E[Q_n - Q_fix]
    (eq-05-offset), and "slope", the distance of the five weights that slopes see, (n,) and (n, S).
    """
    ways, rounds = [], 30
    for lam in (0, 1):
        fixed, exact = quadratic.fitted_q_iteration(problem, lam, lam), [np.zeros(6)]
        for _ in range(rounds):
            exact.append(quadratic.bellman_projection(problem, exact[-1], lam, lam))
        step = fixed_points.training_matrix(problem, fixed, lam, lam)
        one_round = np.eye(6) - np.linalg.solve(quadratic.gram_matrix(lam, lam), step)
        ways.append({"lam": lam, "factors": np.sort(np.abs(np.linalg.eigvals(one_round)))[::-1]})
        for name, w in (("exact", np.array(exact)), ("runs", refreshed_run(problem, lam, rounds))):
            gap = w - fixed
            ways[-1][name] = {"offset": gap @ MEAN, "slope": np.linalg.norm(gap[..., 1:], axis=-1)}
    return ways


def theory_data(problem):
    """Return what ``fig_theory`` draws: "end", "rate" and "refresh", of the functions so named."""
    return {"end": end_data(problem), "rate": rate_data(problem), "refresh": refresh_data(problem)}


def fig_theory(axes, data):
    """Draw ``theory_data`` on three ``axes``: predictions as lines, runs as points with 95 % bars."""
    for ax, draw, name in zip(axes, (_end, _rate, _refresh), ("end", "rate", "refresh"), strict=True):
        draw(ax, data[name])
        ax.legend(fontsize="small", labelspacing=0.2, handlelength=2.2, borderaxespad=0.1)


def _end(ax, data):
    for name in NAMES:
        ax.plot(data["lams"], data["fixed"][name], **ERRORS[name])
        for target, marker in MARKERS.items():
            trained = data["targets"] == target
            _points(ax, data["lams"][trained], data["runs"][name][trained], ERRORS[name]["color"], marker)
    ax.set_xscale("symlog", linthresh=0.01, linscale=0.4)
    ax.set_xticks([0, 0.1, 1, 10], ["0", ".1", "1", "10"])
    ax.set(yscale="log", xlim=(-0.003, 15), xlabel=r"$\lambda$", ylabel="mean square error")
    ax.set_title("where runs end")


def _rate(ax, data):
    for name, label in (("training", "policy moves"), ("frozen", "held at $a^*$")):
        ax.plot(data["lams"], 1000 * data[name], **MATRICES[name] | {"label": label})
    _points(ax, data["lams"], 1000 * data["runs"], MATRICES["training"]["color"], "o")
    ax.axhline(0, color="black", lw=1)
    shade(ax, data["threshold"])
    top = 1500 * data["training"].max()
    ax.set(xlim=(-0.01, 0.16), ylim=(-2 * top, top), xlabel=r"$\lambda$", ylabel="growth per 1,000 steps")
    ax.set_title("leave or return")


def _refresh(ax, data):
    for way, method in zip(data, ("value_only", "sobolev"), strict=True):
        n = np.arange(len(way["exact"]["slope"]))
        look = style.line(method, label=rf"$\lambda = {way['lam']:g}$")
        for name, marker in (("offset", "o"), ("slope", "^")):
            ax.plot(n, np.abs(way["exact"][name]), **look)
            _points(ax, n[::2], np.abs(way["runs"][name][::2]), look["color"], marker)
            look["label"] = None  # one entry a weight
        ax.plot(n, abs(way["exact"]["offset"][10]) * 0.9 ** (n - 10.0), "k:", lw=1)
    ax.lines[-1].set_label("$.9^n$")
    ax.text(18, 0.55, "offset", fontsize="small")
    ax.text(8, 0.05, "slope weights", fontsize="small")
    ax.set(yscale="log", ylim=(1e-3, 8), xlabel="refreshes $n$", ylabel="distance", title="offset and slopes")


def _points(ax, x, rows, color, marker):
    """Draw the mean of each row (R, S) with its 95 % interval over seeds."""
    mean, (low, high) = rows.mean(axis=1), stats.bootstrap_interval(rows, draws=2000)
    bars = np.maximum([mean - low, high - mean], 0)  # equal seeds leave a rounding below zero
    look = {"color": color, "marker": marker, "markerfacecolor": "white", "markersize": 4, "elinewidth": 1}
    ax.errorbar(x, mean, bars, linestyle="none", zorder=3, **look)
