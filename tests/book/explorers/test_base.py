"""The Python side of the explorers: one source for page and notebook, and its still."""

import subprocess

import pytest

from sobolev_book.explorers.base import HERE, classic, element, joined
from sobolev_book.explorers.explorers import Agent, Backup, CriticLab, Footprints, Optimum, Plane, Stretch
from tests.book.explorers.node import ask


def node(*arguments, told=""):
    done = subprocess.run(["node", "--no-warnings", *arguments], input=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "name", ["agent", "backup", "stretch", "footprints", "optimum", "plane", "lab", "hero"]
)
def test_the_still_is_what_the_explorer_shows_at_the_start(name):
    ask()  # skips, or fails under CI, without Node
    still = (HERE / "stills" / f"{name}.html").read_text(encoding="utf-8")
    assert node(str(HERE / "still.mjs"), name) == still
    assert element(name).count("<svg") == still.count("<svg") > 2


@pytest.mark.parametrize(
    "name", ["agent", "backup", "stretch", "footprints", "optimum", "plane", "lab", "hero", "recorded"]
)
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
    for explorer in (Agent, Backup, CriticLab, Footprints, Optimum, Plane, Stretch):
        assert ask({"what": "starts", "of": explorer._name})[0] == explorer().values()


def test_a_misspelt_keyword_is_named():
    with pytest.raises(TypeError, match="Optimum: got an argument 'slop', wanted discount, slope"):
        Optimum(slop=1)
    with pytest.raises(TypeError, match="'rates'"):
        CriticLab(rate=1e-3, rates=1)


def test_a_value_with_quotes_stays_within_its_attribute():
    shown = element("lab", {"target": """it's "so" <b>&"""})
    assert 'data-target="it&#x27;s &quot;so&quot; &lt;b&gt;&amp;">' in shown


@pytest.mark.parametrize(
    "name", [x.stem for x in HERE.glob("*.js") if "\nexport default" in x.read_text("utf-8")]
)
def test_as_a_script_it_has_neither_imports_nor_exports_and_no_name_twice(name, tmp_path):
    ask()
    found = classic(name)
    assert not [line for line in found.splitlines() if line.startswith(("import ", "export "))]
    assert "import.meta" not in found
    (tmp_path / "script.js").write_text(found, encoding="utf-8")
    node("--check", str(tmp_path / "script.js"))


def test_values_are_in_its_words_and_in_its_html():
    made = Optimum(slope=-0.4)
    assert repr(made) == "Optimum(discount=0.9, slope=-0.4)"
    data, _ = made._repr_mimebundle_()
    assert data["text/html"].startswith('<sobolev-optimum data-discount="0.9" data-slope="-0.4"')
    assert "application/vnd.jupyter.widget-view+json" in data
