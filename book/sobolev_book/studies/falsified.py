"""Chapter 08: what slopes falsified on purpose, and one huge sample, do to a critic fitted to the Ant."""

from dataclasses import replace

import pandas as pd
import torch

from sobolev_book.studies import contact
from sobolev_mini import envs
from sobolev_mini.envs.protocol import jacobian_size

FALSE = {  # ways to falsify ∂f/∂s, given in units of typical states
    "true": lambda f_s: f_s,
    "2.5 times too long": lambda f_s: 2.5 * f_s,
    "height and turn 5 times": lambda f_s: torch.cat([5 * f_s[..., :5], f_s[..., 5:]], dim=-1),
    "turned round": lambda f_s: -f_s,
    "columns exchanged": lambda f_s: f_s.roll(1, dims=-1),
    "nothing": torch.zeros_like,
}
JACOBIAN, REWARD = ("f_s", "f_a"), ("r_s", "r_a")
DROPPED = {"nothing": (), "Jacobian": JACOBIAN, "reward's slope": REWARD, "both": (*JACOBIAN, *REWARD)}
HUGE = 1000  # size of a Jacobian: seed 13's largest, a false one, has 108,000, no other seed's 400


def falsified(seeds=contact.SEEDS, record=contact.RECORD, progress=None):
    """Return a row a way of ``FALSE``, seed and recorded update: balanced weights under 0.04 s."""
    frames, env = [], envs.make("mujoco_ant", time_constant=0.04)
    scene, own, scale = contact.Scene(env), env.linearize, env.state_scale
    for way, change in FALSE.items():

        def linearize(s, a, change=change):
            found = own(s, a)
            return replace(found, f_s=change(found.f_s * scale / scale[:, None]) * scale[:, None] / scale)

        env.linearize = linearize
        errors = contact.fit(scene, "balanced", seeds=seeds, record=record)
        frames.append(contact.tidy(errors, seeds, slope=way))
        if progress:
            progress(1)
    return pd.concat(frames, ignore_index=True)


def dropped(seed=13, record=(0, 1000), progress=None):
    """Return a row a part of huge samples' slopes that is set to zero, bound and recorded update.

    Balanced weights on the stiff Ant. "size" is that of the largest Jacobian, "slope" the length of the
    longest slope of the reward in s, "usual_size" and "usual_slope" are medians; in typical states' units.
    """
    frames, env = [], envs.make("mujoco_ant", time_constant=0.02)
    scene, own = contact.Scene(env), env.linearize
    for part, bound in (("nothing", None), ("nothing", 15.0), ("Jacobian", None), ("reward's slope", None),
                        ("reward's slope", 15.0), ("both", None)):  # fmt: skip
        told = {}

        def linearize(s, a, part=part, told=told):
            found = own(s, a)
            size, slope = jacobian_size(found, env), (found.r_s * env.state_scale).norm(dim=-1)
            for name, x in (("size", size), ("slope", slope)):
                told |= {name: x.max().item(), f"usual_{name}": x.median().item()}
            kept = (size < HUGE)[..., None]
            changed = {name: getattr(found, name) for name in DROPPED[part]}
            masks = {k: kept if k in REWARD else kept[..., None] for k in changed}
            return replace(found, **{k: x * masks[k] for k, x in changed.items()})

        env.linearize = linearize
        errors = contact.fit(scene, "balanced", bound, seeds=(seed,), record=record)
        frames.append(contact.tidy(errors, (seed,), dropped=part, bound=bound, **told))
        if progress:
            progress(1)
    return pd.concat(frames, ignore_index=True).astype({"bound": float})
