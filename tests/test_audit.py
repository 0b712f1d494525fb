"""What `make audit` makes of the tool's answers, and of none."""

import json
import os
import sys

import pytest

from tests import audit

REPORT = {
    "dependencies": [
        {"name": "fine", "version": "1.0", "vulns": []},
        {"name": "left", "skip_reason": "no version"},
        {"name": "bad", "version": "2.0", "vulns": [{"id": "X-1", "fix_versions": ["2.1"]},
                                                    {"id": "X-2", "fix_versions": []}]},
    ]
}  # fmt: skip
PINS = audit.ROOT / "requirements.txt"
OFFLINE = "import sys; sys.exit('requests.exceptions.ConnectionError: Max retries exceeded')"


def test_weaknesses_are_listed_with_what_mends_them(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(audit, "FOUND", tmp_path / "_build" / "audit.json")
    monkeypatch.setattr(audit, "tool", lambda: "python")
    monkeypatch.setattr(audit, "wrong_forms", lambda python: [])
    monkeypatch.setattr(audit, "ask", lambda command: json.dumps(REPORT))
    assert audit.main([str(PINS)]) == 1
    said, complaint = capsys.readouterr()
    assert "bad 2.0: X-1, mended in 2.1" in said and "X-2, mended in none yet" in said
    assert "2 pins looked up, 2 weaknesses known" in said and "NOT LOOKED UP" in complaint
    assert "left" in complaint and json.loads(audit.FOUND.read_text())["asked"] == 2
    fine, left, _ = REPORT["dependencies"]
    for answered, status in (([fine, left], audit.OFFLINE), ([fine], 0)):
        monkeypatch.setattr(audit, "ask", lambda _, told=answered: json.dumps({"dependencies": told}))
        assert audit.main([str(PINS)]) == status
    monkeypatch.setattr(audit, "wrong_forms", lambda python: ["nightly.yml: no such key"])
    assert audit.main([str(PINS)]) == 1 and "no such key" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="wants a shell")
def test_every_form_is_held_against_a_schema_and_what_is_said_is_told(tmp_path, monkeypatch):
    for name in ("python", "zizmor"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/log\necho bad; exit $BAD\n')
        (tmp_path / name).chmod(0o755)
    for status, wrong in (("0", []), ("1", ["bad"] * (len(audit.FORMS) + 1))):
        monkeypatch.setenv("BAD", status)
        assert audit.wrong_forms(tmp_path / "python") == wrong
    log = (tmp_path / "log").read_text(encoding="utf-8")
    forms = [audit.ROOT / "CITATION.cff", *(audit.ROOT / ".github").rglob("*.yml")]
    assert len(forms) > 8 and all(f" {form}" in log for form in forms)


def test_no_network_is_told_with_a_status_of_its_own(capsys):
    with pytest.raises(SystemExit) as end:
        audit.ask([sys.executable, "-c", OFFLINE])
    assert end.value.code == 75 and "NO NETWORK" in capsys.readouterr().err


def test_a_tool_that_fails_otherwise_is_no_network_s_fault():
    with pytest.raises(SystemExit, match="audit: broken"):
        audit.ask([sys.executable, "-c", "import sys; sys.exit('broken')"])


def test_all_pins_are_asked_about():
    pinned = {path.name for path in audit.ROOT.glob("requirements*.txt")}
    assert pinned == {*audit.PINS, audit.TOOL.name} and all((audit.ROOT / x).exists() for x in audit.PINS)
    lines = audit.pinned([audit.ROOT / name for name in audit.PINS])
    assert {"rewarped==1.3.3", "gym==0.23.1"} <= set(lines) and len(lines) == len(set(lines)) > 150
    assert not [line for line in lines if line.startswith(("-", "#", "setuptools "))]
