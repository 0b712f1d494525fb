"""What a student's sheet must not hold: answers and hidden tests. Otter takes them out; this looks again."""

import re

MARKERS = ("# SOLUTION", "# BEGIN SOLUTION", "# BEGIN TESTS", "# HIDDEN", "hidden=True", "# BEGIN QUESTION")
ANSWER = "otter_answer_cell"
SHORT = 12  # a line of fewer characters, like `return s`, may stand anywhere


def check(student, solutions, name):
    """Raise ``ValueError`` where ``student`` shows what only ``solutions`` may hold.

    Parameters
    ----------
    student, solutions : notebooks as ``otter assign`` makes them, tests in their metadata
    name : str, the assignment's, for the message
    """
    tests = student.metadata.get("otter", {}).get("tests", {})
    shown = [cell.source for cell in student.cells] + list(tests.values())
    for marker in MARKERS:
        _refuse(name, marker, [text for text in shown if marker in text])
    for line in _answers(student, solutions):
        _refuse(name, line, [text for text in shown if line in map(str.strip, text.splitlines())])
    for hidden in _hidden(solutions):
        _refuse(name, hidden, [text for text in shown if re.search(rf"\b{hidden}\b", text)])
    _refuse(name, "outputs", [cell.source for cell in student.cells if cell.get("outputs")])


def _answers(student, solutions):
    """Return the lines of the answers; raises where an answer's cell hands all of them to the student."""
    given = {cell.source for cell in student.cells if ANSWER in cell.metadata.get("tags", [])}
    lines = {line.strip() for source in given for line in source.splitlines()}
    found = set()
    for cell in solutions.cells:
        if "otter_assign_solution_cell" in cell.metadata.get("tags", []) and cell.cell_type == "code":
            if cell.source in given:
                raise ValueError(f"the student's sheet holds a whole answer:\n{cell.source}")
            found |= {line.strip() for line in cell.source.splitlines()}
        elif "otter_assign_solution_cell" in cell.metadata.get("tags", []):
            found.add(cell.source.strip().splitlines()[0])
    return sorted(line for line in found - lines if len(line) >= SHORT)


def _hidden(solutions):
    """Return the names of the hidden test functions."""
    names = []
    for source in solutions.metadata.get("otter", {}).get("tests", {}).values():
        names += re.findall(r"@test_case\([^)]*hidden=True[^)]*\)\ndef (\w+)", source)
    return names


def _refuse(name, what, where):
    if where:
        raise ValueError(f"the student's sheet of {name} holds {what!r}, in:\n{where[0]}")
