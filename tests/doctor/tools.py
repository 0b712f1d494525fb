"""The tools that tests and book use: Python, .venv, make, Chromium, Node.js, npm, bubblewrap."""

import importlib.util
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from findings import ROOT, Finding, debian, missing, say, shortened

VENV = ROOT / ".venv"
OLDEST = (3, 11)
PYTHONS = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")  # as the Makefile looks for one
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome",
             "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")  # fmt: skip
BARE = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank")
IMPORTS = """
import importlib.metadata, json, sys
wrong = {}
for line in json.loads(sys.stdin.read()):
    name, _, wanted = line.partition("==")
    try: here = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError: here = None
    if (here or "").partition("+")[0] != wanted: wrong[name] = here
for name in ("torch", "mujoco", "sobolev_mini", "sobolev_book"):
    try: __import__(name)
    except Exception as error: wrong[name] = f"{type(error).__name__}: {error}"
print(json.dumps(wrong))
"""


def python():
    """Return the finding on the Python that .venv is made from."""
    candidates = [os.environ["PYTHON"]] if os.environ.get("PYTHON") else PYTHONS
    seen = []
    for name in candidates:
        status, version = say(name, "-c", "import platform; print(platform.python_version())")
        if status == 0:
            seen.append(name + " is " + version)
            if tuple(map(int, re.findall(r"\d+", version)[:2])) >= OLDEST:
                if say(name, "-c", "import venv, ensurepip, ssl, ctypes")[0]:
                    mend = debian("python{}-venv".format(".".join(version.split(".")[:2])))
                    return [Finding("Python", "wrong", seen[-1] + ", without venv and ensurepip", mend)]
                return [Finding("Python", "ok", seen[-1])]
    words = "%d.%d or later is wanted; %s" % (*OLDEST, ", ".join(seen) or "none is here")
    mend = debian("python3.11 python3.11-venv") + "; or make PYTHON=/path/to/python3"
    return [Finding("Python", "wrong", words, mend)]


def environment():
    """Return the finding on .venv: whole, made for this place, as pinned; torch and MuJoCo load."""
    if not VENV.exists():
        return [Finding(".venv", "note", "not made yet: the first make does", "make setup")]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if re.match(r"[\w.-]+==", line)]
    complete = VENV / "complete"
    first = complete.read_text(encoding="utf-8").partition("\n")[0] if complete.is_file() else ""
    if not first or Path(first) != ROOT:
        words = f"made for {first}" if first else "not whole"
        return [Finding(".venv", "wrong", words, "make setup")]
    status, said = say(
        VENV / "bin" / "python", "-c", IMPORTS, input=json.dumps(pins).encode(), cwd=tempfile.gettempdir()
    )
    try:
        wrong = json.loads(said.splitlines()[-1]) if status == 0 else {".venv": said[-200:]}
    except (ValueError, IndexError):
        wrong = {".venv": said[-200:]}
    if not wrong:
        return [Finding(".venv", "ok", "%d packages as pinned; torch and MuJoCo load" % len(pins))]
    names = ["{} ({})".format(name, here or "missing") for name, here in sorted(wrong.items())]
    words = "not as pinned, or does not load: " + shortened(names)
    return [Finding(".venv", "wrong", words, "rm -rf .venv && make setup")]


def make():
    """Return the finding on make."""
    status, said = say("make", "--version")
    if status:
        return [Finding("make", "wrong", "not here", debian("make"))]
    gnu = re.match(r"GNU Make (\d+)\.(\d+)", said)
    if not gnu or (int(gnu.group(1)), int(gnu.group(2))) < (3, 81):
        return [Finding("make", "wrong", "GNU make 3.81 or later is wanted", debian("make"))]
    return [Finding("make", "ok", gnu.group(0))]


def chromium():
    """Return the finding on Chromium: there, and it shows a page."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not found:
        return [missing("Chromium", "not here: nothing about the built pages is tested", debian("chromium"))]
    status, said = say(found, *BARE)
    if status or "<html" not in said:
        last = (said.splitlines() or ["it says nothing"])[-1][:150]
        words = "%s does not start: %s" % (found, last)
        return [Finding("Chromium", "wrong", words, debian("--reinstall chromium"))]
    return [Finding("Chromium", "ok", found)]


def node():
    """Return the findings on Node.js and npm, and on what npm brought."""
    found = []
    status, said = say("node", "--version")
    version = re.match(r"v(\d+)", said)
    if status:
        found.append(missing("Node.js", "not here: explorers are not compared with Python", debian("nodejs")))
    elif not version or int(version.group(1)) < 18:
        found.append(Finding("Node.js", "wrong", said + "; 18 or later is wanted", debian("nodejs")))
    else:
        found.append(Finding("Node.js", "ok", said))
    if not shutil.which("npm"):
        found.append(missing("npm", "not here: the Ant of chapter 09 does not walk", debian("npm")))
    elif not (ROOT / "_build/npm/node_modules/.package-lock.json").exists():
        found.append(missing("npm", "here, but has not brought MuJoCo's WebAssembly yet", "make mujoco"))
    else:
        found.append(Finding("npm", "ok", "has brought MuJoCo's WebAssembly"))
    return found


class Bubblewrap:
    """What ``advice`` asks of a wall: whether bubblewrap is here, and what it said when it was tried."""

    def __init__(self):
        self.absent = [] if shutil.which("bwrap") else ["bwrap"]
        status, self.words = say("bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true")
        self.refused = bool(status)

    def missing(self):
        """Return whether it gives no guard."""
        return self.refused

    def unreadable(self):
        """Return nothing: the grader looks at that itself."""
        return []


def bubblewrap():
    """Return the finding on bubblewrap: here, and allowed by the kernel."""
    source = str(ROOT / "notebooks/assignments/grading/advice.py")  # says what mends each refusal
    spec = importlib.util.spec_from_file_location("advice", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wall = Bubblewrap()
    if not wall.refused:
        return [Finding("bubblewrap", "ok", "makes namespaces")]
    words = module.advice(wall)
    if wall.absent:
        return [missing("bubblewrap", "not here: the grader's walls are not tested", debian("bubblewrap"))]
    mend = " or ".join(re.findall(r"`(.*?)`", words.replace(repr(wall.words), "")))
    return [Finding("bubblewrap", "wrong", words, mend)]
