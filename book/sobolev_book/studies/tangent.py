"""Is training stable near where an MLP critic stands? The question of ``td_matrix``, asked of a network.

Around its weights a network is linear in them, with its gradients in the weights as features (the
tangent kernel of Jacot et al. 2018). Chapter 04's matrix is then E[G^T Lam (G - G')] (eq-05-kernel), G the
weights' gradients of Q, Q_s and Q_a at the samples and G' those of their targets, the action in them frozen.
"""

import copy

import torch

from sobolev_book.records.grid_max import best_action_index
from sobolev_mini import validate
from sobolev_mini.networks import LEAKS


def semi_gradient_spectrum(critic, samples, actions, discount, lam_s, lam_a, seed_index=0):
    """Return the eigenvalues (complex, (n,)) of the expected semi-gradient step on the samples.

    Parameters
    ----------
    critic : MLPCritic with n_s = n_a = 1, on the toy: s' = a; of another activation than a piecewise linear
        one ``ValueError``
    samples : (s, a), each (B, 1), that stand for the expectation
    actions : (A, 1) grid of the max
    discount, lam_s, lam_a : of the target and of the loss
    seed_index : which of the critic's networks

    Notes
    -----
    The weights are more than the samples, so the matrix over weights has the non-zero eigenvalues of
    (G - G') G^T Lam / B, as many as there are measurements: B, or 3 B with both slopes. A negative
    real part is a direction in which small plain gradient steps move away.
    """
    validate.one_of("activation", critic.activation, tuple(LEAKS))
    network, place = copy.copy(critic), slice(seed_index, seed_index + 1)
    network.shape, network.seeds = (1,), critic.seeds[place]
    network.parameters = [x[place].detach().double() for x in critic.parameters]
    s, a, actions = (x.double() for x in (*samples, actions))
    b = actions[best_action_index(network, a[None], actions)][0]
    here, ahead = _rows(network, s, a), _rows(network, a, b)
    gram, across = _products(here, here), _products(ahead, here)
    zero = torch.zeros_like(across[0])
    target = discount * torch.stack([across[0], zero, across[1]])  # y, y_s, y_a: s' = a moves with a alone
    weights = torch.tensor([1.0, lam_s, lam_a], dtype=torch.float64)
    used = weights > 0
    step = (gram - target)[used][:, :, used] * weights[used, None] / len(s)
    return torch.linalg.eigvals(step.flatten(2, 3).flatten(0, 1))


def _rows(critic, s, a):
    """Return, a layer, the two factors of the gradients of Q, Q_s, Q_a in its weights at (s, a) (B, 1).

    A gradient is the outer product of what enters the layer, (3, B, n + 1), and of Q's slope in what
    leaves it, (B, m); eq-05-tangent. What enters is for Q the input with a 1 for the bias, for a slope
    the input's motion.
    """
    moved = torch.eye(2, dtype=s.dtype)[:, None].expand(-1, len(s), -1)
    entering, masks = torch.cat([torch.cat([s, a], dim=-1)[None], moved]), []
    one, inputs = torch.tensor([1.0, 0, 0], dtype=s.dtype).expand(len(s), -1).T[..., None], []
    weights = [x[0] for x in critic.parameters[0::2]]
    for weight, bias in zip(weights, critic.parameters[1::2], strict=True):
        inputs.append(torch.cat([entering, one], dim=-1))
        z = entering @ weight + one * bias[0]
        masks.append(torch.where(z[0] > 0, z.new_ones(()), LEAKS[critic.activation]))
        entering = z * masks[-1]
    slopes = [torch.ones_like(s)]
    for weight, mask in zip(weights[:0:-1], masks[-2::-1], strict=True):
        slopes.append(slopes[-1] @ weight.T * mask)
    return list(zip(inputs, reversed(slopes), strict=True))


def _products(rows, columns):
    """Return the products (3, B, 3, B) of two ``_rows``: an entry is one gradient times another."""
    return sum(
        torch.einsum("ibn,jcn->ibjc", x, y) * (u @ v.T)[:, None]
        for (x, u), (y, v) in zip(rows, columns, strict=True)
    )
