"""Print one table of what the site promises, with what was measured: ``python tests/site_audit.py``.

`make site-audit` builds the book before. Every row runs its tests, or reads a result that is younger than the
built book; nothing that could not be measured counts as yes, and its row says why: what is older, absent,
skipped or took too long. Exit status 1 where a row says no.
"""

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "_build"
SITE = BUILT / "html"
LIGHTHOUSE = 95  # of 100, on each page and in each kind
MINUTES = 60  # that all tests may take; of a program that is asked, 5
DAYS = 7  # that a look into the database of weaknesses stays fresh
ROWS = {  # row -> tests, as FILE or FILE::part of a name; and what it measures besides
    "PDF": (["tests/nightly/test_print.py"], "pdf"),
    "EPUB": ([], "epub"),
    "API": (["tests/test_api.py"], None),
    "numbered and linked": (["tests/test_equations.py", "tests/test_paper_map.py",
                             "tests/site/test_findable.py::inner_link", "tests/site/test_numbers.py"], None),
    "run times": (["tests/test_times.py"], "times"),
    "accessible": (["tests/site/test_pages.py::accessible", "tests/site/test_pages.py::sideways",
                    "tests/site/test_pages.py::described", "tests/site/test_pages.py::system_sets",
                    "tests/site/test_states.py", "tests/book/test_style.py"], None),
    "light": (["tests/site/test_pages.py::page_is_light"], "weight"),
    "Lighthouse": ([], "lighthouse"),
    "findable": (["tests/test_findable.py", "tests/site/test_findable.py"], None),
    "kept up": (["tests/test_workflows.py", "tests/test_template.py", "tests/test_versions.py"], None),
    "safe": (["tests/site/test_policy.py", "tests/test_audit.py"], "audit"),
    "doctor": (["tests/test_doctor.py"], "doctor"),
    "cheat sheet": ([], "cheat_sheet"),
    "FAQ": ([], "faq"),
}  # fmt: skip


def ask(*command):
    """Return what a program said."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def fresh(path):
    """Return why the file at ``path`` says nothing of the built book, "" where it does."""
    if not path.exists():
        return f"no {path.relative_to(ROOT)}"
    built = BUILT / "complete"
    if not built.exists():
        return "the book is not built: make book"
    if path.stat().st_mtime < built.stat().st_mtime:
        return f"{path.relative_to(ROOT)} is older than the built book"
    return ""


def pdf(path=SITE / "sobolev-mini.pdf"):
    """Return (yes, words) on the printed book."""
    if stale := fresh(path):
        return False, stale
    from pypdf import PdfReader

    reader = PdfReader(path)
    marks = sum(isinstance(x, dict) for x in reader.outline)
    fine = len(reader.pages) > 100 and marks > 0 and "/StructTreeRoot" in reader.root_object
    return (
        fine,
        f"{len(reader.pages)} pages, {marks} bookmarks at the top, {path.stat().st_size / 1e6:.1f} MB",
    )


def epub(path=SITE / "sobolev-mini.epub"):
    """Return (yes, words) on the EPUB: what epubcheck, which has to be here, says."""
    if stale := fresh(path):
        return False, stale
    try:
        done = ask("epubcheck", path)
    except FileNotFoundError:
        return False, "there is no epubcheck here (Debian: apt install epubcheck)"
    return done.returncode == 0, (done.stdout + done.stderr).strip().splitlines()[-1][:70]


def times(path=ROOT / "book" / "times" / "runs.json"):
    """Return (yes, words) on the record of run times."""
    if not path.exists():
        return False, "no record: make times"
    run = json.loads(path.read_text(encoding="utf-8"))[0]
    minutes = sum(x["minutes"] for x in run["notebooks"].values())
    return True, f"{len(run['notebooks'])} notebooks, {minutes:.1f} min, {run['date']}, {run['processor']}"


def weight():
    """Return (yes, words) on the size of the site."""
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    return size > 0, f"the site {size / 1e6:.0f} MB"


def lighthouse(path=BUILT / "lighthouse.json"):
    """Return (yes, words) on Lighthouse's scores, the least over all pages."""
    if stale := fresh(path):
        return False, stale
    pages = json.loads(path.read_text(encoding="utf-8"))
    pages = pages["pages"] if isinstance(pages, dict) else pages
    kinds = "performance", "accessibility", "best practices", "SEO"
    least = {kind: min(page[kind] for page in pages) for kind in kinds}
    words = ", ".join(f"{kind} {score:g}" for kind, score in least.items())
    return bool(pages) and min(least.values()) >= LIGHTHOUSE, f"{len(pages)} pages, at least {words}"


def audit(path=BUILT / "audit.json"):
    """Return (yes, words) on known weaknesses of what is pinned."""
    if not path.exists():
        return False, "no look into the database: make audit"
    found = json.loads(path.read_text(encoding="utf-8"))
    pins = len(re.findall(r"(?m)^[\w.-]+==", (ROOT / "requirements.txt").read_text(encoding="utf-8")))
    old = date.fromisoformat(found["date"]) < date.today() - timedelta(days=DAYS)
    words = f"{found['asked']} of {pins} pins looked up on {found['date']}, {len(found['weak'])} weaknesses"
    return found["asked"] >= pins and not found["weak"] and not old, words


def doctor():
    """Return (yes, words) of the doctor, here and now."""
    done = ask(sys.executable, ROOT / "tests" / "doctor")
    return done.returncode == 0, done.stdout.strip().splitlines()[-1]


def cheat_sheet():
    """Return (yes, words): printed, the cheat sheet is one page."""
    from playwright.sync_api import sync_playwright
    from pypdf import PdfReader

    target = BUILT / "cheatsheet.pdf"
    with sync_playwright() as playwright:
        names = "chromium", "chromium-browser", "google-chrome"
        path = next(filter(None, map(shutil.which, names)), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--headless"])
        page = browser.new_page()
        page.goto((SITE / "book" / "cheatsheet.html").as_uri())
        page.pdf(path=target, format="A4", prefer_css_page_size=True)
        browser.close()
    pages = len(PdfReader(target).pages)
    return pages == 1, f"{pages} page{'s' * (pages != 1)} of paper"


def faq():
    """Return (yes, words): how many questions the page answers, and that most answers lead to a page."""
    text = (SITE / "book" / "faq.html").read_text(encoding="utf-8").partition("</article>")[0]
    answers = re.split(r"<strong>[^<]*\?</strong>", text)[1:]
    led = sum('class="reference internal"' in answer for answer in answers)
    return 2 * led > len(answers) > 5, f"{len(answers)} questions, {led} led on"


def tested(selectors, cases):
    """Return (yes, words) on the tests that ``selectors`` name, of (file, name, outcome)."""
    found = [case for case in cases for file, _, part in (s.partition("::") for s in selectors)
             if case[0] == file and part in case[1]]  # fmt: skip
    absent = [s for s in selectors if not (ROOT / s.partition("::")[0]).exists()]
    count = Counter(outcome for *_, outcome in found)
    words = [f"{count['passed']} of {len(found)} tests pass" if found else "its tests did not run"]
    words += [f"{count[x]} {x}" for x in ("failure", "error", "skipped") if count[x]]
    words += [f"no {name}" for name in absent]
    return bool(found) and count["passed"] == len(found) and not absent, ", ".join(words)


def run(selectors):
    """Run the files of the selectors once and return (file, test, outcome) of every test."""
    files = sorted({s.partition("::")[0] for s in selectors if (ROOT / s.partition("::")[0]).exists()})
    report = BUILT / "site-audit.xml"
    report.unlink(missing_ok=True)
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", f"--junitxml={report}"]
    try:
        subprocess.run([*pytest, *files], cwd=ROOT, check=False, stdout=sys.stderr, timeout=60 * MINUTES)
    except subprocess.TimeoutExpired:
        print(f"site-audit: the tests took more than {MINUTES} minutes and were ended", file=sys.stderr)
    return cases(ElementTree.parse(report).getroot(), files) if report.exists() else []


def cases(root, files):
    """Return (file, test, outcome) of a JUnit report."""
    found = []
    for case in root.iter("testcase"):
        file = next(
            (x for x in files if x.removesuffix(".py").replace("/", ".") == case.get("classname")), ""
        )
        bad = {child.tag for child in case} & {"failure", "error", "skipped"}
        found.append((file, case.get("name"), bad.pop() if bad else "passed"))
    return found


def measured(name, found):
    """Return (yes, words) of a row; what cannot be measured is told and is no."""
    selectors, probe = ROWS[name]
    results = [tested(selectors, found)] if selectors else []
    if probe:
        try:
            results.append(globals()[probe]())
        except Exception as error:  # whatever stops a measurement is what the row has to say
            results.append((False, f"not measured: {type(error).__name__}: {error}"[:90]))
    return all(yes for yes, _ in results), "; ".join(words for _, words in results)


def main():
    """Print the table and return the exit status."""
    found = run([selector for selectors, _ in ROWS.values() for selector in selectors])
    rows = {name: measured(name, found) for name in ROWS}
    for name, (yes, words) in rows.items():
        print(f"{name:20} {'yes' if yes else 'NO':4} {words}")
    return 0 if all(yes for yes, _ in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
