"""What every assignment must stand: its own file derives a class from ``Common`` and sets what is below.

``conftest.py`` hands each test its ``term`` or its ``case``, a wrong answer (question, what, source, words).
"""

import functools
import os
import statistics
import subprocess
import sys

import nbformat

from notebooks.refresh import METADATA, bootstrap_source
from tests.course.sheets import ASSIGNMENTS, Made, checks, empty, made, marks, public, solved, swapped

TERM = "2027-spring"


def runs_under_nbval(path):
    """Fail unless the notebook at ``path`` gives its committed outputs."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
        cwd=ASSIGNMENTS.parents[1],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert "passed" in ran.stdout


def is_as_a_chapter_must_be(path, tests_too=False):
    """Fail unless the master has a chapter's form. Tests are no cells of the sheet: they count if asked."""
    cells = nbformat.read(path, as_version=4)
    assert cells.metadata == METADATA
    cells = [cell for cell in cells.cells if cell.cell_type == "code"]
    assert cells[0].source == bootstrap_source()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    tests = () if tests_too else ("# HIDDEN", "def test_")
    shown = [cell for cell in cells if not cell.source.startswith(tests)]
    lengths = [sum(1 for line in cell.source.splitlines() if line.strip()) for cell in shown]
    assert max(lengths) <= 25 and statistics.median(lengths) <= 8
    for cell in cells:
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            assert len(cell.metadata["mystnb"]["image"]["alt"].split()) >= 5
        assert not [output for output in cell.outputs if output.get("name") == "stderr"]


@functools.cache
def names(path, trains):
    """Return the namespace of the solutions of ``TERM``, without cells that train to look; leave it be."""
    sheet = made(path, TERM)
    short = nbformat.from_dict(sheet.solutions)
    short.cells = [cell for cell in short.cells if not trains or trains not in cell.source]
    return solved(Made(sheet.student, short, sheet.tests))


class Common:
    path = None  # of the master
    points = 0  # by tests
    questions = 0  # with tests
    wrong = None
    terms = ("master", TERM)
    slow = None  # the question whose last test trains for seconds
    alone = ()  # what only that test finds
    costly = ()  # questions left out where a wrong answer to another is marked; a test of its own has them
    trains = None  # marks the cells that train to look
    short_tests = False  # whether tests too keep to the length of a chapter's cells

    def answered(self):
        return names(self.path, self.trains)

    def files(self, term=TERM, *, whole=False):
        """Return otter's file of each question; without the slow test unless ``whole``."""
        found = checks(made(self.path, term))
        if self.slow and not whole:
            found[self.slow] = _without_last(found[self.slow])
        return found

    def test_solutions_score_full_marks(self, term):
        sheet = made(self.path, term)
        found = marks(solved(sheet), checks(sheet))
        assert {question: mark.messages for question, mark in found.items() if mark.messages} == {}
        assert sum(mark.score for mark in found.values()) == self.points
        assert sum(mark.possible for mark in found.values()) == self.points

    def test_the_empty_sheet_scores_nothing_and_says_what_to_do(self, term):
        sheet = made(self.path, term)
        found = marks(empty(sheet), checks(sheet))
        assert [question for question, mark in found.items() if mark.score] == []
        for mark in found.values():
            assert all("replace the placeholder" in message for message in mark.messages)

    def test_missing_names_score_nothing(self, term):
        assert all(mark.score == 0 for mark in marks({}, self.files(term, whole=True)).values())

    def test_a_student_sees_one_test_a_question_and_not_what_others_look_for(self, term):
        shown, every = public(made(self.path, term)), self.files(term, whole=True)
        for question, file in shown.items():
            assert [case.hidden for case in file().test_cases] == [False]
            hidden = [case.hidden for case in every[question]().test_cases]
            assert hidden == [False] + [True] * (len(hidden) - 1) and len(hidden) > 1

    def test_each_question_has_at_least_five_wrong_answers(self):
        assert set(self.wrong) == {f"q{i}" for i in range(1, self.questions + 1)}
        assert all(len(cases) >= 5 for cases in self.wrong.values())

    def test_a_wrong_answer_loses_marks_at_its_question_alone_and_is_told_why(self, case):
        question, what, source, words = case
        tests = self.files(whole=what in self.alone)
        for other in set(self.costly) - {question}:
            tests.pop(other)  # it stands when the others fall: the next test
        found = marks(swapped(self.answered(), source), tests)
        assert {key for key, mark in found.items() if mark.score < mark.possible} == {question}
        assert words in " ".join(found[question].messages)

    def test_the_slow_question_stands_when_all_others_fall(self):
        if self.slow:
            given = self.answered()
            for question in set(self.wrong) - {self.slow}:
                given = swapped(given, self.wrong[question][0][1])
            assert marks(given, {self.slow: self.files()[self.slow]})[self.slow].messages == ()

    def test_public_checks_let_some_wrong_answers_pass_and_find_some(self):
        """They look at a few inputs; the hidden tests give most of the points."""
        seen = public(made(self.path, TERM))
        for question, cases in self.wrong.items():
            each = [marks(swapped(self.answered(), case[1]), {question: seen[question]}) for case in cases]
            told = [bool(found[question].messages) for found in each]
            assert any(told) and not all(told), question

    def test_its_solutions_run_under_nbval(self):
        runs_under_nbval(self.path)

    def test_the_master_is_as_a_chapter_must_be(self):
        is_as_a_chapter_must_be(self.path, self.short_tests)


def _without_last(fresh):
    def file():
        short = fresh()
        short.test_cases = short.test_cases[:-1]
        return short

    return file
