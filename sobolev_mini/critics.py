"""MLP critics, all seeds in one set of weights, with their input gradients written out.

A Sobolev critic needs Q and its slopes in s and a, and then the gradient of a loss of all three in
the weights. ``MLPCritic.value_and_slopes`` writes the slopes as a second, ordinary chain of matrix
products, so that one backward pass suffices where double backpropagation (Drucker and LeCun 1992)
takes two. With piecewise linear activations that pass can be written out as well (eq-05-tangent).
"""

import itertools

import torch

from sobolev_mini import validate
from sobolev_mini.networks import ACTIVATIONS, LEAKS, drawn_layers, hidden_layers


class _PiecewiseLinear(torch.autograd.Function):
    """(x (S, B, n), leak, parameters) -> Q (S, B, 1) and dQ/dx (S, B, n), eq-05-critic and eq-05-slopes.

    The masks have no derivative. With h a layer's input, g Q's slope in its output before the mask and t
    the tangent of h as x moves along the slopes' cotangent, the weights' gradient is (q_bar h + t)^T g
    (eq-05-tangent): Q's slopes are not differentiated again, x is moved once.
    """

    @staticmethod
    def forward(ctx, x, leak, *parameters):
        weights, h, masks, slopes = parameters[0::2], [x], [], []
        for weight, bias in zip(weights[:-1], parameters[1:-2:2], strict=True):
            z = torch.baddbmm(bias, h[-1], weight)
            masks.append(torch.where(z > 0, z.new_ones(()), leak))
            h.append(z * masks[-1])
        back = weights[-1].mT  # dQ/dh of the last hidden layer
        for mask, weight in zip(reversed(masks), reversed(weights[:-1]), strict=True):
            slopes.append(back * mask)
            back = torch.bmm(slopes[-1], weight.mT)
        ctx.save_for_backward(back, *h, *masks, *reversed(slopes), *weights)
        return torch.baddbmm(parameters[-1], h[-1], weights[-1]), back

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, q_bar, t):
        back, *saved = ctx.saved_tensors
        n, parts, gradients = len(saved) // 4, iter(saved), []
        h, masks, slopes, weights = ([*itertools.islice(parts, k)] for k in (n + 1, n, n, n + 1))
        for x, mask, slope, weight in zip(h[:-1], masks, slopes, weights[:-1], strict=True):
            gradients += [torch.bmm((q_bar * x + t).mT, slope), torch.bmm(q_bar.mT, slope)]
            t = torch.bmm(t, weight) * mask
        last = (q_bar * h[-1] + t).sum(dim=1)[..., None]
        return q_bar * back, None, *gradients, last, q_bar.sum(dim=1, keepdim=True)


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

    def __call__(self, s, a):
        """Return Q (S, B) at s (S, B, n_s), a (S, B, n_a); a leading 1 stands for every seed."""
        return self._forward(s, a)[0][..., 0]

    def value_and_slopes(self, s, a, once=False):
        """Return (q (S, B), q_s (S, B, n_s), q_a (S, B, n_a)), each with its graph in the weights.

        ``once`` says that they will be differentiated once only, outside ``torch.func``. Then piecewise
        linear critics take a backward pass written out by hand, the faster way.
        """
        if once and self.activation in LEAKS and self.hidden:
            x = self._input(s, a)
            q, back = _PiecewiseLinear.apply(x, LEAKS[self.activation], *self.parameters)
            return q[..., 0], *self._slopes(back)
        q, layers = self._forward(s, a)
        slope = ACTIVATIONS[self.activation][1]
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
