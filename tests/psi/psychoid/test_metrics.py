"""Raw metrics, robust z and the index, each against its formula."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst

from stnb.psi.psychoid.lexicons import LEXICONS, Lexicon
from stnb.psi.psychoid.meter import index_of
from stnb.psi.psychoid.metrics import cosine, divergence, joined, lexical, softmax, strain
from stnb.psi.psychoid.records import KEYS
from stnb.psi.psychoid.robust import History, robust_z

LISTS = {name: Lexicon(phrases) for name, phrases in LEXICONS.items()}
VECTORS = nst.arrays(np.float64, (2, 6), elements=st.floats(-1e3, 1e3))
HUGE = nst.arrays(np.float64, 5, elements=st.floats(allow_nan=False, allow_infinity=False))
Z = st.fixed_dictionaries(dict.fromkeys(KEYS, st.floats(-1e9, 1e9)))
CALM = dict.fromkeys(KEYS, 0.0)


@given(VECTORS)
def test_divergence__is_that_of_kullback_and_leibler(pair):
    p, q = (softmax(row) for row in pair)
    expected = math.fsum(a * (math.log(a + 1e-8) - math.log(b + 1e-8)) for a, b in zip(p, q, strict=True))
    assert divergence(p, q) == pytest.approx(max(0.0, expected), abs=1e-12)
    assert expected >= -1e-7
    assert divergence(p, p) == 0.0


@given(HUGE)
def test_softmax__sums_to_one_for_any_logits(logits):
    p = softmax(logits)
    assert p.sum() == pytest.approx(1.0)
    assert (p >= 0).all()


@given(HUGE, HUGE, st.floats(1e-3, 1e3))
def test_cosine__is_bounded_and_without_scale(a, b, scale):
    assert -1.0 <= cosine(a, b) <= 1.0
    assert cosine(a, a) == pytest.approx(1.0)
    small = a / max(1.0, np.abs(a).max())
    assert cosine(small * scale, b) == pytest.approx(cosine(small, b), abs=1e-6)


def test_cosine__of_nothing():
    zero, one = np.zeros(2), np.array([0.0, 2.0])
    assert cosine(zero, zero) == 1.0
    assert cosine(zero, one) == cosine(one, zero) == 0.0
    assert cosine(one, -one) == -1.0


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (["the", " cat", " sat"], "the cat sat"),
        (["Ġthe", "Ġcat", "s", "Ċ"], " the cats\n"),
        (["▁the", "▁cat", "s"], " the cats"),
        (["the", "cat", "##s"], "the cats"),
        (["", "the", "", "cat"], "the cat"),
        (["", ""], ""),
    ],
)
def test_text__has_the_spacing_of_its_tokens(tokens, text):
    assert joined(tokens) == text


def test_lexical_metrics__are_their_counts():
    text = "To begin with, I agree, indeed, but I cannot open the sacred door of awe, a kind of mirror"
    words = len(text.split())
    found = lexical(text, "Open the DOOR now", LISTS)
    said = set(text.lower().replace(",", "").split())
    overlap = len({"open", "the", "door"}) / len(said)
    assert found == {
        "S": pytest.approx((2 - 1) / words),
        "H": 1.0,
        "RR": pytest.approx(1 / words),
        "NU": pytest.approx(2 / words - 0.25 * overlap),
        "TD": 0.0,
        "SE": 2.0,
    }
    assert lexical("a whale is a kind of mammal", "", LISTS)["TD"] == 1.0


def test_contrast__lowers_assent_but_not_below_zero():
    agreeing, torn, opposed = (
        lexical(text, "", LISTS)["S"] for text in ("indeed indeed", "indeed but", "but but")
    )
    assert (agreeing, torn, opposed) == (1.0, 0.0, 0.0)


def test_no_text__has_no_lexical_metric():
    assert set(lexical("", "whatever", LISTS).values()) == {0.0}


@given(st.text(), st.text())
def test_lexical_metrics__are_never_negative(text, prompt):
    assert all(value >= 0 for value in lexical(text, prompt, LISTS).values())


def test_strain__is_its_weighted_sum():
    assert strain({"D": 1.0, "C": 2.0, "RR": 3.0, "NU": 4.0}) == pytest.approx(2.2)


@given(nst.arrays(np.float64, (20, 2), elements=st.floats(-1e3, 1e3)), st.floats(-1e3, 1e3))
def test_robust_z__is_its_formula(past, value):
    found = robust_z(np.array([value, value]), past)
    for column, z in zip(past.T.tolist(), found, strict=True):
        centre = statistics.median(column)
        spread = statistics.median(abs(v - centre) for v in column)
        assert z == pytest.approx((value - centre) / (1.4826 * max(spread, 1e-6)))


def test_robust_z__needs_twenty_values_and_shrugs_at_outliers():
    past = np.arange(20.0)[:, None]
    assert robust_z(np.array([100.0]), past[:19])[0] == 0.0
    calm = robust_z(np.array([15.0]), past)[0]
    assert calm == pytest.approx((15 - 9.5) / (1.4826 * 5))
    past[19] = 1e12
    assert robust_z(np.array([15.0]), past)[0] == calm


def test_history__forgets_what_is_older_than_two_thousand():
    history = History(1)
    for i in range(2003):
        history.push(np.array([float(i)]))
    assert sorted(history.past().ravel().tolist()) == [float(i) for i in range(3, 2003)]


def test_index__is_its_formula():
    z = {"D": 1.0, "S": 9.0, "C": -4.0, "K": 2.0, "H": 0.5, "RR": 7.0, "RRI": 0.25, "NU": 1.0, "TD": 3.0}
    score = 0.75 * math.tanh(4.0 / 4) + 0.45 * 0.25 + 0.25 * 0.5 + 0.15 * 1.0 - 0.35 * 2.0
    assert index_of(z | {"SE": 8.0, "AX": 2.0}) == pytest.approx(1 / (1 + math.exp(-score)))
    assert index_of(CALM) == 0.5
    assert index_of(dict.fromkeys(KEYS, -3.0)) == 0.5


@given(Z)
def test_index__is_inside_the_unit_interval(z):
    assert 0.0 < index_of(z) < 1.0


@pytest.mark.parametrize("key", ["D", "C", "K", "NU", "RRI", "H", "AX"])
def test_index__moves_with_each_of_its_terms(key):
    moved = index_of(CALM | {key: 1.0})
    assert moved < 0.5 if key == "AX" else moved > 0.5
