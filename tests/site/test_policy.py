"""What a page may run: its own files, and one script whose hash its policy names."""

import base64
import hashlib
import re

import pytest

SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)
HANDLER = re.compile(r"<[^>]*\son[a-z]+=[^>]*>")


@pytest.fixture(scope="module")
def pages(html):
    found = {
        path.relative_to(html).as_posix(): path.read_text(encoding="utf-8") for path in html.rglob("*.html")
    }
    return {name: text for name, text in found.items() if 'http-equiv="refresh"' not in text.lower()}


def policy(text):
    """Return the policy of a page, directive -> sources."""
    told = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)[1]
    return {name: sources for name, *sources in (part.split() for part in told.split(";"))}


def test_every_page_allows_scripts_of_its_own_and_nothing_else(pages):
    assert len(pages) > 50
    for name, text in pages.items():
        allowed = policy(text)
        assert allowed["default-src"] == ["'none'"] and allowed["base-uri"] == ["'none'"], name
        scripts = [x for x in allowed["script-src"] if not x.startswith("'sha256-")]
        wasm = ["'wasm-unsafe-eval'"] if "<sobolev-ants" in text else []
        assert scripts == ["'self'", *wasm], name
        assert not any(
            "unsafe" in x for part in allowed if part != "style-src" for x in allowed[part] if x not in wasm
        )


def test_no_page_has_a_handler_or_a_script_that_its_policy_does_not_name(pages):
    for name, text in pages.items():
        assert not HANDLER.search(SCRIPT.sub("", text)), name
        for attributes, inside in SCRIPT.findall(text):
            if "json" in attributes:
                continue
            assert "type=" not in attributes, (name, attributes)  # from disk a browser loads no modules
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert "src=" in attributes or f"'sha256-{digest}'" in policy(text)["script-src"], (
                name,
                inside[:80],
            )


def test_the_policy_stops_what_it_does_not_name(open_page):
    page, seen = open_page("book/faq.html")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.body.dataset.ran = 'yes'";
        document.body.append(script);
        const button = document.createElement("button");
        button.setAttribute("onclick", "document.body.dataset.ran = 'yes'");
        document.body.append(button);
        button.click();
    }""")
    assert page.evaluate("document.body.dataset.ran") is None
    assert len([text for text in seen.complaints if "Content Security Policy" in text]) == 2
    page.close()


def test_no_id_stands_twice_in_a_page(pages):
    for name, text in pages.items():
        ids = re.findall(r'<[^>]*\sid="([^"]*)"', SCRIPT.sub("", text))
        assert len(ids) == len(set(ids)), (name, sorted({x for x in ids if ids.count(x) > 1}))


def test_a_first_visit_is_quiet_and_in_the_system_s_theme(browser, address):
    for theme in ("light", "dark"):
        context, said = browser.new_context(color_scheme=theme), []
        page = context.new_page()
        page.on(
            "console",
            lambda message, said=said: said.append(message.text) if message.type == "error" else None,
        )
        page.goto(f"{address}book/faq.html")
        assert page.evaluate("[...Object.values(document.documentElement.dataset)].includes('auto')")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert said == []
        context.close()


def test_a_button_prints(open_page):
    page, _ = open_page("notebooks/02_exact_optimum.html")
    page.evaluate("() => { window.print = () => { document.body.dataset.printed = 'yes'; }; }")
    page.locator("[data-print]").evaluate("button => button.click()")
    assert page.evaluate("document.body.dataset.printed") == "yes"
    page.close()
