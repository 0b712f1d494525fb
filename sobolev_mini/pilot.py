"""A number before training: what slopes teach a critic here that values alone do not.

Of random transitions the return of an action, and of none from then on, is known with its slopes. A critic of
the values and one of the slopes, too, are asked for the slope in the action where they have not seen it.
"""

from dataclasses import dataclass

import torch

from sobolev_mini import validate
from sobolev_mini.envs.protocol import checked, examined
from sobolev_mini.envs.rollout import uniform
from sobolev_mini.losses import VALUE_ONLY, CriticStep, HugeSavine, sobolev_loss, usable
from sobolev_mini.networks import MLPCritic, descend
from sobolev_mini.targets import Target

PAYS, FAILS, EXACT, USELESS = 3.0, 2.0, 0.05, 0.5  # chosen on the systems of sobolev_book.studies.dials
EPISODES, UPDATES, BATCH, RATE = 10, 300, 128, 3e-3


@dataclass(frozen=True)
class Pilot:
    """Relative errors of Q's slope in a: by values alone and twice the updates, and with slopes."""

    values: float
    slopes: float

    @property
    def answer(self):
        """Whether slopes pay: "pays", "does not pay" or "cannot tell"."""
        gain = self.values / self.slopes if self.slopes < USELESS else 0.0
        if gain >= PAYS or self.slopes <= EXACT:
            return "pays"
        return "cannot tell" if gain > FAILS else "does not pay"

    def __str__(self):
        return f"{self.answer}: slope in a off by {self.values:.0%}, by {self.slopes:.0%} with slopes"


def pilot(env, discount=0.97, samples=300, seeds=(0, 1, 2, 3, 4)):
    """Return the ``Pilot`` of ``env``, so many transitions to learn from, as many to test; seeds' medians.

    Returns look 1 / (1 - ``discount``) steps ahead. It believes the slopes: ask the gate first. Raises
    ``ValueError`` for arguments out of range, and where slopes are no numbers: then they cannot pay.
    """
    discount, seeds = validate.real("discount", discount, low=0.0, below=1.0), validate.seeds("seeds", seeds)
    n = validate.whole("samples", samples, 2)
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    drawn = [_returns(examined(env), discount, 2 * n, g) for g in generators]
    s, a, y, *slopes = (torch.stack(x) for x in zip(*drawn, strict=True))
    if not (usable(*slopes) & y.isfinite()).all():
        raise ValueError("env: the slopes of its returns are not finite everywhere, wanted numbers")
    y, size = y - y.mean(dim=1, keepdim=True), y.std(dim=1, keepdim=True).clamp_min(1e-12)
    known = [s, a, y / size, *(x / size[..., None] for x in slopes)]
    wanted, errors = known[-1][:, n:] * env.action_scale, []
    for rule, updates in ((VALUE_ONLY, 2 * UPDATES), (HugeSavine(), UPDATES)):
        critic = _fitted(env, rule, [x[:, :n] for x in known], updates, seeds, generators)
        gap = critic.action_slope(known[0][:, n:], known[1][:, n:]) * env.action_scale - wanted
        errors.append((gap.norm(dim=(1, 2)) / wanted.norm(dim=(1, 2)).clamp_min(1e-12)).median().item())
    return Pilot(*errors)


def _returns(env, discount, n, generator):
    """Return (s, a, y, y_s, y_a) along random behaviour, mixed: y the return of a and then of no action."""
    s, visited = env.reset(EPISODES, generator), []
    for k in range(1, -(-n // EPISODES) + 1):
        visited.append((s, uniform(env, EPISODES, generator)))
        step = checked(env, env.step(*visited[-1]), s)
        over = step.terminated | (k % env.time_limit == 0)
        s = torch.where(over[:, None], env.reset(EPISODES, generator), step.s_next).detach()
    mixed = torch.randperm(len(visited) * EPISODES, generator=generator)[:n]
    s, a = x, u = [torch.cat(x)[mixed] for x in zip(*visited, strict=True)]
    path, y, y_s = [], s.new_zeros(n), torch.zeros_like(s)
    for _ in range(max(1, round(1 / (1 - discount)))):
        path.append(env.transition(x, u))
        x, u = path[-1].s_next, torch.zeros_like(a)
    for transition in reversed(path):
        goes_on = discount * (~transition.terminated).to(y)
        y = transition.r + goes_on * y
        y_s, y_a = transition.pullback(goes_on[:, None] * y_s)
    return s, a, y, env.tangent(s, y_s), y_a


def _fitted(env, rule, known, updates, seeds, generators):
    sizes, rows = torch.cat([env.state_scale, env.action_scale]), torch.arange(len(seeds))[:, None]
    critic = MLPCritic(env.n_s, env.n_a, seeds, (64, 64), "silu", env.dtype, env.device, sizes)
    adam, memory = torch.optim.Adam(critic.parameters, lr=RATE, fused=True), rule.start(env, critic.shape)
    for _ in range(updates):
        picked = torch.stack([torch.randint(known[0].shape[1], (BATCH,), generator=g) for g in generators])
        s, a, *target = (x[rows, picked] for x in known)
        target, q = Target(*target), critic.value_and_slopes(s, a, env.turn, rule is not VALUE_ONLY)
        weights = rule.weights(memory, CriticStep(*q, target, critic.parameters))
        descend(sobolev_loss(*q, target, *weights)[0], critic.parameters, adam)
    return critic
