"""Recorded runs as pages, opened from a disk in a browser that finds no host."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .lab import Watch, running_browser
from .notebook import FRAMES
from .pixels import picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

NO_HOSTS = "--host-resolver-rules=MAP * ~NOTFOUND"
READY = """() => document.querySelector('[data-ready=true]')
  && [...document.querySelectorAll('.stnb')].every(root => Number(root.dataset.frames) > 0)"""
AT_STEPS = """steps => [...document.querySelectorAll('.stnb')].every(
  (root, i) => root.dataset.step === String(steps[i]))"""
COUNT_CONTEXTS = """(() => {
  const counts = window.contextCounts = { made: 0, lost: 0 };
  for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
    const original = kind.prototype.getContext;
    const known = new WeakSet();
    kind.prototype.getContext = function (name, ...rest) {
      const context = original.call(this, name, ...rest);
      if (context && String(name).startsWith('webgl') && !known.has(context)) {
        known.add(context);
        counts.made += 1;
        this.addEventListener('webglcontextlost', () => { counts.lost += 1; });
      }
      return context;
    };
  }
})()"""
NO_WEBGL = """(() => {
  for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
    const original = kind.prototype.getContext;
    kind.prototype.getContext = function (name, ...rest) {
      return String(name).startsWith('webgl') ? null : original.call(this, name, ...rest);
    };
  }
})()"""


def recorded_atlas(
    title: str = "A run", *, seed: int = 0, frames: int = 12, count: int = 300, **options: Any
) -> Any:
    """An Atlas that has shown steps 10, 20, ... of particles that drift apart."""
    from stnb_widgets import Atlas, Points

    rng = np.random.default_rng(seed)
    start, velocity = rng.uniform(10, 21, (count, 3)), rng.normal(0, 0.6, (count, 3))
    atlas = Atlas(
        box=((0, 0, 0), (31, 31, 31)), attributes={"speed": "m/s"}, title=title, **{"group": "run", **options}
    )
    speed = np.linalg.norm(velocity, axis=1)
    for k in range(frames):
        atlas.offer(
            Points(
                step=10 * k + 10, time=0.1 * k, positions=start + k * velocity, attributes={"speed": speed}
            )
        )
    return atlas


@contextmanager
def offline_browser() -> Iterator[Browser]:
    """A browser that resolves no host name."""
    with running_browser(NO_HOSTS) as browser:
        yield browser


class OpenPage:
    """A page opened from a file; every request for anything else fails and is a problem."""

    def __init__(self, browser: Browser, path: Path, *, script: str = "", **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 900, "height": 800}, **context})
        self.context.route(
            lambda url: not url.startswith(("file:", "data:", "blob:")), lambda route: route.abort()
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        if script:
            self.page.add_init_script(script)
        self.watch = Watch(self.page)
        self.page.goto(path.as_uri())

    def ready(self) -> OpenPage:
        """Return once every widget has shown a frame."""
        self.page.wait_for_function(READY)
        return self

    def roots(self) -> list[Locator]:
        """The widgets, from the top."""
        return self.page.locator(".stnb").all()

    def part(self, name: str, widget: int = 0) -> Locator:
        """A part of a widget by its `data-stnb`."""
        return self.page.locator(".stnb").nth(widget).locator(f"[data-stnb={name}]")

    def until_steps(self, *steps: int) -> None:
        """Return once the widgets show these steps."""
        self.page.wait_for_function(AT_STEPS, arg=list(steps))

    def until(self, locator: Locator, condition: str, argument: Any = None) -> None:
        """Wait until `condition`, a JavaScript function of (element, argument), holds."""
        script = f"([element, argument]) => ({condition})(element, argument)"
        self.page.wait_for_function(script, arg=[locator.element_handle(), argument])

    def steps(self) -> list[int]:
        """The step that each widget shows."""
        return [int(root.get_attribute("data-step") or -1) for root in self.roots()]

    def still(self, widget: int = 0) -> np.ndarray:
        """The canvas of a widget once two looks at it, some drawings apart, agree."""
        canvas = self.part("canvas", widget)
        canvas.scroll_into_view_if_needed()
        before = picture(canvas)
        for _ in range(60):
            self.page.evaluate(FRAMES, 12)
            after = picture(canvas)
            if np.array_equal(before, after):
                return after
            before = after
        raise AssertionError("the picture does not come to rest")

    def close(self) -> None:
        """Close the page and what it remembers."""
        self.context.close()
