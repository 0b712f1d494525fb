"""A trained seed's policy on its own: asked by observations in NumPy, saved to a file, read back.

``predict`` is that of Stable-Baselines3, so that its ``evaluate_policy`` and scripts written for it serve.
"""

from types import SimpleNamespace

import numpy as np
import torch

from sobolev_mini import actors, validate

SPACE = "n_s", "n_a", "state_scale", "action_scale", "action_limit", "dtype"  # what an actor knows of its env
KINDS = {kind.__name__: kind for kind in (actors.DeterministicActor, actors.GaussianActor)}


class Policy:
    """The policy of ``seed`` among those of ``actor``; a seed that it lacks raises ``ValueError``.

    actor : of ``seeds``, (S,) numbers, as a ``ControlHistory`` has them
    """

    def __init__(self, actor, seeds, seed):
        i = list(seeds).index(validate.one_of("seed", seed, tuple(seeds)))
        own = [x[i : i + 1].detach().cpu().clone() for x in actor.parameters]
        space = {name: getattr(actor.env, name) for name in SPACE}
        space = {name: x.cpu() if isinstance(x, torch.Tensor) else x for name, x in space.items()}
        self.state = {"kind": type(actor).__name__, "hidden": actor.hidden, "activation": actor.activation,
                      "space": space, "parameters": own}  # fmt: skip
        self.actor = _actor(self.state)

    @torch.no_grad()
    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        """Return (actions, None) for observations (n_s,) or (B, n_s), in the environment's units.

        Actions are float32, (n_a,) or (B, n_a): the policy's own, or with ``deterministic=False`` SAC's
        samples, by torch's global generator. ``state`` and ``episode_start`` are for callers of
        Stable-Baselines3. An observation of another shape raises ``ValueError``.
        """
        env, actor = self.actor.env, self.actor
        s = validate.last_axis("observation", observation, env.n_s)
        batch = torch.as_tensor(s, dtype=env.dtype).reshape(1, -1, env.n_s)
        if deterministic or not hasattr(actor, "sample"):
            a = actor(batch)
        else:
            a = actor.sample(batch, torch.randn(1, batch.shape[1], env.n_a, dtype=env.dtype))[0]
        return a.numpy().astype(np.float32).reshape(*s.shape[:-1], env.n_a), None

    def save(self, path):
        """Write the policy to ``path``; plain numbers and tensors, as ``torch.load`` reads by default."""
        torch.save(self.state, path)

    @classmethod
    def load(cls, path):
        """Return the policy that ``save`` wrote; raises ``ValueError`` for another file."""
        policy = cls.__new__(cls)
        try:
            policy.state = torch.load(path, weights_only=True)
            policy.actor = _actor(policy.state)
        except (FileNotFoundError, PermissionError):
            raise
        except Exception:  # a file of another kind may raise anything
            raise ValueError(f"path: got {path}, wanted a file that Policy.save wrote") from None
        return policy


def _actor(state):
    """Return the actor, of one seed, that a saved ``state`` describes."""
    actor = KINDS[state["kind"]](SimpleNamespace(device="cpu", **state["space"]), (0,), state["hidden"],
                                 state["activation"])  # fmt: skip
    actor.parameters = state["parameters"]
    return actor
