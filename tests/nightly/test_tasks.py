"""The second study's predictions are the pilot's own, on other seeds as well."""

import pytest

from sobolev_book.studies import tasks
from sobolev_mini.pilot import pilot


@pytest.mark.parametrize("name", tasks.TASKS)
def test_the_pilot_says_what_was_written_down(name):
    draws = [(0, 1, 2, 3, 4)] if name == "swimmer" else [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9)]
    assert {pilot(tasks.TASKS[name](), seeds=seeds).answer for seeds in draws} == {tasks.PREDICTED[name]}
