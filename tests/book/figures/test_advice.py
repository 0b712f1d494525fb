"""When to take slopes: the tree and the table say the same, and every answer leads somewhere."""

import matplotlib.pyplot as plt
import pytest

from sobolev_book import style
from sobolev_book.figures import advice


@pytest.fixture
def ax():
    with plt.rc_context():  # as the page draws it
        style.use()
        figure, ax = plt.subplots(figsize=(4.4, 6))
        yield ax
        plt.close(figure)


def words(ax):
    return [text.get_text().replace("\n", " ") for text in ax.texts if text.get_text()]


def test_the_tree_shows_every_row_of_the_table_and_an_arrow_for_every_answer(ax):
    advice.fig_tree(ax)
    shown, onward = words(ax), [go for *_, go in advice.QUESTIONS if go]
    for part in zip(*advice.rows(), strict=True):
        assert set(part) <= set(shown)
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == len(advice.rows()) + len(onward)
    assert all(text.get_fontsize() >= 10 for text in ax.texts)


def test_no_words_lie_on_others_or_on_a_box(ax):
    advice.fig_tree(ax)
    ax.figure.canvas.draw()
    spans = {x.get_text(): (x.get_bbox_patch() or x).get_window_extent() for x in ax.texts if x.get_text()}
    assert len(spans) > 10
    for name, span in spans.items():
        assert not [other for other, x in spans.items() if other != name and span.overlaps(x)], name


def test_every_question_but_the_last_goes_on_and_the_last_decides():
    assert [bool(onward) for *_, onward in advice.QUESTIONS] == [True, True, True, False]
    assert all(row for row in advice.rows()) and not any("\n" in x for row in advice.rows() for x in row)


def test_the_flow_has_an_answer_beside_each_station_and_none_on_another(ax):
    stations = [("Is it\ntrue?", "yes"), ("Does it\npay?", "in samples,\nnot in seconds"), ("So?", "take it")]
    advice.fig_flow(ax, stations, "an answer")
    ax.figure.canvas.draw()
    spans = {x.get_text(): (x.get_bbox_patch() or x).get_window_extent() for x in ax.texts if x.get_text()}
    assert set(spans) == {"an answer", *(text for station in stations for text in station)}
    for question, answer in stations:
        ask, told = spans[question], spans[answer]
        assert ask.x1 < told.x0 and abs(ask.y0 + ask.y1 - told.y0 - told.y1) < ask.height
    assert not [(a, b) for a in spans for b in spans if a < b and spans[a].overlaps(spans[b])]
