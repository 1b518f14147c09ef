"""Carriers as the session layer uses it: what arrives, what is thinned, what is refused."""

import gc
import json
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_widgets import Carriers, Wave
from stnb_widgets.base import KEYFRAME_BYTES
from stnb_widgets.carriers.frame import COLUMNS, FRAME_BYTES, CarriersFrame
from stnb_widgets.carriers.wave import STATES, Event, Oscillators
from stnb_widgets.film import FILM_FRAME_BYTES
from stnb_widgets.parcel import unpack
from stnb_widgets.quantize import LOST, dequantise

from .conftest import Wire

SCHEMA = json.loads((Path(__file__).parents[2] / "widgets/stnb_widgets/static/scene.schema.json").read_text())
PNG = b"\x89PNG\r\n\x1a\n"


def conforms(value, name):
    import jsonschema

    plain = json.loads(json.dumps(value, allow_nan=False))
    jsonschema.validate(plain, {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def wave(n=20, m=100, k=8, seed=0, **change):
    """Carriers and oscillators at random, in no order; each carrier is linked to k of them."""
    rng = np.random.default_rng(seed)
    links = np.argsort(rng.random((n, m)), axis=1)[:, :k] if m else np.zeros((n, 0), int)
    fields = {
        "step": 12,
        "time": 0.5,
        "uid": rng.permutation(3 * n + 5)[:n],
        "omega": rng.uniform(0, 2, n),
        "amplitude": rng.uniform(0.01, 1, n),
        "phase": rng.uniform(-np.pi, np.pi, n),
        "width": rng.uniform(0.08, 0.4, n),
        "state": rng.integers(0, 3, n),
        "age": rng.exponential(10, n),
        "conflict": rng.uniform(0, 1, n),
        "order": rng.uniform(0, 1, n),
        "oscillators": Oscillators(
            1000 + np.arange(m), rng.uniform(0, 2, m), rng.uniform(0, 6, m), rng.exponential(1, m)
        ),
        "links": links,
        "weights": rng.uniform(0.1, 1, links.shape),
        "mean_order": 0.4,
    }
    return Wave(**{**fields, **change})


def framed(given_wave, number=1):
    return CarriersFrame.own(given_wave, number, (0.0, 2.0), given_wave.events)


def column(parcel, name):
    i = COLUMNS.index(name)
    (low, high), codes = parcel.header["bounds"][i], parcel.arrays["numbers"][:, i : i + 1]
    return dequantise(codes, (low,), (high,))[:, 0]


@pytest.fixture
def carriers(monkeypatch):
    monkeypatch.setenv("STNB_HOST", "local")
    widget = Carriers(title="Carriers of 600 oscillators", group="world")
    widget.wire = widget._wire = Wire()
    yield widget
    widget.close()


def test_a_frame_arrives_as_it_was_offered(carriers, say):
    say(carriers, type="view", view="v", visible=True, gone=False)
    given_wave = wave(events=(Event("split", 12, 3),))
    carriers.offer(given_wave)
    (header, buffers), *more = carriers.wire.frames
    assert not more
    conforms(header, "carriers_frame")
    assert [len(b) for b in buffers] == [80, 20, 280, 400, 600, 320, 160]
    parcel = framed(given_wave).parcel(1, 10**6)
    order = np.argsort(given_wave.omega)
    np.testing.assert_array_equal(parcel.arrays["uid"], given_wave.uid[order])
    np.testing.assert_array_equal(parcel.arrays["state"], given_wave.state[order])
    for name in COLUMNS:
        values = getattr(given_wave, name)[order]
        np.testing.assert_allclose(
            column(parcel, name), values, atol=0.51 * np.ptp(values) / 65534 + 1e-12, err_msg=name
        )
    assert header["events"] == [["split", 12, 3]]
    carriers.assert_clean()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 60), st.integers(0, 80), st.integers(0, 12), st.integers(0, 4000), st.integers(0, 2**31)
)
def test_what_travels_fits_and_links_name_whom_they_named(n, m, k, most, seed):
    given_wave = wave(n, m, min(k, m), seed)
    parcel = framed(given_wave).parcel(1, most)
    assert parcel.nbytes <= most
    header, arrays = parcel.header, parcel.arrays
    conforms({**header, "arrays": []}, "carriers_frame")
    assert header["count"] == len(arrays["uid"]) <= n
    assert header["tone_count"] == len(arrays["tone_uid"]) <= m
    rows = {int(uid): i for i, uid in enumerate(given_wave.uid)}
    for uid, places in zip(arrays["uid"], arrays["links"], strict=True):
        meant = set(1000 + np.asarray(given_wave.links)[rows[int(uid)]])
        assert {int(arrays["tone_uid"][p]) for p in places if p != LOST} <= meant
    if header["count"] < n:
        assert header["tone_count"] == header["each"] == 0
        weakest = np.sort(given_wave.amplitude)[::-1][: header["count"]]
        kept = [given_wave.amplitude[rows[int(uid)]] for uid in arrays["uid"]]
        np.testing.assert_allclose(np.sort(kept)[::-1], weakest, atol=2e-5)


def test_the_loudest_links_come_first_and_stay_longest():
    given_wave = wave(n=10, m=200, k=40)
    whole = framed(given_wave).parcel(1, 10**6)
    assert (np.diff(whole.arrays["weights"].astype(int), axis=1) <= 0).all()
    assert (whole.arrays["weights"][:, 0] == 255).all()
    thin = framed(given_wave).parcel(1, 2700)
    assert 0 < thin.header["each"] < 40
    each = thin.header["each"]
    np.testing.assert_array_equal(thin.arrays["weights"], whole.arrays["weights"][:, :each])


def test_4096_carriers_with_64_thousand_links_travel_in_200_kilobytes():
    frame = framed(wave(4096, 4096, 16))
    parcel = frame.parcel(1, 10**7)
    assert parcel.nbytes <= FRAME_BYTES
    assert frame.nbytes <= FRAME_BYTES
    assert (parcel.header["count"], parcel.header["tone_count"]) == (4096, 4096)
    assert parcel.header["each"] >= 4


def test_a_thinned_sample_of_oscillators_is_fair():
    m = 4000
    osc = Oscillators(np.arange(m), np.linspace(0, 1, m), np.zeros(m), np.ones(m), total=60_000)
    parcel = framed(wave(2, 0, 0, oscillators=osc, links=(), weights=())).parcel(1, 10_500)
    assert 400 < parcel.header["tone_count"] < m
    assert parcel.header["tone_total"] == 60_000
    assert abs(parcel.arrays["tone_uid"].mean() - m / 2) < m / 20


def test_offered_arrays_may_be_overwritten(carriers):
    given_wave = wave()
    kept = given_wave.amplitude.copy()
    carriers.offer(given_wave)
    given_wave.amplitude[:] = 99.0
    np.asarray(given_wave.oscillators.energy)[:] = 99.0
    frame = carriers._link.latest
    np.testing.assert_allclose(np.sort(frame.column("amplitude")), np.sort(kept), atol=1e-4)
    assert frame.tones.bounds[2][1] < 99


def test_what_is_not_finite_is_counted_and_said(carriers):
    given_wave = wave()
    given_wave.omega[3] = np.nan
    given_wave.amplitude[4] = np.inf
    given_wave.conflict[5] = np.nan
    given_wave.oscillators.energy[:7] = np.nan
    carriers.offer(given_wave)
    header = unpack(carriers.get_state()["keyframe"]).header
    conforms(header, "carriers_frame")
    assert (header["count"], header["lost"], header["blank"], header["tone_count"]) == (18, 2, 1, 93)
    assert "2 not drawn" in carriers.alt_text


def test_events_are_kept_for_frames_to_come(carriers):
    for step in range(1, 100):
        carriers.offer(wave(step=step, events=(Event("born", step, step),)))
    events = unpack(carriers.get_state()["keyframe"]).header["events"]
    assert len(events) == 64
    assert events[-1] == ["born", 99, 99]


def test_the_band_only_grows(carriers):
    bands = []
    for low, high in ((0.5, 1.0), (0.6, 0.9), (0.1, 1.5)):
        given_wave = wave(n=2, m=0, k=0, omega=np.array([low, high]), links=(), weights=())
        carriers.offer(given_wave)
        bands.append(carriers._link.latest.band)
    assert bands[0] == bands[1]
    assert bands[2][0] < 0.1
    assert bands[2][1] > 1.5


def test_traits_scene_and_small_frames_conform(carriers):
    conforms(carriers.scene, "carriers_scene")
    conforms(carriers.state, "carriers_state")
    carriers.offer(wave(0, 0, 0))
    carriers.flush()
    assert len(carriers.keyframe) <= KEYFRAME_BYTES
    conforms(unpack(carriers.keyframe).header, "carriers_frame")
    assert "0 carriers" in carriers.alt_text


def test_the_film_holds_small_frames_that_stand_for_themselves(carriers):
    for step in range(5):
        carriers.offer(wave(300, 3000, 64, step=step))
    film = [unpack(packed) for packed in carriers.film()]
    assert [parcel.header["step"] for parcel in film] == [0, 1, 2, 3, 4]
    assert all(parcel.nbytes <= FILM_FRAME_BYTES for parcel in film)
    assert film[0].header["tone_count"] > 1000


def test_picking_goes_both_ways(carriers, say):
    heard = []
    carriers.on_intent(lambda name, value: heard.append((name, value)))
    value = {"kind": "carrier", "ids": [7]}
    conforms(value, "carriers_selection")
    say(carriers, type="intent", name="select", value=value)
    assert carriers.selected == 7
    assert heard == [("select", value)]
    carriers.select(9)
    assert carriers.state["selected"] == 9
    say(carriers, type="intent", name="select", value={"kind": "particle", "ids": [1]})
    assert carriers.selected == 9
    say(carriers, type="intent", name="select", value={"kind": "carrier", "ids": []})
    assert carriers.selected is None
    carriers.assert_clean()


def test_the_poster_is_small_and_differs_with_what_it_shows(carriers):
    empty = carriers.poster()
    carriers.offer(wave(4096, 100, 4))
    full = carriers.poster()
    assert empty.startswith(PNG)
    assert full.startswith(PNG)
    assert len(full) <= 60_000
    assert full != empty
    assert all(name in carriers.alt_text for name in STATES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step": -1}, "step is -1"),
        ({"uid": np.zeros(20, int)}, "twice"),
        ({"uid": np.arange(20.0)}, "float64"),
        ({"omega": np.zeros(19)}, r"omega has shape \(19,\)"),
        ({"state": np.full(20, 3)}, "only 0 ... 2"),
        ({"state": np.zeros(3, int)}, r"state has shape \(3,\)"),
        ({"links": np.full((20, 8), 100)}, "only -1 ... 99"),
        ({"links": np.zeros((4, 8), int)}, "one row for each of the 20"),
        ({"weights": np.zeros((20, 7))}, r"weights has shape \(20, 7\)"),
        ({"events": (Event("hatched", 1, 1),)}, "hatched"),
        ({"age": np.array(["x"] * 20)}, "real numbers"),
    ],
)
def test_bad_waves_are_refused(change, words):
    with pytest.raises((ValueError, TypeError), match=words):
        wave(**change)


def test_bad_colours_and_oscillators_are_refused():
    with pytest.raises(ValueError, match="choose one of state"):
        Carriers(colour="speed")
    with pytest.raises(ValueError, match="total is 2"):
        Oscillators(np.arange(3), np.zeros(3), np.zeros(3), np.zeros(3), total=2)
    with pytest.raises(ValueError, match="phase has shape"):
        replace(wave().oscillators, phase=np.zeros(2))


def test_a_widget_that_nobody_holds_is_gone():
    widget = Carriers()
    widget.offer(wave())
    widget.close()
    ghost = weakref.ref(widget)
    del widget
    gc.collect()
    assert ghost() is None
