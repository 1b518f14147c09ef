"""Carriers in JupyterLab: they move, they are picked by keys, they are linked to the Atlas, they say why they live."""

from __future__ import annotations

import pytest

from .pixels import STILL, colours, difference, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

CELL = """import stnb
from stnb.views.carriers import carriers_of
from stnb.views.link import Company
world = stnb.ManifoldSession(particles=200, grid=8, speed=0.3, seed=3)
world.step(200)
look = dict(controls=(), title="", deck=("play", "step"), hz=15.0, colour="state")
carriers = carriers_of(world, Company(), group="world", **look)
carriers"""
BEYOND = "(element, step) => Number(element.dataset.step) > step"
AT_STEP = "(element, step) => Number(element.dataset.step) === step"
PICKED = "(element, empty) => (element.dataset.picked === '') === empty"
PANEL = "(element, panel) => element.dataset.panel === panel"
SOURCE = "(element, source) => element.dataset.source === source"
AGREED = (
    "() => Object.entries(globalThis[Symbol.for('stnb')]).find(([name]) => name === 'group world')[1].agreed"
)


@pytest.fixture
def notebook(open_notebook, tmp_path):
    import nbformat

    folder = tmp_path / "carriers"
    folder.mkdir()
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)], metadata={"kernelspec": kernel})
    nbformat.write(made, folder / "carriers.ipynb")
    opened = open_notebook(folder / "carriers.ipynb")
    opened.run_all()
    return opened


def test_carriers(notebook, screenshots):
    notebook.scroll_to_widget()
    page = notebook.page
    root = page.locator("[data-stnb=carriers]").first
    root.wait_for()
    root.scroll_into_view_if_needed()
    canvas = root.locator("[data-stnb=canvas]")
    notebook.until(root, AT_STEP, 200)
    notebook.pass_frames(10)
    still = picture(canvas)
    assert colours(still) > 20, "the canvas is blank"

    root.locator("[data-stnb=play]").click()
    notebook.until(root, BEYOND, 230)
    root.locator("[data-stnb=play]").click()
    notebook.until_kernel("not world.playing")
    notebook.until(root, AT_STEP, int(notebook.evaluate("world.step_index")))
    notebook.pass_frames(80)
    assert difference(still, picture(canvas)) > STILL, "the picture stands still while the session plays"

    canvas.focus()
    page.keyboard.press("ArrowRight")
    notebook.until(root, PICKED, False)
    picked = int(root.get_attribute("data-picked"))
    notebook.until_kernel(f"carriers.selected == {picked}")
    agreed = page.evaluate(AGREED)
    assert agreed["hover"] == {"kind": "carrier", "id": picked}
    assert agreed["selection"]["kind"] == "particle"
    heard = agreed["selection"]["ids"]
    gate = f"int((world.carriers.identity == {picked}).argmax())"
    loudest = (
        "int(max(range(world.count), key=lambda i: world.energies[i] ** 0.5 * __import__('math').exp("
        f"-((world.frequencies[i] - world.carriers.frequencies[{gate}]) / world.carriers.widths[{gate}]) ** 2)))"
    )
    assert heard[0] == int(notebook.evaluate(loudest))

    page.keyboard.press("w")
    why = root.locator(".stnb-why")
    notebook.until(why, SOURCE, "kernel")
    assert f"carrier {picked}" in why.inner_text()
    assert "its gate gives" in why.inner_text()
    page.keyboard.press("t")
    rows = root.locator(".stnb-table tbody tr")
    rows.first.wait_for()
    assert rows.count() == int(notebook.evaluate("world.carriers.count"))
    notebook.screenshot(screenshots / "carriers_why.png")
    root.locator(".stnb-table tbody button").last.click()
    other = int(root.get_attribute("data-picked"))
    assert other != picked
    notebook.until_kernel(f"carriers.selected == {other}")

    canvas.focus()
    for key, panel in (("1", "spectrum"), ("2", "phases"), ("3", "waterfall"), ("4", "waves"), ("4", "all")):
        before = picture(canvas)
        page.keyboard.press(key)
        notebook.until(root, PANEL, panel)
        notebook.pass_frames(10)
        assert difference(before, picture(canvas)) > STILL, f"{panel} looks like what was there before"
    page.keyboard.press("0")
    notebook.until(root, PICKED, True)
    notebook.until_kernel("carriers.selected is None")
    assert page.evaluate(AGREED)["hover"] is None

    step = int(notebook.evaluate("world.step_index"))
    notebook.save_and_reload()
    notebook.scroll_to_widget()
    again = page.locator("[data-stnb=carriers]").first
    notebook.until(again, AT_STEP, step)
    notebook.evaluate("carriers.assert_clean()")
    assert notebook.problems() == [], notebook.lab.log[-6000:]
