"""One colour and one line style a method, told apart even in print."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest

from sobolev_book import style


def test_no_two_methods_share_a_colour_or_a_colourless_look():
    looks = list(style.METHODS.values())
    assert len({color for _, color, _ in looks}) == len(looks)
    assert style.METHODS["sobolev"][2] != style.METHODS["value_only"][2]
    assert all(mpl.colors.is_color_like(color) for _, color, _ in looks)


def test_line_gives_plot_keywords_and_takes_changes():
    assert style.line("sobolev", label="ours") == {"label": "ours", "color": "#0072B2", "linestyle": "-"}
    assert style.color("exact") == "#000000"


def test_unknown_methods_are_refused():
    with pytest.raises(ValueError, match=r"^method: got 'ddpg', wanted one of 'exact'"):
        style.line("ddpg")


def test_use_sets_the_defaults():
    with mpl.rc_context():
        style.use()
        assert mpl.rcParams["axes.spines.top"] is False
        assert mpl.rcParams["figure.facecolor"] == "white"


SEEN = {  # linear RGB as they see it who lack a cone: Machado, Oliveira and Fernandes (2009), severity 1
    "all": np.eye(3),
    "no long": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no middle": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no short": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
DASHED = {"twice", "constant"}  # on the dark page alike without middle cones: their lines tell them apart


def lab(color, cones):
    """Return a colour in CIELAB as eyes with these cones see it."""
    rgb = np.array(mpl.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(XYZ @ np.clip(SEEN[cones] @ linear, 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("cones", SEEN)
@pytest.mark.parametrize("dark", [False, True])
def test_methods_are_told_apart_by_the_colour_blind(cones, dark):
    changes = {"#000000": "#e8e8e8", "#332288": "#a79cf0", "#0072B2": "#3f93d6"} if dark else {}
    seen = {name: lab(changes.get(color, color), cones) for name, (_, color, _) in style.METHODS.items()}
    gaps = {
        frozenset(pair): np.linalg.norm(seen[pair[0]] - seen[pair[1]])
        for pair in itertools.combinations(seen, 2)
    }
    gap = gaps.pop(frozenset(DASHED))
    assert gap > 9 or (dark and style.METHODS["twice"][2] != style.METHODS["constant"][2])
    assert min(gaps.values()) > 7, min(gaps, key=gaps.get)
    assert gaps[frozenset({"value_only", "sobolev"})] > 90
