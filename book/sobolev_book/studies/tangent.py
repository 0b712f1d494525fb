"""Is training stable near where an MLP critic stands? The question of ``td_matrix``, asked of a network.

Around its weights a network is linear in them, with its gradients in the weights as features (the
tangent kernel of Jacot et al. 2018). Chapter 04's matrix is then E[G^T Lam (G - G')] (eq-05-kernel), G the
weights' gradients of Q, Q_s and Q_a at the samples and G' those of their targets, the action in them frozen.
"""

import copy

import torch

from sobolev_book.records.grid_max import best_action_index
from sobolev_book.records.mlp_runs import written_out


def semi_gradient_spectrum(critic, samples, actions, discount, lam_s, lam_a, seed_index=0):
    """Return the eigenvalues (complex, (n,)) of the expected semi-gradient step on the samples.

    Parameters
    ----------
    critic : MLPCritic with n_s = n_a = 1, on the toy: s' = a
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
    network, place = copy.copy(critic), slice(seed_index, seed_index + 1)
    network.shape, network.seeds = (1,), critic.seeds[place]
    network.parameters = [x[place].detach().double() for x in critic.parameters]
    s, a, actions = (x.double() for x in (*samples, actions))
    b = actions[best_action_index(network, a[None], actions)][0]
    G, G_next = _jacobian(network, s, a), _jacobian(network, a, b)
    zero = torch.zeros_like(G_next[0])
    target = discount * torch.stack([G_next[0], zero, G_next[1]])  # y, y_s, y_a: s' = a moves with a alone
    weights = torch.tensor([1.0, lam_s, lam_a], dtype=torch.float64)
    used = weights > 0
    G, target = G[used].flatten(0, 1), target[used].flatten(0, 1)
    scale = weights[used].repeat_interleave(len(s)) / len(s)
    return torch.linalg.eigvals((G - target) @ (G.T * scale))


def _jacobian(critic, s, a):
    """Return the gradients in the weights of Q, Q_s and Q_a at (s, a) (B, 1): (3, B, P)."""

    def measured(parameters):
        here = copy.copy(critic)
        here.parameters = parameters
        q, q_s, q_a = written_out(here, s[None], a[None])
        return torch.cat([q[0], q_s[0, :, 0], q_a[0, :, 0]])

    rows = torch.func.jacrev(measured, chunk_size=50)(critic.parameters)
    return torch.cat([x.flatten(1) for x in rows], dim=1).unflatten(0, (3, len(s)))
