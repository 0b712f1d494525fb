"""The environments as gymnasium knows them: a single state, NumPy, episodes with an end.

``import sobolev_mini.envs.robots.gym`` registers "sobolev_mini/NAME-v0" for every name of ``envs.make``.
"""

import gymnasium
import numpy as np
import torch

from sobolev_mini import envs, validate
from sobolev_mini.envs.protocol import checked, examined

FREE = 10.0  # an unbounded action is cut off at so many times its scale


class GymEnv(gymnasium.Env):
    """A ``DifferentiableEnv`` as a ``gymnasium.Env``, truncated at its time limit, also without a wrapper.

    Parameters
    ----------
    env : name of an environment, or an environment
    render_mode : "rgb_array" for pictures from ``render``, or None
    kwargs : to its constructor, where a name is given

    Units are the environment's. States, actions and names that do not fit raise ``ValueError``.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012  (gymnasium's own form)

    def __init__(self, env, render_mode=None, **kwargs):
        self.render_mode = validate.one_of("render_mode", render_mode, (None, "rgb_array"))
        if kwargs and not isinstance(env, str):
            raise ValueError(f"kwargs: got {sorted(kwargs)} beside an environment, wanted a name, or none")
        self.env = examined(envs.make(env, **kwargs) if isinstance(env, str) else env)
        free = FREE * self.env.action_scale
        limit = (free if self.env.action_limit is None else self.env.action_limit).float().cpu().numpy()
        self.action_space = gymnasium.spaces.Box(-limit, limit, dtype=np.float32)
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (self.env.n_s,), np.float32)
        self._s, self._age = None, 0

    def reset(self, *, seed=None, options=None):
        """Return (state (n_s,) float32, {}); ``options={"state": s}`` starts there."""
        super().reset(seed=seed)
        generator = torch.Generator().manual_seed(int(self.np_random.integers(2**31)))
        self._s = self.env.reset(1, generator)
        if options and "state" in options:
            state = validate.last_axis("state", options["state"], self.env.n_s)
            if state.ndim != 1:
                raise ValueError(f"state: got shape {state.shape}, wanted ({self.env.n_s},)")
            self._s = torch.as_tensor(state, dtype=self.env.dtype, device=self.env.device)[None]
        self._age = 0
        return self._observed(), {}

    def step(self, action):
        """Return (state, reward, terminated, truncated, {}); ``reset`` must come first."""
        if self._s is None:
            raise gymnasium.error.ResetNeeded("call reset before the first step")
        a = torch.as_tensor(validate.last_axis("action", action, self.env.n_a), dtype=self.env.dtype)
        step = checked(self.env, self.env.step(self._s, a.to(self.env.device)[None]), self._s)
        self._s, self._age = step.s_next, self._age + 1
        # ``gymnasium.make`` limits what it makes, by a wrapper that knows of another limit too.
        over = self.spec is None and self._age >= self.env.time_limit
        return self._observed(), step.r.item(), step.terminated.item(), over, {}

    def render(self):
        """Return a picture (H, W, 3) uint8: the environment's own ``render(s)``, else a bar a component.

        A bar's length is tanh of the component over its scale. None without ``render_mode``.
        """
        if self.render_mode is None or self._s is None:
            return None
        if hasattr(self.env, "render"):
            return self.env.render(self._s)
        image = np.full((20 * self.env.n_s + 10, 201, 3), 255, np.uint8)
        lengths = (100 * torch.tanh(self._s[0] / self.env.state_scale)).round().int().tolist()
        for i, length in enumerate(lengths):
            low, high = sorted((100, 100 + length))
            image[20 * i + 10 : 20 * i + 20, low : high + 1] = 0, 114, 178
        return image

    def _observed(self):
        return self._s[0].float().cpu().numpy()


for _name in envs.NAMES:
    gymnasium.register(
        f"sobolev_mini/{_name}-v0", GymEnv, max_episode_steps=envs.time_limit(_name), kwargs={"env": _name}
    )
