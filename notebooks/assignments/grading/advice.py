"""Why sheets cannot be guarded on this machine, in its own words, and what to do about that."""

import os
import re
import shlex
import stat
import sys
from pathlib import Path

REFUSED = re.compile(r"namespace|uid map|gid map|RTM_NEWADDR|Operation not permitted", re.IGNORECASE)
PROFILE = (
    "abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }"
)
SWITCHES = {  # of the kernel: the value that refuses namespaces to all but root, and what to do
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "This kernel (Ubuntu 23.10 and later) lets only programs with an AppArmor profile make namespaces. "
        f"Give bubblewrap one: `echo '{PROFILE}' | sudo tee /etc/apparmor.d/bwrap`, then "
        "`sudo apparmor_parser -r /etc/apparmor.d/bwrap`; or until the next start "
        "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`.",
    ),
    "kernel/unprivileged_userns_clone": ("0", "`sudo sysctl -w kernel.unprivileged_userns_clone=1`."),
    "user/max_user_namespaces": ("0", "`sudo sysctl -w user.max_user_namespaces=10000`."),
}
CONTAINER = (
    "Inside a container, start that with the right to make them (for Docker: `--cap-add SYS_ADMIN "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined`), or grade outside it."
)
SHOWN = 3  # files by name


def advice(wall, switches="/proc/sys", platform=sys.platform):
    """Return what stands in the way of ``wall`` and what to do, in sentences; "" where nothing does."""
    if unreadable := wall.unreadable():
        return _unreadable(unreadable)
    if not wall.missing():
        return ""
    if platform != "linux":
        return "Bubblewrap is for Linux alone: grade in a Linux virtual machine, or in a container."
    if wall.absent:
        packages = " ".join({"bwrap": "bubblewrap", "setpriv": "util-linux"}[x] for x in wall.absent)
        return f"{' and '.join(wall.absent)} not found. On Debian and Ubuntu: `apt install {packages}`."
    if not wall.words:
        return (
            "Bubblewrap is here and its walls do not hold, though it says nothing: grade on another machine."
        )
    return f"Bubblewrap is here, and said: {wall.words!r}. {_mended(wall.words, Path(switches))}".strip()


def _mended(words, switches):
    """Return what to do about bubblewrap's ``words``, "" where they are not known."""
    if not REFUSED.search(words):
        return ""
    for name, (value, words) in SWITCHES.items():
        path = switches / name
        if path.is_file() and path.read_text().strip() == value:
            return words
    return f"The kernel refuses namespaces. {CONTAINER}"


def _unreadable(paths):
    names = ", ".join(str(path) for path, _ in paths[:SHOWN])
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    above = " ".join(shlex.quote(str(source)) for source in dict.fromkeys(source for _, source in paths))
    return (
        f"As root, sheets run as a user of their own, who may not read {names}{more} (a umask of 077 makes "
        f"such files). Let others read them, `chmod -R go+rX {above}`, or grade as the files' owner."
    )


def closed(sources):
    """Return (path, source) of what other users cannot read at or below each of ``sources``, topmost alone.

    Of a folder that is no package only two levels are looked at: it has been made in one go.
    """
    found = []
    for source in sorted(sources):
        if not _open(source):
            found.append((source, source))
        elif source.is_dir():
            depths = ["**/*"] if (source / "__init__.py").exists() else ["*", "*/__init__.py", "bin/python*"]
            below = sorted({path for depth in depths for path in source.glob(depth)})
            below = [path for path in below if "__pycache__" not in path.parts and _open(path.parent)]
            found += [(path, source) for path in below if not _open(path)]
    return found


def _open(path):
    """Return whether other users can read the file, or enter the folder; what is gone does not matter."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return True
    return mode & 0o005 == 0o005 if stat.S_ISDIR(mode) else bool(mode & 0o004)
