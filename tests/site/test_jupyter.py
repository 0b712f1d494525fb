"""The explorers in JupyterLab: a real server, a real kernel, a real browser."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

WAIT = 90_000
CELLS = (
    "from pathlib import Path\n"
    "from sobolev_book.explorers.explorers import CriticLab, Optimum\n"
    "one, two, lab = Optimum(), Optimum(slope=-0.5), CriticLab(lam_s=1, lam_a=1)\n"
    "note = lambda change: Path('seen.txt').write_text(f'{one!r} {two!r} {lab!r}')\n"
    "for each in (one, two, lab):\n"
    "    each.observe(note)\n"
    "one",
    "two",
    "lab",
    "two.slope, lab.seed = 0.75, 3",
    "one.discount = 0.5123",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jupyter")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / "explorers.ipynb")
    return folder


@pytest.fixture(scope="module")
def server(folder):
    """Start JupyterLab on this machine only, with nothing of the user's; return its address."""
    private = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    env = {f"JUPYTER_{name}": str(folder / ".jupyter" / name) for name in private}
    env |= {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / ".settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / ".w"),
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        "--allow-root",
    ]
    command += [f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=lab", "--LabApp.news_url="]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **env}
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/lab", line):
                yield found[0]
                break
        else:
            pytest.fail("JupyterLab did not start:\n" + "".join(said))
        process.terminate()


@pytest.fixture(scope="module")
def notebook(server, browser):
    """Run every cell; return the page, what it complained of, and its explorers."""
    page, complaints = browser.new_page(viewport={"width": 1300, "height": 3000}), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server}/tree/explorers.ipynb?token=lab&reset", timeout=WAIT)
    page.locator(".jp-Notebook").wait_for(timeout=WAIT)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(
        timeout=WAIT
    )  # else it asks which kernel to start
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).first.click()
    explorers = page.locator(".jp-OutputArea-output section.explorer")
    page.wait_for_function(
        "document.querySelectorAll('.jp-OutputArea-output section.explorer').length === 3", timeout=WAIT
    )
    yield page, complaints, [explorers.nth(i) for i in range(3)]
    page.close()


def words(explorer):
    return explorer.locator("[role=status]").inner_text()


def wait_for(page, explorer, text):
    page.wait_for_function(
        "([node, text]) => node.textContent.includes(text)",
        arg=[explorer.locator("[role=status]").element_handle(), text],
        timeout=WAIT,
    )


def wait_for_trait(page, folder, text):
    for _ in range(WAIT // 100):
        seen = folder / "seen.txt"
        if seen.exists() and text in seen.read_text(encoding="utf-8"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(
        f"{text!r} is not in {seen.read_text(encoding='utf-8') if seen.exists() else None!r}"
    )


def test_setting_a_trait_moves_its_slider_and_no_other(notebook):
    page, complaints, (one, two, lab) = notebook
    wait_for(page, two, "c = 0.75, γ = 0.90")
    wait_for(page, one, "c = 0.20, γ = 0.50")
    assert two.get_by_label("reward c").get_attribute("aria-valuetext") == "0.75"
    wait_for(
        page, lab, "λₛ = 1, λₐ = 1; Adam at rate 0.0001 from zero weights, target: current critic, seed 3"
    )
    wait_for(page, lab, "The Sobolev critic has settled")
    assert not complaints


def test_a_number_between_two_places_is_told_back(notebook, folder):
    page, _, _ = notebook
    wait_for_trait(page, folder, "Optimum(discount=0.5, slope=0.2)")


def test_a_drag_and_the_arrow_keys_change_the_trait(notebook, folder):
    page, complaints, (one, two, _) = notebook
    slider = one.get_by_label("reward c")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.6 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, middle, steps=5)
    page.mouse.up()
    wait_for_trait(page, folder, "Optimum(discount=0.5, slope=1.0)")
    before = words(two)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert "c = 0.85" in words(one)
    wait_for_trait(page, folder, "Optimum(discount=0.5, slope=0.85)")
    assert slider.evaluate("node => node === document.activeElement") and words(two) == before
    assert not complaints
