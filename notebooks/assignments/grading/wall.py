"""The wall that a sheet runs behind: what it may use, see and write, and how it is started."""

import contextlib
import functools
import json
import os
import shutil
import site
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from . import syscalls
from .advice import closed

HERE = Path(__file__).resolve().parent
UID = 61_000  # and upwards: nobody's, one for each sheet at work, so that its processes are counted alone
SCRATCH = "/scratch"
SYSTEM = {"/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts"}
NEEDED = "network", "files outside its folder", "other processes"  # against hostile code
# what a sheet sees, asked from where it stands: argv is a port that listens here, and a file that is here
LOOK = """
import json, os, socket, sys
open("/guest/grading/worker.py").close()
def can(what, *args):
    try: return bool(what(*args)) or True
    except OSError: return False
elsewhere = "/", "/usr", sys.prefix
files = os.path.exists(sys.argv[2]) or any(can(open, f"{folder}/.grading", "w") for folder in elsewhere)
print(json.dumps({
    "network": can(socket.create_connection, ("127.0.0.1", int(sys.argv[1])), 2),
    "files outside its folder": files,
    "other processes": sum(name.isdigit() for name in os.listdir("/proc")) > 4,
    "kernel calls": "Seccomp:\\t2" not in open("/proc/self/status").read(),
    "root": os.getuid() == 0,
}))
"""


@dataclass(frozen=True)
class Limits:
    """What a sheet may use: seconds in all and a call; bytes; processes, threads counted too; open files."""

    seconds: float = 300.0
    call: float = 75.0
    memory: int = 2 << 30
    disk: int = 128 << 20
    file: int = 64 << 20
    answer: int = 8 << 20
    processes: int = 32
    files: int = 256

    def inside(self, running=0):
        """Return the limits that a sheet's process puts on itself; ``running`` processes count already."""
        return {
            "RLIMIT_CPU": int(self.seconds) + 1,
            "RLIMIT_AS": 4 * self.memory,  # address space is far more than memory
            "RLIMIT_FSIZE": self.file,
            "RLIMIT_NPROC": self.processes + running,
            "RLIMIT_NOFILE": self.files,
            "RLIMIT_CORE": 0,
        }


class Wall:
    """Starts a worker with as many guards as this system gives.

    Parameters
    ----------
    limits : Limits
    modules : folders of ``sobolev_mini`` and ``sobolev_book``, if sheets may import them
    open : whether to do without namespaces even where there are some
    """

    def __init__(self, limits=None, modules=(), open=False):
        self.limits, self.modules = limits or Limits(), modules
        self.root, self.words = os.geteuid() == 0, ""  # and what the trial of the guards wrote
        tools = ["bwrap", "setpriv"] if self.root else ["bwrap"]
        self.absent = [name for name in tools if not shutil.which(name)]
        self.namespaces = not open and not self.absent

    @functools.cached_property
    def guards(self):
        """The guards in force, name -> how, None where there is none: tried out, not assumed."""
        seen = self._look() if self.namespaces else None
        inside = {name: "namespaces of bubblewrap, tried out" for name in NEEDED if seen and not seen[name]}
        tight = seen is not None and not seen["root"]
        counted = "a limit that counts this sheet's alone" if self.root else "a limit for this user"
        limits = self.limits
        return {
            "time": f"{limits.seconds:.0f} s, a call {limits.call:.0f} s, killed from outside",
            "memory": f"{limits.memory >> 20} MB, counted from outside",
            "processes": counted if tight or not self.root else None,
            "disk": f"{limits.disk >> 20} MB in memory, gone with the sheet" if seen else None,
            "kernel calls": "a list of seccomp" if seen and not seen["kernel calls"] else None,
            **{name: inside.get(name) for name in NEEDED},
        }

    @property
    def described(self):
        """What a mark may depend on, as text."""
        return repr((self.limits, [str(folder) for folder in self.modules], self.namespaces))

    def missing(self):
        """Return the names of the guards that hostile code asks for and this system does not give."""
        return [name for name in NEEDED if self.guards[name] is None]

    def unreadable(self):
        """Return pairs (file or folder, above which bind it lies) that a sheet needs and cannot read."""
        ours = {path for inside, path in self._binds().items() if str(path) not in SYSTEM}
        return closed(map(Path, ours)) if self.namespaces and self.root else []

    def running(self):
        """Return how many processes and threads the limit on a sheet's counts already."""
        if self.root:
            return 0
        mine = (p.info for p in psutil.process_iter(["uids", "num_threads"]))
        return sum(p["num_threads"] or 0 for p in mine if p["uids"] and p["uids"].real == os.getuid())

    def start(self, fd, folder=None, uid=UID):
        """Return the ``Popen`` of a worker with ``fd`` handed on, in ``folder`` where the wall is open."""
        if self.namespaces:
            path, home = "/guest", SCRATCH
        else:
            path, home = str(HERE.parent), str(folder)
        return self._run([sys.executable, f"{path}/grading/worker.py", str(fd), home], path, home, uid, [fd])

    def _run(self, command, path="/guest", home=SCRATCH, uid=UID, fds=(), **kwargs):
        environment = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR", "NUMBA_CACHE_DIR"), home)
        environment |= {"PATH": os.defpath, "PYTHONPATH": path, "USER": "student", "LANG": "C.UTF-8"}
        environment |= {"MPLBACKEND": "agg", "FONTS": f"/guest/{_fonts().name}"}
        environment |= {"PIP_NO_INDEX": "1", "PIP_RETRIES": "0"}  # fails at once, there is no network
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"), "1")
        kwargs = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | kwargs
        with contextlib.ExitStack() as open_for_now:
            if self.namespaces:
                refused = open_for_now.enter_context(tempfile.TemporaryFile())
                refused.write(syscalls.program() or b"")
                refused.seek(0)
                command = [*self._walls(refused.fileno()), *self._become(uid), *command]
                fds = [*fds, refused.fileno()]
            return subprocess.Popen(
                command,
                env=environment,
                cwd="/" if self.namespaces else home,
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **kwargs,
            )

    def _become(self, uid):
        if not self.root:
            return []
        return ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups", "--inh-caps=-all"]

    def _binds(self):
        """Return what a sheet may read: path inside -> path here."""
        seen = SYSTEM | {sys.prefix, sys.base_prefix, *site.getsitepackages()}
        binds = {path: path for path in seen if os.path.exists(path)}
        binds |= {f"/guest/grading/{name}": HERE / name for name in ("codec.py", "worker.py")}
        if _fonts().is_file() and not (self.root and closed([_fonts()])):
            binds[f"/guest/{_fonts().name}"] = _fonts()
        return binds | {f"/guest/{folder.name}": folder for folder in self.modules}

    def _walls(self, refused):
        """Return bubblewrap's command: the system to read, an empty folder in memory to write."""
        binds = self._binds()
        above = {str(folder) for path in binds for folder in Path(path).parents} - {"/"}
        above = {folder for folder in above if not any(folder.startswith(f"{path}/") for path in binds)}
        return [
            shutil.which("bwrap"),
            *(x for folder in sorted(above - set(binds)) for x in ("--perms", "0755", "--dir", folder)),
            *(x for inside, path in sorted(binds.items()) for x in ("--ro-bind", str(path), inside)),
            *("--proc", "/proc", "--dev", "/dev"),
            *("--perms", "1777", "--size", str(16 << 20), "--tmpfs", "/dev/shm"),
            *("--perms", "1777", "--size", str(self.limits.disk), "--tmpfs", SCRATCH),
            *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"),
            *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
            *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
            *(("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID") if self.root else ("--unshare-user",)),
            *(("--seccomp", str(refused)) if syscalls.program() else ()),
        ]

    def _look(self):
        """Return what a sheet could reach, name -> bool; None where nothing starts behind the wall."""
        with tempfile.NamedTemporaryFile() as canary, socket.create_server(("127.0.0.1", 0)) as server:
            command = [sys.executable, "-c", LOOK, str(server.getsockname()[1]), canary.name]
            process = self._run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                seen, said = process.communicate(timeout=30)
                self.words = said.decode(errors="replace").strip()[-500:]
                return json.loads(seen)
            except ValueError:
                self.words = self.words or f"nothing, with status {process.returncode}"
            except subprocess.TimeoutExpired:
                process.kill()
                self.words = "nothing within 30 seconds"
            return None


@contextlib.contextmanager
def a_user_of_its_own():
    """Yield a user's number that no other sheet at work on this machine has."""
    with socket.socket(socket.AF_UNIX) as lock:
        for uid in range(UID, UID + 1000):
            with contextlib.suppress(OSError):
                lock.bind(f"\0grading of {uid}")  # an abstract name: it goes with this process
                break
        yield uid


@functools.cache
def _fonts():
    """Return Matplotlib's list of fonts on this machine; it need not be there."""
    import matplotlib
    from matplotlib import font_manager

    return Path(matplotlib.get_cachedir(), f"fontlist-v{font_manager.FontManager.__version__}.json")
