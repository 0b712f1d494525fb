"""The Ant of films and page: the record behind them, and JavaScript's policy and steps beside Python's."""

import base64
from dataclasses import replace

import numpy as np
import pytest
import torch

from sobolev_book import records
from sobolev_book.explorers import ants as module
from sobolev_book.explorers.ants import ants, films, weights
from sobolev_book.studies import clips
from sobolev_mini import envs
from sobolev_mini.recording import starts
from tests.book.explorers.node import ask, mujoco

LARGEST = 400_000  # bytes of a film
MODEL = envs.make("mujoco_ant")


def unrolled(env, labels, steps):
    """Return positions and rewards of a recorded episode, computed again."""
    s, at = starts(env, clips.STARTS)[None], labels["start"]  # all of them: rounding depends on the batch
    act = lambda s: torch.zeros(*s.shape[:-1], env.n_a)  # noqa: E731
    if labels["method"] != "standing":
        act = clips.actor(env, labels["method"], labels["seed"])
    path, rewards = clips.walked(env, act, s, steps)
    return path[:, 0, at], rewards[:, 0, at]


@pytest.mark.parametrize("method", ["standing", "value_only", "balanced"])
def test_the_record_s_states_come_out_again(method):
    """To the record's digits on its class of processor, for half a second elsewhere: contacts are chaotic."""
    frame, manifest = records.load("clips")
    rows = frame.query("method == @method")
    steps = 10 if records.elsewhere(manifest) else clips.STEPS
    path, rewards = unrolled(MODEL, rows.iloc[0].to_dict(), steps)
    told = rows.filter(regex=r"^q\d").to_numpy()[: steps + 1]
    exact = {"rtol": 1e-8, "atol": 1e-8} if steps == clips.STEPS else {"rtol": 1e-3, "atol": 1e-3}
    np.testing.assert_allclose(path, told, **exact)
    np.testing.assert_allclose(rewards, rows.reward[:steps], **exact)


def test_the_filmed_episode_is_the_middle_one():
    way = np.array([[3.0, 1.0, 9.0], [4.0, 2.0, 8.0], [0.0, 7.0, 5.0]])
    assert clips.middle(way) == (1, 0)
    frame, manifest = records.load("clips")
    if records.elsewhere(manifest):
        pytest.skip("another class of processor walks other ways")
    for labels, *_ in clips.episodes(MODEL):
        kept = frame.query(f"method == {labels['method']!r}").iloc[0]
        assert (kept.seed, kept.start) == (labels["seed"], labels["start"])


def test_a_way_adds_up_from_speeds_and_stops_with_its_episode():
    s = starts(MODEL, 2)[None]
    a = 2 * torch.rand(60, 1, 2, MODEL.n_a, generator=torch.Generator().manual_seed(0)) - 1
    effort, acts = 0.5 * (a.numpy() ** 2).sum(axis=-1), iter(a)
    path, rewards = clips.walked(MODEL, lambda s: next(acts), s, 60)
    ended = np.isnan(rewards)
    assert ended[-1].any() and not ended[0].any()
    ahead = np.nansum((rewards - 1 + effort) * MODEL.dt, axis=0) + MODEL.dt * ended.any(axis=0)
    np.testing.assert_allclose(path[-1, ..., 0], ahead, atol=1e-4)
    assert (np.diff(path, axis=0)[ended] == 0).all()


def test_a_method_without_all_its_policies_is_left_out(tmp_path, monkeypatch):
    assert clips.seeds("balanced") == (10, 11, 12, 13, 14)
    monkeypatch.setattr(records, "RESULTS", tmp_path)
    assert clips.seeds("balanced") == ()
    assert [labels["method"] for labels, *_ in clips.episodes(MODEL)] == ["standing"]
    with pytest.raises(ValueError, match=r"^method: got 'sb3'"):
        clips.seeds("sb3")


def test_films_and_posters_are_there_and_small():
    for method in records.load("clips")[0].method.unique():
        film, poster = ((module.FILMS / f"{method}.{kind}").read_bytes() for kind in ("mp4", "webp"))
        assert film[4:8] == b"ftyp" and 10_000 < len(film) <= LARGEST
        assert poster[8:12] == b"WEBP" and len(poster) < 40_000


@pytest.fixture(scope="module")
def widget():
    return ants("A trial", "Words below.")


def test_the_page_s_films_have_the_browser_s_buttons_and_words(widget):
    shown = films(widget.data, "where")
    assert shown.count("<video controls") == len(widget.data["films"]) >= 3
    assert 'poster="where/balanced.webp" src="where/balanced.mp4" aria-label="Film of the Ant' in shown
    assert len(widget.element()) < 10_000  # films and policies are not in the notebook
    kind, text = widget.files["balanced.mp4"].split(",")
    assert kind == "data:video/mp4;base64"
    assert base64.b64decode(text) == (module.FILMS / "balanced.mp4").read_bytes()


def passed(method, seed, steps=60):
    """Return the actor and states (N, n_s) on its ways under noise, and noisy actions there (N, n_a)."""
    actor, generator = clips.actor(MODEL, method, seed), torch.Generator().manual_seed(0)
    s, seen = starts(MODEL, clips.STARTS), []
    with torch.no_grad():
        for _ in range(steps):
            seen.append(s)
            noise = torch.randn(len(s), MODEL.n_a, generator=generator)
            s = MODEL.step(s, actor(s[None])[0] + 0.3 * noise).s_next
        s = torch.cat(seen)
        return actor, s, actor(s[None])[0] + 0.5 * torch.randn(len(s), MODEL.n_a, generator=generator)


@pytest.mark.parametrize(("method", "seed"), [("value_only", 11), ("balanced", 10)])
def test_the_policy_in_javascript_agrees(widget, method, seed):
    actor, s, _ = passed(method, seed)
    coded = base64.b64encode(weights(method, seed)).decode()
    (found,) = ask({"what": "policy", "weights": coded, "task": widget.data["task"], "states": s.tolist()})
    with torch.no_grad():
        np.testing.assert_allclose(found, actor(s[None])[0], atol=1e-5, rtol=0)
    assert np.abs(found).max() > 0.5


def test_a_decision_in_webassembly_is_python_s_step(widget):
    """Settings, order, cold start, limits, rewards and ends, on ways that two methods pass."""
    _, s, a = (torch.cat(x) if torch.is_tensor(x[0]) else x
               for x in zip(passed("balanced", 10), passed("value_only", 11), strict=True))  # fmt: skip
    env = envs.MuJoCo(replace(envs.ROBOTS["ant"], within={2: (0.5, 0.7)}))  # a narrow band: both kinds of end
    task = widget.data["task"] | {"within": (0.5, 0.7)}
    question = {"what": "decisions", "task": task, "states": s.tolist(), "actions": a.tolist()}
    question |= {"mujoco": mujoco(), "model": str(module.MODEL)}
    turned = {"states": s.flip(0).tolist(), "actions": a.flip(0).tolist()}
    found, back = ask(question, question | turned)
    step = env.step(s, a)
    np.testing.assert_allclose([x["state"] for x in found], step.s_next, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose([x["reward"] for x in found], step.r, rtol=1e-4, atol=1e-4)
    assert [bool(x["ended"]) for x in found] == step.terminated.tolist()
    assert found == back[::-1]  # nothing is remembered
    assert {x["ended"] for x in found} == {"too high", "too low", ""}


def test_a_push_is_felt_at_every_step_of_physics(widget):
    """Between two decisions and within one: a push within one was lost with the state it was written to."""
    question = {"what": "pushed", "task": widget.data["task"], "state": starts(MODEL, 1)[0].tolist()}
    question |= {"mujoco": mujoco(), "model": str(module.MODEL), "actions": [0.0] * MODEL.n_a, "speed": 2}
    frames = range(2 * widget.data["task"]["frames"] + 1)
    for found in ask(*(question | {"frame": frame} for frame in frames)):
        alone, pushed = found["alone"], found["pushed"]
        assert alone["gained"] == 0 and pushed["gained"] == pytest.approx(2, abs=1e-6)
        assert pushed["kept"] - alone["kept"] > 1  # after one step of physics; feet on the floor brake
        assert pushed["side"] - alone["side"] > 0.1  # metres, after a second
