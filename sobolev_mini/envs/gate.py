"""The finite-difference gate: derivatives must be the derivatives of the simulator's own steps."""

from dataclasses import dataclass, field

import torch

from sobolev_mini import validate
from sobolev_mini.envs.protocol import checked, examined
from sobolev_mini.envs.rollout import uniform

BLOCKS = ("f_s", "f_a", "r_s", "r_a")


@dataclass(frozen=True)
class GateReport:
    """Relative errors a block over the checked samples: ``p50`` and ``p90`` map block -> float.

    ``errors`` maps it to every sample's (B,).

    The maximum is not reported: near contact a few samples straddle a jump and their difference
    quotient means nothing. A non-finite derivative counts as an infinite error.
    """

    p50: dict
    p90: dict
    n: int
    eps: float
    errors: dict = field(default_factory=dict, repr=False)

    def require(self, p50, p90):
        """Return self if every block keeps both bounds, else raise ``ValueError`` naming the blocks."""
        bad = [b for b in BLOCKS if not (self.p50[b] <= p50 and self.p90[b] <= p90)]
        if bad:
            blocks = ", ".join(f"{b} (p50 {self.p50[b]:.1e}, p90 {self.p90[b]:.1e})" for b in bad)
            raise ValueError(f"env: derivatives disagree with finite differences over {self.n} samples in "
                             f"{blocks}, wanted p50 <= {p50:.1e} and p90 <= {p90:.1e}")  # fmt: skip
        return self

    def __str__(self):
        return "\n".join(f"{b}  p50 {self.p50[b]:.1e}  p90 {self.p90[b]:.1e}" for b in BLOCKS)


def finite_difference_check(env, s, a, eps=None):
    """Return a ``GateReport`` on ``env.linearize`` against central differences of ``env.step``.

    Parameters
    ----------
    env : DifferentiableEnv in float64
    s, a : (B, n_s) and (B, n_a), the points to check
    eps : half the difference step, in the units of s and a, > 0; by default the environment's

    Notes
    -----
    ``env.linearize`` and the pull-back of ``env.transition`` may be written separately, so both are
    held against the differences and the worse of the two counts.
    A sample's error in a block is the Frobenius norm of the difference over the larger of the two
    norms; what rounding alone can make of a difference quotient is forgiven. Raises ``ValueError`` for an
    environment in another precision, or states, actions or an ``eps`` that do not fit.
    """
    eps = env.tolerance.eps if eps is None else validate.real("eps", eps, above=0)
    if env.dtype != torch.float64:
        raise ValueError(f"env: got {env.dtype}, wanted torch.float64 (differences need the digits)")
    env.check(s, a)
    given, step = (env.linearize(s, a), env.transition(s, a).linearization()), env.step(s, a)
    measured, rounding = _differences(env, s, a, eps), torch.finfo(env.tolerance.digits).eps / eps
    noise = {"f": rounding * (1 + step.s_next.abs().amax(-1)), "r": rounding * (1 + step.r.abs())}
    errors = {}
    for block in BLOCKS:
        both = [_relative(getattr(x, block), measured[block], 4 * noise[block[0]]) for x in given]
        errors[block] = torch.maximum(*both)
    ranks = {
        q: {b: float(torch.quantile(e, q, interpolation="higher")) for b, e in errors.items()}
        for q in (0.5, 0.9)
    }
    return GateReport(ranks[0.5], ranks[0.9], len(s), eps, errors)


def gate(env, n=12, steps=20, p50=None, p90=None):
    """Return the report on n states that random behaviour leads to, half of them starts.

    Parameters
    ----------
    env : DifferentiableEnv in float64
    n : states, >= 2
    steps : of random behaviour that lead to the half that are no starts, >= 0
    p50, p90 : bounds on the errors' quantiles, by default the environment's own

    Raises ``ValueError``, which names the blocks and by how much, where a bound is not kept, where a step
    has noise or depends on the step before it, or where it is no ``Step`` of finite numbers. It takes
    seconds, and an experiment does it before it trusts a simulator.
    """
    n, steps = validate.whole("n", n, 2), validate.whole("steps", steps, 0)
    generator = torch.Generator().manual_seed(0)
    s = later = examined(env).reset(n, generator)
    checked(env, env.step(s[None], s.new_zeros(1, n, env.n_a)), s[None])  # an axis in front, as training has
    for _ in range(steps):
        step = env.step(later, uniform(env, n, generator))
        if not step.s_next.isfinite().all():
            raise ValueError("env: its step's s_next is not finite, and a gate has nothing to measure")
        later = torch.where(step.terminated[:, None], later, step.s_next)
    half = n // 2
    _repeats(env, later, uniform(env, n, generator))
    points = torch.cat([s[:half], later[half:]]), uniform(env, n, generator)
    bounds = (own if x is None else x for x, own in ((p50, env.tolerance.p50), (p90, env.tolerance.p90)))
    return finite_difference_check(env, *points).require(*bounds)


def _repeats(env, s, a):
    """Raise ``ValueError`` unless a step is the same after another state's and after itself."""
    exact = env.device.type == "cpu" and env.tolerance.digits == torch.float64
    slack = 0.0 if exact else 1e3 * torch.finfo(env.tolerance.digits).eps  # sums in another order
    for i in range(len(s)):
        first, again = (env.step(s[i : i + 1], a[i : i + 1]).s_next for _ in range(2))
        gap = ((first - again).abs() / (1 + first.abs())).max().item()
        if not gap <= slack:
            raise ValueError(f"env: the same step gave states {gap:.1e} apart, wanted at most {slack:.1e}: "
                             "it has noise, or something of the step before is left over")  # fmt: skip


def _differences(env, s, a, eps):
    """Return the blocks by central differences, shapes as in ``Linearization``."""
    blocks = {}
    for name, x in (("s", s), ("a", a)):
        f, r = [], []
        for i in range(x.shape[-1]):
            h = torch.zeros_like(x)
            h[..., i] = eps
            up, down = (env.step(x + d, a) if name == "s" else env.step(s, x + d) for d in (h, -h))
            width = (x + h)[..., i] - (x - h)[..., i]  # what was really added, after rounding
            f.append((up.s_next - down.s_next) / width[..., None])
            r.append((up.r - down.r) / width)
        blocks[f"f_{name}"], blocks[f"r_{name}"] = torch.stack(f, dim=-1), torch.stack(r, dim=-1)
    return blocks


def _relative(given, measured, noise):
    """Return per-sample relative errors (B,), infinite where ``given`` is not finite."""
    given, measured = given.flatten(1), measured.flatten(1)
    size = torch.maximum(given.norm(dim=1), measured.norm(dim=1))
    gap = (given - measured).norm(dim=1)
    error = torch.where(gap <= noise * given.shape[1] ** 0.5, 0.0, gap / size)
    return torch.where(given.isfinite().all(dim=1), error, torch.inf)
