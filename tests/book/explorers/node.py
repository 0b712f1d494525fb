"""Asks Node about the explorers."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ANSWERS = Path(__file__).resolve().parent / "answers.mjs"
MUJOCO = ANSWERS.parents[3] / "_build" / "npm" / "node_modules" / "@mujoco" / "mujoco" / "mujoco.js"


def mujoco():
    """Return where npm put MuJoCo's WebAssembly; without it skip, or fail under CI."""
    if not MUJOCO.exists():
        message = "NO MUJOCO FROM NPM: the walking Ant of chapter 09 is not checked (make mujoco)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return str(MUJOCO)


def ask(*questions):
    """Return Node's answers, one for each question; without Node skip, or fail under CI."""
    node = shutil.which("node")
    if node is None:
        message = "no Node.js: the explorers' mathematics is not compared with Python's"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    command = [node, "--no-warnings", str(ANSWERS)]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
