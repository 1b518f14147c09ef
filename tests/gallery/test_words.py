"""The glossary and the table of checks."""

from __future__ import annotations

import json

import pytest

from stnb._core.check import check
from stnb._core.errors import ConfigError, InputError
from stnb.gallery.checks import Measure, checks_json, checks_page, split_check, table
from stnb.gallery.glossary import glossary_page, read_glossary
from stnb.gallery.index import Card
from stnb.gallery.rooms import House

from .tiny_gallery import run_of

NAMES = (
    "Z-space, tape, hypergrad, realgrad, barycentre, resonance, differential trace, homotopy flow, "
    "functor linearisation, infinity tower, recursive objective, timeline, harmonics, loop signal, maintainer, atlas, "
    "district, route, collapse, ψ, psychoid, topos, monad, biome, SoT-3Dφ, encoder wave, carrier, crystal, pump, gate, "
    "order parameter, swing, thermo-manifold, ledger, idle and consolidate, anchor, token engine"
)
TERM = '["{name}"]\nformula = "{formula}"\nmeans = "A ball."\nnot = "A toy."\nwhere = ["{where}"]\n'


@pytest.fixture(scope="module")
def small():
    house = House(["stnb.geometry"])
    house.complete = True
    return house


def terms(name="ball", formula="x^2", where="stnb.geometry.Ball"):
    return read_glossary(TERM.format(name=name, formula=formula, where=where))


def test_every_poetic_name_is_explained():
    known = {term.name: term for term in read_glossary()}
    assert {*NAMES.split(", "), "Above, Here, Beneath"} <= set(known)
    for term in known.values():
        assert term.means.endswith("."), term.name
        assert term.not_.endswith("."), term.name


def test_a_term_says_what_it_is_and_where(small):
    html = glossary_page(terms(), small)
    assert '<h2 id="ball">ball' in html
    assert "<math " in html
    assert '<a href="stnb.geometry.html#Ball"><code>stnb.geometry.Ball</code></a>' in html
    assert "A toy." in html


@pytest.mark.parametrize(
    ("change", "error", "complaint"),
    [
        (
            {"where": "stnb.geometry.Bal"},
            ConfigError,
            "'ball' lives in stnb.geometry.Bal, which nothing offers",
        ),
        ({"formula": r"\\nosuch"}, InputError, "would show as"),
    ],
)
def test_a_term_that_cannot_be_shown_is_refused(small, change, error, complaint):
    with pytest.raises(error, match=complaint):
        glossary_page(terms(**change), small)


@pytest.mark.parametrize(
    ("table_", "complaint"),
    [
        ('["a"]\nformula = "x"\n', "lacks means, not, where"),
        ('["a"]\nformla = "x"', "did you mean 'formula'"),
    ],
)
def test_a_term_that_lacks_something_is_refused(table_, complaint):
    with pytest.raises(ConfigError, match=complaint):
        read_glossary(table_)


def test_a_printed_check_is_taken_apart(capsys):
    check("energy drift", 3.1e-8, below=1e-3)
    check("mass, all of it", 2.0, equals=2.0, within=0.5, unit="kg")
    first, second = map(split_check, capsys.readouterr().out.splitlines())
    assert (first.name, first.bound) == ("energy drift", "< 1e-03")
    assert float(first.value) == 3.1e-8
    assert (second.name, second.value, second.bound) == ("mass, all of it", "2 kg", "= 2 ± 0.5")
    assert split_check("✓ odd") == Measure("odd", "", "")


def test_time_memory_and_size_are_told_in_every_form(entry):
    card = Card.of(entry, run_of(), ["A"])
    sizes = {"a.html": 12_345}
    page = checks_page([card], sizes)
    for number in ("1.0", "60", "100", "12"):
        assert f'<td class="number">{number}</td>' in page
    (told,) = json.loads(checks_json([card], sizes))
    assert (told["seconds"], told["budget_s"], told["peak_mb"], told["page_bytes"]) == (
        1.0,
        60,
        100.0,
        12_345,
    )
    assert [one["name"] for one in told["checks"]] == ["heat", "mass", "steps"]
    assert table([card], sizes).splitlines()[1].split() == ["a.ipynb", "1.0", "60", "100", "12", "3"]
    assert table([], {}).startswith("notebook")
