"""The linear-quadratic regulator: s' = A s + B a, r = -(s^T Q s + a^T R a), with every value exact."""

from dataclasses import dataclass

import numpy as np
import torch

from sobolev_mini import validate
from sobolev_mini.envs.protocol import DifferentiableEnv
from sobolev_mini.targets import Linearization, Step


@dataclass(frozen=True)
class LQRSolution:
    """A linear policy a = -K s and its discounted value V(s) = -s^T P s, exact in value and in slope.

    P (n_s, n_s), symmetric; K (n_a, n_s); tensors of the environment's dtype.
    """

    env: "LQR"
    discount: float
    P: torch.Tensor
    K: torch.Tensor

    def policy(self, s):
        """Return the actions (..., B, n_a) at s (..., B, n_s)."""
        return -s @ self.K.mT

    def value(self, s):
        """Return V (..., B)."""
        return -((s @ self.P) * s).sum(dim=-1)

    def value_gradient(self, s):
        """Return grad V (..., B, n_s)."""
        return -2 * s @ self.P

    def q(self, s, a):
        """Return Q (..., B): the reward of a, then the policy."""
        step = self.env.step(s, a)
        return step.r + self.discount * self.value(step.s_next)

    def q_gradients(self, s, a):
        """Return (q_s (..., B, n_s), q_a (..., B, n_a))."""
        ahead = self.discount * self.value_gradient(self.env.step(s, a).s_next)
        return self.env.linearize(s, a).pullback(ahead)


class LQR(DifferentiableEnv):
    """A linear system with quadratic cost; actions are unbounded and no episode terminates.

    Parameters
    ----------
    n_s, n_a, seed, radius : of a drawn system: A normal, scaled to spectral radius ``radius``; B normal over
        sqrt(n_s); Q the identity, R a tenth of it
    A (n_s, n_s), B (n_s, n_a), Q (n_s, n_s), R (n_a, n_a) : a system of your own in place of the drawn one;
        Q positive semi-definite, R positive definite, both symmetric, else ``ValueError``
    dtype, device : of states and actions
    """

    time_limit = 50
    action_limit = None

    def __init__(self, n_s=4, n_a=2, seed=0, radius=1.0, *, A=None, B=None, Q=None, R=None,
                 dtype=torch.float32, device="cpu"):  # fmt: skip
        n_s = validate.whole("n_s", n_s, 1) if A is None else len(validate.finite("A", A))
        n_a = validate.whole("n_a", n_a, 1) if B is None else validate.finite("B", B).shape[-1]
        rng = np.random.default_rng(validate.whole("seed", seed, 0))
        drawn_a, drawn_b = rng.normal(size=(n_s, n_s)), rng.normal(size=(n_s, n_a)) / np.sqrt(n_s)
        drawn_a *= validate.real("radius", radius, above=0) / np.abs(np.linalg.eigvals(drawn_a)).max()
        self.n_s, self.n_a = n_s, n_a
        super().__init__(dtype, device)
        self.A, self.B = _matrix("A", A, drawn_a, (n_s, n_s)), _matrix("B", B, drawn_b, (n_s, n_a))
        self.Q = _cost("Q", _matrix("Q", Q, np.eye(n_s), (n_s, n_s)), definite=False)
        self.R = _cost("R", _matrix("R", R, 0.1 * np.eye(n_a), (n_a, n_a)), definite=True)
        self._A, self._B, self._Q, self._R = (self._tensor(x) for x in (self.A, self.B, self.Q, self.R))

    def step(self, s, a):
        """Return the ``Step``; it never terminates."""
        self.check(s, a)
        r = -((s @ self._Q) * s).sum(dim=-1) - ((a @ self._R) * a).sum(dim=-1)
        return Step(s @ self._A.mT + a @ self._B.mT, r, torch.zeros_like(r, dtype=torch.bool))

    def linearize(self, s, a):
        """Return the ``Linearization``, by hand: f_s = A, f_a = B."""
        self.check(s, a)
        batch = s.shape[:-1]
        f_s, f_a = self._A.expand(*batch, -1, -1), self._B.expand(*batch, -1, -1)
        return Linearization(f_s, f_a, -2 * s @ self._Q, -2 * a @ self._R)

    def optimum(self, discount):
        """Return the ``LQRSolution`` of the optimal policy, by the discounted Riccati equation.

        Raises ``ValueError`` where no policy keeps the discounted cost finite.
        """
        from scipy.linalg import solve_discrete_are

        discount = validate.real("discount", discount, low=0.0, below=1.0)
        root = np.sqrt(discount)
        try:
            P = solve_discrete_are(root * self.A, root * self.B, self.Q, self.R)
        except np.linalg.LinAlgError as error:
            raise ValueError(
                f"A, B: the Riccati equation at discount {discount} has no stabilising solution ({error})"
            ) from None
        K = np.linalg.solve(self.R + discount * self.B.T @ P @ self.B, discount * self.B.T @ P @ self.A)
        return LQRSolution(self, discount, self._tensor(P), self._tensor(K))

    def _tensor(self, x):
        return torch.as_tensor(x, dtype=self.dtype, device=self.device)


def _matrix(name, given, drawn, shape):
    matrix = validate.finite(name, drawn if given is None else given)
    if matrix.shape != shape:
        raise ValueError(f"{name}: got shape {matrix.shape}, wanted {shape}")
    return matrix


def _cost(name, matrix, definite):
    least = np.linalg.eigvalsh(matrix).min()
    if not np.allclose(matrix, matrix.T) or (least <= 0 if definite else least < -1e-12):
        kind = "definite" if definite else "semi-definite"
        raise ValueError(
            f"{name}: got least eigenvalue {least:.3g}, wanted a symmetric positive {kind} matrix"
        )
    return matrix
