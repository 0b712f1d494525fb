"""`make lighthouse`: the parts of it that need neither network nor browser; nightly it judges every page."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "lighthouse"


def test_lighthouse_is_pinned_with_all_that_it_brings_and_no_host():
    wanted = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]["lighthouse"]
    locked = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(locked)["packages"]
    assert packages["node_modules/lighthouse"]["version"] == wanted
    assert len(packages) > 100 and all("integrity" in told for name, told in packages.items() if name)
    assert "resolved" not in locked
    overrides = json.loads((FOLDER / "package.json").read_text(encoding="utf-8")).get("overrides", {})
    floating = {
        x for told in packages.values() for x, v in told.get("dependencies", {}).items() if v == "latest"
    }
    assert floating <= set(overrides), "npm takes the newest of these, and then refuses the lock"


@pytest.mark.skipif(
    os.name == "nt" or shutil.which("node") is None, reason="NO NODE HERE: make lighthouse was not tried"
)
@pytest.mark.parametrize(
    ("page", "said"), [("", "is the book built"), ("Content-Security-Policy", "from npm")]
)
def test_what_is_missing_is_told(tmp_path, page, said):
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    (tmp_path / "chromium").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "lighthouse.mjs").write_bytes((FOLDER / "lighthouse.mjs").read_bytes())
    command = [shutil.which("node"), tmp_path / "lighthouse.mjs", tmp_path, "/", tmp_path / "out.json"]
    done = subprocess.run(
        command, env={"CHROME_PATH": str(tmp_path / "chromium"), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and said in done.stderr, done.stderr
