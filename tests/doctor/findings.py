"""What the doctor finds, and how it asks other programs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHOWN = 3  # files by name
MAC = {"python3.11-venv": "python@3.11", "python3.11": "python@3.11", "nodejs": "node", "npm": "node"}


class Finding:
    """What was looked at; "ok", "note" or "wrong"; that in words; the command that mends it."""

    def __init__(self, subject, state, words, mend=""):
        self.subject, self.state, self.words, self.mend = subject, state, words, mend


def debian(packages):
    """Return the command that installs Debian's ``packages``, or a Mac's of the same kind."""
    if sys.platform == "darwin":
        return "brew install " + " ".join(dict.fromkeys(MAC.get(name, name) for name in packages.split()))
    return "sudo apt install " + packages


def say(*command, **more):
    """Return (status, what it wrote) of a command; status 127 where there is none, 124 after a minute."""
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "timeout": 60}
    try:
        done = subprocess.run(list(map(str, command)), check=False, **dict(told, **more))
    except OSError as error:
        return 127, str(error)
    except subprocess.TimeoutExpired:
        return 124, "no answer in a minute"
    return done.returncode, done.stdout.decode("utf-8", "replace").strip()


def missing(subject, words, mend):
    """Return the finding on what tests do without, and say so; under CI they fail."""
    return Finding(subject, "wrong" if os.environ.get("CI") else "note", words, mend)


def shortened(names):
    """Return the first of the names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (" and %d more" % more if more > 0 else "")
