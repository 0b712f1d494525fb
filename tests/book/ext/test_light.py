"""What the build makes of style sheets, formulas and scripts, without a browser."""

import sys
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

EXTENSIONS = Path(__file__).resolve().parents[3] / "book" / "_ext"


@pytest.fixture(scope="module", autouse=True)
def on_path():
    sys.path.insert(0, str(EXTENSIONS))
    yield
    sys.path.remove(str(EXTENSIONS))


def test_a_rule_stays_where_all_its_classes_are_known():
    import sheets

    css = """.used, .idle { color: red }  .used.idle { color: green }
        @media (min-width: 1px) { .idle { top: 0 } #used > a:hover { top: 1px } }
        a[href]:not(.idle) { left: 0 }
        @media print { .idle { top: 0 } } @font-face { font-family: x; src: url("a  b; c") }"""
    assert sheets.pruned(css, {"used"}) == (
        ".used{color: red}@media (min-width: 1px){#used > a:hover{top: 1px}}a[href]:not(.idle){left: 0}"
        '@font-face{font-family: x;src: url("a  b; c")}'
    )


def test_what_a_style_sheet_imports_stands_in_it_and_addresses_lead_where_they_led(tmp_path):
    import sheets

    (tmp_path / "styles").mkdir()
    (tmp_path / "base.css").write_text("i { background: url(i.png) }", encoding="utf-8")
    (tmp_path / "styles" / "a.css").write_text(
        '@import "../base.css";b{background:url(../b.png)}', encoding="utf-8"
    )
    found = sheets.joined([tmp_path / "styles" / "a.css"], tmp_path)
    assert found == 'i { background: url("i.png") }b{background:url("b.png")}'


def test_a_broken_rule_is_told():
    import sheets

    with pytest.raises(ValueError, match="style sheet: line 2"):
        sheets.pruned("a { top: 0 }\n}", set())


def test_words_are_classes_ids_and_what_scripts_say():
    import sheets

    assert sheets.words(['<p class="a b-c" id="d">e</p>'], ["f('g')"]) == {"a", "b-c", "d", "f", "g"}


def test_formulas_are_set_for_eye_and_ear():
    import maths

    page = (
        r'<p><span class="math notranslate">\(x &lt; \gamma\)</span></p><div class="math">\[\\[2pt] y\]</div>'
    )
    pages, css = maths.typeset({"p": page})
    assert pages["p"].count("<mjx-container") == 2 and "\\" not in pages["p"]
    assert "<mi>x</mi><mo>&lt;</mo><mi>γ</mi>" in pages["p"]
    assert '<mjx-container tabindex="0"' in pages["p"] and ".mjx-c1D465" in css


def test_a_formula_that_cannot_be_set_ends_the_build():
    import maths

    for wrong in (r"\frac{1}{", r"\nosuch x"):
        with pytest.raises(ExtensionError, match=r"nosuch|frac"):
            maths.typeset({"p": rf'<span class="math">\({wrong}\)</span>'})


def test_a_page_of_the_theme_loses_what_its_policy_forbids():
    import light

    text = """<html lang="en" data-content_root="../"><head><meta charset="utf-8" /><title>A &#8212; B</title>
        <link rel="preload" as="font" href="x.woff2"><link href="../_static/a.css?v=1" rel="stylesheet" />
        <script data-cfasync="false">document.documentElement.dataset.mode = ""</script>
        <script src="../_static/a.js?v=1"></script><script>let toggleA = 1</script>
        <script src="../_static/explorers/b.js"></script></head>
        <body><script>document.write(`<b>b</b>`);</script>
        <button onclick="window.print()">p</button></body></html>"""
    page = light.Page(Path("p.html"), text)
    assert (page.sheets, page.bundle, page.apart) == (
        ["a.css"],
        ["a.js", "let toggleA = 1"],
        ["../_static/explorers/b.js"],
    )
    done = page.finished({"page.css": "1", "maths.css": "2", "page.js": "3"})
    assert "<b>b</b>" in done and "onclick" not in done and "preload" not in done and "maths.css" not in done
    assert '<meta name="description" content="A &#8212; B">' in done
    assert done.count("<script") == 3 and done.index("Security-Policy") < done.index("<script")


def test_a_script_within_a_page_that_nobody_knows_ends_the_build():
    import light

    with pytest.raises(ExtensionError, match=r"p\.html: a script within the page.*alert"):
        light.Page(Path("p.html"), '<html data-content_root=""><script>alert(1)</script></html>')


def test_a_mujoco_that_makes_other_functions_of_text_is_told():
    import ants

    known = (
        "new Function(...args, invokerFnBody)(...closureArgs) new Function(...params, functionBody)(...args)"
    )
    assert "new Function" not in ants.without_text(known)
    for module, said in (("", "another version"), (known + "new Function(a)", "one more")):
        with pytest.raises(ValueError, match=said):
            ants.without_text(module)
