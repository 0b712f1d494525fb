"""The studies of chapter 05: what is varied, and for how long each run goes."""

from sobolev_book.records.measures import SLOPE_WEIGHTS
from sobolev_book.records.sweep import product
from sobolev_book.studies.coupled import CoupledToy
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem

TENTHS = tuple(range(0, 1001, 100))
LAMBDAS = (0.0, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0)


def grid():
    """Return cells over lam_s x lam_a, recorded every 100 steps, for the explorer."""
    axes = product(lam_s=LAMBDAS, lam_a=LAMBDAS)
    return [(cell, ToyProblem(), QConfig(**cell, steps=1000, record=TENTHS)) for cell in axes]


def activations():
    """Return cells over the activation; leaky ReLU's masks have no slope of their own."""
    axes = product(activation=("leaky_relu", "silu", "tanh"), method=SLOPE_WEIGHTS)
    return [(cell, ToyProblem(), _config(**cell, steps=1000, record=TENTHS)) for cell in axes]


def data():
    """Return cells over the size of a fixed data set; 0 stands for fresh samples at each step."""
    settings = {"steps": 2000, "record": (500, 1000, 2000)}
    return [
        (cell, ToyProblem(), _config(**cell | {"samples": cell["samples"] or None}, **settings))
        for cell in product(samples=(25, 50, 100, 200, 500, 0), method=SLOPE_WEIGHTS)
    ]


def coupling():
    """Return cells over the carry of s' = tanh(carry s + a) and over which slopes are matched."""
    return [
        ({"carry": carry, **lams}, CoupledToy(carry), QConfig(**lams, steps=1000, record=TENTHS))
        for carry in (0.0, 0.5, 0.9)
        for lams in product(lam_s=(0.0, 1.0), lam_a=(0.0, 1.0))
    ]


def long():
    """Return cells over which slopes are matched, five times as long, three seeds."""
    often = {"steps": 5000, "record": tuple(range(0, 5001, 250)), "seeds": (0, 1, 2)}
    axes = product(lam_s=(0.0, 1.0), lam_a=(0.0, 1.0))
    return [(cell, ToyProblem(), QConfig(**cell, **often)) for cell in axes]


def _config(method, **settings):
    return QConfig(lam_s=SLOPE_WEIGHTS[method], lam_a=SLOPE_WEIGHTS[method], **settings)


STUDIES = {"grid": grid, "activations": activations, "data": data, "coupling": coupling, "long": long}
