"""Chapter 03's first explorer: the slopes beside its arrows are those of the target that it draws."""

import numpy as np
import pytest

from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask

PAPER = ToyProblem(0.2, 0.9)
WHO = {"the maximum": lambda s: np.clip(1.5 * s, -1, 1), "an actor": lambda s: 0.8 * s}


def q(s, b):
    """Return the chapter's made-up target critic, eq-03-critic."""
    return s**3 + 3 * s * b - b**2


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("s", "a"), [(0.2, 0.5), (0.2, 0.8), (-0.7, -0.9), (0.4, 0), (-1, 0.65)])
def test_the_paths_add_up_to_the_slope_of_the_target(s, a, who):
    """eq-03-slopes and, by differences, the path through the next action."""
    state = {"s": s, "a": a, "who": who}
    told, shown = ask({"what": "numbers", "state": state}, {"what": "shows", "of": "backup", "state": state})
    target = lambda x: PAPER.reward(s, x) + 0.9 * q(x, WHO[who](x))  # noqa: E731
    held = lambda x: PAPER.reward(s, x) + 0.9 * q(x, WHO[who](a))  # noqa: E731
    slopes = [(f(a + 1e-6) - f(a - 1e-6)) / 2e-6 for f in (target, held)]
    assert told["y"] == pytest.approx(target(a))
    assert [told["slope"], told["ra"] + told["held"]] == pytest.approx(slopes, abs=1e-7)
    assert told["dashed"] == pytest.approx(0.9 * told["moves"] * told["qa"], abs=1e-9)
    assert (told["dashed"] == 0) == (who == "the maximum" or a == 0)
    for name, text in (("ra", "∂r/∂a = "), ("qs", "∂Q/∂s′ = "), ("moves", "da′/ds′ = "), ("qa", "∂Q/∂a′ = ")):
        number = shown["above"].split(text)[1].split("<")[0].replace("−", "-")
        assert float(number) == pytest.approx(told[name], rel=5e-3, abs=1e-9)


def test_words_say_why_the_dashed_path_carries_nothing_or_what_it_carries():
    states = [(0.5, "the maximum"), (0.8, "the maximum"), (0.5, "an actor")]
    wanted = ("worth nothing", "cannot move", "wrong by 0.504")
    for (a, who), reason in zip(states, wanted, strict=True):
        (shown,) = ask({"what": "shows", "of": "backup", "state": {"s": 0.2, "a": a, "who": who}})
        assert reason in shown["words"]
        assert ('<g opacity="0.55">' in shown["above"]) == (who == "the maximum")
