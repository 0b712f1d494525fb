"""Checkers for the exercises: each says whether an answer is right and, if not, what is wrong."""

from sobolev_mini.check.verdict import Verdict, judge

__all__ = ["Verdict", "judge"]
