"""Otter, imported before warnings are errors: its own imports use what other libraries have deprecated."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import otter.api
    import otter.assign
    import otter.test_files  # noqa: F401


def pytest_generate_tests(metafunc):
    """Hand the tests of ``common.Common`` the terms and the wrong answers of their class."""
    if "term" in metafunc.fixturenames and metafunc.cls:
        metafunc.parametrize("term", metafunc.cls.terms)
    if "case" in metafunc.fixturenames and metafunc.cls:
        cases = [(question, *case) for question, cases in metafunc.cls.wrong.items() for case in cases]
        metafunc.parametrize("case", cases, ids=[f"{question}-{what}" for question, what, *_ in cases])
