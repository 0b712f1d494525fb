"""What critics and actors share: activations with their derivatives, and weights of many seeds at once."""

import itertools
import math

import torch

LEAK = 0.01  # slope of leaky ReLU below zero
LEAKS = {"leaky_relu": LEAK, "relu": 0.0}  # piecewise linear: the slope below zero


def _sech2(z, h):
    return 1 - h * h


def _silu_slope(z, h):
    gate = torch.sigmoid(z)
    return gate + h * (1 - gate)


# name: (activation, its derivative from the input z and the output h)
ACTIVATIONS = {
    "leaky_relu": (
        lambda z: torch.nn.functional.leaky_relu(z, LEAK),
        # The masks have no derivative of their own: slopes train the weights' products alone.
        lambda z, h: torch.where(z > 0, z.new_ones(()), LEAK),
    ),
    "relu": (torch.relu, lambda z, h: (z > 0).to(z.dtype)),
    "silu": (torch.nn.functional.silu, _silu_slope),
    "softplus": (torch.nn.functional.softplus, lambda z, h: torch.sigmoid(z)),
    "tanh": (torch.tanh, _sech2),
}


def drawn_layers(sizes, seeds, dtype, device):
    """Return [W_1, b_1, W_2, ...] for layers of ``sizes``, W (S, n_in, n_out) and b (S, 1, n_out).

    Drawn as ``torch.nn.Linear`` draws them, uniform within 1 / sqrt(n_in); a seed fixes its own weights
    whatever the others are.
    """
    drawn = [[] for _ in range(2 * len(sizes) - 2)]
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            bound = 1 / math.sqrt(n_in)
            for j, shape in enumerate(((n_in, n_out), (1, n_out))):
                x = torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1
                drawn[2 * i + j].append(bound * x)
    return [torch.stack(layer).to(device=device, dtype=dtype).requires_grad_() for layer in drawn]


def hidden_layers(parameters, x, activation):
    """Return each hidden layer's input z and output h, (S, B, n), for the input x (S, B, n_in)."""
    act, layers, h = ACTIVATIONS[activation][0], [], x
    for weight, bias in zip(parameters[0:-2:2], parameters[1:-2:2], strict=True):
        z = torch.baddbmm(bias, h, weight)
        h = act(z)
        layers.append((z, h))
    return layers
