"""Figures, equations and exercises are numbered by chapter, each number once; pictures keep their place."""

import re
from collections import Counter

import pytest

from tests.site.test_pages import NOTEBOOKS

CAPTION = re.compile(r'caption-number">(Fig\.|Exercise|Table|Algorithm) ([\w.]+)')
EQUATION = re.compile(r'class="eqno">\(([\w.]+)\)')


def numbers(text):
    """Return (kind, number) of all that a page numbers, in its order."""
    return CAPTION.findall(text) + [("equation", number) for number in EQUATION.findall(text)]


@pytest.fixture(scope="module")
def pages(html):
    return {name: (html / f"{name}.html").read_text(encoding="utf-8") for name in NOTEBOOKS}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_figure_is_numbered_from_1_on(pages, name):
    text = pages[name]
    for kind in {kind for kind, _ in numbers(text)}:
        last = [int(number.rsplit(".", 1)[-1]) for found, number in numbers(text) if found == kind]
        assert last == list(range(1, len(last) + 1)), kind
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", text, re.DOTALL)
    numbered = ["caption-number" in caption for caption in captions if "caption-text" in caption]
    assert numbered and all(numbered)


def test_no_number_stands_twice_in_the_book(pages):
    count = Counter(found for text in pages.values() for found in numbers(text))
    assert len(count) > 100 and not [found for found, times in count.items() if times > 1]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_pictures_have_a_size_and_wait_until_they_are_near(pages, name):
    images = re.findall(r'<img [^>]*src="../(?:_images|_static/explorers)/[^>]*>', pages[name])
    assert images and all(re.search(r'loading="lazy".* width="\d+" height="\d+"', image) for image in images)
