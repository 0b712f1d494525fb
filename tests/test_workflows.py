"""The workflows: what they run is named by a commit, and they may do no more than they need."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")  # a tag can be moved, a commit cannot
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def jobs(path):
    """Return the name, the job and its steps of each job."""
    return [(name, job, job["steps"]) for name, job in yaml.safe_load(path.read_text())["jobs"].items()]


@every_workflow
def test_actions_are_pinned_by_commit_with_the_version_beside(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines and not [line for line in lines if not PINNED.search(line)]


def test_an_action_has_one_commit_everywhere():
    found = {}
    for path in WORKFLOWS:
        for name, pin in re.findall(r"uses: ([\w./-]+)@(\S+  # \S+)", path.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(pin)
    assert found and not {name: pins for name, pins in found.items() if len(pins) > 1}


@every_workflow
def test_a_workflow_reads_and_only_the_job_that_publishes_writes(path):
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert whole["permissions"] == {"contents": "read"}
    for name, job, steps in jobs(path):
        publishes = any("actions/deploy-pages" in step.get("uses", "") for step in steps)
        wanted = {"pages": "write", "id-token": "write"} if publishes else None
        assert job.get("permissions") == wanted, name
        assert not publishes or len(steps) == 1, "what may publish runs nothing else"


@every_workflow
def test_no_token_stays_in_the_checkout_and_every_job_ends(path):
    for name, job, steps in jobs(path):
        assert job["timeout-minutes"] <= 360, name
        for step in steps:
            if "actions/checkout" in step.get("uses", ""):
                assert step.get("with", {}).get("persist-credentials") is False, name


@every_workflow
def test_nothing_that_others_wrote_is_run_with_rights_or_put_into_a_shell(path):
    text = path.read_text(encoding="utf-8")
    assert "pull_request_target" not in text and "secrets." not in text
    for _, _, steps in jobs(path):
        commands = " ".join(step.get("run", "") for step in steps)
        assert "${{" not in commands  # through the step's environment alone


def test_forms_for_issues_have_no_field_that_nobody_reads():
    known = {"label", "description", "placeholder", "value", "render", "options", "multiple"}
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*[!g].yml"))
    assert len(forms) >= 3
    for path in forms:
        for part in yaml.safe_load(path.read_text(encoding="utf-8"))["body"]:
            assert {"label"} <= part["attributes"].keys() <= known, f"{path.name}: {part['id']}"


def test_newer_versions_are_proposed_for_all_that_is_pinned():
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
    proposed = {(each["package-ecosystem"], each["directory"]) for each in updates}
    locks = [path for folder in ("book", "tests") for path in (ROOT / folder).rglob("package-lock.json")]
    npm = {
        ("npm", f"/{path.parent.relative_to(ROOT).as_posix()}")
        for path in locks
        if "node_modules" not in path.parts
    }
    assert proposed == {("pip", "/"), ("github-actions", "/")} | npm


def test_the_checklist_of_a_release_names_targets_and_files_that_there_are():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## A release")[1].split("\n## ")[0]
    made = re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))
    patterns = r"make ([\w-]+)", r"([\w/-]+\.(?:md|py|toml|cff))"
    targets, files = (re.findall(f"`{x}`", text) for x in patterns)
    assert len(targets) > 4 and not set(targets) - set(made)
    assert len(files) > 4 and not [name for name in files if not (ROOT / name).exists()]
    assert text.index("CITATION.cff") < text.index("git tag") < text.index("DOI of **all versions**")
