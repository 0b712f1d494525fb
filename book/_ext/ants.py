"""What the walking Ant of chapter 09 needs beside the pages: films, and MuJoCo where npm brought it."""

import shutil
from pathlib import Path

from sobolev_book.explorers import ants

MUJOCO = Path(__file__).resolve().parents[2] / "_build" / "npm" / "node_modules" / "@mujoco" / "mujoco"
NEEDED = ("mujoco.js", "mujoco.wasm")


def brought(data, folder):
    """Copy what ``data`` wants into ``folder``/ants; return films and what a walk loads as HTML."""
    there = folder / "ants"
    shutil.copytree(ants.FILMS, there, dirs_exist_ok=True)
    shown = ants.films(data, "../_static/explorers/ants")
    if not all((MUJOCO / name).exists() for name in NEEDED):
        return shown
    for path in (*(MUJOCO / name for name in NEEDED), ants.MODEL):
        shutil.copy(path, there)
    for method, seeds in data["runs"].items():
        for seed in seeds:
            (there / f"{method}-{seed}.bin").write_bytes(ants.weights(method, seed))
    size = sum((MUJOCO / name).stat().st_size for name in NEEDED) / 1e6
    return f'{shown}<template data-size="{size:.1f}"></template>'
