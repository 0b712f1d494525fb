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


STUB = """import { appendFileSync } from "node:fs";
export const launch = async () => ({ port: 1, kill() {} });
export default async (address) => {
  const page = address.split("/").at(-1), score = page === process.env.LOW ? 0.5 : 1;
  appendFileSync(process.env.ASKED, page + "\\n");
  if (page === process.env.BREAKS) throw new Error("interrupted");
  const kinds = ["performance", "accessibility", "best-practices", "seo"];
  const categories = Object.fromEntries(kinds.map((kind) => [kind, { score, auditRefs: [] }]));
  return { lhr: { categories, audits: { "total-byte-weight": { numericValue: 1 } } } };
};
"""


def judge(folder, *pattern, low="", breaks=""):
    """Return the exit status, the pages that were asked and the table of a run on a stub of Lighthouse."""
    asked, out = folder / "asked", folder / "out.json"
    asked.write_text("", encoding="utf-8")
    told = {"CHROME_PATH": str(folder / "chromium"), "PATH": "/usr/bin:/bin", "ASKED": str(asked)}
    command = [shutil.which("node"), folder / "lighthouse.mjs", folder / "site", "/", out, *pattern]
    done = subprocess.run(
        command, env={**told, "LOW": low, "BREAKS": breaks}, capture_output=True, text=True, check=False
    )
    table = json.loads(out.read_text(encoding="utf-8"))["pages"]
    return done.returncode, asked.read_text(encoding="utf-8").split(), {x["page"]: x["SEO"] for x in table}


@pytest.mark.skipif(
    os.name == "nt" or shutil.which("node") is None, reason="NO NODE HERE: make lighthouse was not tried"
)
def test_an_interrupted_run_goes_on_and_a_page_can_be_judged_again(tmp_path):
    (tmp_path / "site").mkdir()
    for name in "abc":
        (tmp_path / "site" / f"{name}.html").write_text("Content-Security-Policy", encoding="utf-8")
    (tmp_path / "chromium").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "lighthouse.mjs").write_bytes((FOLDER / "lighthouse.mjs").read_bytes())
    for package in ("lighthouse", "chrome-launcher"):
        (tmp_path / "node_modules" / package).mkdir(parents=True)
        (tmp_path / "node_modules" / package / "index.mjs").write_text(STUB, encoding="utf-8")
        (tmp_path / "node_modules" / package / "package.json").write_text('{"exports": "./index.mjs"}')
    assert judge(tmp_path, breaks="b.html")[1:] == (["a.html", "b.html"], {"a.html": 100})
    assert judge(tmp_path, low="c.html") == (
        1,
        ["b.html", "c.html"],
        {"a.html": 100, "b.html": 100, "c.html": 50},
    )
    assert judge(tmp_path, "c") == (0, ["c.html"], dict.fromkeys(("a.html", "b.html", "c.html"), 100))
    assert judge(tmp_path)[:2] == (0, [])
    os.utime(tmp_path / "site" / "a.html", (2e9, 2e9))  # built again: the table says nothing of it
    assert judge(tmp_path)[1] == ["a.html", "b.html", "c.html"]
