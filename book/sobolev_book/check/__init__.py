"""Checkers for the exercises: each says whether an answer is right and, if not, what is wrong."""

import importlib
import importlib.util

from sobolev_book.check.verdict import Verdict, judge

__all__ = ["Verdict", "judge"]


def __getattr__(chapter):
    """Return a chapter's checkers, imported when first asked for: ``check.why_slopes``."""
    name = f"{__name__}.{chapter}"
    if importlib.util.find_spec(name) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {chapter!r}")
    return importlib.import_module(name)
