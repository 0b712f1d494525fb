"""This machine as another would round: start weights off by 1e-7, or other instructions and threads."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLD = {  # an x86 processor without AVX; elsewhere these names mean nothing
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3",
    "NUMBA_CPU_NAME": "generic",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
}
AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
TWO = dict.fromkeys(
    ("TEST_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2"
)
ARITHMETIC = {"no AVX": OLD, "AVX2": AVX2, "two threads": TWO}


def draw(k):
    """Return the environment in which every drawn start weight is off by the k-th draw of noise."""
    return {"SOBOLEV_JITTER": str(k)}


def passes(path, changed):
    """Assert that ``path``, a notebook or a file of tests, passes with ``changed`` in the environment."""
    arguments = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--nbval-cell-timeout", "1200"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, path],
        cwd=ROOT, env=os.environ | changed, capture_output=True, text=True,
    )  # fmt: skip
    # 5: a file that skips itself, for want of a simulator
    assert done.returncode in (0, 5), f"{path} under {changed}:\n{done.stdout[-6000:]}"
