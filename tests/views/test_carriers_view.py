"""The carriers of a session in their widget, and why each one is alive."""

from __future__ import annotations

import gc
import json
import weakref
from pathlib import Path

import numpy as np
import pytest
from stnb_widgets.carriers.frame import COLUMNS
from stnb_widgets.carriers.wave import Oscillators
from stnb_widgets.parcel import unpack
from stnb_widgets.quantize import LOST, dequantise

import stnb
from stnb._core.errors import ConfigError, InputError
from stnb.views.alive import balance, why
from stnb.views.waves import Waves, loudest, ordered

SCHEMA = json.loads((Path(__file__).parents[2] / "widgets/stnb_widgets/static/scene.schema.json").read_text())


def grown(steps=120, **options):
    made = stnb.ManifoldSession(
        **{"particles": 150, "grid": 8, "contact_model": "none", "speed": 0.3, "seed": 3, **options}
    )
    made.step(steps)
    return made


@pytest.fixture
def session():
    with grown() as made:
        yield made


def shown(widget):
    return unpack(widget.get_state()["keyframe"])


def column(parcel, name):
    i = COLUMNS.index(name)
    (low, high), codes = parcel.header["bounds"][i], parcel.arrays["numbers"][:, i : i + 1]
    return dequantise(codes, (low,), (high,))[:, 0]


def wish(widget, name, value=None):
    widget._receive(name, value)
    widget.assert_clean()


def test_the_carriers_of_the_session_are_shown(session):
    widget, there = session.view("carriers"), session.carriers
    parcel = shown(widget)
    order = np.argsort(there.frequencies)
    np.testing.assert_array_equal(parcel.arrays["uid"], there.identity[order])
    np.testing.assert_array_equal(parcel.arrays["state"], there.state[order])
    for name, values in {
        "omega": there.frequencies,
        "amplitude": there.amplitudes,
        "phase": there.phases,
        "width": there.widths,
        "conflict": there.conflict,
        "order": there.order,
    }.items():
        np.testing.assert_allclose(column(parcel, name), values[order], atol=1e-4, err_msg=name)
    assert parcel.header["order"] == pytest.approx(there.mean_order, rel=1e-6)
    assert parcel.header["tone_total"] == 150
    ages = column(parcel, "age")
    assert ages.min() >= 0
    assert ages.max() == pytest.approx(session.time, abs=0.2)


def test_links_are_the_loudest_oscillators_of_each_gate(session):
    parcel, there = shown(session.view("carriers")), session.carriers
    frequencies, energies = session.frequencies.astype(float), session.energies.astype(float)
    place = {int(uid): k for k, uid in enumerate(there.identity)}
    for uid, links in zip(parcel.arrays["uid"], parcel.arrays["links"], strict=True):
        k = place[int(uid)]
        away = (frequencies - there.frequencies[k]) / there.widths[k]
        weight = np.exp(-(away**2)) * np.sqrt(energies)
        heard = parcel.arrays["tone_uid"][links[links != LOST]]
        best = np.sort(weight)[::-1][: len(heard)]
        audible = best > 1e-3 * best[0]
        np.testing.assert_allclose(np.sort(weight[heard])[::-1][audible], best[audible], rtol=1e-5)


def test_blocks_of_carriers_find_what_a_full_search_finds():
    rng = np.random.default_rng(0)
    sample = Oscillators(np.arange(500), rng.uniform(0, 5, 500), np.zeros(500), rng.exponential(1, 500))
    centres, widths = rng.uniform(0, 5, 200), rng.uniform(0.02, 0.1, 200)
    links, weights = loudest(sample, centres, widths)
    away = (np.asarray(sample.omega)[None] - centres[:, None]) / widths[:, None]
    every = np.exp(-(away**2)) * np.sqrt(sample.energy)
    best = np.sort(every, axis=1)[:, ::-1][:, : links.shape[1]]
    found = np.sort(weights, axis=1)[:, ::-1]
    np.testing.assert_allclose(found, best, atol=2e-4 * np.sqrt(np.max(sample.energy)))
    named = np.take_along_axis(every, np.maximum(links, 0), axis=1)
    np.testing.assert_allclose(np.where(links >= 0, named, 0), weights, rtol=1e-12)


@pytest.mark.parametrize(("dtype", "rounding"), [("float64", 1e-14), ("float32", 1e-6)])
def test_the_balance_is_what_the_step_does(dtype, rounding):
    """Parts of |C|² add up to its change over a step, for all that neither merge nor vanish."""
    compared, starved, shaken = 0, 0, 0
    with grown(10, dtype=dtype) as made:
        for _ in range(14):
            before = made.carriers
            expected = {int(uid): balance(made, int(uid)) for uid in before.identity}
            made.step(made.config.cadence)
            after = made.carriers
            if after.merged > before.merged:
                continue
            for k, uid in enumerate(before.identity.tolist()):
                where = np.flatnonzero(after.identity == uid)
                if not len(where):
                    continue
                j = int(where[0])
                change = float(after.amplitudes[j]) ** 2 - float(before.amplitudes[k]) ** 2
                turn = float(after.phases[j] - before.phases[k])
                assert expected[uid].change == pytest.approx(change, abs=rounding)
                predicted = (expected[uid].torque + before.frequencies[k]) * expected[uid].dt
                assert np.angle(np.exp(1j * (turn - predicted))) == pytest.approx(0, abs=20 * rounding)
                assert expected[uid].order == pytest.approx(after.order[j], abs=20 * rounding)
                compared += 1
                starved += expected[uid].hunger < -1e-4
                shaken += abs(expected[uid].noise) > 1e-4
    assert min(compared, 4 * starved, shaken) > 20


def test_a_crystal_is_said_to_stay(session):
    bank = session.engine.spectral.bank
    bank.whole[0, 0] = 2
    uid = int(session.carriers.identity[0])
    b = balance(session, uid)
    assert b.change == pytest.approx(0, abs=1e-15)
    assert "crystallized" in why(session, uid)["sentence"]


def test_the_widget_is_answered(session):
    import jsonschema

    widget = session.view("carriers")
    for uid in session.carriers.identity.tolist():
        answer = json.loads(json.dumps(widget._expert("why")(uid), allow_nan=False))
        jsonschema.validate(answer, {"$ref": "#/$defs/carriers_why", "$defs": SCHEMA["$defs"]})
        values = {label: value for label, value, *_ in answer["lines"]}
        parts = ("its gate gives", "it forgets to follow", "damping takes", "hunger takes", "chance")
        assert sum(values[p] for p in parts) == pytest.approx(values["|C|² in all"], abs=1e-12)


@pytest.mark.parametrize(
    ("uid", "words"), [(10_000, "no carrier 10000"), ("seven", "'seven'"), (True, "True")]
)
def test_who_is_not_there_is_not_explained(session, uid, words):
    with pytest.raises(InputError, match=words):
        session.view("carriers")._expert("why")(uid)


def test_births_deaths_and_injections_are_events(session):
    waves = Waves(session)
    assert waves.look(session).events == ()
    before = session.carriers
    session.inject("cluster", 40, centre=(4, 4, 4))
    session.step(200)
    after, events = session.carriers, waves.look(session).events
    born, died = after.since(before)
    told = {kind: {e.number for e in events if e.kind == kind} for kind in {e.kind for e in events}}
    assert told["injected"] == {40}
    assert told.get("born", set()) | told.get("split", set()) == set(born.tolist())
    gone = told.get("merged", set()) | told.get("faded", set()) | told.get("gone", set())
    assert gone == set(died.tolist())
    assert all(event.step == session.step_index for event in events)
    assert waves.look(session).events == ()


def test_the_order_of_nobody_is_unknown():
    assert np.isnan(ordered({"energy": np.zeros(0), "phase": np.zeros(0)}))


def test_an_empty_session_has_a_view():
    with stnb.ManifoldSession(particles=0, grid=8, capacity=10) as made:
        assert "0 carriers" in made.view("carriers").alt_text


def test_the_same_view_is_given_again_and_obeys(session):
    widget = session.view("carriers")
    assert session.view("carriers") is widget
    assert session.view("carriers", colour="age") is not widget
    wish(widget, "step", 1)
    assert session.step_index == 121
    assert "step 121" in widget.alt_text
    wish(widget, "set", {"name": "coupling", "value": 3.0})
    assert session.config.coupling == 3.0
    wish(widget, "set", {"name": "coupling", "value": -3.0})
    assert "range" in widget.state["controls"]["coupling"]["error"]
    wish(widget, "speed", 30.0)
    assert widget.state["speed"] == 30.0
    wish(widget, "play")
    session.wait_for(124, timeout=60)
    wish(widget, "speed", None)
    assert session.playing
    wish(widget, "pause")
    assert not widget.state["playing"]
    assert f"step {session.step_index}" in widget.alt_text


def test_bad_options_are_refused(session):
    with pytest.raises(ValueError, match="colour is 'speed'"):
        session.view("carriers", colour="speed")
    with pytest.raises(ConfigError, match="cannot be a slider"):
        session.view("carriers", controls=("gate_width",))


def test_a_restored_session_is_another_story(session, tmp_path):
    widget = session.view("carriers")
    path = session.save(tmp_path / "then")
    session.step(50)
    session.restore(path)
    assert "step 120" in widget.alt_text
    widget.assert_clean()


def test_a_view_keeps_no_session_alive():
    made = grown(20)
    widget = made.view("carriers")
    ghost = weakref.ref(made)
    del made
    gc.collect()
    assert ghost() is None
    with pytest.raises(LookupError, match="gone"):
        widget._expert("why")(0)
    widget.close()
