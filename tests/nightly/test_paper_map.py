"""Each test that the paper map names calls a function of its row, or makes an object of its class."""

import inspect
import json
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPEC = spec_from_file_location("rows", ROOT / "tests" / "test_paper_map.py")
rows = module_from_spec(SPEC)
SPEC.loader.exec_module(rows)
PLUGIN = """
import inspect, json, os, sys
import pytest

PLACES = set(map(tuple, json.loads(os.environ["PLACES"])))
CALLED = {}

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    seen = CALLED.setdefault(item.originalname, set())
    def note(frame, event, arg):
        code = frame.f_code
        if event == "call" and (place := (code.co_filename, code.co_firstlineno)) in PLACES:
            seen.add(place)
    sys.setprofile(note)
    try:
        return (yield)
    finally:
        sys.setprofile(None)

def pytest_sessionfinish():
    with open(os.environ["CALLED"], "w") as file:
        json.dump({name: sorted(places) for name, places in CALLED.items()}, file)
"""


def places(dotted):
    """Return (file, first line) of a function's code, or of each method of a class."""
    found = resolve_name(dotted)
    found = found.fget if isinstance(found, property) else inspect.unwrap(getattr(found, "py_func", found))
    parts = vars(found).values() if inspect.isclass(found) else [found]
    codes = [getattr(getattr(part, "fget", part), "__code__", None) for part in parts]
    return {(code.co_filename, code.co_firstlineno) for code in codes if code}


CLAIMS = [(file, test, row) for row in rows.ROWS for file, test in rows.held_by(row)]


@pytest.mark.parametrize("file", sorted({claim[0] for claim in CLAIMS}))
def test_the_tests_of_a_file_call_what_the_map_says(file, tmp_path):
    claims = [(test, row) for where, test, row in CLAIMS if where == file]
    wanted = {place for _, row in claims for dotted in rows.functions(row) for place in places(dotted)}
    (tmp_path / "told.py").write_text(PLUGIN, encoding="utf-8")
    folder, _, stem = file.rpartition("/")
    path = ROOT / "tests" / folder / f"test_{stem}.py"
    env = os.environ | {"PLACES": json.dumps(sorted(wanted)), "CALLED": str(tmp_path / "called")}
    env["PYTHONPATH"] = str(tmp_path)
    names = " or ".join(sorted({test for test, _ in claims}))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "told",
        "-p",
        "no:cacheprovider",
        path,
        "-k",
        names,
    ]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED:
        pytest.skip(f"{path} skips itself here")
    assert done.returncode == 0, done.stdout[-3000:]
    called = json.loads((tmp_path / "called").read_text(encoding="utf-8"))
    for test, row in claims:
        mine = {place for dotted in rows.functions(row) for place in places(dotted)}
        assert mine & set(map(tuple, called[test])), f"{test} calls none of {rows.functions(row)}"
