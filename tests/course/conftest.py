"""Otter, imported before warnings are errors: its own imports use what other libraries have deprecated."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import otter.api
    import otter.assign
    import otter.test_files  # noqa: F401
