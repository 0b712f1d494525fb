"""One colour and one line style a method, told apart even in print."""

import matplotlib as mpl
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
