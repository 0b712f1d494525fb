"""What SHAC and PODS share: what a study sets, and when their policy is judged. The rest is constants."""

from dataclasses import dataclass

import torch

from sobolev_mini.networks import ACTIVATIONS
from sobolev_mini.recording import evaluate
from sobolev_mini.validate import one_of, real, recorded, seeds, setting, settings, whole, wholes


@dataclass(frozen=True)
class OnPolicyConfig:
    """What a run of either may set; a bad setting raises ``ValueError``.

    Parameters
    ----------
    steps : environment steps a seed, of every environment of every rollout
    seeds : trained side by side
    hidden, activation : of the networks
    discount : gamma, in [0, 1); PODS sums rewards as they come
    record : steps at which the policy is evaluated, by default 21 even ones; at the next iteration's end
    episodes : evaluated at every record
    """

    steps: int = setting(5000, whole, low=1)
    seeds: tuple = setting((0, 1, 2, 3, 4), seeds)
    hidden: tuple = setting((64, 64), wholes, low=1)
    activation: str = setting("silu", one_of, choices=tuple(ACTIVATIONS))
    discount: float = setting(0.97, real, low=0, below=1)
    record: tuple | None = setting(None, wholes, low=0)
    episodes: int = setting(10, whole, low=1)
    __post_init__ = settings


def judged(env, actor, config, improve, progress=None):
    """Return (steps (R,), returns (R, S)) of ``actor``, moved by ``improve()`` until all steps are taken.

    ``improve`` returns how many environment steps a seed it took; ``progress`` is called with them. Returns
    are undiscounted means over episodes, in the environment's unit of reward. Raises ``ValueError`` for a
    record beyond the last step.
    """
    due, done, returns = list(recorded(config.record, config.steps, 21)), 0, {}
    while True:
        while due and due[0] <= done:
            returns[due.pop(0)] = evaluate(env, actor, config.episodes).cpu()
        if done >= config.steps:
            return list(returns), torch.stack(list(returns.values())).double().numpy()
        taken = improve()
        done += taken
        if progress:
            progress(taken)
