"""Make a term's assignments: student sheets, autograders and solutions, with the term's own numbers.

``python notebooks/assignments/make.py TERM [--out _build/assignments]`` writes, for each master,

    OUT/TERM/NAME/student/NAME.ipynb                  what students get
    OUT/TERM/NAME/autograder/NAME-autograder.zip      the tests, hidden ones too, as otter-grader wants them
    OUT/TERM/NAME/solutions/NAME-solutions.ipynb      the answers with the term's numbers

The same term gives the same bytes everywhere. A term is written whole or not at all.
"""

import argparse
import contextlib
import os
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, this folder alone is on the path

from notebooks.assignments import leaks  # noqa: E402
from notebooks.assignments import term as terms  # noqa: E402
from notebooks.refresh import module_source  # noqa: E402

LINE = re.compile(r"^(\s*)(\w+(?:, \w+)*) = .*?  # term$")
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold


def masters():
    """Return the paths of all masters."""
    return [path for path in sorted(HERE.glob("*.ipynb")) if re.fullmatch(r"a\d+|project", path.stem)]


def with_numbers(notebook, term):
    """Put the term's numbers into the lines of ``notebook`` that end in ``# term``; outputs go.

    ``c, gamma = 0.2, 0.9  # term`` names two of ``term.numbers``. Raises ``ValueError`` where a line
    names none, or is not written like this one.
    """
    numbers = terms.numbers(term)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = "\n".join(_line(line, numbers) for line in cell.source.splitlines())
            cell.outputs, cell.execution_count = [], None
    return notebook


def _line(line, numbers):
    if not re.search(r"#\s*term\s*$", line):
        return line
    found = LINE.match(line)
    if not found:
        raise ValueError(f"wanted `NAMES = VALUES  # term`, got {line!r}")
    names = found[2].split(", ")
    unknown = [name for name in names if name not in numbers]
    if unknown:
        raise ValueError(f"a term has no number {unknown[0]!r}, wanted in {line!r}")
    return f"{found[1]}{found[2]} = {', '.join(repr(numbers[name]) for name in names)}  # term"


def with_module(notebook):
    """Name the module in otter's settings: a container of ``otter grade`` needs what the tests import."""
    settings = next(cell for cell in notebook.cells if cell.source.startswith("# ASSIGNMENT CONFIG"))
    settings.source += f'\nrequirements: ["{module_source()}"]'
    return notebook


def make_one(path, term, folder, *, try_solutions=True):
    """Make one master's student sheet, autograder and solutions in ``folder``, which must not exist.

    Parameters
    ----------
    path : Path
        The master.
    term : str
    folder : Path
    try_solutions : bool
        Whether otter runs the solutions against all tests first, and raises where a point is lost.

    Raises
    ------
    ValueError
        Where the student's sheet would hold a solution or a hidden test (``leaks.check``), or a line of
        numbers is not as ``with_numbers`` wants it.
    RuntimeError
        Where otter cannot make the assignment, or its solutions lose a point.
    """
    name = path.stem
    master = with_module(with_numbers(nbformat.read(path, as_version=4), term))
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, path.name).resolve()
        nbformat.write(master, copy)
        made = Path(scratch, "made").resolve()
        _assign(copy, made, try_solutions)
        student, solutions = (_read(made / which / path.name, name) for which in ("student", "autograder"))
        leaks.check(student, solutions, name)
        for which in ("student", "autograder", "solutions"):
            (folder / which).mkdir(parents=True)
        nbformat.write(student, folder / "student" / path.name)
        nbformat.write(solutions, folder / "solutions" / f"{name}-solutions.ipynb")
        for zipped in (made / "autograder").glob("*.zip"):  # one, named by the time
            _rezip(zipped, folder / "autograder" / f"{name}-autograder.zip")


def make(term, out, chosen=None, *, try_solutions=True):
    """Make all assignments of a term in ``out/term`` and return that folder; what was there is replaced."""
    out = Path(out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    target = out / terms.checked(term)
    part = Path(tempfile.mkdtemp(prefix=f".{term}-", dir=out))
    try:
        for path in chosen or masters():
            make_one(Path(path), term, part / Path(path).stem, try_solutions=try_solutions)
            print(f"{Path(path).stem}: made for {term}", flush=True)
        part.chmod(0o755)
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{term}-old-", dir=out))
            target.rename(old / term)
            part.rename(target)
            shutil.rmtree(old)
        else:
            part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def _assign(master, result, try_solutions):
    """Run ``otter assign``, which goes to the master's folder; a failure names the assignment."""
    from otter.assign import main as assign

    here = os.getcwd()
    try:
        with _quiet():
            assign(str(master), str(result), no_pdfs=True, no_run_tests=not try_solutions)
    except Exception as error:
        raise RuntimeError(f"{master.stem}: {error}") from error
    finally:
        os.chdir(here)


@contextlib.contextmanager
def _quiet():
    """Keep what this process and the kernels it starts write; show it only where something fails."""
    with tempfile.TemporaryFile() as said:
        sys.stdout.flush()
        sys.stderr.flush()
        kept = {number: os.dup(number) for number in (1, 2)}
        try:
            for number in kept:
                os.dup2(said.fileno(), number)
            yield
        except BaseException:
            said.seek(0)
            os.write(kept[2], said.read())
            raise
        finally:
            for number, before in kept.items():
                os.dup2(before, number)
                os.close(before)


def _read(path, name):
    """Return a notebook that otter wrote, its new cells' random ids replaced, its kernel's version gone."""
    notebook = nbformat.read(path, as_version=4)
    notebook.nbformat_minor = 5
    for i, cell in enumerate(notebook.cells):
        cell.id = f"{name}-{i:03}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _rezip(source, target):
    """Write the archive again with sorted names and one date for all."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.external_attr = 0o644 << 16
            new.writestr(info, old.read(name), zipfile.ZIP_DEFLATED, 9)


def main(arguments=None):
    """Read the command line and make the term."""
    parser = argparse.ArgumentParser(description="Make a term's assignments.")
    parser.add_argument("term", help="a name like 2027-spring; the numbers are drawn from it")
    parser.add_argument("--out", default=ROOT / "_build" / "assignments")
    chosen = parser.parse_args(arguments)
    try:
        terms.checked(chosen.term)
    except ValueError as error:
        parser.exit(2, f"make: {error}\n")
    try:
        print(f"written: {make(chosen.term, chosen.out)}")
    except (ValueError, RuntimeError) as error:
        parser.exit(1, f"make: nothing written. {error}\n")


if __name__ == "__main__":
    main()
