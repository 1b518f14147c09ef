"""The welcome notebook as people meet it: it moves, it obeys, it survives a reload."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pixels import ALIKE, STILL, colours, difference, distance, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

WELCOME = Path(__file__).resolve().parents[2] / "notebooks" / "00_welcome.ipynb"
PLAYING = "(element, playing) => element.dataset.playing === playing"
AT_STEP = "(element, step) => Number(element.dataset.step) === step"
BEYOND = "(element, step) => Number(element.dataset.step) > step"
SET_SLIDER = """(input, value) => {
  input.value = value;
  for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind, { bubbles: true }));
}"""
# The first session that the notebook made, whatever it calls it.
SESSION = "[v for v in list(globals().values()) if isinstance(v, __import__('stnb').ManifoldSession)][0]"


class Atlas:
    """The Atlas of an open notebook."""

    def __init__(self, notebook):
        self.notebook = notebook
        notebook.scroll_to_widget()
        self.root = notebook.page.locator("[data-stnb=atlas]").first
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()

    def part(self, name):
        return self.root.locator(f"[data-stnb={name}]")

    def picture(self):
        return picture(self.part("canvas"))

    def moves_away_from(self, still, drawings=120):
        """Whether another picture is drawn within so many drawings; a step received is not yet a step drawn."""
        for _ in range(drawings):
            self.notebook.pass_frames(2)
            if difference(still, self.picture()) > STILL:
                return True
        return False

    def shown_step(self):
        return int(self.root.get_attribute("data-step") or 0)

    def session(self, attribute):
        return self.notebook.evaluate(f"{SESSION}.{attribute}")

    def wait(self, condition, value):
        self.notebook.until(self.root, condition, value)

    def toggle(self, *, playing):
        if self.root.get_attribute("data-playing") != str(playing).lower():
            self.part("play").click()
        self.wait(PLAYING, str(playing).lower())

    def settle(self):
        """Pause, and wait until the last step of the session is the one shown."""
        self.toggle(playing=False)
        self.wait(AT_STEP, int(self.session("step_index")))
        self.notebook.pass_frames(30)


@pytest.fixture
def atlas(open_notebook):
    notebook = open_notebook(WELCOME)
    notebook.run_all()
    return Atlas(notebook)


def test_welcome(atlas, screenshots):
    notebook = atlas.notebook
    atlas.wait(AT_STEP, int(atlas.session("step_index")))
    still = atlas.picture()
    assert colours(still) > 20, "the canvas is blank"

    step = atlas.shown_step()
    atlas.toggle(playing=True)
    atlas.wait(BEYOND, step + 5)
    assert atlas.moves_away_from(still), "the picture stands still while the session plays"
    notebook.screenshot(screenshots / "welcome_playing.png")

    atlas.settle()
    paused, frames = atlas.picture(), atlas.root.get_attribute("data-frames")
    step = atlas.session("step_index")
    notebook.pass_frames(60)
    assert atlas.session("step_index") == step
    assert atlas.root.get_attribute("data-frames") == frames
    assert difference(paused, atlas.picture()) < STILL, "the picture moves while the session is paused"

    atlas.part("step").click()
    atlas.wait(AT_STEP, int(step) + 1)
    assert int(atlas.session("step_index")) == int(step) + 1

    slider = atlas.root.locator("[data-stnb=slider][data-name=gravity]")
    before = float(atlas.session("config.gravity"))
    low, high = (float(slider.get_attribute(name)) for name in ("min", "max"))
    position = float(slider.input_value())
    slider.evaluate(SET_SLIDER, str(low + (high - low) * (0.75 if position < (low + high) / 2 else 0.25)))
    changed = f"{SESSION}.config.gravity != {before}"
    notebook.until_kernel(changed)
    notebook.screenshot(screenshots / "welcome_paused.png")

    step = int(atlas.session("step_index"))
    atlas.settle()
    kept = atlas.picture()
    notebook.save_and_reload()
    again = Atlas(notebook)
    again.wait(AT_STEP, step)
    notebook.pass_frames(30)
    assert colours(again.picture()) > 20, "the reloaded canvas is blank"
    notebook.screenshot(screenshots / "welcome_reloaded.png")
    assert distance(kept, again.picture()) < ALIKE, "the reload shows another picture"
    assert notebook.problems() == [], notebook.lab.log[-6000:]
