"""Chapter 08: how large the Ant's Jacobians are and how far ahead a slope means something.

Under uniform actions, and under the policies that the experiment ``ant_share`` kept at its end.
"""

import pandas as pd
import torch

from sobolev_book.studies import contact
from sobolev_book.studies.clips import actor
from sobolev_mini.envs.protocol import jacobian_size

METHODS, SEEDS = ("value_only", "balanced"), (10, 11, 12, 13, 14)
AHEAD, STEPS = (1, 2, 3, 5, 10, 15, 20, 30), (1e-6, 1e-4, 1e-2)  # control steps; of differences
SOFT = {"as it is": (), "soft contacts": ("geom",), "soft stops": ("jnt",), "both soft": ("geom", "jnt")}


def behaviours(n, scene=None):
    """Yield (behaviour, seed, states (n, n_s), policy): uniform actions and None first, then each policy.

    States are where fewer than 60 uniform, or 200 greedy, steps lead from a start.
    """
    scene = contact.ant(dtype=torch.float64) if scene is None else scene
    yield "uniform", 0, scene.visited(n, torch.Generator().manual_seed(3)), None
    for method in METHODS:
        for seed in SEEDS:
            made = actor(scene.env, method, seed)
            s = followed(scene.env, made, n // len(SEEDS), torch.Generator().manual_seed(seed))
            yield method, seed, s, made


@torch.no_grad()
def followed(env, policy, n, generator, steps=200):
    """Return n states (n, n_s), each after fewer than ``steps`` steps of a policy of one seed."""
    s = env.reset(n, generator)
    when = torch.randint(0, steps, (n,), generator=generator)
    for t in range(steps):
        step = env.step(s, policy(s[None])[0])
        s = torch.where(((t < when) & ~step.terminated)[:, None], step.s_next, s)
    return s


@torch.no_grad()
def returns(env, s, first, later):
    """Return the discounted returns (T, P, n) from s (n, n_s) under first actions (P, n, n_a).

    ``later(t, x)`` are the actions at step t from x (P, n, n_s). A fall ends nothing.
    """
    x, a, rewards = s.expand(len(first), *s.shape), first, []
    for t in range(max(AHEAD)):
        step = env.step(x, a)
        rewards.append(0.99**t * step.r)
        x = step.s_next
        a = later(t, x)
    return torch.stack(rewards).cumsum(dim=0)


def slopes(env, s, first, later):
    """Return the slopes (H, T, n_a, n) of returns in the first action, by central differences."""
    eye, found = torch.eye(env.n_a, dtype=env.dtype)[:, None], []
    for h in STEPS:
        up, down = (returns(env, s, first + x * eye, later) for x in (h, -h))
        found.append((up - down) / (2 * h))
    return torch.stack(found)


def horizons(n=200, progress=None):
    """Return a row a behaviour, state and number of steps ahead.

    "near" and "far" are cosines of the slope by the finest difference with those by the others, "length" is
    its own. Uniform actions are the same wherever a difference leads; a policy acts on where it led.
    """
    frames, scene = [], contact.ant(dtype=torch.float64)
    for behaviour, seed, s, policy in behaviours(n, scene):
        drawn = scene.uniform((1 + max(AHEAD)) * len(s), torch.Generator().manual_seed(4))
        fixed = drawn.view(-1, *drawn.shape[-1:]).unflatten(0, (-1, len(s)))
        first = fixed[-1] if policy is None else policy(s[None])[0].detach()

        def later(t, x, policy=policy, fixed=fixed):
            return fixed[t].expand(*x.shape[:-1], -1) if policy is None else acted(policy, x)

        found = slopes(scene.env, s, 0.9 * first, later)
        near, far = (torch.cosine_similarity(found[0], x, dim=1) for x in found[1:])
        for t in AHEAD:
            of = {"near": near[t - 1], "far": far[t - 1], "length": found[0, t - 1].norm(dim=0)}
            told = {"behaviour": behaviour, "seed": seed, "ahead": t}
            frames.append(pd.DataFrame(told | {name: x.numpy() for name, x in of.items()}))
        if progress:
            progress(1)
    return pd.concat(frames, ignore_index=True)


def acted(policy, x):
    """Return the actions (P, n, n_a) of a policy of one seed at x (P, n, n_s)."""
    return policy(x.flatten(0, 1)[None])[0].unflatten(0, x.shape[:2])


def sizes(n=2000, progress=None):
    """Return a row a simulator, behaviour and state: "size" of the Jacobians, "norm" of the state's."""
    scene, frames = contact.ant(dtype=torch.float64), []
    env, model = scene.env, scene.env.physics.model
    for behaviour, seed, s, policy in behaviours(n, scene):
        a = scene.uniform(len(s), torch.Generator().manual_seed(4))
        a = a if policy is None else policy(s[None])[0].detach()
        for simulator, parts in (SOFT if policy is None else {"as it is": ()}).items():
            for part in parts:
                getattr(model, f"{part}_solref")[:, 0] = 0.16
            found = env.linearize(s, a)
            model.geom_solref[:, 0] = model.jnt_solref[:, 0] = 0.02
            alone = found.f_s * env.state_scale / env.state_scale[:, None]
            of = {"size": jacobian_size(found, env), "norm": torch.linalg.matrix_norm(alone, 2)}
            told = {"simulator": simulator, "behaviour": behaviour, "seed": seed}
            frames.append(pd.DataFrame(told | {name: x.numpy() for name, x in of.items()}))
            if progress:
                progress(1)
    return pd.concat(frames, ignore_index=True)
