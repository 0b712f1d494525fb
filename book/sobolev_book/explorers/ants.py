"""The Ant of each method: films in page and notebook, and in the page policies that walk there."""

import base64
import html
from pathlib import Path

import gymnasium
import traitlets

from sobolev_book import records, style
from sobolev_book.explorers.base import Filled
from sobolev_book.figures.ant import LOOKS
from sobolev_book.studies import clips
from sobolev_mini import envs
from sobolev_mini.recording import starts

MODEL = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "ant.xml"
FILMS = records.RESULTS / "clips"
TYPES = {"mp4": "video/mp4", "webp": "image/webp"}


class Ants(Filled):
    """Films side by side, and a button where the page can load MuJoCo; made by ``ants``."""

    _name = "ants"
    files = traitlets.Dict().tag(sync=True)  # file -> data URL, where no page has them beside it


def ants(title, words):
    """Return the ``Ants`` of the record ``clips``.

    Parameters
    ----------
    title : what it shows, for screen readers
    words : printed below the films
    """
    frame, env = records.load("clips")[0], envs.make("mujoco_ant")
    films = [_film(method, rows) for method, rows in frame.groupby("method", sort=False)]
    runs = {film["method"]: clips.seeds(film["method"]) for film in films if film["method"] in clips.SOURCES}
    filmed = frame[frame.method == "balanced"].iloc[0]  # the walk in the page begins as its film does
    begins = {"run": int(filmed.seed), "start": int(filmed.start) + 1}
    robot, actor = env.robot, clips.actor(env, filmed.method, filmed.seed)
    task = {"skip": robot.skip, "positions": env.n_q, "frames": robot.frames, "cost": robot.cost,
            "alive": robot.alive, "within": robot.within[2], "integrator": env.integrator,
            "scale": env.state_scale.tolist(), "sizes": [env.n_s, *actor.hidden, env.n_a]}  # fmt: skip
    starting = [[float(f"{x:.9g}") for x in s] for s in starts(env, clips.STARTS).tolist()]
    data = {"name": "ants", "title": title, "words": words, "films": films, "runs": runs, "task": task,
            "starts": starting, "begins": begins}  # fmt: skip
    paths = [path for path in FILMS.iterdir() if path.suffix[1:] in TYPES]
    coded = {path.name: base64.b64encode(path.read_bytes()).decode() for path in paths}
    files = {name: f"data:{TYPES[name.split('.')[1]]};base64,{x}" for name, x in coded.items()}
    return Ants(data=data, files=files)


def _film(method, rows):
    """Return what the page says of a film: method, look, label, caption, alt."""
    look, changes = LOOKS.get(method, ("clipped", {"label": "no torque at all"}))
    label, last, best = style.line(look, **changes)["label"], rows.q0.iloc[-1], rows.reward.sum()
    numbers = f"{last:.1f} m in {clips.STEPS // clips.RATE} s, return {best:.0f}"
    run = f", run {rows.seed.iloc[0]}" if method in clips.SOURCES else ""
    return {"method": method, "look": look, "label": label, "caption": f"{label}{run}: {numbers}",
            "alt": f"Film of the Ant from the side, {label}: it ends {last:.1f} m ahead."}  # fmt: skip


def weights(method, seed):
    """Return the bytes of a policy's greedy part, float16, layer after layer: weights, then biases."""
    env = envs.make("mujoco_ant")
    *inner, w, b = (x[0].numpy() for x in clips.actor(env, method, seed).parameters)
    layers = *inner, w[:, : env.n_a], b[:, : env.n_a]  # the rest of the last one is the noise's
    return b"".join(x.astype("<f2").tobytes() for x in layers)


def films(data, folder):
    """Return the films of ``data`` as HTML, their files in ``folder``: with the browser's own buttons."""
    size = 'width="{}" height="{}"'.format(*clips.SIZE)
    figures = []
    for film in data["films"]:
        file, alt = f"{folder}/{film['method']}", html.escape(film["alt"], quote=True)
        video = f'<video controls muted loop playsinline preload="none" {size} poster="{file}.webp" ' \
                f'src="{file}.mp4" aria-label="{alt}"></video>'  # fmt: skip
        figures.append(f"<figure>{video}<figcaption>{html.escape(film['caption'])}</figcaption></figure>")
    return f'<div class="films">{"".join(figures)}</div>'
