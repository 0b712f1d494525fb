"""One thread a process: two test workers share two cores, and sums round the same everywhere.

Set before NumPy, torch or numba are imported here or in a notebook's kernel.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = os.environ.get("TEST_THREADS", "1")  # `make bench` asks for two

import hypothesis  # noqa: E402
import matplotlib  # noqa: E402

matplotlib.use("Agg")  # here only: MPLBACKEND in the environment would silence the notebooks' figures

# The same examples on every run, and no complaint about a slow, shared machine.
hypothesis.settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("fixed")


LONG = ("notebooks/", "tests/site/", "tests/test_wheel.py", "tests/test_elsewhere.py", "tests/course/")


def pytest_collection_modifyitems(items):
    """Put files that take minutes first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
