"""Recorded runs as single files: they open without a network, replay, link, and stay within their contexts."""

from __future__ import annotations

import pytest
from stnb_widgets import Slider
from stnb_widgets.page import page_fragment, save_page

from .pages import COUNT_CONTEXTS, NO_WEBGL, OpenPage, offline_browser, recorded_atlas
from .pixels import ALIKE, STILL, colours, difference, distance

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(200)]

NASTY = 'a </script><!-- <b>"quoted" & more'
LISTENERS = """step => {
  const registry = globalThis[Symbol.for('stnb')];
  const name = Object.keys(registry).find(key => key.startsWith('group run'));
  for (const listener of registry[name].listeners.get('moment')) listener(step);
}"""


@pytest.fixture(scope="module")
def browser():
    with offline_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    """A page of two linked runs with a slider; the second starts and ends earlier."""
    dt = Slider("dt", label="time step", value=0.01, low=1e-4, high=0.1, unit="s", log=True)
    one = recorded_atlas(NASTY, controls=[dt])
    other = recorded_atlas("Another seed", seed=1, frames=10)
    path = save_page(tmp_path_factory.mktemp("page") / "two runs.html", [one, other], title=NASTY)
    one.close()
    other.close()
    return path


@pytest.fixture
def open_page(browser, screenshots):
    opened = []

    def start(path, **options):
        opened.append(OpenPage(browser, path, **options))
        return opened[-1]

    yield start
    for number, page in enumerate(opened):
        page.page.screenshot(path=screenshots / f"static_page_{number}_last.png")
        page.close()


def test_it_opens_without_a_network_and_replays_by_keys(open_page, two_runs):
    page = open_page(two_runs).ready()
    assert page.page.title() == NASTY
    assert page.page.locator("h3").first.text_content() == NASTY
    assert "12 frames, steps 10 to 120" in page.page.locator(".stnb-page-note").text_content()
    assert page.steps() == [120, 100]
    assert colours(page.still()) > 20, "the canvas is blank"
    scrub = page.part("scrub")
    scrub.focus()
    for key, steps in [
        ("ArrowLeft", (110, 100)),
        ("ArrowLeft", (100, 100)),
        ("Home", (10, 10)),
        ("End", (120, 100)),
    ]:
        scrub.press(key)
        page.until_steps(*steps)
    page.part("canvas", 1).focus()
    page.page.keyboard.press("Space")
    page.page.wait_for_function("() => document.querySelector('.stnb').dataset.playing === 'true'")
    page.page.wait_for_function("() => Number(document.querySelector('.stnb').dataset.step) < 120")
    page.page.keyboard.press("Space")
    page.page.wait_for_function("() => document.querySelector('.stnb').dataset.playing === 'false'")
    before = page.steps()[0]
    page.page.keyboard.press(".")
    page.until_steps(*(min(before + 10, most) for most in (120, 100)))
    page.page.keyboard.press("Space")
    page.until_steps(120, 100)
    page.page.wait_for_function("() => document.querySelector('.stnb').dataset.playing === 'false'")
    assert page.watch.problems == []
    assert page.watch.hosts == set()


def test_the_same_moment_is_the_same_picture_in_every_load(open_page, two_runs):
    pictures = []
    for _ in range(2):
        page = open_page(two_runs).ready()
        page.part("scrub").press("Home")
        page.until_steps(10, 10)
        first = page.still()
        assert distance(first, page.still(1)) > ALIKE / 2, "two runs look the same"
        page.part("scrub").press("ArrowRight")
        page.until_steps(20, 20)
        pictures.append((first, page.still()))
    (first, second), (first_again, second_again) = pictures
    assert difference(first, first_again) <= STILL
    assert difference(second, second_again) <= STILL
    assert distance(first, second) > ALIKE / 2, "two moments look the same"


def test_linked_widgets_follow_the_moment_that_one_of_them_agrees_on(open_page, two_runs):
    page = open_page(two_runs).ready()
    page.page.evaluate(LISTENERS, 57)
    page.until_steps(50, 50)
    assert page.page.locator(".stnb").nth(1).get_attribute("data-shown") == "50"
    page.page.evaluate(LISTENERS, None)
    page.until_steps(120, 100)


def test_what_needs_a_session_says_so(open_page, two_runs):
    page = open_page(two_runs).ready()
    slider = page.part("slider")
    assert slider.is_disabled()
    assert slider.get_attribute("title") == "needs a live session"
    assert "Changing these needs a live session." in page.roots()[0].text_content()
    assert page.part("record").is_hidden()


def test_it_is_dark_or_light_as_the_system_is_until_the_button_is_pressed(open_page, two_runs):
    page = open_page(two_runs, color_scheme="dark").ready()
    theme = "() => [...document.querySelectorAll('.stnb')].every(root => root.dataset.theme === '{}')"
    page.page.wait_for_function(theme.format("dark"))
    dark = page.still()
    page.page.emulate_media(color_scheme="light")
    page.page.wait_for_function(theme.format("light"))
    light = page.still()
    assert light.mean() > dark.mean() + 60
    frames = [root.get_attribute("data-frames") for root in page.roots()]
    page.page.get_by_role("button", name="Dark theme").press("Enter")
    page.page.wait_for_function(theme.format("dark"))
    assert distance(dark, page.still()) < ALIKE
    assert frames == [root.get_attribute("data-frames") for root in page.roots()], (
        "the theme needed a new frame"
    )


def test_without_scripts_or_webgl_the_still_picture_stays(open_page, two_runs):
    plain = open_page(two_runs, java_script_enabled=False)
    posters = plain.page.get_by_role("img", name="12 frames").or_(plain.page.locator("img.stnb-poster"))
    assert posters.count() == 2
    assert "300 particles at step 120" in posters.first.get_attribute("alt")
    assert "with scripts it plays" in plain.page.locator(".stnb-page-note").text_content()
    flat = open_page(two_runs, script=NO_WEBGL).ready()
    assert flat.page.locator("img.stnb-poster").count() == 2
    assert flat.page.get_by_text("has no WebGL2").first.is_visible()
    with_pictures = open_page(two_runs).ready()
    assert with_pictures.page.locator("img.stnb-poster").count() == 0


def test_fragments_stand_beside_each_other_in_a_larger_page(open_page, tmp_path):
    atlases = [recorded_atlas(f"Run {i}", seed=i, frames=3 + i) for i in range(3)]
    path = tmp_path / "gallery.html"
    body = "<hr>".join([page_fragment(atlases[:1]), page_fragment(atlases[1:], layout="grid")])
    path.write_text(
        f'<!doctype html><html lang="en"><title>g</title><body>{body}</body></html>', encoding="utf-8"
    )
    page = open_page(path)
    page.page.wait_for_function("() => document.querySelectorAll('[data-ready=true]').length === 2")
    page.ready()
    page.part("scrub", 1).press("Home")
    page.until_steps(10, 10, 10)
    assert page.watch.problems == []


def test_forty_widgets_share_one_context_and_none_is_lost(open_page, tmp_path):
    atlases = [recorded_atlas(f"Run {i}", seed=i, frames=2, count=60, group="") for i in range(40)]
    path = save_page(tmp_path / "forty.html", atlases, layout="grid", title="Forty runs")
    page = open_page(path, script=COUNT_CONTEXTS, viewport={"width": 1280, "height": 900}).ready()
    assert len(page.roots()) == 40
    for widget in (0, 39):
        assert colours(page.still(widget)) > 20, f"canvas {widget} is blank"
    assert page.page.evaluate("window.contextCounts") == {"made": 1, "lost": 0}
    assert page.watch.problems == []
    for atlas in atlases:
        atlas.close()
