"""A reader's own rule for the weights of slopes, as a rule of ``losses``, and a training to try it in."""

from dataclasses import dataclass

import numpy as np
import torch

from sobolev_book import evaluation
from sobolev_mini.envs import Pendulum

DISCOUNT = 0.8
STEPS = 60  # of the exact rollout: 0.8^60 is 2e-6


@dataclass(frozen=True)
class OwnRule:
    """Make a rule of ``function``, which is called once an update for each critic.

    ``function(memory, y, y_s, y_a, pull, pull_s, pull_a)`` returns ``(lam_s, lam_a, memory)``: ``y`` (B,),
    ``y_s`` (B, n) and ``y_a`` (B, m) are the batch's target and its slopes, ``pull`` the norm of the gradient
    of E[(Q - y)^2] in the critic's weights, ``pull_s`` (n,) and ``pull_a`` (m,) the same for each component
    of the slopes at weight one. ``memory`` is None at first. All are NumPy arrays. The weights are ``lam_s``
    (n,) and ``lam_a`` (m,); ``ValueError`` where one has another shape.
    """

    function: object
    off = False

    def start(self, env, shape):
        """Return the memory of critics (S,)."""
        return {"own": [None] * shape[-1]}

    def weights(self, memory, step):
        """Return (lam_s (N, 1, n), lam_a (N, 1, m), mask (N, B)) of N critics."""
        t, pairs = step.target, []
        pulls, n_s = _pulls(step), t.y_s.shape[-1]
        for i, batch in enumerate(zip(t.y.numpy(), t.y_s.numpy(), t.y_a.numpy(), strict=True)):
            pull = float(pulls[0, i]), pulls[1 : n_s + 1, i], pulls[n_s + 1 :, i]
            *lams, memory["own"][i] = self.function(memory["own"][i], *batch, *pull)
            pairs.append([_column(*x) for x in zip(("lam_s", "lam_a"), lams, pull[1:], strict=True)])
        lam_s, lam_a = (torch.stack(lams)[:, None] for lams in zip(*pairs, strict=True))
        return lam_s, lam_a, torch.ones_like(t.y)


def action_slope_errors(rule, seeds):
    """Train a critic a seed by ``rule`` and return how far its action slope is off, (seeds,).

    Each evaluates one fixed policy of the pendulum: two layers of 32 units, 400 updates on 256 transitions.
    An error is relative to the true slope's size, so a critic that is flat in the action has 1. A training
    takes a second or two.
    """
    config = evaluation.EvaluationConfig(
        samples=256, updates=400, weighting=rule, hidden=(32, 32), batch_size=32, lr=1e-2, discount=DISCOUNT,
        tau=0.05, seeds=tuple(seeds), record=(400,),
    )  # fmt: skip
    _, errors = evaluation.fitted_evaluation(Pendulum(torch.float64), _policy, _truth, config)
    return np.ravel(errors["slope_a"])


def _column(name, lam, like):
    """Return a weight as a tensor; raises ``ValueError`` unless it has the shape of ``like``."""
    lam = np.asarray(lam, dtype=float)
    if lam.shape != like.shape:
        raise ValueError(f"{name}: got shape {lam.shape}, wanted {like.shape}")
    return torch.tensor(lam)


def _pulls(step):
    """Return the norms of the gradients of every component's loss, (1 + n + m, N)."""
    t = step.target
    gaps = torch.cat([(step.q - t.y)[..., None], step.q_s - t.y_s, step.q_a - t.y_a], dim=-1)
    return torch.stack([step.gradient_norm(x) for x in (gaps**2).mean(dim=1).unbind(dim=-1)]).numpy()


def _policy(s):
    """Turn the pendulum back to the top, within its torque."""
    return 2 * torch.tanh(-(5 * s[..., 1:2] + 1.5 * s[..., 2:]))


def _truth(s, a):
    """Return Q of the policy and its slopes, by a rollout and its derivative."""
    first = s, a = s.clone().requires_grad_(), a.clone().requires_grad_()
    env, q, share = Pendulum(torch.float64), 0.0, 1.0
    for _ in range(STEPS):
        step = env.step(s, a)
        q, share, s = q + share * step.r, DISCOUNT * share, step.s_next
        a = _policy(s)
    return q.detach(), *torch.autograd.grad(q.sum(), first)
