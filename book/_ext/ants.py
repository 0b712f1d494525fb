"""What the walking Ant of chapter 09 needs beside the pages: films, and MuJoCo where npm brought it."""

import shutil
from pathlib import Path

from sobolev_book.explorers import ants

MUJOCO = Path(__file__).resolve().parents[2] / "_build" / "npm" / "node_modules" / "@mujoco" / "mujoco"
NEEDED = ("mujoco.js", "mujoco.wasm")
CLOSURES = Path(__file__).resolve().with_name("closures.js").read_text(encoding="utf-8")


def without_text(module):
    """Return Emscripten's ``module`` with closures for its functions made of text, else ValueError."""
    for part in CLOSURES.split("// instead of ")[1:]:
        text, closure = part.split("\n", 1)
        if module.count(text) != 1:
            raise ValueError(f"mujoco.js: wanted {text!r} once: closures.js was written for another version")
        module = module.replace(text, f"({closure.strip()})")
    if "new Function(" in module:
        raise ValueError("mujoco.js: makes one more function of text than closures.js knows")
    return module


def brought(data, folder):
    """Copy what ``data`` wants into ``folder``/ants; return films and what a walk loads as HTML."""
    there = folder / "ants"
    shutil.copytree(ants.FILMS, there, dirs_exist_ok=True)
    shown = ants.films(data, "../_static/explorers/ants")
    if not all((MUJOCO / name).exists() for name in NEEDED):
        return shown
    for path in (*(MUJOCO / name for name in NEEDED), ants.MODEL):
        shutil.copy(path, there)
    module = there / "mujoco.js"
    module.write_text(without_text(module.read_text(encoding="utf-8")), encoding="utf-8")
    for method, seeds in data["runs"].items():
        for seed in seeds:
            (there / f"{method}-{seed}.bin").write_bytes(ants.weights(method, seed))
    size = sum((MUJOCO / name).stat().st_size for name in NEEDED) / 1e6
    return f'{shown}<template data-size="{size:.1f}"></template>'
