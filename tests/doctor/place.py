"""The place: room, ports, git, locale, files."""

import locale
import os
import re
import shlex
import shutil
import socket
import tempfile

from findings import ROOT, Finding, debian, say, shortened

GIGABYTES = {"without .venv": 8, "with .venv": 1, "temporary": 1}


def room():
    """Return the findings on free disk space where .venv and the book lie, and in the temporary folder."""
    found = []
    made = (ROOT / ".venv" / "complete").exists()
    for folder, wanted in (
        (str(ROOT), GIGABYTES["with .venv" if made else "without .venv"]),
        (tempfile.gettempdir(), GIGABYTES["temporary"]),
    ):
        free = shutil.disk_usage(folder).free / 1e9
        words = f"{free:.1f} GB free in {folder}"
        if free < wanted:
            mend = "make clean, or free some: du -xh --max-depth=1 " + folder + " | sort -h"
            found.append(Finding("disk", "wrong", "%s; %d GB are wanted" % (words, wanted), mend))
        elif not os.access(folder, os.W_OK | os.X_OK):
            mend = 'sudo chown -R "$(id -un)" ' + folder
            found.append(Finding("disk", "wrong", folder + " cannot be written to", mend))
        else:
            found.append(Finding("disk", "ok", words))
    return found


def ports():
    """Return the findings on 127.0.0.1, which tests serve pages on, and on the port of `make serve`."""
    try:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            free.listen(1)
            with socket.create_connection(free.getsockname(), 5):
                pass
    except OSError as error:
        return [Finding("ports", "wrong", f"127.0.0.1 cannot be used: {error}", "sudo ip link set lo up")]
    port = int(os.environ.get("PORT") or 8000)
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as http.server does
        try:
            asked.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return [Finding("ports", "note", "%d is in use" % port, "make serve PORT=%d" % (port + 1))]
    return [Finding("ports", "ok", "127.0.0.1 answers; %d is free for make serve" % port)]


def git():
    """Return the findings on git: there, this is a clone of its own, with its history."""
    status, said = say("git", "--version")
    if status:
        return [Finding("git", "wrong", "not here", debian("git"))]
    version = said.rpartition(" ")[2]
    status, said = say("git", "-C", ROOT, "rev-parse", "--is-shallow-repository")
    if "dubious ownership" in said:
        mend = "git config --global --add safe.directory " + str(ROOT)
        return [Finding("git", "wrong", "refuses this clone, which another user owns", mend)]
    if status:
        return [Finding("git", "note", "no clone: records are not held against its history", "git clone")]
    if said == "true":
        return [
            Finding(
                "git", "note", "a shallow clone: records are not held against it", "git fetch --unshallow"
            )
        ]
    return [Finding("git", "ok", version)]


def tongue():
    """Return the finding on the locale: files are read and names written as UTF-8."""
    encoding = locale.getpreferredencoding(False)
    if re.sub(r"\W", "", encoding).lower() != "utf8":
        return [Finding("locale", "wrong", f"text is {encoding} here, not UTF-8", "export LC_ALL=C.UTF-8")]
    return [Finding("locale", "ok", encoding)]


def files():
    """Return the finding on the files of the clone: all there, and readable."""
    status, said = say("git", "-C", ROOT, "ls-files", "-z")
    names = said.split("\0") if status == 0 else []
    absent, closed = [], []
    for name in filter(None, names):
        path = ROOT / name
        try:
            with open(str(path), "rb") as file:
                file.read(1)
        except FileNotFoundError:
            absent.append(name)
        except OSError:
            closed.append(name)
    if closed:
        mend = "chmod -R u+rwX " + str(ROOT)
        return [Finding("files", "wrong", "cannot be read: " + shortened(closed), mend)]
    if absent:
        mend = "git checkout -- " + " ".join(map(shlex.quote, absent[:3]))
        return [Finding("files", "wrong", "gone: " + shortened(absent), mend)]
    if not names:
        return [Finding("files", "note", "not looked at: git does not list them")]
    return [Finding("files", "ok", "%d of the clone, all readable" % len(names))]
