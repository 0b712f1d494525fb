"""nbval, but for outputs that hang on training: those are compared as their cell's tolerance says.

Drawings are not compared, as nbval does with its other pictures: fonts and versions differ.
"""

import atexit
import os
import shutil
import tempfile

from nbval.plugin import IPyNbCell

from notebooks.tolerance import settled

strictly = IPyNbCell.compare_outputs
# kernels take no figure format or backend of the reader's own, which would change or silence figures
os.environ.pop("MPLBACKEND", None)
os.environ["IPYTHONDIR"] = tempfile.mkdtemp(prefix="ipython-")
atexit.register(shutil.rmtree, os.environ["IPYTHONDIR"], ignore_errors=True)


def pytest_configure(config):
    """Let the options of pyproject.toml name a file of this repository wherever pytest is run from."""
    told = config.option.nbval_sanitize_with
    if told and not os.path.exists(told):
        config.option.nbval_sanitize_with = str(config.rootpath / told)


def compare_outputs(cell, test, ref, skip_compare=None):
    """Return whether outputs agree: within the ``tolerance`` of the cell's metadata, else to the letter."""
    tolerance = cell.cell.metadata.get("tolerance")
    if tolerance and len(test) == len(ref):
        for seen, stored in zip(test, ref, strict=True):
            _settle(seen, stored, "text", tolerance)
            for kind in ("text/plain", "text/html"):
                _settle(seen.get("data", {}), stored.get("data", {}), kind, tolerance)
    return strictly(cell, test, ref, (*(skip_compare or cell.parent.skip_compare), "image/svg+xml"))


def _settle(seen, stored, key, tolerance):
    if isinstance(seen.get(key), str) and isinstance(stored.get(key), str):
        seen[key] = settled(seen[key], stored[key], tolerance)


IPyNbCell.compare_outputs = compare_outputs  # its constructor names its own class, so no subclass will do
