"""The Python side of the explorers: one source for page and notebook, and its still."""

import subprocess

import pytest

from sobolev_book.explorers.base import HERE, element, joined
from sobolev_book.explorers.explorers import CriticLab, Optimum
from tests.book.explorers.node import ask


def node(*arguments, told=""):
    done = subprocess.run(["node", "--no-warnings", *arguments], input=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["optimum", "lab", "hero"])
def test_the_still_is_what_the_explorer_shows_at_the_start(name):
    ask()  # skips, or fails under CI, without Node
    still = (HERE / "stills" / f"{name}.html").read_text(encoding="utf-8")
    assert node(str(HERE / "still.mjs"), name) == still
    assert element(name).count("<svg") == still.count("<svg") > 2


@pytest.mark.parametrize("name", ["optimum", "lab", "hero", "recorded"])
def test_one_source_does_what_the_modules_do(name, tmp_path):
    ask()
    source = joined(f"{name}.js")
    assert 'from "./' not in source and source.count("export default") == 1
    (tmp_path / "one.mjs").write_text(source, encoding="utf-8")
    script = """import('./one.mjs').then(({ default: made, description, describe }) =>
        console.log(typeof made.render, typeof (description ?? describe)))"""
    done = subprocess.run(["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"function {'function' if name == 'recorded' else 'object'}\n"


def test_starts_are_the_same_on_both_sides():
    for explorer, name in ((Optimum, "optimum"), (CriticLab, "lab")):
        assert ask({"what": "starts", "of": name})[0] == explorer().values()


def test_values_are_in_its_words_and_in_its_html():
    made = Optimum(slope=-0.4)
    assert repr(made) == "Optimum(discount=0.9, slope=-0.4, state=-0.5)"
    data, _ = made._repr_mimebundle_()
    assert data["text/html"].startswith('<sobolev-optimum data-discount="0.9" data-slope="-0.4"')
    assert "application/vnd.jupyter.widget-view+json" in data
