"""What instructors and students get: marks.csv, a row a submission, and a page of feedback each.

Names and words come from sheets that are not trusted: pages escape them and run nothing, cells of the table
start no formula.
"""

import csv
import hashlib
import html
import io
import unicodedata
from collections import Counter

from sobolev_book.records.atomic import write_text

from .reading import natural

BOM = "\ufeff"  # by which spreadsheets know UTF-8
STYLE = """\
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
body{color:#1a1a1a;background:#fff}
table{border-collapse:collapse}th,td{border:1px solid #767676;padding:.25rem .75rem;text-align:left}
td.n{text-align:right}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f2f2f2;padding:.5rem}
@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}pre{background:#2a2a2a}}"""


def write(out, submissions, records, autograders):
    """Write ``out``/marks.csv and ``out``/feedback/; return the path of the table.

    Parameters
    ----------
    out : Path
    submissions : list of reading.Submission
    records : {digest: record}
    autograders : {name: reading.Autograder}
    """
    (out / "feedback").mkdir(parents=True, exist_ok=True)
    rows = list(zip(submissions, _pages(submissions), strict=True))
    rows = [(each, records[each.digest], name) for each, name in rows]
    for each, record, name in rows:
        by_hand = autograders[record["assignment"]].by_hand if record["assignment"] else ()
        write_text(out / "feedback" / name, page(each, record, by_hand))
    return write_text(out / "marks.csv", BOM + table(rows, autograders))


def _pages(submissions):
    """Return a name for each submission's page: the student's, or the file's where that has several."""
    plain = [page_name(each.student) for each in submissions]
    count = Counter(map(str.casefold, plain))  # some disks take Ann and ann for one
    for i, each in enumerate(submissions):
        if count[plain[i].casefold()] > 1:
            plain[i] = page_name(each.name.removesuffix(".ipynb"), marked=True)
    return [f"{name}.html" for name in plain]


def table(rows, autograders):
    """Return the text of marks.csv."""
    tested = [path.stem for each in autograders.values() for path in each.tests]
    tested += [q["name"] for _, record, _ in rows for q in record["questions"]]
    questions = sorted(set(tested), key=natural)
    by_hand = sorted({name for each in autograders.values() for name in each.by_hand}, key=natural)
    copies = Counter(each.digest for each, *_ in rows)
    text = io.StringIO()
    write_row = csv.writer(text, lineterminator="\n").writerow
    hands = [f"{name} (by hand)" for name in by_hand]
    write_row(["student", "file", "assignment", *questions, *hands, "total", "possible", "feedback", "notes"])
    for each, record, name in rows:
        points = {q["name"]: _points(q["score"]) for q in record["questions"]}
        notes = [record["reason"]] if record["reason"] else []
        notes += [_number(len(record["cells"]), "cell") + " raised an error"] if record["cells"] else []
        notes += ["the same bytes as another file"] if copies[each.digest] > 1 else []
        possible = _points(record["possible"]) if record["assignment"] else ""
        write_row(
            [
                *map(_cell, (each.student, each.name, record["assignment"] or "")),
                *(points.get(name, "") for name in questions),
                *("" for _ in by_hand),
                *(_points(record["total"]), possible, _cell(f"feedback/{name}"), _cell("; ".join(notes))),
            ]
        )
    return text.getvalue()


def page(submission, record, by_hand=()):
    """Return a student's page: points a question, the words of each failed check, what cells raised."""
    title = f"{record['assignment'] or 'not marked'}: {submission.student}"
    parts = [f"<h1>{_text(title)}</h1>", f"<p>File: {_text(submission.name)}</p>"]
    if record["reason"]:
        parts.append(f"<p><strong>Note:</strong> {_text(record['reason'])}.</p>")
    if record["assignment"]:
        rows = [(q["name"], _points(q["score"]), _points(q["possible"])) for q in record["questions"]]
        rows += [(name, "by hand", "") for name in by_hand]
        rows.append(("total", _points(record["total"]), _points(record["possible"])))
        body = "".join(
            f'<tr><th scope="row">{_text(name)}</th><td class="n">{got}</td><td class="n">{most}</td></tr>'
            for name, got, most in rows
        )
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("question", "points", "of"))
        parts.append(f"<table><caption>Points</caption><thead><tr>{heads}</tr></thead>{body}</table>")
    for question in record["questions"]:
        failed = [check for check in question["checks"] if not check["passed"]]
        parts.append(f"<h2>{_text(question['name'])}</h2>")
        parts += ["<p>All checks passed.</p>"] if not failed else []
        for check in failed:
            kind = "a check your sheet did not show" if check["hidden"] else "a check of your sheet"
            parts.append(f"<p>Not yet, by {kind}:</p><pre>{_text(check['words'])}</pre>")
    if record["cells"]:
        parts.append("<h2>Cells that raised an error</h2>")
        parts += [f"<p>Code cell {int(i)}:</p><pre>{_text(said)}</pre>" for i, said in record["cells"]]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><title>{_text(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><main>\n" + "\n".join(parts) + "\n</main></body></html>\n"
    )


def page_name(name, marked=False):
    """Return a file's name for a student's: itself where plain, else with a number that keeps it apart.

    Letters of any language are plain; dots in front and blanks at the ends are not. ``marked`` asks for the
    number in any case.
    """
    whole = unicodedata.normalize("NFC", name)  # as one disk writes an accent and another does not
    kept = ("L", "M", "N")  # letters, the marks that belong to them, numbers
    plain = "".join(c if c in "_.@+ -" or unicodedata.category(c)[0] in kept else "_" for c in whole)
    plain = plain.lstrip(".").strip(" ")
    plain = plain.encode()[:160].decode(errors="ignore")  # a file's name has 255 bytes at most
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
    return plain if plain == name and name and not marked else f"{plain}-{mark}"


def _number(n, what):
    return f"{n} {what}" + "s" * (n != 1)


def _points(number):
    return f"{number:.4g}"


def _plain(text):
    """Return text that any file can hold: no control characters, no halves of characters."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def _text(text):
    return html.escape(_plain(text))


def _cell(text):
    """Return a table's cell: one line that no spreadsheet takes for a formula."""
    text = _plain(text).replace("\n", " ")
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
