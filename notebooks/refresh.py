"""Run chapters again, in place: the bootstrap cell first, outputs fresh, metadata bare, minutes measured.

``python notebooks/refresh.py [notebook ...]``, all chapters without an argument.
"""

import os
import re
import sys
import time
import tomllib
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python"},  # its ending, when saved as a script
}
RUNS_IN = re.compile(r"(\*\*Runs in\*\* )[\d.]+( min on two cores)")
BOOTSTRAP = """\
# Installs the book's two packages where one is missing (Colab); does nothing where both are there.
import importlib.util
import subprocess
import sys

if None in map(importlib.util.find_spec, ("sobolev_mini", "sobolev_book")):
    source = "{source}"
    for words in (["uninstall", "-qq", "--yes", "sobolev-mini"], ["install", "--quiet", source]):
        subprocess.run([sys.executable, "-m", "pip", *words], check=True)"""


def module_source():
    """Return what pip installs the module from, as `_config.yml` and `pyproject.toml` have it."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"sobolev-mini[notebooks] @ git+{config['repository']['url']}@v{project['version']}"


def bootstrap_source():
    """Return the first cell of every notebook."""
    return BOOTSTRAP.format(source=module_source())


def set_bootstrap(notebook):
    """Make the first code cell the bootstrap cell; the page leaves it out."""
    cells = notebook.cells
    first = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    if first == len(cells) or "bootstrap" not in cells[first].metadata.get("tags", []):
        cells.insert(first, nbformat.v4.new_code_cell(id="bootstrap"))
    cells[first].source = bootstrap_source()
    cells[first].metadata["tags"] = ["bootstrap", "remove-cell"]


def execute(notebook, folder):
    """Run every cell in the current environment's kernel, without timings and widget states."""
    notebook.metadata = nbformat.from_dict(METADATA)
    client = NotebookClient(
        notebook,
        timeout=600,
        store_widget_state=False,
        coalesce_streams=True,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    # Playing the browser's part for `interact`, nbclient now and then loses the kernel's reply
    # and waits for ever (its issue 312). Without that part the picture is an ordinary output.
    client.widget_registry.clear()
    client.execute()


def clean(notebook):
    """Keep what the page and the tests use: tags, alt text, the outputs that the page shows."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in ("tags", "mystnb", "tolerance") if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)
        if "remove-output" in kept.get("tags", []):
            cell.outputs = []
        for output in cell.get("outputs", []):
            # its number is another at each run; what the page shows is the HTML beside it
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})


def set_minutes(notebook, path, minutes):
    """Write the measured minutes into the chapter's head and into its row of the README."""
    head = next(cell for cell in notebook.cells if RUNS_IN.search(cell.source))
    head.source = RUNS_IN.sub(rf"\g<1>{minutes:.1f}\g<2>", head.source)
    readme = ROOT / "README.md"
    row = re.compile(rf"(\(notebooks/{path.name}\).*\| )[\d.]*( \|)$", re.MULTILINE)
    text = readme.read_text(encoding="utf-8")
    readme.write_text(row.sub(rf"\g<1>{minutes:.1f}\g<2>", text), encoding="utf-8")


def refresh(path):
    """Run one notebook in place and write how long it took."""
    notebook = nbformat.read(path, as_version=4)
    set_bootstrap(notebook)
    start = time.perf_counter()
    execute(notebook, path.parent)
    minutes = (time.perf_counter() - start) / 60
    clean(notebook)
    set_minutes(notebook, path, minutes)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)
    print(f"{path.name}: {minutes:.1f} min", flush=True)


if __name__ == "__main__":
    os.environ.pop("MPLBACKEND", None)  # it would silence the figures
    chapters = [Path(name).resolve() for name in sys.argv[1:]]
    if absent := [str(path) for path in chapters if path.suffix != ".ipynb" or not path.is_file()]:
        print(f"refresh: no notebook: {', '.join(absent)}", file=sys.stderr)
        sys.exit(2)
    for chapter in chapters or sorted((ROOT / "notebooks").glob("*.ipynb")):
        refresh(chapter)
