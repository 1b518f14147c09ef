"""Numbers in words: nothing is lost but what rounding takes."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.chrono.narrate import helpers
from stnb.chrono.narrate.helpers import amount, counted, decimals, one_line, percentages, quantity, signed

from .records import frame

RATIOS = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=9).filter(lambda parts: sum(parts) > 1e-6)


@given(st.floats(-1e11, 1e11))
def test_decimals__is_the_number_to_three_places(value):
    """Half a thousandth, and what a float64 of that size cannot tell apart."""
    text = decimals(value)
    assert abs(float(text) - value) <= 5e-4 + math.ulp(value)
    assert len(text.split(".")[1]) == 3
    assert text != "-0.000"


@given(st.floats(1e12, 1e300))
def test_decimals__of_the_mantissa_where_numbers_are_huge(value):
    assert len(decimals(value)) <= 10
    assert float(decimals(-value)) == pytest.approx(-value, rel=5e-4)


@given(st.floats(-1e300, 1e300))
def test_signed__always_says_its_sign(value):
    assert signed(value)[0] == ("-" if float(decimals(value)) < 0 else "+")
    assert float(signed(value)) == float(decimals(value))


@given(RATIOS)
def test_percentages__add_up_to_a_hundred(parts):
    total = math.fsum(parts)
    shares = percentages([part / total for part in parts])
    tenths = [round(10 * float(share.removesuffix("%"))) for share in shares]
    assert sum(tenths) == 1000
    for tenth, part in zip(tenths, parts, strict=True):
        assert abs(tenth - 1000 * part / total) < 1 + 1e-9


def test_percentages__the_first_of_equal_remainders_gets_the_rest():
    assert percentages([1 / 6] * 6) == ["16.7%"] * 4 + ["16.6%"] * 2
    assert percentages([0.1875, 0.3125, 0.5]) == ["18.8%", "31.2%", "50.0%"]


def test_percentages__of_nothing_are_nothing():
    assert percentages([0.0] * 5) == ["0.0%"] * 5


@pytest.mark.parametrize(("number", "said"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames")])
def test_counted__minds_the_plural(number, said):
    assert counted(number, "frame") == said


@given(st.text(st.characters()))
def test_one_line__can_be_printed_and_encoded(text):
    line = one_line(text, "text")
    assert line.splitlines() in ([], [line])
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in line)
    assert line.encode("utf-8").decode("utf-8") == line
    assert "  " not in line


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_one_line__leaves_letters_alone(text):
    assert one_line(text, "text") == text


def test_one_line__spells_out_what_cannot_be_shown():
    assert one_line("a\ud800 b\x00\n∞ 🌀", "text") == "a\\ud800 b\\x00 ∞ 🌀"
    assert one_line("\u202eabc", "text") == "\\u202eabc"
    with pytest.raises(TypeError, match="note"):
        one_line(None, "a note")


def test_quantity__refuses_what_is_missing_or_not_finite():
    record = frame([1.0] * 5, drift=math.nan)
    with pytest.raises(TypeError, match="no absent"):
        quantity(record, "absent", "frame")
    with pytest.raises(NonFiniteValue, match="curvature_drift"):
        quantity(record, "curvature_drift", "frame")
    with pytest.raises(InvalidValue, match="negative"):
        amount(frame([-1.0, 0, 0, 0, 0]), "total_energy", "frame")


def test_negligible__is_the_spacing_of_float32():
    torch = pytest.importorskip("torch")
    assert torch.finfo(torch.float32).eps == helpers.NEGLIGIBLE
