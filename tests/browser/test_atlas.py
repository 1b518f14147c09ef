"""The Atlas in JupyterLab: flat pictures, selections, hints, a lost context, a second view, a reload."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tiny_notebooks

from .pixels import ALIKE, STILL, colours, difference, distance, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

BENCH = Path(__file__).resolve().parents[2] / "examples" / "bench_browser.html"
GRID = """
import numpy as np
from stnb_widgets import Atlas, District, Markers, Points, Slice

side = np.arange(10) + 0.5
grid = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
atlas = Atlas(box=((0, 0), (10, 10)), projection="2d", attributes={"row": "m"}, title="A grid", deck=("play", "scrub"))
heard = []
atlas.on_select(heard.append)
atlas.on_intent(lambda name, value: name == "seek" and atlas.set_past(0, 4, value))

def show(step):
    atlas.offer(Points(step=step, time=0, positions=grid, attributes={"row": grid[:, 1]}, ids=np.arange(100) + 1000,
        carriers=Markers([[2.0, 2.0]], kinds=["active"], links=[(0, 22)]), badge={"energy": -1.5}))
    atlas.flush()
"""
SHOW = "show(1)\natlas"
BOX = """
box = Atlas(attributes={"speed": ""}, title="A box")
cloud = np.random.default_rng(0).uniform(0, 1, (400, 3))
cloud[:3] = np.nan
box.offer(Points(step=7, time=0, positions=cloud, attributes={"speed": cloud[:, 0]}, field=Slice(cloud[3:19, :2] * 4)))
box
"""
DISK = """
disk = Atlas(projection="disk", title="A disk")
disk.offer(Points(step=2, time=0, positions=(grid / 5 - 1) * 0.6, districts=[District("middle", 0, 0, 0.3, 1.0)]))
disk
"""
SELECTED = "(element, size) => element.dataset.selected === size"
SHOWS = "(element, text) => element.textContent.includes(text) && !element.hidden"
LOSE = """() => {
  const { gl } = globalThis[Symbol.for('stnb')].gl1;
  const extension = gl.getExtension('WEBGL_lose_context');
  extension.loseContext();
  setTimeout(() => extension.restoreContext(), 100);
}"""
BACK = """() => {
  const shared = globalThis[Symbol.for('stnb')].gl1;
  return !shared.lost && !shared.gl.isContextLost();
}"""


class View:
    """One view of an Atlas."""

    def __init__(self, notebook, title, nth=0):
        self.notebook = notebook
        self.root = notebook.page.locator(f"[data-stnb=atlas][aria-label='{title}']").nth(nth)
        self.root.wait_for()
        self.canvas = self.part("canvas")
        self.canvas.scroll_into_view_if_needed()
        notebook.until(self.root, "(element) => Number(element.dataset.frames) > 0")
        notebook.pass_frames(20)

    def part(self, name):
        return self.root.locator(f"[data-stnb={name}]")

    def place(self, x, y):
        """Where (x, y) of the grid is on the page: the box of ten by ten fills 0.84 of the height."""
        seen = self.canvas.bounding_box()
        unit = 0.084 * seen["height"]
        return seen["x"] + seen["width"] / 2 + (x - 5) * unit, seen["y"] + seen["height"] / 2 - (y - 5) * unit

    def drag(self, *places):
        mouse = self.notebook.page.mouse
        mouse.move(*self.place(*places[0]))
        mouse.down()
        for place in places[1:]:
            mouse.move(*self.place(*place), steps=3)
        mouse.up()

    def press(self, *keys):
        self.canvas.focus()
        for key in keys:
            self.notebook.page.keyboard.press(key)

    def selected(self, size):
        self.notebook.until(self.root, SELECTED, str(size))

    def picture(self):
        self.notebook.pass_frames(20)
        return picture(self.canvas)


@pytest.fixture
def open_cells(open_notebook, tmp_path):
    def start(*cells):
        path = tiny_notebooks.save(tmp_path / "notebooks", "atlas.ipynb", tiny_notebooks.notebook(*cells))
        notebook = open_notebook(path)
        notebook.run_all()
        return notebook

    return start


def test_a_selection_arrives_as_exact_ids(open_cells, screenshots):
    notebook = open_cells(GRID, SHOW)
    notebook.scroll_to_widget()
    view = View(notebook, "A grid")
    view.press("l")
    view.drag((0, 0), (3, 0), (3, 2), (0, 2))
    view.selected(6)
    notebook.until_kernel("len(heard) == 1")
    corner = sorted(1000 + 10 * x + y for x in range(3) for y in range(2))
    assert notebook.evaluate("heard[0].ids.tolist()") == str(corner)
    assert notebook.evaluate("(heard[0].kind, heard[0].shown, heard[0].total)") == "('lasso', 100, 100)"

    view.press("b")
    notebook.page.keyboard.down("Shift")
    view.drag((8, 8), (10, 10))
    notebook.page.keyboard.up("Shift")
    view.selected(10)
    notebook.until_kernel("len(atlas.selection) == 10")

    view.press("m", "m", "+", "+", "+", "Enter")
    view.selected(10)
    view.press("m", "m", "x")
    view.selected(0)
    notebook.until_kernel("atlas.selection.kind == 'clear'")
    view.press("+", "Enter")
    notebook.until_kernel("atlas.selection.kind == 'box' and len(atlas.selection) > 3")
    inside = notebook.evaluate("bool(np.all(np.abs(grid[atlas.selection.ids - 1000] - 5) < 5))")
    assert inside == "True"
    notebook.screenshot(screenshots / "atlas_selected.png")

    notebook.evaluate("atlas.select([1000, 1001, 1099])")
    view.selected(3)
    notebook.save_and_reload()
    notebook.scroll_to_widget()
    View(notebook, "A grid").selected(3)
    assert notebook.evaluate("atlas.assert_clean()") == "None"
    assert notebook.problems() == [], notebook.lab.log[-6000:]


def test_hints_moments_and_a_second_view(open_cells):
    notebook = open_cells(GRID, SHOW, "atlas")
    notebook.scroll_to_widget()
    view = View(notebook, "A grid")
    notebook.page.mouse.move(*view.place(3.5, 7.5))
    notebook.until(view.part("tip"), SHOWS, "#1037")
    notebook.until(view.part("tip"), SHOWS, "7.5 m")
    notebook.page.mouse.move(*view.place(2, 2))
    notebook.until(view.part("tip"), SHOWS, "active")
    assert "energy −1.5" in view.part("badge").inner_text()

    notebook.evaluate("[show(step) for step in range(2, 5)] and atlas.set_past(0, 4)")
    view.press("r")
    notebook.until(view.part("past"), SHOWS, "step 2, not the latest")
    view.press("Escape")
    notebook.evaluate("atlas.set_past(0, 4)")
    notebook.until(view.part("past"), "(element) => element.hidden")

    second = View(notebook, "A grid", nth=1)
    assert colours(second.picture()) > 20
    view.canvas.scroll_into_view_if_needed()
    view.press("l", "+", "+", "Enter")
    size = int(notebook.evaluate("len(heard[-1])"))
    assert size > 0
    second.canvas.scroll_into_view_if_needed()
    second.selected(size)
    assert notebook.problems() == [], notebook.lab.log[-6000:]


def test_projections_and_a_lost_context(open_cells, screenshots):
    notebook = open_cells(GRID, BOX, DISK)
    notebook.scroll_to_widget()
    for title, key in (("A disk", "ArrowLeft"), ("A box", "ArrowLeft")):
        view = View(notebook, title)
        view.press()
        before = view.picture()
        assert colours(before) > 20, "the canvas is blank"
        view.press(key, key)
        turned = view.picture()
        assert difference(before, turned) > STILL
        view.press("d")
        assert difference(turned, view.picture()) > STILL
        view.press("d", "t", "0")
        assert distance(before, view.picture()) < ALIKE
        notebook.screenshot(screenshots / f"atlas_{title[2:]}.png")
    assert "3 lost (not finite)" in view.part("status").inner_text()
    kept = view.picture()
    notebook.page.evaluate(LOSE)
    notebook.until(view.root, "(element) => globalThis[Symbol.for('stnb')].gl1.lost")
    notebook.until(view.root, BACK)
    assert distance(kept, view.picture()) < ALIKE
    assert notebook.problems() == [], notebook.lab.log[-6000:]


def test_the_page_that_measures_a_browser_fills_its_table(browser):
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{BENCH.as_uri()}?most=10000&seconds=0.2")
    page.wait_for_function("document.body.dataset.done === 'true'")
    rows = page.locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in rows] == [["10,000", "spheres"], ["10,000", "density"]]
    assert all(float(number) > 0 for row in rows for number in row.split("\t")[2:6])
    assert problems == []
    page.close()
