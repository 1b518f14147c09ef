"""The Timeline in JupyterLab: it streams, obeys mouse and keys, tells its group, answers, and survives a reload."""

from __future__ import annotations

import csv
import json

import pytest

from tests import tiny_notebooks

from .pixels import STILL, colours, difference, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

MAKE = """
import numpy as np
from stnb_widgets import Timeline

steps = np.arange(40_000)
wave = np.sin(2 * np.pi * steps / 500)
wave[9000:11_000] = np.nan
energies = Timeline(channels={"kinetic": "J", "potential": "J"}, groups={"energy": ["kinetic", "potential"]},
    group="run", title="Energies")
energies.extend(steps, steps * 0.01, {"kinetic": 2 + wave, "potential": -wave})
energies.event(20_000, "<b>carrier</b> 7 born", "birth")
energies.flush()
energies
"""
OTHER = """
losses = Timeline(channels={"loss": ""}, scales={"loss": "log"}, group="run", title="Loss")
losses.extend(steps, steps * 0.01, {"loss": np.exp(-steps / 8000)})
losses.flush()
losses
"""
AT_STEP = "(element, step) => Number(element.dataset.step) === step"
DATA = "(element, [name, value]) => element.dataset[name] === value"
SHOWN = "(element, text) => !element.hidden && element.textContent.includes(text)"
NARROWER = "(element, length) => { const [a, b] = element.dataset.window.split(',').map(Number); return b - a < length; }"


class View:
    """One Timeline of an open notebook."""

    def __init__(self, notebook, title):
        self.notebook = notebook
        self.root = notebook.page.locator(f"[data-stnb=timeline][aria-label={title}]")
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()
        self.canvas = self.root.locator("[data-stnb=canvas]").first

    def wait(self, condition, argument):
        self.notebook.until(self.root, condition, argument, timeout_s=15)

    def data(self, name, value):
        self.wait(DATA, [name, value])

    def window(self):
        return [float(end) for end in self.root.get_attribute("data-window").split(",")]

    def press(self, *keys):
        self.canvas.focus()
        for key in keys:
            self.notebook.page.keyboard.press(key)

    def at(self, across, down=0.3):
        box = self.canvas.bounding_box()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def moves_away_from(self, still):
        for _ in range(120):
            self.notebook.pass_frames(2)
            if difference(still, picture(self.canvas)) > STILL:
                return True
        return False


@pytest.fixture
def views(open_notebook, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    path = source / "timeline.ipynb"
    path.write_text(json.dumps(tiny_notebooks.notebook(MAKE, OTHER)), encoding="utf-8")
    notebook = open_notebook(path)
    notebook.run_all()
    notebook.scroll_to_widget()
    return notebook, View(notebook, "Energies")


def test_timeline(views, screenshots, tmp_path):
    notebook, view = views
    page, mouse = notebook.page, notebook.page.mouse
    view.wait(AT_STEP, 39_999)
    notebook.pass_frames(20)
    still = picture(view.canvas)
    assert colours(still) > 20, "the canvas is blank"

    view.press("+", "+")
    view.wait(NARROWER, 20_000)
    assert view.moves_away_from(still), "a shorter window looks like the whole run"
    notebook.until_kernel("energies.state['span'] is not None and energies.state['span'] < 20_000")
    notebook.evaluate(
        "[energies.extend(np.arange(40_000, 41_000), np.zeros(1000), {'kinetic': np.ones(1000)}), energies.flush()]"
    )
    view.wait(AT_STEP, 40_999)
    assert view.window()[1] == 40_999, "the newest steps are followed"

    view.press("0")
    view.data("window", "0,40999")
    page.keyboard.down("Shift")
    mouse.move(*view.at(0.3))
    mouse.down()
    mouse.move(*view.at(0.6), steps=5)
    mouse.up()
    page.keyboard.up("Shift")
    notebook.until_kernel("energies.brush is not None and energies.brush[1] - energies.brush[0] > 10_000")
    brush = view.root.get_attribute("data-brush")
    first, last = (float(end) for end in notebook.evaluate("energies.brush").strip("()").split(","))
    assert [first, last] == [float(end) for end in brush.split(",")]

    mouse.click(*view.at(0.5))
    notebook.until_kernel("energies.moment is not None")
    moment = notebook.evaluate("energies.moment")
    view.data("moment", moment)
    other = View(notebook, "Loss")
    other.data("brush", brush)
    other.data("moment", moment)
    notebook.screenshot(screenshots / "timeline_group.png")
    assert notebook.evaluate("losses.brush") == "None", "the group agrees without a kernel"
    other.press("Backspace", "x")
    other.data("moment", "")
    view.root.scroll_into_view_if_needed()
    view.data("brush", "")

    mouse.move(5, 5)
    notebook.pass_frames(10)
    view.press("0", "e")
    corner = view.root.locator("[data-stnb=readout]")
    notebook.until(corner, SHOWN, "<b>carrier</b> 7 born")
    assert view.root.locator("[data-stnb=readout] b").count() == 0, "a label was taken for HTML"
    view.press("b", "ArrowRight", ";", "b")
    notebook.until_kernel("energies.brush is not None and energies.brush[0] == 20_000")

    view.press("l")
    notebook.until_kernel("energies.state['scales']['potential'] == 'log'")
    view.press("l", "l", "2")
    notebook.until_kernel("energies.shown == ('kinetic',)")
    view.press("2")
    notebook.until_kernel("len(energies.shown) == 2")
    view.press("ArrowUp", "h")
    note = view.root.locator(".stnb-spectrum + p")
    notebook.until(note, SHOWN, " per step, every ")
    assert abs(float(note.inner_text().split("every ")[1].split(" steps")[0]) - 500) < 0.5, (
        "half a bin of 2^18"
    )
    notebook.until(note, SHOWN, "2,000 gaps bridged")
    view.press("t")
    rows = view.root.locator(".stnb-rows tr")
    rows.first.wait_for()
    assert 20 < rows.count() <= 51
    notebook.screenshot(screenshots / "timeline_panels.png")
    with page.expect_download() as download:
        view.press("s")
    download.value.save_as(tmp_path / "window.csv")
    with (tmp_path / "window.csv").open(newline="") as file:
        table = list(csv.reader(file))
    assert table[0][0] == "step"
    assert len(table) > 100

    notebook.evaluate("energies.show_window(5000, 6000)")
    view.data("window", "5000,6000")
    notebook.save_and_reload()
    notebook.scroll_to_widget()
    again = View(notebook, "Energies")
    again.wait(AT_STEP, 40_999)
    again.data("window", "5000,6000")
    notebook.evaluate("[energies.assert_clean(), losses.assert_clean()]")
    assert notebook.problems() == [], notebook.lab.log[-6000:]
