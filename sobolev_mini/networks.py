"""Networks of many seeds in one set of weights, and critics whose slopes are written out.

A Sobolev critic needs Q and its slopes in s and a, and then the gradient of a loss of all three in the
weights. ``MLPCritic.value_and_slopes`` writes the slopes as a second, ordinary chain of matrix products, and
that chain's backward pass as well (eq-05-tangent), where double backpropagation (Drucker and LeCun 1992)
records and differentiates twice.
"""

import copy
import itertools
import math
import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from sobolev_mini import validate

LEAK = 0.01  # slope of leaky ReLU below zero
LEAKS = {"leaky_relu": LEAK, "relu": 0.0}  # piecewise linear: the slope below zero
JITTER = "SOBOLEV_JITTER"  # set to a whole number: start weights off by a rounding error, drawn from it
aten = torch.ops.aten


class Activation(NamedTuple):
    """An activation and its derivatives, functions of its input z and its output h.

    value : z -> h
    push : piecewise linear ones, (g, z, h) -> g times the derivative, in one pass over memory; else None
    taylor, curvature : smooth ones, z -> (h, d, kept), d the derivative, and (h, d, kept) -> d's derivative
    """

    value: Callable
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


ACTIVATIONS = {
    "leaky_relu": Activation(
        lambda z: torch.nn.functional.leaky_relu(z, LEAK),
        push=lambda g, z, h: aten.leaky_relu_backward(g, z, LEAK, False),
    ),
    "relu": Activation(torch.relu, push=lambda g, z, h: aten.threshold_backward(g, h, 0.0)),
    "silu": Activation(
        torch.nn.functional.silu,
        taylor=_silu_taylor,
        curvature=lambda h, d, gate: (1 - gate) * torch.addcmul(d, gate, 1 - h),
    ),
    "tanh": Activation(torch.tanh, taylor=_tanh_taylor, curvature=lambda h, d, _: -2 * h * d),
}


def drawn_layers(sizes, seeds, dtype, device):
    """Return [W_1, b_1, W_2, ...] for layers of ``sizes``, W (S, n_in, n_out) and b (S, 1, n_out).

    Drawn as ``torch.nn.Linear`` draws them, uniform within 1 / sqrt(n_in); a seed fixes its own weights
    whatever the others are.
    """
    drawn, jitter = [[] for _ in range(2 * len(sizes) - 2)], os.environ.get(JITTER)
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        noise = torch.Generator().manual_seed(int(jitter)) if jitter else None
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            for j, shape in enumerate(((n_in, n_out), (1, n_out))):
                x = torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1
                if noise:
                    x *= 1 + 1e-7 * torch.randn(shape, generator=noise, dtype=torch.float64)
                drawn[2 * i + j].append(1 / math.sqrt(n_in) * x)
    return [torch.stack(layer).to(device=device, dtype=dtype).requires_grad_() for layer in drawn]


def forward(parameters, x, activation):
    """Return the network's output (S, B, n_out) at x (S, B, n_in)."""
    act = ACTIVATIONS[activation].value
    for weight, bias in zip(parameters[0:-2:2], parameters[1:-2:2], strict=True):
        x = act(torch.baddbmm(bias, x, weight))
    return torch.baddbmm(parameters[-1], x, parameters[-2])


def descend(loss, parameters, *optimizers):
    """Update ``parameters`` down the gradient of ``loss`` by the ``optimizers``, which share them."""
    gradients = torch.autograd.grad(loss, parameters, materialize_grads=True, allow_unused=True)
    for weight, gradient in zip(parameters, gradients, strict=True):
        weight.grad = gradient.contiguous()  # fused Adam reads a transposed gradient in the wrong order
    for optimizer in optimizers:
        optimizer.step()


@torch.no_grad()
def follow(target, online, tau):
    """Move the weights of network ``target`` by the share ``tau`` towards those of ``online``."""
    torch._foreach_lerp_(target.parameters, [x.detach() for x in online.parameters], tau)


class _ValueAndSlope(torch.autograd.Function):
    """(x (N, B, n), m, activation, parameters) -> Q (N, B, 1), dQ/dx (N, m, n); eq-05-critic, eq-05-slopes.

    The slopes are those of the first m samples. The backward pass moves their x along t, the slopes'
    cotangent, instead of differentiating the slopes again (eq-05-tangent): with h a layer's input, g Q's
    slope in the layer's output z, and t the tangent of h, the weights' gradient is h^T z_bar + t^T g. Where
    the activation is piecewise linear z_bar is q_bar g, and a single product, (q_bar h + t)^T g, gives both.
    """

    @staticmethod
    def forward(ctx, x, m, activation, *parameters):
        act, weights, h, kept = ACTIVATIONS[activation], parameters[0::2], [x], []
        for weight, bias in zip(weights[:-1], parameters[1:-2:2], strict=True):
            z = torch.baddbmm(bias, h[-1], weight)
            output, *rest = (act.value(z), z, z) if act.push else act.taylor(z)
            h.append(output), kept.append(rest)
        n = x.shape[1] if act.push else m  # what is pushed serves Q's own gradient, of every sample
        back, g = [weights[-1].mT.expand_as(h[-1])], []  # dQ/dh, the last hidden layer first
        for output, (d, z), weight in zip(reversed(h), reversed(kept), reversed(weights[:-1]), strict=False):
            slope = back[-1][:, :n]
            g.append(act.push(slope.contiguous(), z, output) if act.push else slope * d[:, :n])
            back.append(torch.bmm(g[-1], weight.mT))
        ctx.activation, ctx.m = act, m
        d, z = zip(*kept, strict=True) if kept else ((), ())
        ctx.save_for_backward(*h, *reversed(back), *d, *z, *reversed(g), *weights)
        return torch.baddbmm(parameters[-1], h[-1], weights[-1]), back[-1][:, :m]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, q_bar, t):
        n, parts, act = (len(ctx.saved_tensors) - 3) // 6, iter(ctx.saved_tensors), ctx.activation
        h, back, d, kept, g, weights = ([*itertools.islice(parts, k)] for k in (n + 1, n + 1, n, n, n, n + 1))
        m, tangents, moved = slice(ctx.m), [t], []
        for k in range(n):
            moved.append(torch.bmm(tangents[-1], weights[k]))
            part = kept[k][:, m], h[k + 1][:, m]
            tangents.append(act.push(moved[-1], *part) if act.push else moved[-1] * d[k][:, m])
        last = q_bar * h[-1]
        last[:, m] += tangents[-1]
        gradients, h_bar = [last.sum(dim=1)[..., None], q_bar.sum(dim=1, keepdim=True)], q_bar * back[-1]
        for k in reversed(range(n)):
            if act.push:
                both = q_bar * h[k]
                both[:, m] += tangents[k]
                gradients = [torch.bmm(both.mT, g[k]), torch.bmm(q_bar.mT, g[k]), *gradients]
                continue
            bend = act.curvature(h[k + 1][:, m], d[k][:, m], kept[k][:, m]) * moved[k]
            z_bar = h_bar * d[k]
            z_bar[:, m].addcmul_(bend, back[k + 1][:, m])
            weight_bar = torch.baddbmm(torch.bmm(tangents[k].mT, g[k]), h[k].mT, z_bar)
            gradients = [weight_bar, z_bar.sum(dim=1, keepdim=True), *gradients]
            if k or ctx.needs_input_grad[0]:
                h_bar = torch.bmm(z_bar, weights[k].mT)
        return q_bar * back[0] if act.push else h_bar, None, None, *gradients


class MLPCritic:
    """Q(s, a) of S seeds at once; the paper's has three hidden layers of 128 leaky ReLUs.

    Parameters
    ----------
    n_s, n_a : sizes of state and action
    seeds : (S,) whole numbers, or (C, S) for C critics a seed; a number fixes its critic's weights
    hidden : widths of the hidden layers
    activation : a name in ``ACTIVATIONS``
    dtype, device : of the weights
    scales : (n_s + n_a,) > 0, typical sizes of the state's and the action's components, in their units, or
        None for ones

    Notes
    -----
    Inputs are divided by ``scales`` first, so that the network does not know their units; slopes come
    back in the units of s and a. ``parameters`` is the list [W_1, b_1, W_2, ...] with W (N, n_in, n_out) and
    b (N, 1, n_out), N = S or C S, the first critics of all seeds first. Bad arguments raise ``ValueError``.
    """

    def __init__(self, n_s, n_a, seeds, hidden=(128, 128, 128), activation="leaky_relu", dtype=torch.float32,
                 device="cpu", scales=None):  # fmt: skip
        self.n_s, self.n_a = validate.whole("n_s", n_s, 1), validate.whole("n_a", n_a, 1)
        self.shape = np.shape(seeds)  # of the critics: (S,) or (C, S)
        self.seeds = tuple(validate.whole("seeds", seed, 0) for seed in np.ravel(seeds).tolist())
        self.hidden = tuple(validate.whole("hidden", width, 1) for width in hidden)
        self.activation = validate.one_of("activation", activation, tuple(ACTIVATIONS))
        if not self.seeds:
            raise ValueError("seeds: got none, wanted at least one")
        scales = torch.ones(n_s + n_a) if scales is None else scales
        scales = torch.as_tensor(scales, dtype=dtype, device=device)
        if scales.shape != (n_s + n_a,) or not (scales > 0).all():
            raise ValueError(f"scales: got {scales.tolist()}, wanted {n_s + n_a} numbers > 0")
        self.scales = None if (scales == 1).all() else scales  # None: nothing to divide by
        self.parameters = drawn_layers((n_s + n_a, *self.hidden, 1), self.seeds, dtype, device)

    def only(self, i):
        """Return the critics (S,) at place i of the first axis of (C, S); they share these weights."""
        part, n = copy.copy(self), self.shape[-1]
        part.shape, part.seeds = (n,), self.seeds[i * n : (i + 1) * n]
        part.parameters = [x[i * n : (i + 1) * n] for x in self.parameters]
        return part

    def __call__(self, s, a):
        """Return Q (S, B) or (C, S, B) at s (S, B, n_s), a (S, B, n_a); a leading 1 stands for every seed."""
        return forward(self.parameters, self._input(s, a), self.activation).view(*self.shape, -1)

    def value_and_slopes(self, s, a, tangent=None, slopes=True):
        """Return (q, q_s, q_a) of shapes (..., S, B), (..., S, m, n) and (..., S, m, n_a).

        All have their graph in the weights and in s and a, to be differentiated once. ``tangent``, an
        environment's, turns q_s into the state's minimal coordinates. ``slopes`` is True for those of every
        sample, False for None, or m for those of the first m.
        """
        if not slopes:
            return self(s, a), None, None
        m = s.shape[1] if slopes is True else slopes
        q, slope = _ValueAndSlope.apply(self._input(s, a), m, self.activation, *self.parameters)
        slope = (slope if self.scales is None else slope / self.scales).view(*self.shape, *slope.shape[1:])
        q_s, q_a = slope[..., : self.n_s], slope[..., self.n_s :]
        return q.view(*self.shape, -1), q_s if tangent is None else tangent(s[:, :m], q_s), q_a

    @torch.no_grad()
    def action_slope(self, s, a, twins="min"):
        """Return Q's slope in a (S, B, n_a), without a graph: of the lesser critic, or of the "mean"."""
        q, _, q_a = self.value_and_slopes(s, a)
        if len(self.shape) == 1:
            return q_a
        if twins == "mean":
            return q_a.mean(dim=0)
        return torch.gather(q_a, 0, q.argmin(dim=0)[None, ..., None].expand(1, *q_a.shape[1:]))[0]

    def _input(self, s, a):
        """Return (s, a) over their scales (N, B, n_s + n_a), or raise ``ValueError``."""
        n_seeds, out = self.shape[-1], []
        for name, x, size in (("s", s, self.n_s), ("a", a, self.n_a)):
            if x.ndim != 3 or x.shape[0] not in (1, n_seeds) or x.shape[2] != size:
                raise ValueError(f"{name}: got shape {tuple(x.shape)}, wanted ({n_seeds}, B, {size})")
            out.append(x.expand(n_seeds, -1, -1))
        if out[0].shape[1] != out[1].shape[1]:
            raise ValueError(f"a: got batch {a.shape[1]}, wanted that of s, {s.shape[1]}")
        x = torch.cat(out, dim=-1)
        x = x if self.scales is None else x / self.scales
        return x if len(self.shape) == 1 else x.repeat(self.shape[0], 1, 1)
