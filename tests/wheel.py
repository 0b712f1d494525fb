"""The wheel in an environment of its own, away from the repository: what a reader who installs it has."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sobolev_mini", "sobolev_book")
ABSENT = {"stable_baselines3", "distributed", "rewarped", "warp"}  # only commands import them, no chapter
COMPARE = ("notebooks/conftest.py", "notebooks/tolerance.py", "tests/nbval_sanitize.cfg")  # as strict as here
# where setuptools works: not in the tree, whose build/ may hold files long gone, which would get in
OUTSIDE = "[build]\nbuild_base = {0}/build\n[egg_info]\negg_base = {0}\n"


def ran(*words, **options):
    """Return what a command printed; where it fails, fail with it."""
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    done = subprocess.run([str(word) for word in words], **said, **options)
    assert done.returncode == 0, f"{' '.join(map(str, words))}:\n{done.stdout[-6000:]}"
    return done.stdout


def built(folder):
    """Return the wheel of this tree, built under ``folder`` without a network."""
    (folder / "extra.cfg").write_text(OUTSIDE.format(folder.as_posix()), encoding="utf-8")
    ran(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
        "--wheel-dir", folder / "dist", ROOT,
        env=os.environ | {"DIST_EXTRA_CONFIG": str(folder / "extra.cfg")},
    )  # fmt: skip
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


class Elsewhere:
    """A fresh environment under ``folder`` with the wheel; other packages are the current environment's."""

    def __init__(self, wheel, folder):
        self.folder, self.tools = folder, folder / "tools"
        self.home = folder / "env"
        ran(sys.executable, "-m", "venv", "--without-pip", self.home)
        self.python = self.home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        install = ("-m", "pip", "--python", self.python, "install", "--quiet", "--no-index", "--no-deps")
        ran(sys.executable, *install, wheel)  # before the others are seen: pip would find ours among them
        inside = "import sysconfig; print(sysconfig.get_path('purelib'))"
        site = Path(ran(self.python, "-c", inside).strip())
        # a .pth file's line leads to packages but reads no .pth file there: the editable install stays out
        others = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
        (site / "others.pth").write_text("\n".join(others), encoding="utf-8")
        for name in COMPARE:
            (self.tools / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.tools / name)
        (self.tools / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        for name in ABSENT:
            (self.tools / f"{name}.py").write_text("raise ModuleNotFoundError(__name__)\n", encoding="utf-8")
        self.env = os.environ | {"PYTHONPATH": str(self.tools)}

    def homes(self):
        """Return the folder that each of our packages is imported from."""
        where = f"import {', '.join(PACKAGES)}\nfor x in ({', '.join(PACKAGES)}): print(x.__file__)"
        lines = ran(self.python, "-c", where, cwd=self.tools, env=self.env).splitlines()
        return [Path(line).resolve().parent for line in lines]

    def executes(self, chapter):
        """Assert that ``chapter``, alone in a folder, runs and gives its stored outputs."""
        alone = self.folder / chapter
        alone.mkdir()
        shutil.copy(ROOT / "notebooks" / f"{chapter}.ipynb", alone)
        said = ran(
            self.python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist",
            "-c", self.tools / "pytest.ini", "--rootdir", alone, "-p", "notebooks.conftest",
            "--nbval", "--nbval-current-env", "--nbval-cell-timeout", "600",
            "--nbval-sanitize-with", self.tools / "tests/nbval_sanitize.cfg", f"{chapter}.ipynb",
            cwd=alone, env=self.env,
        )  # fmt: skip
        assert " passed" in said
        assert [path.name for path in alone.iterdir()] == [f"{chapter}.ipynb"]
