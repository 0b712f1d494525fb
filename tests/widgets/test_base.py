"""The Python side of the explorers: one source for page and notebook, and its still."""

import json
import subprocess

import pytest

from sobolev_mini.widgets.base import HERE, joined
from sobolev_mini.widgets.optimum import Optimum
from tests.widgets.node import ask


def node(*arguments, told=""):
    done = subprocess.run(["node", "--no-warnings", *arguments], input=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("explorer", [Optimum])
def test_the_still_is_what_the_explorer_shows_at_the_start(explorer):
    ask()  # skips, or fails under CI, without Node
    still = (HERE / "stills" / f"{explorer._name}.html").read_text(encoding="utf-8")
    assert node(str(HERE / "still.mjs"), explorer._name) == still
    assert explorer().element().count("<svg") == still.count("<svg") > 2


@pytest.mark.parametrize("explorer", [Optimum])
def test_one_source_does_what_the_modules_do(explorer, tmp_path):
    ask()
    source = joined(f"{explorer._name}.js")
    assert 'from "./' not in source and source.count("export default") == 1
    (tmp_path / "one.mjs").write_text(source, encoding="utf-8")
    script = """import('./one.mjs').then(({ default: made, show, description }) => {
        const state = Object.fromEntries(description.controls.map(({ name, start }) => [name, start]));
        console.log(JSON.stringify([typeof made.render, show(state)]));
    })"""
    done = subprocess.run(["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    kind, shown = json.loads(done.stdout)
    start = {name: getattr(explorer(), name) for name in explorer.controls()}
    assert kind == "function"
    assert shown == ask({"what": explorer._name, "state": start})[0]


def test_values_are_in_its_words_and_in_its_html():
    made = Optimum(slope=-0.4)
    assert repr(made) == "Optimum(discount=0.9, slope=-0.4, state=-0.5)"
    data, _ = made._repr_mimebundle_()
    assert data["text/html"].startswith('<sobolev-optimum data-discount="0.9" data-slope="-0.4"')
    assert "application/vnd.jupyter.widget-view+json" in data
