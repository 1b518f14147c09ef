"""A session's three views at once: one moment, one brush, one hover, in JupyterLab and on a page without a kernel."""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import contextmanager

import pytest

from tests import tiny_notebooks

from .pages import OpenPage
from .pixels import STILL, colours, difference, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

MAKE = """
import stnb
s = stnb.ManifoldSession(particles=300, grid=16, coupling=2.0, speed=0.3, seed=3)
s.step(80)
s.view()
"""
VIEWS = ("atlas", "carriers", "timeline")
AT_STEP = "(element, step) => Number(element.dataset.step) === step"
BEYOND = "(element, step) => Number(element.dataset.step) > step"
BEFORE = "(element, step) => element.dataset.step !== '' && Number(element.dataset.step) < step"
DATA = "(element, [name, value]) => element.dataset[name] === value"
PLAYING = "(element, playing) => element.dataset.playing === playing"
WIDTH = "element => element.getBoundingClientRect().width"
AGREED = """() => Object.entries(globalThis[Symbol.for('stnb')])
  .find(([name]) => name.startsWith('group '))[1].agreed"""
CODE_BYTES = 300_000


class Board:
    """The views of a dashboard."""

    def __init__(self, page, until):
        self.page = page
        self._until = until
        self.atlas, self.carriers, self.timeline = self.roots = [
            page.locator(f"[data-stnb={name}]").first for name in VIEWS
        ]

    def until(self, root, condition, argument):
        self._until(root, condition, argument)

    def part(self, root, name):
        return root.locator(f"[data-stnb={name}]").first

    def agreed(self):
        return self.page.evaluate(AGREED)

    def step_of(self, root):
        return int(root.get_attribute("data-step"))

    def hover(self):
        """Move the pointer over the spectrum until it rests on a carrier; the carrier."""
        canvas = self.part(self.carriers, "canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        for x in range(60, int(box["width"]) - 20, 8):
            self.page.mouse.move(box["x"] + x, box["y"] + 0.8 * box["height"])
            hover = self.agreed().get("hover")
            if hover:
                return hover["id"]
        raise AssertionError("no carrier is under any place of the spectrum")


@contextmanager
def frozen(process):
    """Stop a process for a while: what still happens in the page, happens without it."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.fixture
def board(open_notebook, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    path = source / "dashboard.ipynb"
    path.write_text(json.dumps(tiny_notebooks.notebook(MAKE)), encoding="utf-8")
    notebook = open_notebook(path)
    notebook.page.set_viewport_size({"width": 1500, "height": 1500})
    notebook.run_all()
    notebook.scroll_to_widget()
    return notebook, Board(notebook.page, notebook.until)


def test_three_views_of_a_session_move_and_look_back_together(board, screenshots):
    notebook, three = board
    page, keys = notebook.page, notebook.page.keyboard
    for root in three.roots:
        notebook.until(root, AT_STEP, 80)
    notebook.pass_frames(20)
    still = [picture(three.part(root, "canvas")) for root in three.roots]
    assert min(colours(one) for one in still) > 20, "a canvas is blank"

    three.part(three.atlas, "play").press("Enter")
    for root in three.roots:
        notebook.until(root, BEYOND, 120)
    notebook.screenshot(screenshots / "dashboard_playing.png")
    three.part(three.atlas, "play").press("Enter")
    notebook.until(three.atlas, PLAYING, "false")
    last = int(notebook.evaluate("s.step_index"))
    for root in three.roots:
        notebook.until(root, AT_STEP, last)
    notebook.until(three.timeline, DATA, ["window", f"0,{last}"])
    notebook.pass_frames(60)
    for root, before in zip(three.roots, still, strict=True):
        assert difference(before, picture(three.part(root, "canvas"))) > STILL, "the picture did not move"

    three.part(three.atlas, "canvas").focus()
    keys.press(".")
    for root in three.roots:
        notebook.until(root, AT_STEP, last + 1)
    three.part(three.atlas, "scrub").focus()
    for key in ("PageDown", "PageDown", "ArrowRight"):
        keys.press(key)
    for root in (three.atlas, three.carriers):
        notebook.until(root, BEFORE, last)
    notebook.until_kernel("s.view().atlas.state['past']['shown'] not in (None, s.step_index)")
    shown = notebook.evaluate("s.view().atlas.state['past']['shown']")
    notebook.until(three.atlas, DATA, ["shown", shown])
    notebook.until(three.timeline, DATA, ["moment", shown])
    assert three.step_of(three.timeline) == last + 1, "the Timeline shows the whole run"
    notebook.screenshot(screenshots / "dashboard_earlier.png")

    notebook.save_and_reload()
    notebook.scroll_to_widget()
    three = Board(page, notebook.until)
    notebook.until(three.atlas, DATA, ["shown", shown])
    notebook.until(three.timeline, DATA, ["moment", shown])
    for root in (three.atlas, three.carriers):
        notebook.until(root, BEFORE, last)
    three.part(three.timeline, "canvas").focus()
    row, *halves = (root.evaluate(WIDTH) for root in (three.timeline, three.atlas, three.carriers))
    assert row > 0.98 * sum(halves), "the Timeline takes the whole row"
    keys.press("Backspace")
    for root in three.roots:
        notebook.until(root, AT_STEP, last + 1)
    notebook.until(three.atlas, DATA, ["shown", ""])
    notebook.evaluate("s.view().assert_clean()")
    assert notebook.problems() == [], notebook.lab.log[-6000:]


def test_what_one_view_points_at_the_others_show_without_the_kernel(board, screenshots):
    notebook, three = board
    page, keys = notebook.page, notebook.page.keyboard
    for root in three.roots:
        notebook.until(root, AT_STEP, 80)
    kernel = int(notebook.evaluate("__import__('os').getpid()"))
    box = three.part(three.atlas, "canvas")
    notebook.pass_frames(20)
    plain = picture(box)
    with frozen(kernel):
        uid = three.hover()
        agreed = three.agreed()
        assert agreed["hover"] == {"kind": "carrier", "id": uid}
        heard = agreed["selection"]["ids"]
        assert agreed["selection"]["kind"] == "particle"
        notebook.until(three.atlas, DATA, ["selected", str(len(heard))])
        notebook.pass_frames(20)
        assert difference(plain, picture(box)) > STILL, "the particles that it hears look like all others"
        page.mouse.move(2, 2)
        notebook.until(three.atlas, DATA, ["selected", "0"])
        assert three.agreed()["hover"] is None

        three.part(three.carriers, "canvas").focus()
        keys.press("ArrowRight")
        picked = three.agreed()["hover"]
        assert picked["kind"] == "carrier"
        notebook.until(three.atlas, DATA, ["selected", str(len(three.agreed()["selection"]["ids"]))])

        three.part(three.timeline, "canvas").focus()
        for key in ("b", *[";"] * 9, "b"):
            keys.press(key)
        first, last = three.agreed()["brush"]
        assert last - first >= 9
        notebook.until(three.timeline, DATA, ["brush", f"{first},{last}"])
    notebook.until_kernel(f"s.view().timeline.brush == ({first}, {last})")
    notebook.until_kernel(f"s.view().carriers.selected == {picked['id']}")
    notebook.screenshot(screenshots / "dashboard_linked.png")
    notebook.evaluate("s.view().assert_clean()")
    assert notebook.problems() == [], notebook.lab.log[-6000:]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A page of a run of 300 steps, and the steps that its Atlas and its Carriers have kept."""
    import stnb

    session = stnb.ManifoldSession(particles=300, grid=16, coupling=2.0, speed=0.3, seed=3)
    board = session.view()
    for _ in range(10):
        session.step(30)
        board.flush()
    path = session.to_html(tmp_path_factory.mktemp("run") / "run.html")
    board.close()
    return path


@pytest.mark.parametrize("width", [1200, 420])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_same_as_a_page_without_kernel_and_network(browser, recorded, width, scheme, screenshots):
    opened = OpenPage(
        browser, recorded, viewport={"width": width, "height": 900}, color_scheme=scheme
    ).ready()
    three = Board(opened.page, opened.until)
    assert [three.step_of(root) for root in three.roots] == [300, 300, 300]
    assert min(colours(opened.still(i)) for i in range(3)) > 20, "a canvas is blank"
    scrub = three.part(three.atlas, "scrub")
    for key, shown in (("Home", 0), ("End", 300), ("PageDown", 270)):
        scrub.press(key)
        for root in (three.atlas, three.carriers):
            three.until(root, AT_STEP, shown)
        three.until(three.timeline, DATA, ["moment", "" if shown == 300 else str(shown)])
    assert three.timeline.get_attribute("data-window") == "0,300"
    assert three.step_of(three.timeline) == 300, "the Timeline shows the whole run"
    row, main = (opened.page.locator(place).first.evaluate(WIDTH) for place in (".stnb-timeline", "main"))
    assert row > main - 8, "the Timeline takes the whole row"
    words = opened.page.locator("main").inner_text()
    assert not re.search(r"\bnow\b", words), "nothing is now on a recorded page"
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    opened.page.set_viewport_size({"width": width, "height": 1400 if width > 600 else 2300})
    opened.still(2)
    opened.page.screenshot(path=screenshots / f"dashboard_page_{scheme}_{width}.png")
    assert opened.watch.problems == []
    assert opened.watch.hosts == set()
    opened.close()


def test_a_page_is_small_beside_its_film(recorded):
    text = recorded.read_text(encoding="utf-8")
    film = sum(len(packed) for packed in re.findall(r'\[\d+,"([A-Za-z0-9+/=]{400,})"\]', text))
    print(f"a dashboard as a page: {len(text):,} bytes, of which {film:,} film")
    assert film > 50_000
    assert len(text) - film < CODE_BYTES
