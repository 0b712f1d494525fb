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
