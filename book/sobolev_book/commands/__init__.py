"""The commands of ``python -m sobolev_book``, a file for each part of the book."""

from sobolev_book.commands import control, runs, toy

PARTS = (toy, control, runs)
