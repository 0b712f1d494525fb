"""Look the pinned packages up in a database of known weaknesses: ``python tests/audit.py [FILE ...]``.

Before, workflows, forms and the citation file are held against their schemas and habits of safety, which
needs no database. Exit status: 0, none is known; 1, some are, or a form is wrong; 2, no such file; 75, the
database did not answer for each, so not all is known. What was found goes to ``_build/audit.json``.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOL = ROOT / "requirements-audit.txt"
PINS = ("requirements.txt", "requirements-rewarped.txt")
FOUND = ROOT / "_build" / "audit.json"
FORMS = {  # schema that check-jsonschema brings -> files
    "github-workflows": ".github/workflows/*.yml",
    "dependabot": ".github/dependabot.yml",
    "github-issue-forms": ".github/ISSUE_TEMPLATE/*[!g].yml",
    "github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "citation-file-format": "CITATION.cff",
}
OFFLINE, NETWORK = 75, ("ConnectionError", "NameResolution", "Max retries", "Failed to establish",
                        "ServiceError", "ReadTimeout", "Could not find a version")  # fmt: skip


def tool(folder=ROOT / "_build" / "audit-venv"):
    """Return the Python of an environment that has pip-audit, made where it is not there or of other pins."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pins, complete = TOOL.read_text(encoding="utf-8"), folder / "complete"
    if not complete.exists() or complete.read_text(encoding="utf-8") != pins:
        venv.create(folder, with_pip=True, clear=True)
        ask([python, "-m", "pip", "install", "--quiet", "-r", TOOL])
        complete.write_text(pins, encoding="utf-8")
    return python


def ask(command):
    """Run a command and return its output; no network ends the program with status 75."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and any(word in done.stderr for word in NETWORK):
        last = done.stderr.strip().splitlines()[-1][:200]
        print(f"audit: NO NETWORK, so nothing was looked up: {last}", file=sys.stderr)
        sys.exit(OFFLINE)
    if done.returncode and not done.stdout.strip():
        sys.exit(f"audit: {done.stderr.strip()}")
    return done.stdout


def wrong_forms(python, root=ROOT):
    """Return what is said against each form that breaks its schema, and against unsafe workflows."""
    commands = [[python, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *root.glob(files)]
                for schema, files in FORMS.items()]  # fmt: skip
    commands.append([python.with_name("zizmor"), "--offline", "--no-progress", "--quiet", root / ".github"])
    runs = [subprocess.run(command, capture_output=True, text=True, check=False) for command in commands]
    return [(done.stdout + done.stderr).strip() for done in runs if done.returncode]


def weak(report):
    """Return (package, version, weakness, versions that mend it) of each that is known."""
    return [
        (package["name"], package["version"], each["id"], ", ".join(each["fix_versions"]) or "none yet")
        for package in report["dependencies"]
        for each in package.get("vulns", ())
    ]


def pinned(files):
    """Return the lines NAME==VERSION of all files; a line without a version has it from another of them."""
    lines = [line for name in files for line in Path(name).read_text(encoding="utf-8").splitlines()]
    return list(dict.fromkeys(line for line in lines if re.match(r"[\w.\[\]-]+==", line)))


def main(files):
    """Ask about the pins of the files, write what was found and return the exit status."""
    if absent := [str(name) for name in files if not Path(name).is_file()]:
        print(f"audit: no file of pins: {', '.join(absent)}", file=sys.stderr)
        return 2
    python = tool()
    wrong = wrong_forms(python)
    print("\n".join([*wrong, f"audit: {len(FORMS)} kinds of forms held against their schemas"]))
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("\n".join(pinned(files)), encoding="utf-8")
        words = ["-m", "pip_audit", "--requirement", pins, "--no-deps", "--disable-pip", "--format", "json"]
        report = json.loads(ask([python, *words, "--progress-spinner", "off"]))
    rows, skipped = weak(report), [x["name"] for x in report["dependencies"] if "skip_reason" in x]
    asked = len(report["dependencies"]) - len(skipped)
    for row in rows:
        print("{} {}: {}, mended in {}".format(*row))
    print(f"audit: {asked} pins looked up, {len(rows)} weaknesses known")
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(
        json.dumps({"date": date.today().isoformat(), "asked": asked, "weak": rows}), encoding="utf-8"
    )
    if skipped:
        words = f"audit: NOT LOOKED UP, the database did not have them: {', '.join(skipped)}"
        print(words, file=sys.stderr)
    return 1 if rows or wrong else OFFLINE if skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [str(ROOT / name) for name in PINS]))
