"""The reference: every public name is described, every link leads somewhere, docstrings are read as meant."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

import pytest

from stnb.gallery.docstrings import Part, blocks, parse
from stnb.gallery.glossary import glossary_page, read_glossary
from stnb.gallery.layout import external_references
from stnb.gallery.reference import linked, room_page, rooms_page
from stnb.gallery.rooms import House, members
from stnb.gallery.signatures import WIDTH, signature

NOTHING = object()
GOOGLE = """Sum and mean of x.

It is exact, see `Score`.

    mean = sum/n

- one
  thing
- another

Args:
    x: numbers,
        two at least.
    *rest (int): more of them.

Returns:
    Both.

Raises:
    ValueError: for one number.

>>> both([1, 2])
(3, 1.5)
"""


class Score:
    """A score: `best`, or `Score.best`."""

    def best(self, of: int, /, *, ties: bool = True) -> str:
        """The best one."""

    def _hidden(self):
        """Not told."""

    def untold(self):
        pass


@dataclass
class Many:
    """Many settings."""

    first: float = 1.0
    second_with_a_long_name: tuple[int, ...] = (1, 2)
    third_with_a_long_name: object = None


@pytest.fixture(scope="module")
def house():
    return House()


@pytest.fixture(scope="module")
def pages(house):
    made = {room.file: room_page(room, house) for room in house.rooms}
    words = {"glossary.html": glossary_page(read_glossary(), house), "reference.html": rooms_page(house)}
    return {**made, **words}


def test_every_public_name_says_what_it_is(house):
    bare = [
        name.full
        for room in house.rooms
        for name in room.names
        if name.kind != "value" and not (inspect.getdoc(name.thing) or "").strip()
    ]
    assert bare == []
    assert all((room.module.__doc__ or "").strip() for room in house.rooms)


def test_every_public_name_has_a_home_on_exactly_one_page(house, pages):
    for room in house.rooms:
        for name in room.names:
            if name.kind == "module":
                continue
            address = house.address(name.full)
            assert address, name.full
            file, _, anchor = address.partition("#")
            assert pages[file].count(f'<h2 id="{anchor}">') == 1, name.full


def test_every_link_leads_to_a_page_and_an_anchor(pages):
    others = {"index.html", "checks.html"}
    broken = []
    for file, html in pages.items():
        for target in re.findall(r'href="([^"]*)"', html):
            place, _, anchor = target.partition("#")
            if place in others or target.startswith("data:") or target == "#main":
                continue
            page = pages.get(place or file)
            if page is None or (anchor and f'id="{anchor}"' not in page):
                broken.append((file, target))
    assert broken == []


def test_anchors_are_unique_and_nothing_is_fetched(pages):
    for file, html in pages.items():
        anchors = re.findall(r'\bid="([^"]*)"', html)
        assert len(anchors) == len(set(anchors)), file
        assert external_references(html) == [], file
        assert " at 0x" not in html, file


def test_names_are_found_where_people_look_for_them(house):
    assert house.address("stnb.Tensor") == house.address("stnb.zspace.Tensor") == "stnb.zspace.html#Tensor"
    assert house.address("stnb.Hypergrad.apply") == "stnb.zspace.html#Hypergrad.apply"
    assert house.address("stnb.kernels.Grid") == "stnb_kernels.html#Grid"
    assert house.address("stnb.geometry") == "stnb.geometry.html"
    assert house.address("stnb.ZSpaceBarycenter.density") == "stnb.zspace.html#ZSpaceBarycenter"
    for unknown in ("stnb.nothing", "stnb.Tensor.nothing", "stnb.Tensor._rows", "os.path", ""):
        assert house.address(unknown) is None


def test_a_name_means_what_is_nearest(house):
    assert 'href="stnb.geometry.html#Ball.check"' in linked("see `check`", house, "stnb.geometry.Ball")
    assert 'href="stnb.zspace.html#Tensor"' in linked("a `Tensor`", house, "stnb.chrono")
    assert "href" not in linked("`check` is a verb here", house, "stnb.chrono")
    assert linked("a < b, *really* `x < y`, 2*a*b", house, "stnb") == (
        "a &lt; b, <em>really</em> <code>x &lt; y</code>, 2*a*b"
    )


def test_a_docstring_is_read_by_its_sections():
    told = parse(GOOGLE)
    assert told.summary == "Sum and mean of x."
    args, returns, raises = told.sections
    assert args.parts == (Part("x", "numbers, two at least."), Part("*rest (int)", "more of them."))
    assert (returns.title, returns.text) == ("Returns", "Both.")
    assert raises.parts == (Part("ValueError", "for one number."),)
    assert blocks(told.text) == [
        ("paragraph", "It is exact, see `Score`."),
        ("code", "mean = sum/n"),
        ("list", "one thing\nanother"),
        ("doctest", ">>> both([1, 2])\n(3, 1.5)"),
    ]
    assert parse(None).summary == parse("").text == ""


def test_a_section_that_is_no_list_stays_text():
    (section,) = parse("Sum.\n\nRaises:\n    Whatever the callback raises.").sections
    assert (section.parts, section.text) == ((), "Whatever the callback raises.")


def test_signatures_fit_the_page():
    assert signature("best", Score.best, method=True) == "best(of: int, /, *, ties: bool = True) -> str"
    lines = signature("Many", Many).splitlines()
    assert lines[0] == "Many("
    assert lines[2] == "    second_with_a_long_name: tuple[int, ...] = (1, 2),"
    assert lines[-1] == ")"
    assert max(map(len, lines)) <= WIDTH
    assert signature("f", lambda *a, k=NOTHING, **b: 0) == "f(*a, k=<object object>, **b)"
    assert signature("range", range) == "range"


def test_members_are_public_and_told():
    assert list(members(Score)) == []
    Score.__module__ = "stnb.tests"
    assert list(members(Score)) == ["best"]
    assert members(ValueError) == {}
