"""What a sheet behind the wall can and cannot do, and what calls to it give."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from notebooks.assignments.grading import remote, syscalls, wall
from notebooks.assignments.grading.remote import Answer, Sheet, Stopped
from notebooks.assignments.grading.wall import Limits, Wall
from tests.course import tiny

LIMITS = Limits(seconds=30, call=3, memory=512 << 20)
CELLS = ["import numpy as np\nimport os\ndef twice(x, n=2):\n    return n * x", "answer = 42.0", "1 / 0"]


@pytest.fixture(scope="module")
def guarded():
    return tiny.skip_without(Wall(LIMITS))


@pytest.fixture(params=["guarded", "open"])
def sheet(request):
    walls = request.getfixturevalue("guarded") if request.param == "guarded" else Wall(LIMITS, open=True)
    with Sheet(CELLS, walls) as found:
        yield found


def test_functions_and_values_come_from_the_sheet(sheet):
    np.testing.assert_array_equal(sheet.get("twice")(np.arange(3.0)), [0, 2, 4])
    assert sheet.get("twice")(1.5, n=3) == 4.5
    assert sheet.get("answer") == 42.0
    assert sheet.get("nothing") is None and sheet.get("nothing", 7) == 7
    assert sheet.errors == {2: "ZeroDivisionError: division by zero"}


def test_error_keeps_its_name_and_words(sheet):
    with pytest.raises(Answer, match="unsupported operand") as raised:
        sheet.call("twice", None)
    assert type(raised.value).__name__ == "TypeError"


def test_value_that_is_not_plain_is_refused_when_called(sheet):
    with pytest.raises(Answer, match="`np` is a module"):
        sheet.get("np")()


@pytest.mark.parametrize("kind", ["guarded", "open"])
def test_time_of_a_call_and_of_all(kind, request):
    walls = request.getfixturevalue("guarded") if kind == "guarded" else Wall(LIMITS, open=True)
    walls.limits, before = replace(LIMITS, call=0.5), walls.limits
    try:
        with Sheet(["def on():\n    while True: pass"], walls) as sheet:
            with pytest.raises(Stopped, match=r"more than 0 seconds for one call"):
                sheet.call("on")
            with pytest.raises(Stopped, match="for one call"):
                sheet.get("on")()
    finally:
        walls.limits = before


def test_unguarded_sheet_leaves_no_process_or_folder():
    daemon = "import os, time\nif not os.fork():\n    os.setsid()\n    time.sleep(600)"
    with Sheet([daemon], Wall(LIMITS, open=True)) as sheet:
        folder, everyone = sheet._folder, remote._family(sheet._process.pid)
        assert len(everyone) == 2
    time.sleep(0.1)
    assert all(remote._info(each).status == psutil.STATUS_ZOMBIE for each in everyone)
    assert not os.path.exists(folder)


def test_cells_get_their_own_time_and_the_next_still_runs(guarded):
    walls = Wall(replace(LIMITS, call=1.0))
    with Sheet(["while True: pass", "x = 1"], walls) as sheet:
        assert "more than 1 seconds" in sheet.errors[0]
        assert sheet.get("x") == 1


def test_guards_are_named_and_missing_ones_are_none(guarded, monkeypatch):
    assert all(guarded.guards.values())
    monkeypatch.setenv("PATH", "/nowhere")
    found = Wall()
    assert found.missing() == list(wall.NEEDED)
    assert found.guards["network"] is None


@pytest.mark.parametrize("flag", ["--unshare-net", "--unshare-pid"])
def test_guard_that_does_not_hold_is_seen(guarded, monkeypatch, flag):
    whole = Wall._walls
    monkeypatch.setattr(Wall, "_walls", lambda self, fd: [x for x in whole(self, fd) if x != flag])
    lost = {"--unshare-net": "network", "--unshare-pid": "other processes"}[flag]
    assert lost in Wall(LIMITS).missing()


def test_files_that_can_be_seen_are_seen(guarded, monkeypatch):
    whole = Wall._walls
    monkeypatch.setattr(Wall, "_walls", lambda self, fd: [*whole(self, fd), "--ro-bind", "/tmp", "/tmp"])
    monkeypatch.setattr(wall, "SCRATCH", "/scratch")
    assert "files outside its folder" in Wall(LIMITS).missing()


SEEN = set(
    "HOME TMPDIR MPLCONFIGDIR NUMBA_CACHE_DIR PATH PYTHONPATH USER LANG MPLBACKEND PIP_NO_INDEX PIP_RETRIES "
    "PWD OMP_NUM_THREADS NUMBA_NUM_THREADS PYTHONDONTWRITEBYTECODE LC_CTYPE".split()
)


def test_sheet_is_nobody_without_rights_and_sees_only_its_own(guarded, monkeypatch):
    monkeypatch.setenv("TOKEN", "secret")
    look = (
        "status = open('/proc/self/status').read()\nenviron = dict(os.environ)\n"
        "seen = sorted(os.listdir('/'))\npids = [p for p in os.listdir('/proc') if p.isdigit()]"
    )
    with Sheet(["import os", look], guarded) as sheet:
        status = dict(line.split(":\t") for line in sheet.get("status").splitlines() if ":\t" in line)
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapInh"], 16) == 0
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        assert status["Uid"].split()[0] != "0"
        assert len(sheet.get("pids")) == 2
        assert set(sheet.get("environ")) <= SEEN
        assert not {"sys", "var", "boot"} & set(sheet.get("seen"))


def test_disk_and_written_memory_end(guarded):
    fill = "import os\nfor i in range(20): open(f'{}/x{i}', 'wb').write(bytes(32 << 20))"
    cells = [fill.replace("{}", folder) for folder in ("/scratch", "/dev/shm")]
    with Sheet([*cells, "open('/x', 'w')"], guarded) as sheet:
        assert "No space left" in sheet.errors[0] and "No space left" in sheet.errors[1]
        assert "Read-only" in sheet.errors[2]


def test_crowd_yields_to_other_sheets(guarded):
    with Sheet(
        ["import os, time\nfor _ in range(8):\n    if not os.fork(): time.sleep(60)"], guarded
    ) as sheet:
        time.sleep(0.5)
        assert {each.nice() for each in remote._family(sheet._process.pid)} == {19}


def test_two_at_work_are_two_users():
    with wall.a_user_of_its_own() as first, wall.a_user_of_its_own() as second:
        assert first != second
    with wall.a_user_of_its_own() as again:
        assert again == first


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_every_jump_of_the_program_lands_in_it(machine):
    import struct

    steps = list(struct.iter_unpack("<HBBI", syscalls.program(machine)))
    for i, (code, true, false, _) in enumerate(steps):
        assert i + 1 + max(true, false) < len(steps) or code == syscalls.RETURN
    assert steps[-1][0] == syscalls.RETURN


def test_program_is_none_on_a_machine_without_numbers():
    assert syscalls.program("riscv64") is None


CALLS = """
import ctypes, errno, json, socket, threading, os
libc = ctypes.CDLL(None, use_errno=True)
def errno_of(*args):
    return ctypes.get_errno() if libc.syscall(*args) < 0 else 0
found = {"unshare": errno_of(272, 0x10000000), "ptrace": errno_of(101, 0, 0, 0, 0),
    "keyctl": errno_of(250, 0, 0), "memfd": errno_of(319, b"x", 0),
    "clone": errno_of(56, 0x10000000 | 17, 0, 0, 0, 0), "clone3": errno_of(435, 0, 0),
    "x32": errno_of(0x40000000 + 39), "getpid": errno_of(39)}
for family in (1, 2, 10, 17, 38, 40):
    kind = {17: 3, 38: 5}.get(family, 1)
    try: found[str(family)] = socket.socket(family, kind).close() or 0
    except OSError as error: found[str(family)] = error.errno
thread = threading.Thread(target=lambda: found.update(thread=1)); thread.start(); thread.join()
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64")
def test_kernel_calls_are_refused_and_others_are_not(guarded):
    with Sheet([CALLS], guarded) as sheet:
        assert sheet.errors == {}
        assert sheet.get("found") == {
            "unshare": 1, "ptrace": 1, "keyctl": 1, "memfd": 1, "clone": 1, "clone3": 38, "x32": 1,
            "getpid": 0, "1": 0, "2": 0, "10": 0, "17": 1, "38": 1, "40": 1, "thread": 1}  # fmt: skip


def test_module_is_there_only_where_it_is_given(guarded):
    names = "sobolev_mini", "sobolev_book"
    look = [f"from importlib.util import find_spec\nfound = [find_spec(x) is not None for x in {names}]"]
    with Sheet(look, guarded) as sheet:
        assert sheet.get("found") == [False, False]
    root = wall.HERE.parents[2]
    with Sheet(look, Wall(LIMITS, (root / "sobolev_mini", root / "book" / "sobolev_book"))) as sheet:
        assert sheet.get("found") == [True, True]


def test_words_of_a_sheet_cannot_steer():
    assert remote._words("a\x1b[2J\x00\ud800\nb") == "a\ufffd[2J\ufffd\ufffd\nb"
    assert (
        len(remote._words("x" * 10**6)) == 500 and remote._words({"x": 1}) == "something that cannot be shown"
    )


def test_worker_without_a_parent_ends(guarded):
    code = (
        "import sys, time\nfrom notebooks.assignments.grading.remote import Sheet\n"
        "sheet = Sheet(['x = 1'])\nprint(sheet._process.pid, flush=True)\ntime.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=wall.HERE.parents[2]
    )
    pid = int(process.stdout.readline())
    process.kill()
    process.communicate()
    time.sleep(0.3)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
