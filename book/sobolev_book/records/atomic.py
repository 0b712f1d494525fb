"""Files that are there whole or not at all."""

import os
from pathlib import Path


def written(path, write):
    """Let ``write(part)`` make a file beside ``path``, then put it in its place; return ``path``.

    Where ``write`` fails (a full disk, Ctrl-C) what stood at ``path`` stays and nothing is left over.
    """
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        write(part)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path


def write_text(path, text):
    """Write ``text`` as UTF-8 with plain line ends."""
    return written(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))
