"""Carriers in motion: evolve, recall, remember, and the heat of oscillators."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels import bank as rows
from stnb_kernels import (
    evolve_carriers,
    parity,
    recall_anchors,
    remember_anchors,
    thermalize_oscillators,
)
from stnb_kernels.carrier_cases import apart
from stnb_kernels.law import CarrierLaw

from tests.golden_cases import golden

from .carrier_bank import BACKENDS, add, random_world, world

SEEDS = st.integers(0, 2**32)
FAST = st.sampled_from(["cpu", "reference", "torch"])
STILL = CarrierLaw(temperature=0.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_repulsion_golden_case(backend):
    inputs, outputs, tolerance = golden("manifold", "carrier_repulsion")
    law = replace(STILL, dt=inputs["dt"], repulsion=inputs["scale"])
    w = world([1.0], [1.0], 4, law=law)
    for omega, gate in zip(inputs["omega"], inputs["gate"], strict=True):
        add(w, omega, 0.5, width=gate)
    after = w.run(evolve_carriers, backend=backend, seed=1)
    assert np.allclose(after.bank.real[rows.FREQUENCY, :3], outputs["omega_after"], rtol=0, atol=tolerance)


@settings(max_examples=40)
@given(SEEDS, FAST)
def test_states_only_move_up_and_conflict_stays_a_share(seed, backend):
    w = random_world(seed)
    w.law = replace(w.law, dt=float(np.random.default_rng(seed).choice([0.01, 0.5, 20.0])), stable_after=2)
    for step in range(4):
        after = w.run(evolve_carriers, backend=backend, seed=seed)
        m = after.count
        rise = after.bank.whole[rows.STATE, :m] - w.bank.whole[rows.STATE, :m]
        assert np.isin(rise, (0, 1)).all()
        conflict, order = after.bank.real[[rows.CONFLICT, rows.ORDER], :m]
        assert ((conflict >= 0) & (conflict <= 1) & (order >= 0) & (order <= 1)).all()
        width = after.bank.real[rows.WIDTH, :m]
        assert ((width >= w.law.width_min) & (width <= w.law.width_max)).all()
        w = after
        w.bank.counts[rows.STEP] += step


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_carrier_in_order_matures_on_the_step_that_completes_the_count(backend):
    law = replace(STILL, conflict_rate=0.0, stable_after=2, crystal_after=3)
    w = world([1.0], [16.0], 2, law=law)
    add(w, 1.0, 0.5, conflict=0.0)
    add(w, 1.0, 0.5, conflict=0.39)  # orderly enough to be stable, too much in conflict to crystallize
    w.spectrum.sums[:, :2] = [[4.0], [0.0], [4.0], [0.0]]
    path = []
    for _ in range(6):
        w = w.run(evolve_carriers, backend=backend, seed=1)
        path.append([tuple(int(v) for v in w.bank.whole[[rows.STATE, rows.AGE], k]) for k in range(2)])
    assert [p[0] for p in path] == [(0, 1), (1, 0), (1, 1), (1, 2), (2, 3), (2, 3)]
    assert [p[1] for p in path] == [(0, 1), (1, 0), (1, 0), (1, 0), (1, 0), (1, 0)]


@settings(max_examples=30)
@given(SEEDS, FAST)
def test_a_crystallized_carrier_turns_and_keeps_everything_else(seed, backend):
    """|C| to the rounding of one rotation, a few ε; the rest to the last bit."""
    w = random_world(seed)
    w.bank.whole[rows.STATE] = rows.CRYSTALLIZED
    after = w.run(evolve_carriers, backend=backend, seed=seed).run(
        remember_anchors, backend=backend, seed=seed
    )
    keeps = (rows.FREQUENCY, *range(rows.ANCHOR_PHASE, rows.REALS))
    assert np.array_equal(after.bank.real[list(keeps)], w.bank.real[list(keeps)])
    assert np.array_equal(after.bank.whole[rows.ANCHOR_UID :], w.bank.whole[rows.ANCHOR_UID :])
    width = w.bank.real[rows.WIDTH, : w.count].clip(w.law.width_min, w.law.width_max)
    assert np.array_equal(after.bank.real[rows.WIDTH, : w.count], width)
    turn = np.exp(1j * w.bank.real[rows.FREQUENCY, : w.count] * w.law.dt)
    assert np.allclose(after.c, w.c * turn, rtol=1e-15, atol=1e-15)


@settings(max_examples=30)
@given(SEEDS, st.floats(0, 2 * np.pi), FAST)
def test_a_common_rotation_of_all_phases_turns_carriers_and_changes_no_decision(seed, angle, backend):
    """Sums and C turn with the phases; everything else to 1e-12, some thousand roundings of numbers like 1."""
    w = random_world(seed)
    w.law = STILL
    turned = world(w.oscillators.frequency, w.oscillators.energy, w.bank.capacity, law=STILL)
    turned.bank, turned.spectrum = w.run(_nothing).bank, w.run(_nothing).spectrum
    for row, (re, im) in ((turned.bank.real, (rows.REAL, rows.IMAG)), (turned.spectrum.sums, (0, 1))):
        c = (row[re] + 1j * row[im]) * np.exp(1j * angle)
        row[re], row[im] = c.real, c.imag
    turned.oscillators = replace(w.oscillators, phase=(w.oscillators.phase + angle) % (2 * np.pi))
    for op in (evolve_carriers, remember_anchors, recall_anchors):
        w, turned = (x.run(op, backend=backend, seed=seed) for x in (w, turned))
    assert np.array_equal(w.bank.whole, turned.bank.whole)
    assert np.allclose(w.c * np.exp(1j * angle), turned.c, rtol=0, atol=1e-12)
    same = [row for row in range(rows.REALS) if row not in (rows.REAL, rows.IMAG)]
    assert apart(w.bank.real[same], turned.bank.real[same]).max(initial=0) < 1e-12
    assert np.allclose(w.oscillators.energy, turned.oscillators.energy, rtol=0, atol=1e-11)
    assert apart(w.oscillators.phase + angle, turned.oscillators.phase).max() < 1e-11


def _nothing(*_args, **_kwargs):
    """An op that does nothing."""


@settings(max_examples=30)
@given(SEEDS, FAST)
def test_the_books_say_what_anchors_received(seed, backend):
    """Units of 2⁻⁴⁰ add up without rounding; E + units/2⁴⁰ rounds to ε·E once an oscillator."""
    w = random_world(seed)
    w.law = replace(w.law, feed_chance=0.5, dt=1.0)
    after = w.run(recall_anchors, backend=backend, seed=seed)
    gained = (after.oscillators.energy - w.oscillators.energy).sum()
    assert abs(gained - after.spectrum.books[0]) < 1e-12
    assert (after.spectrum.books[0] > 0) == bool(
        [k for k in range(w.count) if w.bank.whole[rows.STATE, k] == rows.CRYSTALLIZED and w.anchors(k)]
    )
    assert not after.spectrum.gain.any()
    again = after.run(recall_anchors, backend=backend, seed=seed)
    assert again.spectrum.books[0] >= after.spectrum.books[0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_recall_pulls_an_anchor_towards_the_phase_that_it_had(backend):
    law = replace(STILL, feed_energy=0.0, feed_chance=0.0, pull_phase=1.0, dt=0.1)
    w = world([1.0, 1.1], [1.0, 1.0], 3, phase=[0.5, 6.2], law=law)
    for _ in range(3):
        add(w, 1.0, 2j, state=rows.CRYSTALLIZED, anchors={0: (-0.5, 0.5), 1: (0.0, 2.0)})
    after = w.run(recall_anchors, backend=backend, seed=1)
    pulled = [
        0.5 + 0.3 * 0.5 * np.sin(np.pi / 2 - 1),
        (6.2 + 0.3 * 2 * np.sin(np.pi / 2 - 6.2)) % (2 * np.pi),
    ]
    assert np.allclose(after.oscillators.phase, pulled, rtol=0, atol=1e-11)
    assert np.array_equal(after.oscillators.energy, w.oscillators.energy)


@pytest.mark.parametrize("backend", BACKENDS)
def test_remember_fills_the_first_empty_slot_then_the_weakest(backend):
    law = replace(STILL, anchor_rate=0.0, anchor_chance=0.0)
    w = world(np.full(12, 1.0), np.full(12, 1.0), 1, law=law)
    add(w, 1.0, 1.0, anchors={u: (0.0, 0.5 + 0.1 * (u not in (3, 5))) for u in range(7)})
    w.spectrum.found[1, 0] = 9  # its weight is T·A·cos 0 = 1
    w = w.run(remember_anchors, backend=backend, seed=1)
    assert list(w.anchors(0)) == [0, 1, 2, 3, 4, 5, 6, 9]
    w.spectrum.found[1, 0] = 10
    w = w.run(remember_anchors, backend=backend, seed=1)
    assert list(w.anchors(0)) == [0, 1, 2, 10, 4, 5, 6, 9]
    w.spectrum.found[1, 0] = 4
    assert list(w.run(remember_anchors, backend=backend, seed=1).anchors(0)) == [0, 1, 2, 10, 4, 5, 6, 9]
    w.bank.real[rows.ANCHOR_SCORE :] = 2.0
    w.spectrum.found[1, 0] = 11
    assert 11 not in w.run(remember_anchors, backend=backend, seed=1).anchors(0)


def heated(seed, law, backend, dtype=np.float64, n=40):
    """Energy of oscillators, heat of their particles, a call that changes both, and who is where."""
    rng = np.random.default_rng(seed)
    e, q = rng.exponential(1, (2, n)) * rng.integers(0, 2, (2, n))
    m, c = rng.uniform(0.5, 1, n), 2.0
    home = rng.permutation(n).astype(np.int32)
    columns = [a.astype(dtype) for a in (e, q, m)]

    def step(energy, heat, law):
        device = [parity.to_device(a, backend) for a in (energy, home, heat, columns[2])]
        thermalize_oscillators(*device, law, specific_heat=c, backend=backend)
        return parity.to_numpy(device[0]), parity.to_numpy(device[2])

    return columns[0], columns[1], step, home


LAWS = st.builds(
    CarrierLaw,
    dt=st.sampled_from([1e-6, 0.1, 30.0]),
    decay=st.sampled_from([0.0, 1e-9, 0.1, 50.0]),
    pump=st.sampled_from([0.0, 0.075]),
    thermal=st.sampled_from([0.0, 0.05, 1e6]),
)


@settings(max_examples=60)
@given(SEEDS, LAWS, st.sampled_from(["cpu", "torch"]), st.sampled_from([np.float32, np.float64]))
def test_thermalize_creates_nothing_but_the_pump_and_goes_below_zero_nowhere(seed, law, backend, dtype):
    """E + Q − P·dt to the roundings of `cases.py`, 16ε of it."""
    e, q, step, home = heated(seed, law, backend, dtype)
    after_e, after_q = step(e, q, law)
    before = e.astype(np.float64) + q[home] + law.pump * law.dt
    total = after_e.astype(np.float64) + after_q[home]
    assert (np.abs(total - before) <= 16 * np.finfo(dtype).eps * before).all()
    assert (after_e >= 0).all()
    assert (after_q >= 0).all()


@settings(max_examples=60)
@given(SEEDS, LAWS, st.sampled_from(["cpu", "torch", "reference"]))
def test_two_half_steps_are_one_whole_step(seed, law, backend):
    """An exact solution; 1e-13 of E + Q + P·dt, some hundred roundings."""
    e, q, step, home = heated(seed, law, backend)
    half = replace(law, dt=law.dt / 2)
    once, twice = step(e, q, law), step(*step(e, q, half), half)
    scale = (e + q[home] + law.pump * law.dt).max() + 1e-300
    for a, b in zip(once, twice, strict=True):
        assert np.abs(a - b).max() <= 1e-13 * scale


@pytest.mark.parametrize("backend", BACKENDS)
def test_thermalize_ends_at_the_equilibrium_that_it_states(backend):
    e, q, step, home = heated(3, CarrierLaw(), backend)
    law = CarrierLaw(dt=1e4, decay=1.0, pump=0.0, thermal=0.5)
    after_e, after_q = step(e, q, law)
    rng = np.random.default_rng(3)
    rng.exponential(1, (2, 40)), rng.integers(0, 2, (2, 40))
    temperature = after_q / (rng.uniform(0.5, 1, 40) * 2.0)
    assert np.allclose(after_e, 0.5 * temperature[home], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("n", [0, 5])
def test_no_carriers_and_no_oscillators_are_no_trouble(backend, n):
    for capacity in (1, 3):
        w = world(np.linspace(0, 1, n), np.ones(n), capacity)
        for op in (evolve_carriers, recall_anchors, remember_anchors):
            after = w.run(op, backend=backend, seed=1)
            assert np.array_equal(after.bank.real, w.bank.real)
            assert np.array_equal(after.bank.counts, w.bank.counts)
            assert np.array_equal(after.oscillators.energy, w.oscillators.energy)
    empty, whole = np.zeros(0), np.zeros(0, np.int32)
    device = [parity.to_device(a, backend) for a in (empty, whole, empty, empty)]
    thermalize_oscillators(*device, CarrierLaw(), specific_heat=1.0, backend=backend)
