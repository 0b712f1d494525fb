"""Tables: what is written, what stands out, what a screen reader is told, what is refused."""

import re

import pytest

from sobolev_book.table import Table

ROWS = [("value-only", 1.5, (2.0, 1.0, 3.0)), ("Sobolev <b>", 0.25, (4.0, 3.5, 4.5)), ("none", None, "lost")]


def test_numbers_follow_their_formats_and_text_stays():
    table = Table("Errors & ends", ("method", "error", "return"), ROWS, formats=("", ".2f", ".1f"))
    assert repr(table).splitlines() == [
        "Errors & ends",
        "method       error          return",
        "value-only    1.50  2.0 [1.0, 3.0]",
        "Sobolev <b>   0.25  4.0 [3.5, 4.5]",
        "none                          lost",
    ]


def test_html_has_headers_a_caption_and_a_region_that_scrolls():
    page = Table("Errors & ends", ("method", "error", "return"), ROWS)._repr_html_()
    assert page.count('scope="col"') == 3 and page.count('scope="row"') == 3
    assert "<caption>Errors &amp; ends</caption>" in page and "Sobolev &lt;b&gt;" in page
    assert re.search(r'role="region" tabindex="0" aria-label="Errors &amp; ends"', page)


@pytest.mark.parametrize(
    ("best", "bold"), [("min", "<b>1.0</b>"), ("max", "<b>3.0 [2.0, 4.0]</b>"), (None, None)]
)
def test_the_best_of_a_row_is_bold(best, bold):
    page = Table("x", ("task", "a", "b"), [("t", 1.0, (3.0, 2.0, 4.0))], ".1f", best)._repr_html_()
    assert re.findall("<b>.*?</b>", page) == ([bold] if bold else [])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"^rows: got 2 entries, wanted 3"):
        Table("x", ("a", "b", "c"), [("t", 1)])
    with pytest.raises(ValueError, match=r"^best: got 'most', wanted one of 'min', 'max'"):
        Table("x", ("a",), [], best="most")
