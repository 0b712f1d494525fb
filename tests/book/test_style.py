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
PAGES = {False: "#ffffff", True: "#121212"}  # light and dark


def linear(color):
    """Return a colour's linear RGB."""
    rgb = np.array(mpl.colors.to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(color, cones):
    """Return a colour in CIELAB as eyes with these cones see it."""
    x, y, z = np.cbrt(XYZ @ np.clip(SEEN[cones] @ linear(color), 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(color, ground):
    """Return the contrast of a colour to a ground, as WCAG 2.2 has it: 1 to 21."""
    low, high = sorted(XYZ[1] @ linear(each) + 0.05 for each in (color, ground))
    return high / low


@pytest.mark.parametrize("dark", PAGES)
@pytest.mark.parametrize("method", style.METHODS)
def test_lines_and_marks_stand_out_from_the_page(method, dark):
    color = style.color(method)
    assert contrast(style.DARK.get(color, color) if dark else color, PAGES[dark]) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize("cones", SEEN)
@pytest.mark.parametrize("dark", [False, True])
def test_methods_are_told_apart_by_the_colour_blind(cones, dark):
    changes = style.DARK if dark else {}
    seen = {name: lab(changes.get(color, color), cones) for name, (_, color, _) in style.METHODS.items()}
    gaps = {
        frozenset(pair): np.linalg.norm(seen[pair[0]] - seen[pair[1]])
        for pair in itertools.combinations(seen, 2)
    }
    assert min(gaps.values()) > 7, min(gaps, key=gaps.get)
    assert gaps[frozenset({"value_only", "sobolev"})] > 90
