"""The table of `make site-audit`: nothing that was not measured is yes."""

import functools
import json
import os
import re
from datetime import date
from xml.etree import ElementTree

import pytest

from tests import site_audit

WANTED = ["PDF", "EPUB", "API", "numbered and linked", "run times", "accessible", "light", "Lighthouse",
          "findable", "kept up", "safe", "doctor", "cheat sheet", "FAQ"]  # fmt: skip


@pytest.fixture
def built(tmp_path, monkeypatch):
    for name, path in (
        ("ROOT", tmp_path),
        ("BUILT", tmp_path / "_build"),
        ("SITE", tmp_path / "_build/html"),
    ):
        monkeypatch.setattr(site_audit, name, path)
    (tmp_path / "_build/html").mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("a==1\nb==2\n")
    return tmp_path / "_build"


def test_every_row_is_measured_by_something():
    assert list(site_audit.ROWS) == WANTED
    for tests, probe in site_audit.ROWS.values():
        assert tests or probe
        assert probe is None or callable(getattr(site_audit, probe))


def test_the_tests_that_rows_name_are_there():
    for selector in (x for selectors, _ in site_audit.ROWS.values() for x in selectors):
        file, _, part = selector.partition("::")
        names = re.findall(r"(?m)^def (test_\w+)", (site_audit.ROOT / file).read_text(encoding="utf-8"))
        assert [name for name in names if part in name], selector


@pytest.mark.parametrize("name", WANTED)
def test_no_row_says_yes_where_nothing_can_be_measured(built, name, monkeypatch):
    for probe in ("pdf", "epub", "times", "lighthouse", "audit"):
        nowhere = functools.partial(getattr(site_audit, probe), built / "nowhere")
        monkeypatch.setattr(site_audit, probe, nowhere)
    (built / "html").rmdir()
    yes, words = site_audit.measured(name, [])
    assert not yes and words


@pytest.mark.parametrize(("outcome", "works"), [("passed", False), ("failure", True)])
def test_a_row_is_yes_only_where_tests_and_measure_are(built, monkeypatch, outcome, works):
    (built.parent / "tests").mkdir()
    (built.parent / "tests/test_doctor.py").write_text("")
    monkeypatch.setattr(site_audit, "doctor", lambda: (works, "told"))
    assert not site_audit.measured("doctor", [("tests/test_doctor.py", "test_x", outcome)])[0]
    monkeypatch.setattr(site_audit, "doctor", lambda: (True, "told"))
    yes, words = site_audit.measured("doctor", [("tests/test_doctor.py", "test_x", "passed")])
    assert yes and words == "1 of 1 tests pass; told"


def test_tests_that_fail_or_are_skipped_or_absent_are_no(built):
    (built.parent / "tests").mkdir()
    (built.parent / "tests/test_a.py").write_text("")
    report = ElementTree.fromstring(
        '<r><testcase classname="tests.test_a" name="test_x"/>'
        '<testcase classname="tests.test_a" name="test_y"><skipped/></testcase></r>'
    )
    found = site_audit.cases(report, ["tests/test_a.py"])
    assert found == [("tests/test_a.py", "test_x", "passed"), ("tests/test_a.py", "test_y", "skipped")]
    assert site_audit.tested(["tests/test_a.py::x"], found) == (True, "1 of 1 tests pass")
    assert site_audit.tested(["tests/test_a.py"], found) == (False, "1 of 2 tests pass, 1 skipped")
    assert site_audit.tested(["tests/test_a.py::z"], found) == (False, "its tests did not run")
    assert site_audit.tested(["tests/test_a.py::x", "tests/test_gone.py"], found)[0] is False


def test_tests_that_do_not_end_are_ended_and_told(built, monkeypatch, capfd):
    (built.parent / "tests").mkdir()
    (built.parent / "tests/test_a.py").write_text("import time\ndef test_x(): time.sleep(300)")
    (built.parent / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    monkeypatch.setattr(site_audit, "MINUTES", 0.05)
    assert site_audit.run(["tests/test_a.py"]) == []
    assert "took more than 0.05 minutes" in capfd.readouterr().err


def test_an_old_or_partial_result_is_no(built):
    path = built / "audit.json"
    path.write_text(json.dumps({"date": date.today().isoformat(), "asked": 2, "weak": []}))
    assert site_audit.audit(path)[0]
    for change in ({"asked": 1}, {"date": "2020-01-01"}, {"weak": [["a", "1", "X", "2"]]}):
        path.write_text(json.dumps({"date": date.today().isoformat(), "asked": 2, "weak": []} | change))
        assert not site_audit.audit(path)[0]


def test_scores_are_the_least_and_younger_than_the_book(built):
    path = built / "lighthouse.json"
    page = dict.fromkeys(["performance", "accessibility", "best practices", "SEO"], 100)
    path.write_text(json.dumps([page, page]))
    assert site_audit.lighthouse(path) == (False, "the book is not built: make book")
    (built / "complete").write_text("")
    os.utime(built / "complete", (2, 2))
    assert site_audit.lighthouse(path)[0]
    path.write_text(json.dumps([page, page | {"SEO": 94}]))
    assert site_audit.lighthouse(path) == (
        False,
        "2 pages, at least performance 100, accessibility 100, best practices 100, SEO 94",
    )
    path.write_text(json.dumps([page, page]))
    os.utime(path, (1, 1))
    assert site_audit.lighthouse(path) == (False, "_build/lighthouse.json is older than the built book")
