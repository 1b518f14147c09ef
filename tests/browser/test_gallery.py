"""The gallery as people open it: from a disk, without a network, in both themes, with keys alone."""

from __future__ import annotations

import pytest

from stnb.gallery import build
from tests.gallery import tiny_gallery

from .pages import OpenPage, offline_browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(200)]

GROUND = "() => getComputedStyle(document.body).backgroundColor"
DARK, LIGHT = "rgb(18, 22, 27)", "rgb(255, 255, 255)"
CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a] = parse(getComputedStyle(at).backgroundColor);
      if (a === undefined || a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const weak = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.data.trim();
    if (!words || element.closest("script, style, .stnb, .here") || !element.getClientRects().length) continue;
    const [one, two] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) weak.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)} ${words.slice(0, 30)}`);
  }
  return weak;
}"""


@pytest.fixture(scope="module")
def browser():
    with offline_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a gallery")
    tiny_gallery.save(folder / "notebooks")
    return build(folder / "notebooks", folder / "pages", rooms=["stnb.geometry"])


@pytest.fixture
def open_page(browser, gallery, screenshots):
    opened = []

    def start(name="index.html", **options):
        opened.append(OpenPage(browser, gallery.with_name(name), **options))
        return opened[-1]

    yield start
    for number, page in enumerate(opened):
        page.page.screenshot(path=screenshots / f"gallery_{number}_last.png")
        assert page.watch.problems == []
        assert page.watch.hosts == set()
        page.close()


def test_search_and_tags_by_keys(open_page):
    page = open_page().page
    cards = page.locator(".card:visible")
    told = page.locator(".find output")
    assert cards.count() == 2
    page.keyboard.press("/")
    page.keyboard.type("WAVES part")
    assert cards.count() == 1
    assert told.text_content() == "1 of 2 notebooks"
    assert "b_words.html" in cards.first.inner_html()
    page.keyboard.press("Escape")
    assert (cards.count(), told.text_content()) == (2, "2 notebooks")
    page.keyboard.type("nowhere to be found")
    assert cards.count() == 0
    page.keyboard.press("Escape")
    tag = page.get_by_role("button", name="test", exact=True)
    page.keyboard.press("Tab")
    assert tag.evaluate("element => element === document.activeElement")
    page.keyboard.press("Space")
    assert tag.get_attribute("aria-pressed") == "true"
    assert cards.count() == 2
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/b_words.html")
    assert page.locator("h1").first.text_content().startswith("Tiny")


def test_tags_narrow_what_is_shown(open_page):
    page = open_page().page
    page.evaluate("() => { document.querySelector('.card').dataset.tags = 'other'; }")
    page.get_by_role("button", name="test", exact=True).press("Enter")
    assert page.locator(".card:visible").count() == 1


def test_the_theme_is_that_of_the_system_until_it_is_chosen_and_then_remembered(open_page):
    opened = open_page(color_scheme="dark")
    page = opened.page
    assert page.evaluate(GROUND) == DARK
    page.emulate_media(color_scheme="light")
    assert page.evaluate(GROUND) == LIGHT
    page.get_by_role("button", name="Dark theme").press("Enter")
    assert page.evaluate(GROUND) == DARK
    page.get_by_role("link", name="Glossary").click()
    page.wait_for_url("**/glossary.html")
    assert page.evaluate(GROUND) == DARK
    page.get_by_role("button", name="Light theme").press("Enter")
    page.reload()
    assert page.evaluate(GROUND) == LIGHT


def test_widgets_replay_by_keys_in_either_theme(open_page, screenshots):
    page = open_page("a_widget.html").ready()
    assert len(page.roots()) == 2
    assert page.steps() == [30, 30]
    page.part("scrub").press("Home")
    page.until_steps(10, 30)
    page.part("scrub", 1).press("ArrowLeft")
    page.until_steps(10, 20)
    page.page.get_by_role("button", name="Dark theme").press("Enter")
    page.page.wait_for_function(
        "() => [...document.querySelectorAll('.stnb')].every(root => root.dataset.theme === 'dark')"
    )
    assert page.still(0).mean() < 90
    assert page.steps() == [10, 20], "the theme needed a new frame"


@pytest.mark.parametrize(
    "name", ["index", "b_words", "a_widget", "glossary", "reference", "stnb.geometry", "checks"]
)
def test_pages_can_be_read_in_either_theme_and_on_a_narrow_screen(open_page, name):
    page = open_page(f"{name}.html", viewport={"width": 400, "height": 800}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate(CONTRAST) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(CONTRAST) == []
    assert page.locator("h1").count() == 1


def test_the_glossary_can_be_searched(open_page):
    page = open_page("glossary.html").page
    page.keyboard.press("/")
    page.keyboard.type("hypergrad")
    shown = page.locator(".terms > section:visible h2").all_text_contents()
    assert [text.split()[0] for text in shown] == ["hypergrad", "tape"]


def test_without_scripts_everything_is_there_and_nothing_pretends_to_work(open_page):
    page = open_page(java_script_enabled=False).page
    assert page.locator(".card").count() == 2
    assert page.locator(".find:visible, .theme:visible").count() == 0
    page.locator(".card a").nth(1).click()
    page.wait_for_url("**/a_widget.html")
    assert page.locator("img.stnb-poster").count() == 2
    assert page.locator("img.stnb-poster").first.is_visible()


def test_links_of_the_bar_lead_to_every_page(open_page):
    page = open_page().page
    for name in ("Glossary", "Reference", "Checks", "Notebooks"):
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        page.wait_for_function("name => document.querySelector('h1').textContent === name", arg=name)
    page.locator(".card a").first.click()
    page.locator("details.contents summary").press("Enter")
    page.get_by_role("link", name="A part about waves").click()
    page.wait_for_url("**/b_words.html#a-part-about-waves")
    page.locator("a[rel=next]").click()
    page.wait_for_url("**/a_widget.html")
