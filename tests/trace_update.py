"""Follow one whole update of SAC through the module's files: ``python tests/trace_update.py``."""

import sys
from pathlib import Path

import sobolev_mini
from sobolev_mini import envs, sac
from sobolev_mini.losses import Balanced

ROOT = Path(sobolev_mini.__file__).parent


def moves(env="lqr", updates=3):
    """Return (caller's file, file, function) of every call into another file in the last of ``updates``."""
    run = sac.SACLearner(envs.make(env), sac.SACConfig(seeds=(0,), weighting=Balanced()))
    for _ in range(40):
        run.collect(run.uniform_actions())
    for _ in range(updates - 1):
        sac.update(run, run.sample())
    batch, seen = run.sample(), []

    def watch(frame, event, argument):
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(str(ROOT)):
            caller = frame.f_back
            while caller and not caller.f_code.co_filename.startswith(str(ROOT)):
                caller = caller.f_back
            source = caller.f_code.co_filename if caller else file
            if source != file:
                files = (str(Path(x).relative_to(ROOT)) for x in (source, file))
                seen.append((*files, frame.f_code.co_name))

    sys.setprofile(watch)
    try:
        sac.update(run, batch)
    finally:
        sys.setprofile(None)
    return seen


if __name__ == "__main__":
    found = moves()
    files = sorted({x for move in found for x in move[:2]})
    print(f"{len(files)} files: {', '.join(files)}\n{len(found)} moves:")
    for source, file, function in found:
        print(f"  {source:12} -> {file:12} {function}")
