"""The meter over its window: what it keeps, what it forgets, when it dreams."""

import copy
import math
import pickle
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst

from stnb._core.errors import EmptyInput, InvalidValue, NonFiniteValue, ShapeMismatch, UnknownNameError
from stnb.psi.psychoid import PsychoidFrame, PsychoidMeter, PsychoidReading, PsychoidSample
from stnb.psi.psychoid.dreams import dream
from stnb.psi.psychoid.metrics import cosine, divergence, softmax
from stnb.psi.psychoid.records import KEYS

ROWS = nst.arrays(np.float64, (7, 5), elements=st.floats(-20, 20))
CALM = dict.fromkeys(KEYS, 0.0)


def _sample(logits, hidden=None, texts=None, prompt=""):
    hidden = logits if hidden is None else hidden
    texts = [""] * len(logits) if texts is None else texts
    frames = [PsychoidFrame(0, *row) for row in zip(logits, hidden, texts, strict=True)]
    return PsychoidSample(prompt, "".join(texts), tuple(frames))


def _read(meter, sample):
    seen = meter.observe(sample)
    assert seen is not None
    return seen


def _said(text, prompt=""):
    return _sample([[1.0, 2.0]], texts=[text], prompt=prompt)


@given(ROWS, ROWS, st.integers(1, 8))
def test_window__is_read_as_if_at_once(logits, hidden, window):
    """In pieces or together, D, C and K are those of the latest tokens."""
    meter = PsychoidMeter(window)
    _read(meter, _sample(logits[:4], hidden[:4]))
    reading, _ = _read(meter, _sample(logits[4:], hidden[4:]))
    p = [softmax(row) for row in logits]
    kept = range(max(0, 7 - window), 6)
    pairs = max(1, len(kept))
    assert reading.raw["D"] == pytest.approx(sum(divergence(p[i], p[i + 1]) for i in kept) / pairs)
    turns = sum(1 - cosine(hidden[i], hidden[i + 1]) for i in kept) / pairs
    assert reading.raw["C"] == pytest.approx(turns)
    assert reading.raw["K"] == pytest.approx(divergence(p[-1], p[0]))
    assert reading.raw["AX"] == pytest.approx(0.35 * reading.raw["D"] + 0.25 * reading.raw["C"])


@given(st.lists(ROWS, min_size=1, max_size=4), st.integers(1, 8))
def test_readings__stay_in_their_ranges(samples, window):
    meter = PsychoidMeter(window)
    for step, rows in enumerate(samples):
        reading, events = _read(meter, _sample(rows))
        assert (reading.step, events) == (step, [])
        assert reading.raw["D"] >= 0 <= reading.raw["K"]
        assert 0 <= reading.raw["C"] <= 2
        assert 0 < reading.cti < 1
        assert tuple(reading.raw) == tuple(reading.z) == KEYS


@given(nst.arrays(np.float64, 5, elements=st.floats(-20, 20)), st.integers(1, 6))
def test_equal_logits__neither_diverge_nor_drift(row, count):
    raw = _read(PsychoidMeter(), _sample([row] * count))[0].raw
    assert raw["D"] == raw["K"] == 0.0
    assert raw["C"] == pytest.approx(0.0, abs=1e-12)


def test_an_empty_sample__changes_nothing():
    meter, other = PsychoidMeter(), PsychoidMeter()
    first = _said("To begin with, I cannot")
    for each in (meter, other):
        _read(each, first)
    assert meter.observe(PsychoidSample(prompt="hello")) is None
    second = _said(" agreed")
    assert _read(meter, second)[0] == _read(other, second)[0]


def test_ritual_rate__is_compared_with_the_reading_before():
    meter = PsychoidMeter(window=1)
    rates = [_read(meter, _said(text))[0].raw for text in ("first of all", "well then", "as you know")]
    assert [raw["RR"] for raw in rates] == pytest.approx([1 / 3, 0.0, 1 / 3])
    assert [raw["RRI"] for raw in rates] == pytest.approx([0.0, -1 / 3, 1 / 3])


def test_text__is_that_of_the_window_and_prompt_that_of_the_sample():
    meter = PsychoidMeter(window=2)
    for text in ("I", " cannot", " go"):
        reading, _ = _read(meter, _said(text))
    assert reading.raw["H"] == 0.0
    unprompted = _read(PsychoidMeter(), _said("sacred awe"))[0].raw["NU"]
    prompted = _read(PsychoidMeter(), _said("sacred awe", prompt="Awe?"))[0].raw["NU"]
    assert (unprompted, prompted) == (1.0, 0.875)


def test_z__starts_at_the_twenty_first_reading_and_leaves_itself_out():
    meter, strain = PsychoidMeter(window=2), []
    for step in range(25):
        logits = [[0.0, math.sin(3.0 * step)], [0.0, 0.2 * step]]
        reading, _ = _read(meter, _sample(logits))
        value, past = reading.raw["D"], list(strain)
        strain.append(value)
        if step < 20:
            assert set(reading.z.values()) == {0.0}
            assert reading.cti == 0.5
            continue
        centre = statistics.median(past)
        spread = statistics.median(abs(v - centre) for v in past)
        assert reading.z["D"] == pytest.approx((value - centre) / (1.4826 * max(spread, 1e-6)))


def _dreamy(seed):
    """Twenty calm readings, then refusals among symbols."""
    meter = PsychoidMeter(window=3, seed=seed)
    texts = ["one", " more", " word"] * 7
    for i, text in enumerate(texts):
        turn = 0.3 * (i % 5)
        assert _read(meter, _sample([[1.0, turn]], [[1.0, turn]], [text]))[1] == []
    return _read(
        meter, _sample([[1.0, 0.0]] * 3, texts=[" I cannot", " say: mirror", " and no comment, river"])
    )


def test_an_export__writes_the_same_diary_for_the_same_seed():
    reading, (event,) = _dreamy(3)
    assert (event.kind, event.step, event.cti) == ("dream-export", reading.step, reading.cti)
    assert event.symbols
    assert all(symbol in event.diary for symbol in event.symbols)
    assert "“i cannot”" in event.diary
    assert "“no comment”" in event.diary
    assert event.diary.count(".") == 1
    assert _dreamy(3)[1] == [event]
    assert {_dreamy(seed)[1][0].diary for seed in range(6)} != {event.diary}


@pytest.mark.parametrize(
    ("cti", "z", "refusals", "kind"),
    [
        (0.5, {}, ["no"], None),
        (0.62, {}, ["no"], None),
        (0.63, {}, [], "dream-pass"),
        (0.1, {"H": 1.6, "RR": 1.1}, [], "dream-pass"),
        (0.1, {"H": 1.6, "RR": 1.0}, [], None),
        (0.79, {"SE": 0.9, "AX": -0.1}, ["no"], "dream-export"),
        (0.78, {"SE": 0.9, "AX": -0.1}, ["no"], "dream-pass"),
        (0.1, {"NU": 2.1, "C": 1.3, "SE": 0.9, "AX": -0.1}, ["no"], "dream-export"),
        (0.1, {"NU": 2.1, "C": 1.2, "SE": 0.9, "AX": -0.1}, ["no"], None),
        (0.79, {"SE": 0.9, "AX": -0.1}, [], "dream-pass"),
        (0.79, {"SE": 0.8, "AX": -0.1}, ["no"], "dream-pass"),
        (0.79, {"SE": 0.9, "AX": 0.0}, ["no"], "dream-pass"),
    ],
)
def test_events__have_thresholds(cti, z, refusals, kind):
    reading = PsychoidReading(4, cti, CALM, CALM | z)
    events = dream(reading, refusals, ("key",), np.random.default_rng(0))
    assert [event.kind for event in events] == ([] if kind is None else [kind])
    if kind == "dream-export":
        assert events[0].as_dict() == {
            "kind": kind,
            "step": 4,
            "cti": cti,
            "diary": "At step 4, where “no” stood there is the key.",
            "symbols": ["key"],
        }
    elif kind:
        assert events[0].as_dict() == {"kind": kind, "step": 4, "cti": cti}


def test_own_lexicons__are_counted():
    meter = PsychoidMeter(lexicons={"refusal": ["nope"], "symbols": ["wheel"]})
    raw = _read(meter, _said("Nope. I cannot turn the wheel."))[0].raw
    assert (raw["H"], raw["SE"]) == (1.0, 1.0)


@pytest.mark.parametrize("name", ["logits", "hidden"])
def test_other_lengths__are_refused_and_leave_no_trace(name):
    meter, other = PsychoidMeter(), PsychoidMeter()
    good, longer = PsychoidFrame(0, [1.0, 2.0], [1.0]), [1.0, 2.0, 3.0]
    bad = PsychoidFrame(0, longer, [1.0]) if name == "logits" else PsychoidFrame(0, [1.0, 2.0], longer)
    for each in (meter, other):
        _read(each, PsychoidSample(frames=(good,)))
    with pytest.raises(ShapeMismatch, match=rf"frames\[1\].{name} has 3 values"):
        meter.observe(PsychoidSample(frames=(good, bad)))
    with pytest.raises(ShapeMismatch, match=rf"frames\[0\].{name} has 3 values"):
        meter.observe(PsychoidSample(frames=(bad,)))
    assert _read(meter, PsychoidSample(frames=(good,)))[0] == _read(other, PsychoidSample(frames=(good,)))[0]


def test_bad_input__is_refused():
    with pytest.raises(TypeError, match="sample is of type list"):
        PsychoidMeter().observe([])  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidValue, match="window = 0"):
        PsychoidMeter(0)
    with pytest.raises(UnknownNameError, match="'symbols'"):
        PsychoidMeter(lexicons={"symbol": []})
    with pytest.raises(NonFiniteValue, match=r"logits\[1\] = nan"):
        PsychoidFrame(0, [0.0, math.nan], [0.0])
    with pytest.raises(EmptyInput, match="hidden"):
        PsychoidFrame(0, [0.0], [])
    with pytest.raises(InvalidValue, match="token_id = -1"):
        PsychoidFrame(-1, [0.0], [0.0])
    with pytest.raises(TypeError, match="token_text = 3"):
        PsychoidFrame(0, [0.0], [0.0], 3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="frames hold something of type int"):
        PsychoidSample(frames=(3,))  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="prompt = 3"):
        PsychoidSample(prompt=3)  # pyright: ignore[reportArgumentType]


def test_records__are_values():
    reading, (event,) = _dreamy(0)
    for record in (reading, event):
        assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record


def test_frames__keep_a_copy():
    row = np.array([1.0, 2.0])
    frame = PsychoidFrame(0, row, row)
    row[0] = 7.0
    assert frame.logits.tolist() == frame.hidden.tolist() == [1.0, 2.0]
