"""A sheet behind the wall, seen from outside: its functions are called there, and plain values come back."""

import contextlib
import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from types import SimpleNamespace

import psutil

from . import codec
from .wall import UID, Wall

CROWD = 6  # a sheet of more processes than this yields to all others


class Stopped(RuntimeError):
    """The sheet was ended; the message says why. No call is answered any more."""


class Answer(RuntimeError):
    """What the sheet did instead of returning a plain value, in words for its author."""


class Sheet:
    """A sheet whose cells have run behind a wall.

    Parameters
    ----------
    cells : list of str, the code cells in order
    wall : Wall
    uid : number of a user that no other sheet at work has
    seconds : that are left of the wall's for this sheet

    Attributes
    ----------
    errors : cell's index -> what it raised, as the sheet says
    why : None while it answers, then the reason why not
    began : whether its cells came to an end
    """

    def __init__(self, cells, wall=None, uid=UID, seconds=None):
        self.wall, self.why, self.began, self.errors = wall or Wall(), None, False, {}
        limits = self.wall.limits
        self._rest, self._end = b"", time.monotonic() + (limits.seconds if seconds is None else seconds)
        self._folder = None if self.wall.namespaces else tempfile.mkdtemp(prefix="sheet-")
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = self.wall.start(theirs.fileno(), self._folder, uid)
        threading.Thread(target=self._watched, daemon=True).start()
        inside = limits.inside(self.wall.running())
        with contextlib.suppress(Stopped):
            self._send({"cells": cells, "limits": inside, "seconds": limits.call}, self._end)
            found = self._receive(self._end).get("ready")
            self.began = isinstance(found, dict)
            errors = found.items() if self.began else ()
            self.errors = {int(i): _words(said) for i, said in errors if i.isdecimal() and len(i) < 5}

    def get(self, name, default=None):
        """Return what otter's tests get by this name: a function that calls the sheet's, a value, or None."""
        try:
            reply = self._asked({"name": name})
        except Stopped:
            return self._function(name)  # whose calls say why
        if "missing" in reply:
            return default
        if "not_plain" in reply:
            return self._function(name, f"`{name}` is {_words(reply['not_plain'])}, wanted numbers")
        try:
            return codec.decode(reply["value"]) if "value" in reply else self._function(name)
        except Exception:
            return self._function(name, f"`{name}` is no plain value")

    def call(self, name, *args, **named):
        """Return what the sheet's ``name(*args)`` gives; raises ``Answer`` or ``Stopped`` with a reason."""
        named = {key: codec.encode(x) for key, x in named.items()}
        reply = self._asked({"name": name, "args": [codec.encode(x) for x in args], "named": named})
        if "value" in reply:
            try:
                return codec.decode(reply["value"])
            except Exception:
                raise Answer(f"`{name}` gave something that is no plain value") from None
        match reply.get("raised"):
            case [str(kind), str(text)] if kind.isidentifier():
                raise type(kind[:60], (Answer,), {})(_words(text))
        if "missing" in reply:
            raise Answer(f"`{name}` is not there: was its cell cleared, deleted or renamed?")
        raise Answer(f"`{name}` gave {_words(reply.get('not_plain'))}, wanted numbers")

    def close(self):
        """End the sheet and remove its folder."""
        self._kill(self.why or "it was over")
        self._process.wait()
        self._socket.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _function(self, name, refused=None):
        def function(*args, **named):
            if refused:
                raise Answer(refused)
            return self.call(name, *args, **named)

        function.__name__ = name
        return function

    def _asked(self, message):
        if self.why:
            raise Stopped(self.why)
        end = min(time.monotonic() + self.wall.limits.call, self._end)
        self._send(message, end)
        return self._receive(end)

    def _send(self, message, end):
        try:
            self._socket.settimeout(max(end - time.monotonic(), 1e-3))
            self._socket.sendall(codec.line(message))
        except TimeoutError:
            self._late(end)
        except OSError:
            self._ended()

    def _receive(self, end):
        """Return the next message, a dict; ends the sheet where none comes in time or size."""
        parts, size = [self._rest], len(self._rest)
        while b"\n" not in parts[-1]:
            part = b""
            try:
                self._socket.settimeout(max(end - time.monotonic(), 1e-3))
                part = self._socket.recv(1 << 20)
            except TimeoutError:
                self._late(end)
            except OSError:
                pass
            if not part:
                self._ended()
            parts.append(part)
            size += len(part)
            if size > self.wall.limits.answer:
                self._stop(f"it answered with more than {self.wall.limits.answer >> 20} MB")
        line, _, self._rest = b"".join(parts).partition(b"\n")
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self._stop("it answered with nonsense")
        return found

    def _late(self, end):
        limits = self.wall.limits
        seconds, what = (limits.seconds, "in all") if end == self._end else (limits.call, "for one call")
        self._stop(f"it took more than {seconds:.0f} seconds {what}")

    def _ended(self):
        for _ in range(10):  # the watch may know more
            if self.why is None:
                time.sleep(0.05)
        self._stop("its process ended")

    def _stop(self, why):
        self._kill(why)
        raise Stopped(self.why)

    def _watched(self):
        """Count the memory of all the sheet's processes; end it where they use too much or it is too late."""
        while self._process.poll() is None and not self.why:
            everyone = _family(self._process.pid)
            used = sum(_info(each).rss for each in everyone)
            if used > self.wall.limits.memory and sum(map(_own, everyone)) > self.wall.limits.memory:
                self._kill(f"it used more than {self.wall.limits.memory >> 20} MB of memory")
            if len(everyone) > CROWD:
                for each in everyone:
                    with contextlib.suppress(OSError):
                        os.setpriority(os.PRIO_PROCESS, each.pid, 19)
            time.sleep(0.1 if used < self.wall.limits.memory / 4 else 0.02)

    def _kill(self, why):
        """End every process of the sheet; the first reason stays."""
        self.why = self.why or why
        end(self._process.pid)


def end(pid, itself=True):
    """Kill a process and all below it, those made meanwhile too."""
    for _ in range(100):
        alive = [each for each in _family(pid) if _info(each).status != psutil.STATUS_ZOMBIE]
        alive = [each for each in alive if itself or each.pid != pid]
        for each in alive:
            with contextlib.suppress(OSError):
                os.kill(each.pid, signal.SIGKILL)
        if not alive:
            break
        time.sleep(0.01)


def _family(pid):
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _info(process):
    try:
        with process.oneshot():
            return SimpleNamespace(rss=process.memory_info().rss, status=process.status())
    except psutil.Error:
        return SimpleNamespace(rss=0, status=psutil.STATUS_ZOMBIE)


def _own(process):
    """Return a process's memory, what it shares with others divided among them; slow."""
    try:
        return process.memory_full_info().pss if psutil.LINUX else process.memory_info().rss
    except psutil.Error:
        return 0


def _words(text):
    """Return what a sheet says as a text of one screen line or a few, without characters that steer."""
    text = text[:500] if isinstance(text, str) else "something that cannot be shown"
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
