"""Does it learn? Real text, noise, and ordinary predictors beside it."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stnb._core.errors import InputError
from stnb.manifold.tokens import BoundedNGram, LastByte, NGram, TokenEngine, prequential
from stnb.manifold.tokens.baselines import ROW_BYTES

LENGTH = 4000
TEXTS = {
    "the licence": (Path(__file__).parents[2] / "LICENSE").read_bytes()[:LENGTH],
    "Python's execution model": topics["execmodel"].encode()[:LENGTH],
}


@pytest.mark.parametrize("text", TEXTS)
def test_it_learns_english(text):
    data = TEXTS[text]
    assert len(data) == LENGTH
    report = TokenEngine().evaluate(data)
    print(f"\n{text}\n{report}")
    assert report.lead("unigram") >= 0.03
    assert report.lead("bigram") >= 0.03
    assert report["token engine"].bits_per_byte < report["order-3 Witten–Bell"].bits_per_byte


def test_noise_cannot_be_learned():
    """Of 4,000 guesses at 1/256 each, 3.7 σ above the mean is 30; no code is shorter than 8 bits on average."""
    noise = np.random.default_rng(0).integers(0, 256, LENGTH, dtype=np.uint8)
    score = prequential("engine", TokenEngine(), noise)
    assert score.hits.sum() < 30
    assert score.bits_per_byte > 8


def test_evaluate_leaves_the_engine_alone():
    engine = TokenEngine()
    engine.observe(TEXTS["the licence"][:500])
    before = engine.predict_next()
    first, second = (engine.evaluate(TEXTS["the licence"][:300]) for _ in range(2))
    assert np.array_equal(engine.predict_next(), before)
    assert engine.position == 500
    assert np.array_equal(first["token engine"].bits, second["token engine"].bits)


def test_forgetting_follows_a_text_that_changes():
    """After the same context the successor changes; the engine that forgets follows sooner."""
    data = b"ab" * 300 + b"ac" * 60
    quick, slow = (
        prequential("engine", TokenEngine(orders=(1, 0), anchor_alpha=alpha), data).hits[600:].mean()
        for alpha in (0.1, 0.0)
    )
    assert quick > slow + 0.1


@settings(max_examples=30)
@given(data=st.binary(max_size=120), name=st.sampled_from(["last", "0", "2", "bounded"]))
def test_baselines_are_proper_too(data, name):
    predictor = {
        "last": LastByte(),
        "0": NGram(0),
        "2": NGram(2),
        "bounded": BoundedNGram(2, 20 * ROW_BYTES),
    }[name]
    for byte in data:
        p = predictor.predict_next()
        assert abs(p.sum() - 1) < 1e-12
        assert (p > 0).all()
        predictor.observe(bytes([byte]))


def test_unigram_against_plain_counting():
    data = TEXTS["the licence"][:1500]
    counts, hits, bits = Counter(), 0, 0.0
    for n, byte in enumerate(data):
        best = min(counts, key=lambda b: (-counts[b], b)) if counts else 0
        hits += best == byte
        u = len(counts)
        bits -= math.log2((counts[byte] + u / 256) / (n + u) if u else 1 / 256)
        counts[byte] += 1
    score = prequential("unigram", NGram(0), data)
    assert score.hits.sum() == hits
    assert score.bits_per_byte == pytest.approx(bits / len(data), rel=1e-12)


def test_bigram_worked_by_hand():
    """After a, b, a: the empty context has a 2, b 1; the context a has b 1."""
    bigram = NGram(1)
    bigram.observe(b"aba")
    p = bigram.predict_next()
    below = (1 + 2 / 256) / 5
    assert p[ord("b")] == pytest.approx((1 + below) / 2, rel=1e-12)
    assert p[ord("z")] == pytest.approx(2 / 256 / 5 / 2, rel=1e-12)


def test_last_byte_worked_by_hand():
    last = LastByte()
    last.observe(b"aab")
    assert last.predict_next()[ord("b")] == pytest.approx(2 / 4)


def test_a_bounded_table_forgets_the_row_used_least_recently():
    table = BoundedNGram(0, 2 * ROW_BYTES + 5)
    assert table.rows == 2
    table.observe(b"aba")
    assert table.predict_next()[ord("b")] > 1 / 256
    table.observe(b"c")
    p = table.predict_next()
    assert p[ord("b")] < min(p[ord("a")], p[ord("c")])
    with pytest.raises(InputError, match="holds no row"):
        BoundedNGram(3, 10)
    with pytest.raises(InputError, match="order"):
        NGram(-1)


def test_a_bounded_table_with_room_is_the_engine_without_forgetting():
    """Few enough successors for eight anchors: the same formula must give the same numbers."""
    data = b"to be or not to be, to be or not to be " * 4
    engine = TokenEngine(anchor_alpha=0.0, volatile_decay=0.0, stable_decay=0.0)
    table = BoundedNGram(3, 10**6)
    for t in range(len(data)):
        assert np.abs(engine.predict_next() / table.predict_next() - 1).max() < 1e-4
        engine.observe(data[t : t + 1])
        table.observe(data[t : t + 1])


def test_a_report_is_a_table():
    report = TokenEngine(orders=(1, 0)).evaluate(b"abababab")
    assert report.names == (
        *("last byte again", "unigram", "bigram", "order-1 Witten–Bell", "order-1 table of equal memory"),
        "token engine",
    )
    assert str(report).splitlines()[1].split() == ["accuracy", "bits", "per", "byte"]
    assert report._repr_html_().count("<tr>") == 7
    with pytest.raises(InputError, match="'bigram'"):
        report["bigrams"]
