"""``python -m sobolev_book.explorers.margins``: tabulate for the critic lab what theory says of training."""

import numpy as np

from sobolev_book import fixed_points
from sobolev_book.explorers.base import HERE
from sobolev_mini import quadratic
from sobolev_mini.toy import ToyProblem

LAMBDAS = (0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18)
LAMBDAS += (0.2, 0.25, 0.3, 0.5, 1, 2, 5, 10)
HEAD = """\
// Written by `python -m sobolev_book.explorers.margins`: the least real part of training's expected step at
// the Sobolev fixed point, a row for each weight of the state's slope, a column for each of the action's.
// RAYS says in the same places whether steps by sign have a ray far out.
"""


def margin(lam_s, lam_a):
    """Return the least real part of ``training_matrix`` at the Sobolev fixed point, on the paper's toy."""
    problem = ToyProblem()
    w = quadratic.fitted_q_iteration(problem, lam_s, lam_a, n_actions=None, tolerance=1e-8)
    return fixed_points.least_real_part(fixed_points.training_matrix(problem, w, lam_s, lam_a))


def ray(lam_s, lam_a):
    """Return whether steps by sign have a ray where the greedy action is 1, in the paper's features."""
    pulls = fixed_points.td_matrix(ToyProblem(), np.ones_like, lam_s, lam_a, [])
    return len(fixed_points.rays(pulls[np.ix_([0, 3, 5], [0, 3, 5])])) > 0


def module():
    """Return the table as the text of an ES module."""
    text = f"{HEAD}export const LAMBDAS = [{', '.join(f'{x:g}' for x in LAMBDAS)}];\n"
    for name, number in (("MARGINS", lambda *x: f"{margin(*x):.4g}"), ("RAYS", lambda *x: f"{ray(*x):d}")):
        rows = (", ".join(number(lam_s, lam_a) for lam_a in LAMBDAS) for lam_s in LAMBDAS)
        text += f"export const {name} = [\n" + "".join(f"  [{row}],\n" for row in rows) + "];\n"
    return text


if __name__ == "__main__":
    (HERE / "margins.js").write_text(module(), encoding="utf-8")
