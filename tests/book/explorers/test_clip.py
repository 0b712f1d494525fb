"""The clip: poses of linkages, what the browser draws of them, and the still picture."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from sobolev_book import records
from sobolev_book.explorers import clip as module
from sobolev_book.explorers.clip import clip
from sobolev_book.figures.swingups import STAGES, episodes, joints
from sobolev_mini import envs
from tests.book.explorers.node import ask

UP = {"pendulum": [1, 0, 0], "cartpole_swingup": [0.5, 1, 0, 0, 0], "acrobot": [-1, 0, 1, 0, 0, 0]}


def made(lengths=(6, 4)):
    runs = {}
    for task in STAGES:
        s = np.repeat(np.array([UP[task]], dtype=float), max(lengths), axis=0)
        methods = ("value_only", "sobolev")
        runs[task] = {m: joints(task, s[:n]) for m, n in zip(methods, lengths, strict=True)}
    return clip("trial", "A trial", runs, {task: f"{task} below" for task in STAGES}, "Words below.")


@pytest.mark.parametrize("task", STAGES)
def test_upright_states_are_drawn_upright(task):
    x = joints(task, [UP[task]])[0]
    assert (x[:, 0] == x[0, 0]).all()
    assert (np.diff(x[:, 1]) == 1).all()


def test_the_acrobot_s_tip_is_as_high_as_its_reward_says():
    env = envs.make("acrobot")
    s = env._state(list(torch.tensor([[0.4, -2.0], [1.1, 0.3], [0, 0], [0, 0]])))
    height = joints("acrobot", s.numpy())[:, -1, 1]
    assert height / 2 == pytest.approx(env.step(s, torch.zeros(2, 1)).r.numpy(), abs=1e-6)


def test_links_keep_their_length_in_the_record():
    for methods in episodes(records.load("swingups")[0]).values():
        for x in methods.values():
            assert np.linalg.norm(np.diff(x, axis=1), axis=-1) == pytest.approx(1, abs=2e-4)


def test_an_unknown_task_is_refused():
    with pytest.raises(ValueError, match=r"^task: got 'hopper'"):
        joints("hopper", np.zeros((1, 3)))


def test_the_browser_draws_every_link_and_fades_an_episode_that_ended():
    data = made().data
    places = ((1, 2), (1, 5), (2, 0))
    early, late, two = ask(*({"what": "clip", "data": data, "panel": p, "step": k} for p, k in places))
    assert early.count("<polyline") == late.count("<polyline") == 2
    assert early.count('opacity="0.3"') == 0
    assert late.count('opacity="0.3"') == 1
    assert early.count("<rect") == 2  # carts
    assert "cartpole_swingup below" in early
    assert two.count("<circle") == 1 + 2 * 2  # the pivot, each link's end


def test_its_element_holds_the_data_and_its_still_the_poses():
    widget = made()
    assert widget.element().startswith("<sobolev-clip><p>") and '"title":"A trial"' in widget.element()
    figure = module.draw(widget.data)
    first = figure.axes[0].lines[0]
    assert first.get_xydata().tolist() == [[0, 0], [0, pytest.approx(1, abs=1e-3)]]
    assert module.alt(widget.data).startswith("A trial. The pendulum swung up: value-only, Sobolev.")
    plt.close(figure)
