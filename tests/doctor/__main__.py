"""Say what is wrong with a set-up, and the command that mends it: ``python3 tests/doctor``, or `make doctor`.

Runs without .venv on any Python from 3.8 on, so that it can say "too old". Exit status: 0, all that
`make test` needs is right; 1, something is wrong. What tests do without, and say so, is a note, and wrong
under CI.
"""

import sys

if sys.version_info < (3, 8):
    sys.exit("doctor: Python %d.%d is too old even to look; 3.11 or later is wanted" % sys.version_info[:2])

import place  # beside this file
import tools

MARKS = {"ok": "ok", "note": "note", "wrong": "WRONG"}
LOOKS = (
    tools.python,
    tools.environment,
    tools.make,
    place.git,
    place.files,
    place.room,
    place.ports,
    place.tongue,
    tools.chromium,
    tools.node,
    tools.bubblewrap,
)


def main():
    """Look at everything and print a line for each; return the exit status."""
    sys.stdout.reconfigure(errors="backslashreplace")  # a wrong locale is told and stops nothing
    found = [finding for look in LOOKS for finding in look()]
    for finding in found:
        print("%-6s %-11s %s" % (MARKS[finding.state], finding.subject, finding.words))
        if finding.mend:
            print("%-6s %-11s -> %s" % ("", "", finding.mend))
    wrong = ", ".join(dict.fromkeys(finding.subject for finding in found if finding.state == "wrong"))
    print("doctor: mend " + wrong if wrong else "doctor: make test has all that it needs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
