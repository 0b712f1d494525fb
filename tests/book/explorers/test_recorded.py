"""The recorded explorer: what Python packs the browser unpacks, and bad input is refused by name."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sobolev_book import records, style
from sobolev_book.explorers import recorded as module
from sobolev_book.explorers.mlp_grid import mlp_grid
from sobolev_book.explorers.recorded import dots, fact, panel, recorded, series
from sobolev_mini.toy import ToyProblem
from tests.book.explorers.node import ask

AXES = {"lam": ("weight λ", [0, 0.5, 2], 0.5), "kind": ("kind", ["flat", "steep"], "flat")}
VALUES = np.random.default_rng(0).normal(size=(3, 2, 4))
VALUES[2, 0, 1] = np.nan


def small(**changes):
    rising = np.abs(VALUES) + 1e-4
    lines = [
        series("sobolev", ("lam", "kind"), VALUES, VALUES - 1, VALUES + 2),
        series("exact", ("kind",), [[0, 1, 2, 3], [0, 2, 4, 6]]),
        series("value_only", (), [1, 1, 1, 1]),
    ]
    logged = [series("sobolev", ("lam", "kind"), rising, log=True)]
    panels = [
        panel("left", "x", "y", [0, 1, 2, 3], lines, "Left </script> & lines."),
        panel("right", "x", "y", [0, 1, 2, 3], logged, "R", ylog=True, rule="lam"),
    ]
    facts = [fact("the error", ("lam",), [1e-5, 0.01, 10], [1e-6, 0.001, 1], [1e-4, 0.1, 100], log=True)]
    given = {"name": "small", "title": "A small grid", "axes": AXES, "panels": panels, "facts": facts}
    return recorded(**{**given, **changes})


def shown(explorer, **wanted):
    return ask({"what": "recorded", "data": explorer.data, "wanted": wanted})[0]


@pytest.mark.parametrize(("i", "lam"), [(0, 0), (1, 0.5), (2, 2)])
@pytest.mark.parametrize(("j", "kind"), [(0, "flat"), (1, "steep")])
def test_every_place_of_the_grid_is_found_again(i, lam, j, kind):
    found = shown(small(), lam=lam, kind=kind)
    left, right = found["panels"]
    step = (np.nanmax(VALUES + 2) - np.nanmin(VALUES - 1)) / 4094
    for name, add in (("low", -1), ("high", 2)):
        np.testing.assert_allclose(np.array(left["bands"][0][name], float), VALUES[i, j] + add, atol=step)
    np.testing.assert_allclose(np.array(left["lines"][0]["y"], float), VALUES[i, j], atol=step)
    np.testing.assert_allclose(left["lines"][1]["y"], np.arange(4) * (j + 1), atol=1e-2)
    assert left["lines"][2]["y"] == [1] * 4
    positive = np.abs(VALUES[i, j]) + 1e-4
    np.testing.assert_allclose(np.array(right["lines"][0]["y"], float), positive, rtol=2e-3)
    assert right["rules"] == [lam] and left["rules"] == []


def test_the_picture_draws_what_the_browser_draws_at_the_start():
    explorer = small(
        axes={**AXES, "kind": ("kind", ["flat", "steep"], "steep"), "lam": ("weight λ", [0, 0.5, 2], 2.0)}
    )
    figure = module.draw(explorer.data)
    for ax, panel_shown in zip(figure.axes, shown(explorer)["panels"], strict=True):
        for line, wanted in zip(ax.lines, panel_shown["lines"], strict=False):
            np.testing.assert_allclose(line.get_ydata(), np.array(wanted["y"], float), rtol=1e-9)
            assert line.get_color() == style.color(wanted["method"])
    left, right = figure.axes
    low, high = np.log10(right.get_ylim())
    drawn = np.log10(right.lines[0].get_ydata())
    assert low < np.nanmin(drawn) and np.nanmax(drawn) < high < low + 1.5 * np.ptp(drawn[np.isfinite(drawn)])
    assert len(left.collections) == 1 and right.lines[-1].get_xdata()[0] == 2 and right.get_yscale() == "log"
    figure.draw_without_rendering()
    (key,) = figure.legends
    methods = [one["method"] for drawn in explorer.data["panels"] for one in drawn["series"]]
    assert [x.get_text() for x in key.texts] == [explorer.data["names"][x] for x in dict.fromkeys(methods)]
    assert not any(key.get_window_extent().overlaps(ax.get_window_extent()) for ax in figure.axes)
    assert module.alt(explorer.data).endswith("lines. R At weight λ = 2.0, kind = steep.")
    plt.close(figure)


def test_its_words_give_place_and_facts():
    assert shown(small(), lam=2)["words"] == "At weight λ = 2, kind = flat: the error 10 [1, 100]."
    assert shown(small())["words"] == "At weight λ = 0.5, kind = flat: the error 0.01 [0.001, 0.1]."
    missing = small(facts=[fact("return", ("lam",), [1.0, 2.0, np.nan])])
    assert shown(missing, lam=2)["words"] == "At weight λ = 2, kind = flat: return not recorded."


def test_its_words_are_the_sentence_of_the_case_where_there_are_sentences():
    which = fact("case", ("kind",), [0, 1])
    says = ["At λ = {lam} it is {size}.", "{size} is {size}, a {kind} one."]
    explorer = small(facts=[fact("size", ("lam",), [0.5, 1.5, 2.5]), which], says=says)
    assert shown(explorer, lam=2)["words"] == "At λ = 2 it is 2.5."
    assert shown(explorer, lam=0, kind="steep")["words"] == "0.5 is 0.5, a steep one."
    assert shown(small(says=["The error is {the error}."]), lam=0)["words"].endswith(
        "is 1.0e−5 [1.0e−6, 1.0e−4]."
    )
    with pytest.raises(ValueError, match=r"^name in says: got 'length', wanted one of 'lam', 'kind'"):
        small(says=["It is {length} long."])


def test_an_axis_is_played_only_where_it_is_asked_for():
    assert "play" not in small().data and small(play="lam").data["play"] == "lam"


def test_nonsense_is_named():
    found = shown(small(), lam="far", kind="round")
    assert found["complaints"] == [
        "lam: got far, wanted a number; set back to 0.5.",
        "kind: got round, wanted one of flat, steep; set back to flat.",
    ]


def test_the_key_has_the_book_s_names_or_its_own():
    assert shown(small())["methods"] == [
        ["sobolev", "Sobolev"],
        ["exact", "exact optimum"],
        ["value_only", "value-only"],
    ]
    assert ["exact", "truth"] in shown(small(names={"exact": "truth"}))["methods"]


def test_limits_are_told_to_six_digits():
    one = panel("t", "x", "y", [0, 1], [series("sobolev", (), [1.0, 2.0])], "a", y=(np.float64(1) / 3, 2))
    assert one["y"] == [0.333333, 2] and panel("t", "x", "y", [0], [], "a")["y"] is None


def test_a_panel_has_limits_of_its_own_for_each_value_of_an_axis():
    """In the browser and in the picture; an axis of another length is refused."""
    lines = [series("sobolev", (), [1.0, 2.0])]
    one = panel("t", "x", "y", [0, 1], lines, "a", y=[[0, 5], [0, 50]], by="kind")
    assert [shown(small(panels=[one]), kind=x)["panels"][0]["y"] for x in ("flat", "steep")] == one["y"]
    steep = {**AXES, "kind": ("kind", ["flat", "steep"], "steep")}
    for axes, wanted in ((AXES, (0, 5)), (steep, (0, 50))):
        figure = module.draw(small(panels=[one], axes=axes).data)
        assert figure.axes[0].get_ylim() == wanted
        plt.close(figure)
    for by in ("lam", "size"):
        with pytest.raises(ValueError, match=f"^by: got '{by}', wanted an axis of 2 values"):
            small(panels=[{**one, "by": by}])


def test_its_html_holds_the_data_and_nothing_that_ends_them_early():
    html = small().element()
    assert (
        html.startswith('<sobolev-recorded data-kind="flat" data-lam="0.5">') and html.count("</script>") == 1
    )
    inside = html[html.index("json") + 6 : html.index("</script>")]
    assert json.loads(inside) == small().data


def test_its_traits_are_the_axes():
    explorer = small()
    assert repr(explorer) == "Recorded(kind='flat', lam=0.5)"
    explorer.lam = 2
    assert explorer.values() == {"kind": "flat", "lam": 2.0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "a b"}, "name: got 'a b'"),
        ({"axes": {**AXES, "lam": ("λ", [0, 1, 2], 3)}}, "start of lam: got 3"),
        (
            {"axes": {**AXES, "lam": ("λ", [0, 1], 0)}},
            r"mean: got \[3, 2\] along \['lam', 'kind'\], wanted \[2, 2\]",
        ),
        ({"facts": [fact("f", ("mu",), [1, 2])]}, r"on: got \['mu'\], wanted some of \['lam', 'kind'\]"),
        ({"facts": [fact("f", ("kind", "lam"), np.ones((2, 3)))]}, r"on: got \['kind', 'lam'\]"),
        ({"play": "kind"}, "play: got 'kind', wanted"),  # words have no order
    ],
)
def test_bad_input_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        small(**change)


def test_bands_have_the_shape_of_their_line():
    with pytest.raises(ValueError, match=r"^mean: got shapes"):
        series("sobolev", ("lam",), np.ones((3, 4)), np.ones(4))
    with pytest.raises(ValueError, match=r"^method: got 'best'"):
        series("best", (), [1, 2])


def test_the_mlp_explorer_shows_its_records_in_150_kilobytes():
    grid, slices = records.load("grid")[0], records.load("slices")[0]
    explorer = mlp_grid(grid, slices)
    assert len(explorer.element()) < 150_000
    found = shown(explorer, lam_s=3, lam_a=0.1, step=700, state=0, error="Q")
    here = slices[(slices.lam_s == 3) & (slices.lam_a == 0.1) & (slices.step == 700) & (slices.s == 0)]
    exact, plain, sobolev = found["panels"][0]["lines"]
    span = 2 * (slices["mean"].abs() + slices.sd).max() / 4094
    np.testing.assert_allclose(sobolev["y"], here.sort_values("a")["mean"], atol=span)
    np.testing.assert_allclose(exact["y"], ToyProblem().optimal_q(0.0, here.a.sort_values()), atol=1e-2)
    assert len(plain["y"]) == 17 and [x["method"] for x in found["panels"][0]["bands"]] == [
        "value_only",
        "sobolev",
    ]
    errors = grid[(grid.lam_s == 3) & (grid.lam_a == 0.1)].groupby("step").q.mean()
    np.testing.assert_allclose(found["panels"][1]["lines"][1]["y"], errors, rtol=5e-3)
    assert f"Q {errors[700]:.2g} [" in found["words"]


def test_dots_lie_where_python_put_them():
    at, up = np.random.default_rng(1).uniform(size=(2, 3, 2, 5))
    line = series("exact", (), [0, 1, 2, 3])
    one = dots("exact", ("kind",), [[0.0], [1.0]], [[2.0], [3.0]])
    balls = [dots("slope_a", ("lam", "kind"), at, up), one]
    explorer = small(panels=[panel("t", "x", "y", [0, 1, 2, 3], [line], "a", balls=balls)])
    found = shown(explorer, lam=2, kind="steep")
    seen = np.array([[dot["x"], dot["y"]] for dot in found["panels"][0]["dots"]], dtype=float)
    np.testing.assert_allclose(seen, [*np.stack([at[2, 1], up[2, 1]], axis=-1), (1, 3)], atol=1e-3)
    assert found["methods"] == [["exact", "exact optimum"], ["slope_a", "action slopes only", True]]
    figure = module.draw(explorer.data)
    start = figure.axes[0].lines[1].get_xydata()
    np.testing.assert_allclose(start, np.stack([at[1, 0], up[1, 0]], axis=-1), atol=1e-3)
    plt.close(figure)
    with pytest.raises(ValueError, match=r"mean: got \[2, 2\]"):
        few = dots("exact", ("lam", "kind"), at[:2], up[:2])
        small(panels=[panel("t", "x", "y", [0, 1, 2, 3], [line], "a", balls=[few])])


def test_a_fact_is_told_in_as_many_digits_as_are_asked_and_dust_as_nothing():
    told = [
        fact("exact", (), 1.42345, shown=4),
        fact("usual", (), 1.42345),
        fact("gap", ("lam",), [3e-7, -2e-6, 0.5], least=1e-5),
    ]
    explorer = small(facts=told)
    assert [told[1].get(x) for x in ("shown", "least")] == [None, None]
    assert shown(explorer, lam=0, kind="flat")["words"].endswith("exact 1.423; usual 1.4; gap 0.")
    assert shown(explorer, lam=0.5, kind="flat")["words"].endswith("gap 0.")
    assert shown(explorer, lam=2, kind="flat")["words"].endswith("gap 0.5.")


def test_a_fact_has_no_decimal_finer_than_its_packing():
    near = fact("return", ("lam",), [-0.1, 1.842, -2.9], shown=4)
    unrounded = module.unpacked(near, "mean")[0]
    assert unrounded != pytest.approx(-0.1, abs=5e-6)  # would be told as -0.09999
    assert shown(small(facts=[near]), lam=0, kind="flat")["words"].endswith("return −0.1.")
    tiny = fact("all", ("lam",), [3e-7, 4e-7, 5e-7])
    assert shown(small(facts=[tiny]), lam=0, kind="flat")["words"].endswith("all 3.0e−7.")


def test_what_is_drawn_as_dots_alone_has_a_dot_in_the_key():
    lines = [series("sobolev", (), [0, 1, 2, 3])]
    balls = [dots("exact", (), [1.0], [1.0]), dots("sobolev", (), [2.0], [2.0])]
    explorer = small(panels=[panel("p", "x", "y", [0, 1, 2, 3], lines, "P", balls=balls)], facts=[])
    methods = shown(explorer, lam=0, kind="flat")["methods"]
    assert methods == [["sobolev", "Sobolev"], ["exact", "exact optimum", True]]
