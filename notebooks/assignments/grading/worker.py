"""Runs behind the wall: executes a sheet's cells, then answers calls. Nothing it says is trusted.

``python worker.py FD FOLDER``: FD is the socket that calls come in by, FOLDER is where the cells run. The
first line holds the cells, the limits to put on before any of them, and the seconds that a cell may take.
"""

import contextlib
import json
import os
import sys
import types


def main(fd, folder):
    """Execute the cells in order, an error in one leaving the next alone; then serve."""
    import socket

    from grading import codec

    os.chdir(folder)
    stream = socket.socket(fileno=fd).makefile("rwb")
    first = json.loads(stream.readline())
    _prepare(first["limits"])
    shell, errors = _shell(), {}
    for i, source in enumerate(first["cells"]):
        try:
            with _at_most(first["seconds"]):
                result = shell.run_cell(source, store_history=False)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:  # IPython itself may stumble over a cell
            error = raised
        if error is not None:
            errors[str(i)] = _said(error)
    stream.write(codec.line({"ready": errors}))
    stream.flush()
    while line := stream.readline():
        stream.write(_answer(shell.user_ns, json.loads(line), codec))
        stream.flush()


def _answer(names, asked, codec):
    """Return the reply, a line, to a call ({"name", "args", "named"}) or a look-up ({"name"})."""
    name = asked["name"]
    if name not in names or names[name] is None or names[name] is ...:
        return codec.line({"missing": True})
    value = names[name]
    if "args" in asked:
        try:
            args = [codec.decode(x) for x in asked["args"]]
            value = value(*args, **{key: codec.decode(x) for key, x in asked["named"].items()})
        except BaseException as error:  # sys.exit too: it is an answer like any other
            return codec.line({"raised": [type(error).__name__, _said(error, "")]})
    elif callable(value):
        return codec.line({"callable": True})
    try:
        return codec.line({"value": codec.encode(None if value is ... else value)})
    except Exception as error:
        return codec.line({"not_plain": _said(error, "")})


def _said(error, name="{}: "):
    try:
        return (name.format(type(error).__name__) + str(error))[:500]
    except Exception:
        return "an error that cannot be shown"


@contextlib.contextmanager
def _at_most(seconds):
    """Raise ``TimeoutError`` in a cell that takes longer, so that the next ones still run."""
    import signal

    def late(*_):
        raise TimeoutError(f"the cell took more than {seconds:.0f} seconds")

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _prepare(limits):
    """Put the limits on, offer this process to the kernel where memory ends, lay out what figures need."""
    import resource
    import shutil

    for name, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # not every system has every limit
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    fonts = os.environ.pop("FONTS", "")
    if os.path.exists(fonts):  # Matplotlib takes seconds to find them again
        shutil.copy(fonts, os.path.join(os.environ["MPLCONFIGDIR"], os.path.basename(fonts)))
    sys.modules["otter"] = _otter()


def _shell():
    """Return an IPython shell without history, terminal or figures on a screen."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """There is no screen; `%matplotlib inline` is let through."""

    config = Config()
    config.HistoryManager.enabled = False
    return Shell.instance(config=config)


def _otter():
    """Return a module in the place of otter: the sheet's own checks are for the student, not for marks."""
    module = types.ModuleType("otter")

    class Notebook:
        def __init__(self, *args, **kwargs):
            pass

        def __getattr__(self, name):
            return lambda *args, **kwargs: None

    module.Notebook = Notebook
    return module


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
