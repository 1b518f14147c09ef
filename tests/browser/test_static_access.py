"""A page for everybody: readable in both themes, every control named and reached by keys, calm when asked to be."""

from __future__ import annotations

import pytest
from stnb_widgets import Slider
from stnb_widgets.page import save_page

from .access import CONTRASTS, DUPLICATES, FOCUSED, NAMELESS
from .pages import OpenPage, offline_browser, recorded_atlas

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(200)]

LEAST_CONTRAST = 4.5
COUNT_DRAWINGS = """(() => {
  window.drawings = 0;
  const original = window.requestAnimationFrame;
  window.drawingsPass = count => new Promise(done => {
    const next = () => (count-- > 0 ? original.call(window, next) : done());
    next();
  });
  window.requestAnimationFrame = callback => original(time => { window.drawings += 1; callback(time); });
})()"""


@pytest.fixture(scope="module")
def browser():
    with offline_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    dt = Slider("dt", label="time step", value=0.01, low=1e-4, high=0.1, unit="s", log=True)
    atlases = [recorded_atlas("A run", controls=[dt]), recorded_atlas("Another", seed=1)]
    path = save_page(tmp_path_factory.mktemp("page") / "run.html", atlases, title="Two runs")
    for atlas in atlases:
        atlas.close()
    return path


@pytest.fixture
def open_page(browser):
    opened = []

    def start(path, **options):
        opened.append(OpenPage(browser, path, **options))
        return opened[-1].ready()

    yield start
    for page in opened:
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(open_page, path, scheme):
    page = open_page(path, color_scheme=scheme)
    page.page.wait_for_function(f"() => document.querySelector('.stnb').dataset.theme === '{scheme}'")
    page.part("help").click()
    found = page.page.evaluate(CONTRASTS)
    assert len(found) > 40
    assert {"Two runs", "step 120", "0.01", "Dark theme" if scheme == "light" else "Light theme"} <= {
        text for text, _ in found
    }
    assert [pair for pair in found if pair[1] < LEAST_CONTRAST] == []
    page.page.evaluate("document.querySelector('.stnb-status').style.opacity = 0.5")
    assert any(contrast < LEAST_CONTRAST for _, contrast in page.page.evaluate(CONTRASTS)), (
        "faint text is noticed"
    )


def test_every_control_has_a_name_and_every_id_is_its_own(open_page, path):
    page = open_page(path)
    assert page.page.evaluate(NAMELESS) == []
    assert page.page.evaluate(DUPLICATES) == []
    page.page.evaluate("document.querySelector('[data-stnb=help]').removeAttribute('aria-label')")
    page.page.evaluate("document.querySelector('[data-stnb=scrub]').removeAttribute('aria-label')")
    assert len(page.page.evaluate(NAMELESS)) == 1, "a range without a name is noticed"


def test_the_tab_key_reaches_everything_and_shows_where_it_is(open_page, path):
    page = open_page(path)
    reached = []
    for _ in range(40):
        page.page.keyboard.press("Tab")
        tag, name, visible = page.page.evaluate(FOCUSED)
        if tag == "body":
            break
        assert visible, name
        reached.append(name)
    parts = {"stnb-page-theme", "canvas", "scrub", "play", "step", "speed", "reset", "help"}
    assert parts <= set(reached)
    assert reached.count("canvas") == 2


def test_nothing_moves_for_those_who_ask_for_calm_and_nothing_runs_at_rest(open_page, path):
    page = open_page(path, script=COUNT_DRAWINGS, reduced_motion="reduce")
    page.part("scrub").press("ArrowLeft")
    page.until_steps(110, 110)
    page.still()
    before = page.page.evaluate("window.drawings")
    page.page.evaluate("window.drawingsPass(40)")
    assert page.page.evaluate("window.drawings") - before <= 1
    running = "() => document.getAnimations().filter(a => a.playState === 'running').length"
    assert page.page.evaluate(running) == 0
