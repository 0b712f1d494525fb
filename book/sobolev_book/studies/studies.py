"""The studies of chapter 05: what is varied, and for how long each run goes."""

from sobolev_book.records.measures import METHODS
from sobolev_book.records.sweep import product
from sobolev_book.studies.coupled import CoupledToy
from sobolev_mini.qlearning import QConfig
from sobolev_mini.toy import ToyProblem

TENTHS = tuple(range(0, 1001, 100))
LAMBDAS = (0.0, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0)


def grid():
    """Return cells over lam_s x lam_a, recorded every 100 steps, for the explorer."""
    return [
        (axes, ToyProblem(), QConfig(**axes, steps=1000, record=TENTHS))
        for axes in product(lam_s=LAMBDAS, lam_a=LAMBDAS)
    ]


def activations():
    """Return cells over the activation; leaky ReLU's masks have no slope of their own."""
    return [
        (
            axes,
            ToyProblem(),
            _config(axes["method"], steps=1000, record=TENTHS, activation=axes["activation"]),
        )
        for axes in product(activation=("leaky_relu", "silu", "tanh"), method=METHODS)
    ]


def data():
    """Return cells over the size of a fixed data set; 0 stands for fresh samples at each step."""
    record = (500, 1000, 2000)
    return [
        (
            axes,
            ToyProblem(),
            _config(axes["method"], steps=2000, record=record, samples=axes["samples"] or None),
        )
        for axes in product(samples=(25, 50, 100, 200, 500, 0), method=METHODS)
    ]


def coupling():
    """Return cells over the carry of s' = tanh(carry s + a) and over which slopes are matched."""
    return [
        (
            axes,
            CoupledToy(axes["carry"]),
            QConfig(lam_s=axes["lam_s"], lam_a=axes["lam_a"], steps=1000, record=TENTHS),
        )
        for axes in product(carry=(0.0, 0.5, 0.9), lam_s=(0.0, 1.0), lam_a=(0.0, 1.0))
    ]


def _config(method, **settings):
    return QConfig(lam_s=METHODS[method], lam_a=METHODS[method], **settings)


STUDIES = {"grid": grid, "activations": activations, "data": data, "coupling": coupling}
