"""Submissions that mean harm, or are broken, and what becomes of each.

A sheet that hopes to gain holds wrong answers, worth nothing; one that hopes to harm holds right ones, so
that a mark lost is seen too.
"""

import json
from dataclasses import dataclass

from tests.course.tiny import ANSWER, IMPORTS, RIGHT, SLOPE, WRONG, notebook

CALL = "import os, socket, sys, json, time, signal, threading, subprocess, ctypes, glob\n"
DEAF = "while True:\n    try: time.sleep(60)\n    except BaseException: pass"


@dataclass(frozen=True)
class Kind:
    """A file's bytes, the points it must get, words in its note or on its page, whether it takes long."""

    data: bytes
    points: float
    says: str = ""
    slow: bool = False


def harms(source, points=10, says="", slow=False):
    return Kind(notebook([*RIGHT, CALL + source]).encode(), points, says, slow)


def hopes(source, points=0, says="", slow=False):
    return Kind(notebook([*WRONG, CALL + source]).encode(), points, says, slow)


def answers(twice, points=6, says="", slow=False):
    """A sheet whose second and third answers are right."""
    return Kind(notebook([IMPORTS, CALL, twice, SLOPE, ANSWER]).encode(), points, says, slow)


def kinds(canary, tests, out, port):
    """Return {name: Kind}; ``canary`` is a folder outside, ``tests`` the autograders', ``port`` listens."""
    send = (
        "fds = [int(fd) for fd in os.listdir('/proc/self/fd')]\n"
        "pipes = [fd for fd in fds if os.path.exists(f'/proc/self/fd/{fd}') and "
        "os.readlink(f'/proc/self/fd/{fd}').startswith('socket')]\n"
        "def send(data):\n    for fd in pipes: os.write(fd, data)\n"
    )
    pickled = "cposix\\nsystem\\n(S'touch " + str(canary) + "/pickled'\\ntR."
    return {
        # time and memory
        "endless loop": harms("while True: pass", 10, "took more than"),
        "endless loop, deaf": harms(DEAF, 0, "the cells did not come to an end: it took more than", True),
        "deaf to signals": harms(
            "for n in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n"
            "    signal.signal(n, signal.SIG_IGN)\n"
            "while True: pass", 0, "it took more than", True),
        "loop in an answer": answers("def twice(x):\n    while True: pass", 6, "q1: it took more than"),
        "memory bomb": harms("x = []\nwhile len(x) < 100: x.append(b'x' * (1 << 26))", 0, "MB of memory"),
        "memory of many": harms(
            "for _ in range(9):\n    if not os.fork():\n        x = b'x' * (100 << 20)\n"
            "        time.sleep(60)\ntime.sleep(60)", 0, "MB of memory"),
        "memory without a process": harms("os.memfd_create('x')", 10, "PermissionError"),
        "fork bomb": hopes(
            "for _ in range(5000):\n    if not os.fork(): time.sleep(60)", 0, "BlockingIOError"),
        "fork bomb, deaf": hopes(
            "while True:\n    try: os.fork()\n    except BaseException: pass", 0, "it took more than", True),
        "threads that go on": harms(
            "def on():\n    while True: time.sleep(0.01)\n"
            "for _ in range(8): threading.Thread(target=on).start()"),
        "daemon": harms(
            "if not os.fork():\n    os.setsid()\n    if not os.fork(): time.sleep(600)\n    os._exit(0)"),
        # ends
        "sys.exit": harms("sys.exit()", 10, "SystemExit"),
        "sys.exit in an answer": answers("def twice(x):\n    sys.exit(0)", 6, "SystemExit"),
        "os._exit": harms("os._exit(0)", 0, "its process ended"),
        "kills itself": harms("os.kill(os.getpid(), 9)", 0, "its process ended"),
        "kills its parent": harms(
            "for p in (os.getppid(), 1, -1):\n    try: os.kill(p, 9)\n    except OSError: pass"),
        "becomes another": harms(
            "os.execv('/bin/sh', ['sh', '-c', 'echo hello >&4; sleep 1'])", 0, "its process ended"),
        # tests and the marker
        "reads the tests": hopes(
            f"found = glob.glob('{tests}/**', recursive=True) + glob.glob('/tmp/**/q1.py', recursive=True)\n"
            f"found += glob.glob('/proc/[0-9]*/root{tests}/*')\n"
            "if any(map(os.path.exists, found)): answer = 42.0"),
        "rewrites the tests": hopes(
            f"for p in ('{tests}/tiny/autograder/tiny-autograder.zip', '{canary}/x', '{out}/marks.csv', "
            "sys.modules['grading'].__path__[0] + '/codec.py', np.__file__):\n"
            "    try: open(p, 'w').write('points = 0')\n    except OSError: pass"),
        "patches numpy": hopes("np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
                               "np.asarray = lambda *a, **k: 42.0"),
        "patches otter": hopes("import otter\nclass T:\n    score = possible = 10\n"
                               "otter.test_files = T\notter.Notebook.check = lambda *a: 10"),
        "patches the checker": hopes("import types\nm = types.ModuleType('sobolev_book.check')\n"
                                     "m.judge = lambda *a, **k: types.SimpleNamespace(right=True)\n"
                                     "sys.modules['sobolev_book'] = sys.modules['sobolev_book.check'] = m"),
        "patches the codec": hopes("from grading import codec\n"
                                   "codec.encode = lambda x: {'passed': True, 'score': 10}\n"
                                   "json.dumps = lambda *a, **k: '{\"value\": true}'"),
        "prints results": hopes("print(json.dumps({'q1': {'score': 4}, 'total': 10}))\nprint('All passed!')"),
        "writes results": hopes(
            f"for p in ('results.json', '{out}/marks.csv', '{out}/records/forged.json'):\n"
            "    try: open(p, 'w').write('{\"total\": 10}')\n    except OSError: pass"),
        "forges messages": hopes(
            send + "send(b'{\"ready\": {}}\\n' + b'{\"value\": true, \"score\": 10}\\n' * 50)"),
        "pickle": hopes(send + f"import base64\np = base64.b64encode({pickled!r}.encode()).decode()\n"
                        "form = {'value': {'array': ['|O', [1], p]}}\n"
                        "send(b'{\"ready\": {}}\\n' + (json.dumps(form) + '\\n').encode() * 50)"),
        "nonsense": hopes(send + "send(b'\\xff\\x00[[[[' + b'[' * 10**5 + b'\\n')", 0, "nonsense"),
        "answers by turns": hopes(
            "n = 0\ndef twice(x):\n    global n\n    n += 1\n    return 2 * x if n < 3 else x", 1),
        # files and the network
        "deletes files": harms(
            f"import shutil\nhere = os.path.exists('{canary}')\nshutil.rmtree('{canary}', True)\n"
            "if not here: subprocess.run('rm -rf --no-preserve-root ~ / 2>/dev/null', shell=True)"),
        "fills the disk": harms(
            "for i in range(40): open(f'x{i}', 'wb').write(bytes(32 << 20))", 10, "OSError"),
        "symlinks": harms(
            f"for i, p in enumerate(('{canary}', '/', '{out}', '/etc/shadow')): os.symlink(p, f'link{{i}}')"),
        "sockets": hopes(
            f"for address in (('127.0.0.1', {port}), ('192.0.2.1', 53), ('localhost', {port})):\n"
            "    try:\n        socket.create_connection(address, 1)\n        answer = 42.0\n"
            "    except OSError: pass"),
        "socket of the machine's host": hopes("socket.socket(40, 1)\nanswer = 42.0", 0, "PermissionError"),
        "namespaces": hopes(
            "libc = ctypes.CDLL(None)\n"
            "if libc.unshare(0x10000000) == 0 or libc.ptrace(0, 0, 0, 0) == 0: answer = 42.0"),
        "environment": hopes(
            "if 'SECRET' in os.environ: answer = 42.0\n"
            "if 'SECRET' in open('/proc/1/environ').read(): answer = 42.0", 0, "PermissionError"),
        # output and values
        "huge output": harms("for _ in range(300): print('x' * 1_000_000)\nsys.stderr.write('x' * 10**8)"),
        "closes its output": harms("sys.stdout.close(); sys.stderr.close(); os.close(1); os.close(2)"),
        "closes everything": harms("os.closerange(0, 256)", 0, "its process ended"),
        "huge value": answers("def twice(x): return np.zeros(2 * 10**6)", 6, "more than 8 MB"),
        "deep value": answers(
            "def twice(x):\n    v = []\n    for _ in range(10**5): v = [v]\n    return v", 6, "recursion"),
        "nested value": answers(
            "def twice(x):\n    v = []\n    for _ in range(60): v = [v]\n    return v", 6, "plain"),
        "huge number": answers("def twice(x): return 10**5000", 6, "wanted numbers"),
        "NaN": Kind(  # the public check of q2 asks for no more than a shape
            notebook([IMPORTS, "def twice(x): return np.nan", "def slope(x): return x * np.nan",
                      "answer = float('nan')"]).encode(), 1),
        "wrong types": answers("def twice(x): return {1, 2}", 6, "a set"),
        "liar": answers("class Liar(float):\n    __eq__ = __le__ = __lt__ = lambda *a: True\n"
                        "    def __array__(self, *a, **k): return np.full(50, 42.0)\n"
                        "def twice(x): return Liar(7)", 6, "got 7"),
        "liar, no number": answers("class Liar:\n    __eq__ = __lt__ = lambda *a: True\n    right = True\n"
                                   "def twice(x): return Liar()", 6, "a Liar"),
        "error without words": answers("class E(Exception):\n    def __str__(self): 1 / 0\n"
                                       "def twice(x): raise E", 6, "cannot be shown"),
        "script in words": answers(
            "def twice(x): raise ValueError('<script>alert(1)</script>\\x1b[2J\\ud800')",
            6, "&lt;script&gt;"),
        # files that are no whole sheets
        "not JSON": Kind(b"PK\x03\x04 a zip", 0, "not JSON"),
        "no notebook": Kind(b'{"total": 10, "cells": "all"}', 0, "no notebook"),
        "deep JSON": Kind(b"[" * 10**6, 0, "not JSON"),
        "empty file": Kind(b"", 0, "empty"),
        "another's assignment": Kind(notebook(RIGHT, "../tiny").encode(), 0, "names no assignment"),
        "cleared cells": Kind(notebook([""] * 7).encode(), 0, "replace the placeholder"),
        "missing cell": Kind(notebook([IMPORTS, SLOPE, ANSWER]).encode(), 6, "replace the placeholder"),
        "renamed function": answers("def Twice(x): return 2 * x", 6, "replace the placeholder"),
        "huge file": Kind(notebook([*RIGHT, "x" * (20 << 20)]).encode(), 0, "are not read"),
        "huge cell": Kind(notebook([*RIGHT, "[" * 10**6]).encode(), 10, "raised an error", True),
        "null bytes": Kind(
            notebook([*RIGHT, "x = '\0'", "y = '\ud800'", "\udcff"]).encode(), 10, "raised an error"),
        "odd cells": Kind(
            json.dumps({"cells": [{"cell_type": "code", "source": 7}, {}, {"source": [1, "x"]}],
                        "metadata": {"otter": {"assignment_name": ["tiny"]}}}).encode(), 0, "names no"),
    }  # fmt: skip
