"""The commands of ``python -m sobolev_mini``, a file for each part of the book."""

from sobolev_mini.commands import control, runs, toy

PARTS = (toy, control, runs)
