"""A resonance in words: its total, its loudest layer, and shares that make a whole."""

import math

import pytest
from hypothesis import given

import stnb as st
from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.chrono.narrate import describe_resonance, narrate_resonance

from .records import BANDS, TITLES, Resonance, numbers, percents

WORKED = [0.507421, 0.0137125, 0.020326468064, 0.52, 0.2704]


@given(BANDS.filter(lambda bands: sum(bands) > 1e-6))
def test_resonance__states_its_total_and_its_largest_energy(bands):
    total, share, largest = numbers(describe_resonance(Resonance(bands)))
    assert total == float(f"{sum(bands):.3f}")
    assert largest == float(f"{max(bands):.3f}")
    assert abs(share - 100 * max(bands) / sum(bands)) < 0.1 + 1e-9


@given(BANDS.filter(lambda bands: sum(bands) > 1e-6))
def test_resonance__shares_add_up_and_come_in_order(bands):
    lines = narrate_resonance(Resonance(bands)).highlights
    assert [line.startswith(title) for line, title in zip(lines, TITLES, strict=True)] == [True] * 5
    tenths = percents(lines)
    assert sum(tenths) == 1000
    assert all(
        abs(tenth - 1000 * energy / sum(bands)) < 1 + 1e-9
        for tenth, energy in zip(tenths, bands, strict=True)
    )


@given(BANDS)
def test_resonance__the_same_energies_give_the_same_words(bands):
    assert narrate_resonance(Resonance(bands)) == narrate_resonance(Resonance(list(bands)))


@pytest.mark.parametrize(
    ("bands", "place"),
    [
        ([1.0, 1.0, 1.0, 1.0, 1.0], "above, in the homotopy flow"),
        ([0.0, 2.0, 2.0, 2.0, 2.0], "here, in the functor linearisation"),
        ([0.0, 0.0, 3.0, 3.0, 3.0], "beneath, in the recursive objective"),
        ([0.0, 0.0, 0.0, 4.0, 4.0], "in the ∞ projection"),
        ([0.0, 0.0, 0.0, 0.0, 5.0], "in the ∞ tower"),
    ],
)
def test_resonance__names_the_first_of_equal_layers(bands, place):
    assert f"lies {place}, at" in describe_resonance(Resonance(bands))


def test_resonance__the_worked_trace_reads_well():
    told = narrate_resonance(Resonance(WORKED))
    assert told.summary == (
        "The resonance carries a total energy of 1.332; its largest share, 39.1%, "
        "lies in the ∞ projection, at 0.520."
    )
    assert percents(told.highlights) == [381, 10, 15, 391, 203]


@pytest.mark.parametrize("total", [0.0, 1e-9, 2.0**-23])
def test_resonance__without_energy_is_quiescent(total):
    told = narrate_resonance(Resonance([total, 0, 0, 0, 0]))
    assert "quiescent" in told.summary
    assert numbers(told.summary) == [0.0]
    assert percents(told.highlights) == [0] * 5


def test_resonance__just_above_negligible_is_not_quiescent():
    assert "quiescent" not in describe_resonance(Resonance([2.0**-22, 0, 0, 0, 0]))


def test_resonance__of_a_trace_is_told_by_its_own_energies():
    session = st.SpiralSession(curvature=-1.0)
    trace = session.trace(st.Tensor(1, 2, [0.4, 0.6]))
    trace.deform(st.Tensor(1, 2, [0.1, -0.2]), st.Tensor(1, 2, [0.05, 0.07]))
    trace.via(st.Tensor(2, 2, [1.0, 0.5, -0.25, 1.25]))
    trace.with_barycenter_from([0.6, 0.4], [st.Tensor(1, 2, [0.6, 0.4]), st.Tensor(1, 2, [0.5, 0.5])])
    resonance = trace.resonate()
    assert numbers(describe_resonance(resonance))[0] == round(resonance.total_energy(), 3)
    assert sum(percents(narrate_resonance(resonance).highlights)) == 1000


@pytest.mark.parametrize("thing", [None, 1.0, "resonance", [], object(), Resonance])
def test_resonance__anything_else_is_refused(thing):
    with pytest.raises(TypeError):
        describe_resonance(thing)


class _Odd:
    def __init__(self, energies):
        self.energies = lambda: energies


@pytest.mark.parametrize(
    ("energies", "error"),
    [
        ({"homotopy": 1.0}, TypeError),
        ([1.0] * 5, TypeError),
        (dict.fromkeys(("homotopy", "functor", "recursive", "projection", "infinity"), "1"), TypeError),
    ],
)
def test_resonance__energies_that_are_none_are_refused(energies, error):
    with pytest.raises(error):
        describe_resonance(_Odd(energies))


@pytest.mark.parametrize(
    ("value", "error"), [(math.nan, NonFiniteValue), (math.inf, NonFiniteValue), (-1e-9, InvalidValue)]
)
@pytest.mark.parametrize("place", range(5))
def test_resonance__damaged_energies_are_refused_by_name(value, error, place):
    bands = [1.0] * 5
    bands[place] = value
    with pytest.raises(error, match="energies"):
        describe_resonance(Resonance(bands))


def test_resonance__a_total_beyond_floats_is_refused():
    with pytest.raises(NonFiniteValue, match="total"):
        describe_resonance(Resonance([1e308] * 5))
