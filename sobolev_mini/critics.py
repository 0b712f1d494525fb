"""MLP critics, all seeds in one set of weights, with their input gradients written out.

A Sobolev critic needs Q and its slopes in s and a, and then the gradient of a loss of all three in
the weights. ``MLPCritic.value_and_slopes`` writes the slopes as a second, ordinary chain of matrix
products, so that one backward pass suffices where double backpropagation (Drucker and LeCun 1992)
takes two. That pass is written out as well (eq-05-tangent).
"""

import copy
import itertools

import torch

from sobolev_mini import validate
from sobolev_mini.networks import ACTIVATIONS, drawn_layers, hidden_layers


class _ValueAndSlope(torch.autograd.Function):
    """(x (S, B, n), activation, parameters) -> Q (S, B, 1), dQ/dx (S, B, n); eq-05-critic, eq-05-slopes.

    Its backward pass moves x along t, the slopes' cotangent, instead of differentiating the slopes again
    (eq-05-tangent): with h a layer's input, g Q's slope in the layer's output z, and t the tangent of h, the
    weights' gradient is h^T z_bar + t^T g. Where the activation is piecewise linear z_bar is q_bar g, and one
    matrix product, (q_bar h + t)^T g, gives both.
    """

    @staticmethod
    def forward(ctx, x, activation, *parameters):
        act, weights, h, kept = ACTIVATIONS[activation], parameters[0::2], [x], []
        for weight, bias in zip(weights[:-1], parameters[1:-2:2], strict=True):
            z = torch.baddbmm(bias, h[-1], weight)
            output, *rest = (act.value(z), z, z) if act.push else act.taylor(z)
            h.append(output), kept.append(rest)
        back, g = [weights[-1].mT.expand_as(h[-1])], []  # dQ/dh, the last hidden layer first
        for output, (d, z), weight in zip(reversed(h), reversed(kept), reversed(weights[:-1]), strict=False):
            g.append(act.push(back[-1].contiguous(), z, output) if act.push else back[-1] * d)
            back.append(torch.bmm(g[-1], weight.mT))
        ctx.activation = act
        d, z = zip(*kept, strict=True)
        ctx.save_for_backward(*h, *reversed(back), *d, *z, *reversed(g), *weights)
        return torch.baddbmm(parameters[-1], h[-1], weights[-1]), back[-1]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, q_bar, t):
        n, parts, act = (len(ctx.saved_tensors) - 3) // 6, iter(ctx.saved_tensors), ctx.activation
        h, back, d, kept, g, weights = ([*itertools.islice(parts, k)] for k in (n + 1, n + 1, n, n, n, n + 1))
        tangents, moved = [t], []
        for k in range(n):
            moved.append(torch.bmm(tangents[-1], weights[k]))
            tangents.append(act.push(moved[-1], kept[k], h[k + 1]) if act.push else moved[-1] * d[k])
        last = (q_bar * h[-1] + tangents[-1]).sum(dim=1)[..., None]
        gradients, h_bar = [last, q_bar.sum(dim=1, keepdim=True)], q_bar * back[-1]
        for k in reversed(range(n)):
            if act.push:
                both = torch.bmm((q_bar * h[k] + tangents[k]).mT, g[k])
                gradients = [both, torch.bmm(q_bar.mT, g[k]), *gradients]
                continue
            bend = act.curvature(h[k + 1], d[k], kept[k]) * moved[k]
            z_bar = torch.addcmul(h_bar * d[k], bend, back[k + 1])
            weight_bar = torch.baddbmm(torch.bmm(tangents[k].mT, g[k]), h[k].mT, z_bar)
            gradients = [weight_bar, z_bar.sum(dim=1, keepdim=True), *gradients]
            if k or ctx.needs_input_grad[0]:
                h_bar = torch.bmm(z_bar, weights[k].mT)
        return q_bar * back[0] if act.push else h_bar, None, *gradients


class MLPCritic:
    """Q(s, a) for S seeds at once; the paper's has three hidden layers of 128 leaky ReLUs.

    Parameters
    ----------
    n_s, n_a : sizes of state and action
    seeds : (S,) whole numbers; a seed fixes its own weights whatever the others are
    hidden : widths of the hidden layers
    activation : a name in ``ACTIVATIONS``
    dtype, device : of the weights
    scales : (n_s + n_a,) > 0, typical sizes of the state's and the action's components, or None for ones

    Notes
    -----
    Inputs are divided by ``scales`` first, so that the network does not know their units; slopes come
    back in the units of s and a.
    ``parameters`` is the list [W_1, b_1, W_2, ...] with W (S, n_in, n_out) and b (S, 1, n_out),
    drawn as ``torch.nn.Linear`` draws them: uniform within 1 / sqrt(n_in).
    """

    def __init__(
        self,
        n_s,
        n_a,
        seeds,
        hidden=(128, 128, 128),
        activation="leaky_relu",
        dtype=torch.float32,
        device="cpu",
        scales=None,
    ):
        self.n_s, self.n_a = validate.whole("n_s", n_s, 1), validate.whole("n_a", n_a, 1)
        self.seeds = tuple(validate.whole("seeds", seed, 0) for seed in seeds)
        self.hidden = tuple(validate.whole("hidden", width, 1) for width in hidden)
        self.activation = validate.one_of("activation", activation, tuple(ACTIVATIONS))
        if not self.seeds:
            raise ValueError("seeds: got none, wanted at least one")
        self.scales = None if scales is None else torch.as_tensor(scales, dtype=dtype, device=device)
        if scales is not None and (self.scales.shape != (n_s + n_a,) or not (self.scales > 0).all()):
            raise ValueError(f"scales: got {self.scales.tolist()}, wanted {n_s + n_a} numbers > 0")
        self.parameters = drawn_layers((n_s + n_a, *self.hidden, 1), self.seeds, dtype, device)

    def first(self, n):
        """Return the critic of the first n seeds; it shares these weights."""
        part = copy.copy(self)
        part.seeds, part.parameters = self.seeds[:n], [x[:n] for x in self.parameters]
        return part

    def __call__(self, s, a):
        """Return Q (S, B) at s (S, B, n_s), a (S, B, n_a); a leading 1 stands for every seed."""
        return self._forward(s, a)[0][..., 0]

    def value_and_slopes(self, s, a, once=False):
        """Return (q (S, B), q_s (S, B, n_s), q_a (S, B, n_a)), each with its graph in the weights.

        ``once`` says that they will be differentiated once only, outside ``torch.func``. Then a backward
        pass written out by hand takes over, the faster way.
        """
        if once and self.hidden:
            q, back = _ValueAndSlope.apply(self._input(s, a), self.activation, *self.parameters)
            return q[..., 0], *self._slopes(back)
        q, layers = self._forward(s, a)
        slope = ACTIVATIONS[self.activation].slope
        weights = self.parameters[0::2]
        back = weights[-1].mT.expand(*q.shape[:-1], -1)  # dQ/dh of the last hidden layer
        for (z, h), weight in zip(reversed(layers), reversed(weights[:-1]), strict=True):
            back = torch.bmm(back * slope(z, h), weight.mT)
        return q[..., 0], *self._slopes(back)

    def _forward(self, s, a):
        """Return the output (S, B, 1) and each hidden layer's input z and output h."""
        x = self._input(s, a)
        layers = hidden_layers(self.parameters, x, self.activation)
        h = layers[-1][1] if layers else x
        return torch.baddbmm(self.parameters[-1], h, self.parameters[-2]), layers

    def _slopes(self, back):
        """Return the slopes in s and in a from that in the network's input."""
        back = back if self.scales is None else back / self.scales
        return back[..., : self.n_s], back[..., self.n_s :]

    def _input(self, s, a):
        """Return (s, a) over their scales (S, B, n_s + n_a), or raise ``ValueError``."""
        n_seeds, out = len(self.seeds), []
        for name, x, size in (("s", s, self.n_s), ("a", a, self.n_a)):
            if x.ndim != 3 or x.shape[0] not in (1, n_seeds) or x.shape[2] != size:
                raise ValueError(f"{name}: got shape {tuple(x.shape)}, wanted ({n_seeds}, B, {size})")
            out.append(x.expand(n_seeds, -1, -1))
        if out[0].shape[1] != out[1].shape[1]:
            raise ValueError(f"a: got batch {a.shape[1]}, wanted that of s, {s.shape[1]}")
        x = torch.cat(out, dim=-1)
        return x if self.scales is None else x / self.scales


class MLPValue:
    """V(s) for S seeds at once, inputs divided by the environment's scales; weights as in ``MLPCritic``."""

    def __init__(self, env, seeds, hidden=(64, 64), activation="silu"):
        self.scale, self.activation = env.state_scale, activation
        self.parameters = drawn_layers((env.n_s, *hidden, 1), seeds, env.dtype, env.device)

    def __call__(self, s):
        """Return V (S, B) at s (S, B, n_s)."""
        h = hidden_layers(self.parameters, s / self.scale, self.activation)[-1][1]
        return torch.baddbmm(self.parameters[-1], h, self.parameters[-2])[..., 0]
