"""What critics and actors share: activations with their derivatives, and weights of many seeds at once."""

import itertools
import math
import os
from collections.abc import Callable
from typing import NamedTuple

import torch

LEAK = 0.01  # slope of leaky ReLU below zero
JITTER = "SOBOLEV_JITTER"  # set to a whole number: start weights off by a rounding error, drawn from it
LEAKS = {"leaky_relu": LEAK, "relu": 0.0}  # piecewise linear: the slope below zero


aten = torch.ops.aten


class Activation(NamedTuple):
    """An activation and its derivatives, functions of its input z and its output h.

    value : z -> h
    slope : (z, h) -> d, differentiable again
    push : piecewise linear ones, (g, z, h) -> g d in one pass over memory; their masks have no derivative,
        slopes train the weights' products alone; None for the others
    taylor, curvature : the others, z -> (h, d, kept) and (h, d, kept) -> the slope of d
    """

    value: Callable
    slope: Callable
    push: Callable | None = None
    taylor: Callable | None = None
    curvature: Callable | None = None


def _silu_taylor(z):
    gate = torch.sigmoid(z)
    h = z * gate
    return h, torch.addcmul(gate, h, 1 - gate), gate


def _tanh_taylor(z):
    h = torch.tanh(z)
    return h, 1 - h * h, h


def _softplus_taylor(z):
    d = torch.sigmoid(z)
    return torch.nn.functional.softplus(z), d, d


ACTIVATIONS = {
    "leaky_relu": Activation(
        lambda z: torch.nn.functional.leaky_relu(z, LEAK),
        lambda z, h: torch.where(z > 0, z.new_ones(()), LEAK),
        push=lambda g, z, h: aten.leaky_relu_backward(g, z, LEAK, False),
    ),
    "relu": Activation(
        torch.relu,
        lambda z, h: (z > 0).to(z.dtype),
        push=lambda g, z, h: aten.threshold_backward(g, h, 0.0),
    ),
    "silu": Activation(
        torch.nn.functional.silu,
        lambda z, h: _silu_taylor(z)[1],
        taylor=_silu_taylor,
        curvature=lambda h, d, gate: (1 - gate) * torch.addcmul(d, gate, 1 - h),
    ),
    "softplus": Activation(
        torch.nn.functional.softplus,
        lambda z, h: torch.sigmoid(z),
        taylor=_softplus_taylor,
        curvature=lambda h, d, _: d * (1 - d),
    ),
    "tanh": Activation(
        torch.tanh, lambda z, h: 1 - h * h, taylor=_tanh_taylor, curvature=lambda h, d, _: -2 * h * d
    ),
}


def drawn_layers(sizes, seeds, dtype, device):
    """Return [W_1, b_1, W_2, ...] for layers of ``sizes``, W (S, n_in, n_out) and b (S, 1, n_out).

    Drawn as ``torch.nn.Linear`` draws them, uniform within 1 / sqrt(n_in); a seed fixes its own weights
    whatever the others are.
    """
    drawn = [[] for _ in range(2 * len(sizes) - 2)]
    jitter = os.environ.get(JITTER)
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        noise = torch.Generator().manual_seed(int(jitter)) if jitter else None
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            bound = 1 / math.sqrt(n_in)
            for j, shape in enumerate(((n_in, n_out), (1, n_out))):
                x = torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1
                if noise:
                    x *= 1 + 1e-7 * torch.randn(shape, generator=noise, dtype=torch.float64)
                drawn[2 * i + j].append(bound * x)
    return [torch.stack(layer).to(device=device, dtype=dtype).requires_grad_() for layer in drawn]


def hidden_layers(parameters, x, activation):
    """Return each hidden layer's input z and output h, (S, B, n), for the input x (S, B, n_in)."""
    act, layers, h = ACTIVATIONS[activation].value, [], x
    for weight, bias in zip(parameters[0:-2:2], parameters[1:-2:2], strict=True):
        z = torch.baddbmm(bias, h, weight)
        h = act(z)
        layers.append((z, h))
    return layers
