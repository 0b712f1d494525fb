"""What is read from files: submissions, which are not trusted, and autograders, which are."""

import fnmatch
import hashlib
import json
import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path

MOST = 16 << 20  # bytes of a submission; sheets full of figures have a tenth
MOST_ASSIGNED = 256 << 20  # of one that a person has looked at
CELLS = 1000


class Unreadable(ValueError):
    """A file that is no sheet of an assignment; the message says why."""


@dataclass(frozen=True)
class Submission:
    """A file that was handed in: whose it is, where it lies, and a number for its bytes."""

    student: str
    path: Path
    name: str  # below the folder of submissions
    digest: str
    assignment: str | None = None  # that a person says it is of, whatever stands inside


@dataclass(frozen=True)
class Autograder:
    """An assignment's name, its test files in order, and the questions that a person marks."""

    name: str
    tests: tuple
    by_hand: tuple
    digest: str


def submissions(folder, assigned=()):
    """Return every file below ``folder`` but hidden ones. A student's name is the file's, or its folder's.

    ``assigned`` holds pairs (file's name below ``folder``, or a pattern like ``ann/*``; assignment). Raises
    ``ValueError`` for a pair that no file fits.
    """
    folder, found, fitting = Path(folder), [], set()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or (path.is_dir() and not path.is_symlink()):
            continue
        student = inside.parts[0] if len(inside.parts) > 1 else path.stem
        pairs = [x for x in assigned if x[0] == str(inside) or fnmatch.fnmatchcase(str(inside), x[0])]
        fitting |= {pattern for pattern, _ in pairs}
        name = pairs[-1][1] if pairs else None
        found.append(Submission(student, path, str(inside), _digest(path, name), name))
    if wrong := [pattern for pattern, _ in assigned if pattern not in fitting]:
        raise ValueError(f"--assign: got {wrong[0]!r}, wanted a file in {folder}")
    return found


def _digest(path, assignment):
    try:
        data = load(path, assignment)
    except Unreadable as error:
        data = str(error).encode()
    return hashlib.sha256(data).hexdigest() + (assignment or "")


def load(path, assignment=None):
    """Return a submission's bytes: of one that is assigned, more are read."""
    most = MOST_ASSIGNED if assignment else MOST
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("it is a link or a device, not a file")
        if about.st_size > most:
            more = (
                "" if assignment else f", unless --assign names its assignment (up to {MOST_ASSIGNED >> 20})"
            )
            raise Unreadable(
                f"it has {about.st_size / 2**20:.0f} MB, more than {most >> 20} are not read{more}"
            )
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror}") from None


def cells(data):
    """Return a sheet's code cells and the name of its assignment (None where it has none)."""
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("it is no notebook: not JSON") from None
    listed = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(cell, dict) for cell in listed):
        raise Unreadable("it is JSON, but no notebook: it has no list of cells")
    if len(listed) > CELLS:
        raise Unreadable(f"it has {len(listed)} cells, more than {CELLS} are not run")
    code = [_source(cell) for cell in listed if cell.get("cell_type") == "code" and not _bootstraps(cell)]
    about = found.get("metadata")
    about = about.get("otter") if isinstance(about, dict) else None
    name = about.get("assignment_name") if isinstance(about, dict) else None
    return code, name if isinstance(name, str) else None


def _bootstraps(cell):
    """Return whether a cell only installs the module, which would need a network."""
    about = cell.get("metadata")
    tags = about.get("tags") if isinstance(about, dict) else None
    return isinstance(tags, list) and "bootstrap" in tags


def _source(cell):
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def autograders(folder, scratch):
    """Return {name: Autograder} of every NAME/autograder/*.zip, unpacked below ``scratch``.

    Raises ``ValueError`` where there are none, or two of one assignment.
    """
    found = {}
    for archive in sorted(Path(folder).glob("*/autograder/*.zip")):
        target = Path(scratch) / archive.parts[-3]
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(target)
        name = json.loads((target / "otter_config.json").read_text(encoding="utf-8")).get("assignment_name")
        if name in found:
            raise ValueError(f"two autograders of {name!r} in {folder}")
        tests = tuple(sorted((target / "tests").glob("*.py"), key=lambda path: natural(path.stem)))
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        found[name] = Autograder(name, tests, _by_hand(archive.parents[1]), digest)
    if not found:
        raise ValueError(f"no NAME/autograder/*.zip in {folder}")
    return found


def _by_hand(folder):
    """Return the questions without tests, by number: otter leaves them no name but their place."""
    names, last = [], 0
    for path in sorted(folder.glob("student/*.ipynb"))[:1]:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = _source(cell)
            if checked := re.search(r"grader\.check\(\"\w*?(\d+)\w*\"\)", source):
                last = int(checked[1])
                names = [name for name in names if name != f"q{last}"]  # a person adds to its tests' points
            elif cell["cell_type"] == "markdown" and "<!-- BEGIN QUESTION -->" in source:
                last += 1
                names.append(f"q{last}")
    return tuple(names)


def natural(name):
    """Return a key that puts q2 before q10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]
