"""Marks one submission: its cells behind the wall, otter's own test files here, with what it answers."""

import time
import warnings

from . import reading
from .remote import Sheet

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ipylab's, which otter imports
    from otter.nbmeta_config import NBMetadataConfig
    from otter.test_files import GradingResults, create_test_file

SHOWN = 2000  # characters of a failed check's words


def mark(submission, autograders, walls, uid):
    """Return the record of a submission, a JSON-ready dict.

    Parameters
    ----------
    submission : reading.Submission
    autograders : {name: Autograder}
    walls : {name: Wall} for each assignment
    uid : number of a user for the sheet's processes

    Returns
    -------
    dict
        assignment : str or None. questions : list of {name, score, possible, checks}, where a check is
        {name, hidden, passed, words}. total, possible : points. reason : what kept the sheet from being
        marked in whole, "" for nothing. cells : list of [cell's number, what it raised].
    """
    try:
        cells, name = reading.cells(reading.load(submission.path, submission.assignment))
        name = submission.assignment or name
        if name not in autograders:
            known = ", ".join(sorted(autograders))
            raise reading.Unreadable(
                f"it names no assignment that is marked here ({known}); --assign names one"
            )
    except reading.Unreadable as error:
        return nothing(str(error))
    results, reasons, errors = _results(cells, autograders[name], walls[name], uid)
    return nothing("; ".join(reasons)) | {
        "assignment": name,
        "questions": [_question(file) for file in results.results.values()],
        "total": results.total,
        "possible": results.possible,
        "cells": sorted([i + 1, said] for i, said in errors.items()),
    }


def nothing(reason):
    """Return the record of a file that gets no mark, for this reason."""
    return {"assignment": None, "questions": [], "total": 0, "possible": 0, "reason": reason, "cells": []}


def _results(cells, autograder, wall, uid):
    """Return otter's results, why sheets were ended, and what cells raised.

    A sheet that was ended in one question starts again for the next while its time lasts: an endless loop
    in one answer costs that answer.
    """
    end, files, reasons = time.monotonic() + wall.limits.seconds, [], []
    sheet = Sheet(cells, wall, uid)
    try:
        errors = sheet.errors
        if sheet.why:
            reasons.append(f"the cells did not come to an end: {sheet.why}")
        for path in autograder.tests:
            if sheet.why and sheet.began and end - time.monotonic() > 1:
                sheet.close()
                sheet = Sheet(cells, wall, uid, end - time.monotonic())
            before = sheet.why
            file = create_test_file(str(path), NBMetadataConfig())
            file.run(sheet)
            files.append(file)
            if sheet.why and not before:
                reasons.append(f"{file.name}: {sheet.why}")
    finally:
        sheet.close()
    return GradingResults(files), reasons, errors


def _question(file):
    checks = [
        {
            "name": result.test_case.name,
            "hidden": result.test_case.hidden,
            "passed": result.passed,
            "words": "" if result.passed else _words(result.message),
        }
        for result in file.test_case_results
    ]
    return {"name": file.name, "score": file.score, "possible": file.possible, "checks": checks}


def _words(message):
    """Return what a check said: otter writes two lines and the test's own before it."""
    words = message.split("\n", 3)[-1].removeprefix("AssertionError: ")
    return words[:SHOWN]
