"""Each explorer's states are accessible: as it starts, with all its settings open, moved, and on a phone."""

from types import SimpleNamespace

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe

from tests.site.test_pages import NOTEBOOKS

EXPLORERS = (
    "[...document.querySelectorAll('.bd-article *')].filter((x) => x.localName.startsWith('sobolev-'))"
)
OPENED = """(explorer) => explorer.querySelectorAll("details").forEach((more) => { more.open = true; })"""
MOVED = """(explorer) => {
    for (const input of explorer.querySelectorAll("input, select")) {
        if (input.type === "checkbox") input.click();
        else if (input.type === "range") input.value = input.max;
        else input.selectedIndex = input.options.length - 1;
        input.dispatchEvent(new Event("input", { bubbles: true }));
    }
}"""
STATES = {"as it starts": "() => null", "with all settings": OPENED, "moved": MOVED}


@pytest.mark.parametrize("name", ["book/intro", *NOTEBOOKS])
def test_an_explorer_is_accessible_in_each_state_and_theme(open_page, name):
    axe, page, wrong = Axe(AXE_SCRIPT), None, []
    for theme, width in (("light", 1280), ("dark", 320)):
        page, _ = open_page(f"{name}.html", theme)
        page.set_viewport_size({"width": width, "height": 900})
        for state, change in STATES.items() if page.evaluate(f"{EXPLORERS}.length") else ():
            page.evaluate(f"{EXPLORERS}.forEach({change})")
            found = axe.run(page, {"include": [[".explorer"]]}, {"rules": {"target-size": {"enabled": True}}})
            for told in map(lambda told: SimpleNamespace(**told), found.response["violations"]):
                wrong += [(theme, width, state, told.id, node["html"][:200]) for node in told.nodes]
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            wrong += [(theme, width, state, "wider than the page")] * wide
        page.close()
    assert wrong == []
