"""Episodes of the Ant for the book's clips: chosen by a rule, recorded step by step, filmed by MuJoCo.

Filming wants ``MUJOCO_GL=osmesa`` or ``egl`` where there is no screen (Debian: libosmesa6), and ffmpeg.
"""

import shutil
import subprocess

import numpy as np
import pandas as pd
import torch

from sobolev_book import records, style
from sobolev_book.figures.ant import LOOKS
from sobolev_book.studies.catalogue import EXPERIMENTS
from sobolev_mini import envs, validate
from sobolev_mini.actors import GaussianActor
from sobolev_mini.envs.robots import quaternion
from sobolev_mini.recording import starts

SOURCES = {"value_only": "ant_share", "balanced": "ant_share", "paper": "ant_controls"}
STEPS, STARTS = 200, 5  # ten seconds; evaluation's first start states
SIZE, RATE, SMOOTH = (480, 360), 20, 15  # pixels, pictures a second, of them the camera averages over
QUALITY = 31  # H.264's, less is finer


def seeds(method):
    """Return the seeds of ``method`` whose policies are kept; ``ValueError`` for an unknown method."""
    name = SOURCES[validate.one_of("method", method, tuple(SOURCES))]
    own = [seed for other, seed in EXPERIMENTS[name].runs if other == method]
    return tuple(seed for seed in own if (records.RESULTS / name / f"{method}-{seed}.npz").exists())


def actor(env, method, seed):
    """Return the actor of a run as it is at the end of training."""
    made = GaussianActor(env, (seed,), EXPERIMENTS[SOURCES[method]].config.hidden)
    kept = np.load(records.RESULTS / SOURCES[method] / f"{method}-{seed}.npz")
    names = [f"last_{'wb'[i % 2]}{i // 2}" for i in range(len(made.parameters))]
    made.parameters = [torch.as_tensor(kept[name]).to(env.dtype) for name in names]
    return made


@torch.no_grad()
def walked(env, policy, s, steps=STEPS):
    """Return positions (steps + 1, ..., n_q) from the origin on, and rewards (steps, ...), of s (..., n_s).

    Positions in m and rad, as MuJoCo has them. After an episode's end positions stay and rewards are NaN.
    """
    skip, alive = env.robot.skip, torch.ones(s.shape[:-1], dtype=torch.bool)
    way, path, rewards = np.zeros((*s.shape[:-1], skip)), [], []
    for _ in range(steps):
        path.append(np.concatenate([way, s[..., : env.n_q].double()], axis=-1))
        a = policy(s)
        step, flat = env.step(s, a), quaternion.normal(s.double(), env.quaternion).reshape(-1, env.n_s)
        before = np.concatenate([np.zeros((len(flat), skip)), flat], axis=1)
        after = env.physics.advance(before, a.double().clip(-1, 1).reshape(len(flat), -1).numpy())
        way = way + np.where(alive[..., None], after[:, :skip].reshape(way.shape), 0.0)
        rewards.append(np.where(alive, step.r, np.nan))
        s = torch.where(alive[..., None], step.s_next, s)
        alive = alive & ~step.terminated
    path.append(np.concatenate([way, s[..., : env.n_q].double()], axis=-1))
    return np.stack(path), np.stack(rewards)


def middle(way):
    """Return the place (seed, start) of the episode with the median way among ``way`` (S, N), metres."""
    return np.unravel_index(np.argsort(way, axis=None, kind="stable")[way.size // 2], way.shape)


def episodes(env):
    """Yield (labels, positions (STEPS + 1, n_q), rewards (STEPS,)) of standing and of each method.

    Of a method's runs from evaluation's first starts it is the one that comes the middle way ahead. A method
    that lacks a run's policy is left out.
    """
    s = starts(env, STARTS)[None]
    path, rewards = walked(env, lambda s: torch.zeros(*s.shape[:-1], env.n_a), s[:, :1])
    yield {"method": "standing", "seed": -1, "start": 0}, path[:, 0, 0], rewards[:, 0, 0]
    for method, name in SOURCES.items():
        own = seeds(method)
        if len(own) == sum(other == method for other, _ in EXPERIMENTS[name].runs):
            runs = [walked(env, actor(env, method, seed), s) for seed in own]
            i, j = middle(np.concatenate([path[-1, ..., 0] for path, _ in runs]))
            path, rewards = runs[i]
            yield {"method": method, "seed": own[i], "start": j}, path[:, 0, j], rewards[:, 0, j]


def clips(progress=None):
    """Return the record: method, seed, start, step, positions "q0", "q1", ... and "reward" of that step.

    The last row of an episode has no reward, nor those after an early end.
    """
    env, frames = envs.make("mujoco_ant"), []
    for labels, path, rewards in episodes(env):
        rows = {"step": range(len(path))} | {f"q{i}": x for i, x in enumerate(path.T)}
        frames.append(pd.DataFrame(labels | rows | {"reward": np.append(rewards, np.nan)}))
        if progress:
            progress(1)
    return pd.concat(frames, ignore_index=True)


def films(frame, folder):
    """Write METHOD.mp4 and METHOD.webp, the picture at half time, of each episode of the record ``frame``.

    Raises ``ValueError`` without ffmpeg.
    """
    from matplotlib.colors import to_rgba
    from PIL import Image

    if not shutil.which("ffmpeg"):
        raise ValueError("ffmpeg: got none on the path, wanted it for films (Debian: ffmpeg)")
    folder.mkdir(parents=True, exist_ok=True)
    model = envs.make("mujoco_ant").physics.model
    model.mat_reflectance[:] = 0  # a plain, pale floor
    model.tex_data[:] = 150 + model.tex_data // 3
    model.vis.headlight.ambient[:], model.light_diffuse[:] = 0.4, 0.6
    model.vis.map.shadowclip = 0.2  # times 8 m: no shadow falls farther off
    for method, rows in frame.groupby("method", sort=False):
        look, changes = LOOKS.get(method, ("clipped", {}))
        color = to_rgba(style.line(look, **changes)["color"])
        pictures = filmed(model, rows.filter(regex=r"^q\d").to_numpy(), color)
        command = f"ffmpeg -v error -y -f rawvideo -pix_fmt rgb24 -s {SIZE[0]}x{SIZE[1]} -r {RATE} -i - " \
                  f"-an -c:v libx264 -preset veryslow -crf {QUALITY} -pix_fmt yuv420p -movflags +faststart " \
                  "-map_metadata -1 -fflags +bitexact -flags +bitexact"  # fmt: skip
        told = np.stack(pictures).tobytes()
        subprocess.run([*command.split(), folder / f"{method}.mp4"], input=told, check=True)
        Image.fromarray(pictures[len(pictures) // 2]).save(folder / f"{method}.webp", quality=70)


def filmed(model, path, color):
    """Return pictures, uint8 (H, W, 3), of positions ``path`` (T, n_q) from the side, in ``color``."""
    import mujoco

    model.geom_rgba[1:] = color  # the first is the floor
    data, camera = mujoco.MjData(model), mujoco.MjvCamera()
    camera.distance, camera.azimuth, camera.elevation = 3.0, 90, -18
    smooth = pd.DataFrame(path[:, :2]).rolling(SMOOTH, center=True, min_periods=1).mean().to_numpy()
    pictures = []
    with mujoco.Renderer(model, SIZE[1], SIZE[0]) as renderer:
        for positions, (x, y) in zip(path, smooth, strict=True):
            data.qpos[:] = positions
            mujoco.mj_kinematics(model, data)
            mujoco.mj_camlight(model, data)
            camera.lookat[:] = x, y, 0.45
            data.light_xpos[0] = x, y, 3.0  # shadows are drawn beside it only
            renderer.update_scene(data, camera)
            pictures.append(renderer.render())
    return pictures
