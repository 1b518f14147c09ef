"""How many carriers there are: breed and spawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels import bank as rows
from stnb_kernels import breed_carriers, parity, spawn_carriers
from stnb_kernels.law import CarrierLaw
from stnb_kernels.spectrum import REVIEWED

from stnb._core.errors import InputError
from tests.golden_cases import golden

from .carrier_bank import BACKENDS, add, random_world, world

SEEDS = st.integers(0, 2**32)
FAST = st.sampled_from(["cpu", "reference", "torch"])
APART = CarrierLaw(merge_distance=0.0, prune_after=10**6)
"""Nobody merges or fades."""


def founders(w, first=0):
    """The oscillators that founded the carriers, by uid."""
    return [next(iter(w.anchors(k))) for k in range(first, w.count)]


def requests(w, scores):
    """Carriers 0, 1, … ask for a child at their own oscillator, with these scores."""
    w.bank.counts[rows.STEP] = 0
    w.spectrum.found[0, : len(scores)] = np.arange(len(scores))
    w.spectrum.score[0, : len(scores)] = scores


def quarrel(scores, capacity, *, spare=0, law=APART, **values):
    """One carrier in conflict for each score, far from its offender and from each other."""
    frequency = np.arange(len(scores) + spare) * 10.0
    w = world(frequency, np.ones(len(frequency)), capacity, phase=0.1 * np.arange(len(frequency)), law=law)
    for k in range(len(scores)):
        add(w, frequency[k] + 3.0, 0.8j, conflict=0.9, **values)
    requests(w, scores)
    return w


@pytest.mark.parametrize("backend", BACKENDS)
def test_spawn_golden_case(backend):
    inputs, outputs, _ = golden("manifold", "spawn_uncoupled_greedy")
    law = CarrierLaw(width=inputs["gate_init"], covered=inputs["threshold"])
    w = world(inputs["osc_omega"], np.square(inputs["osc_amp"]), 8, law=law)
    after = w.run(spawn_carriers, backend=backend, rounds=6)
    assert founders(after) == outputs["spawned_in_order"]
    assert np.allclose(np.abs(after.c), 1.0, rtol=0, atol=1e-15)
    assert after.bank.counts[[rows.SPAWNED, rows.BORN, rows.REFUSED, rows.STEP]].tolist() == [3, 3, 0, 1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_of_equal_energies_the_lowest_frequency_founds(backend):
    n = 70  # more than one block of the simulated GPU
    energy = np.full(n, 0.5)
    energy[[20, 41, 66]] = 2.0
    after = world(np.arange(n) * 5.0, energy, 8).run(spawn_carriers, backend=backend, rounds=4)
    assert founders(after) == [20, 41, 66, 0]


@pytest.mark.parametrize("backend", ["cpu", "torch", "reference"])
def test_thousands_of_claims_never_pass_capacity(backend):
    n = 5000
    w = world(np.arange(n) * 5.0, np.linspace(1, 2, n), 64)
    after = w.run(spawn_carriers, backend=backend, rounds=n)
    assert after.count == 64
    assert founders(after) == list(range(n - 1, n - 65, -1))
    again = after.run(spawn_carriers, backend=backend, rounds=n)
    assert again.bank.counts[rows.REFUSED] == 2, "one refusal a step"
    assert np.array_equal(again.bank.real, after.bank.real)
    assert np.array_equal(again.bank.whole, after.bank.whole)


@settings(max_examples=40)
@given(SEEDS, FAST)
def test_the_bank_stays_within_its_capacity_and_its_numbers_add_up(seed, backend):
    w = random_world(seed)
    w.bank.real[rows.CONFLICT] = np.random.default_rng(seed).choice([0.0, 0.9], w.bank.capacity)
    start = w.count
    for _ in range(3):
        w = w.run(breed_carriers, backend=backend).run(spawn_carriers, backend=backend, rounds=6)
        m, counts = w.count, w.bank.counts
        assert 0 <= m <= w.bank.capacity
        assert counts[rows.BORN] == start + counts[rows.SPLIT] + counts[rows.SPAWNED]
        assert m == counts[rows.BORN] - counts[rows.MERGED] - counts[rows.PRUNED]
        identity = w.bank.whole[rows.IDENTITY, :m]
        assert (np.diff(identity) > 0).all(), "the oldest first"
        uids = w.bank.whole[rows.ANCHOR_UID :, :m]
        for k in range(m):
            held = uids[:, k][uids[:, k] >= 0]
            assert len(set(held)) == len(held) <= rows.ANCHORS


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_last_column_goes_to_the_higher_score(backend):
    after = quarrel([0.5, 0.7], 3).run(breed_carriers, backend=backend)
    assert after.count == 3
    assert after.bank.counts[[rows.SPLIT, rows.REFUSED]].tolist() == [1, 1]
    assert after.bank.whole[rows.PARENT, 2] == 1
    assert np.allclose(after.c[2], 0.5 * np.exp(0.1j), rtol=0, atol=1e-15)
    assert after.bank.real[rows.CONFLICT, :2].tolist() == [0.9, 0.0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_of_equal_scores_the_lower_carrier_is_served(backend):
    after = quarrel([0.2, 0.7, 0.7], 4).run(breed_carriers, backend=backend)
    assert after.bank.whole[rows.PARENT, 3] == 1
    assert after.bank.counts[[rows.SPLIT, rows.REFUSED]].tolist() == [1, 2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_refused_request_changes_nothing_but_its_count(backend):
    w = quarrel(np.linspace(1, 2, REVIEWED), REVIEWED)
    after = w.run(breed_carriers, backend=backend)
    assert after.bank.counts[rows.REFUSED] == REVIEWED
    after.bank.counts[rows.REFUSED] = 0
    for name in ("real", "whole", "counts"):
        assert np.array_equal(getattr(after.bank, name), getattr(w.bank, name)), name


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("law", "values", "neighbour", "splits"),
    [
        (APART, {}, None, 1),
        (APART, {}, {"conflict": 0.0}, 0),  # in order, and there already
        (APART, {}, {"conflict": 0.9}, 1),  # there, but in no order
        (APART, {}, {"conflict": 0.0, "width": 0.19}, 1),  # in order, but too narrow to reach
        (APART, {"state": rows.CRYSTALLIZED}, None, 0),
        (APART, {"width": 0.11}, None, 0),  # 0.7 · 0.11 is below the narrowest gate
        (replace(APART, split_conflict=0.95), {}, None, 0),
    ],
)
def test_who_may_split(backend, law, values, neighbour, splits):
    w = quarrel([0.5], 8, law=law, **values)
    if neighbour:
        add(w, 0.1, 1.0, **neighbour)
    after = w.run(breed_carriers, backend=backend)
    assert after.bank.counts[rows.SPLIT] == splits
    assert after.count == w.count + splits


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_mean_of_two_is_weighted_and_keeps_the_best_anchors(backend):
    w = world(np.arange(20.0), np.ones(20), 4)
    few = {u: (0.1 * u, s) for u, s in ((1, 0.9), (2, 0.4), (3, 0.2), (4, 0.1))}
    many = {
        u: (-0.1 * u, s) for u, s in ((2, 0.5), (5, 0.8), (1, 0.3), (6, 0.4), (7, 0.05), (8, 0.6), (9, 0.2))
    }
    add(w, 5.0, 0.9, width=0.3, conflict=0.2, anchors=many)
    add(w, 1.00, 0.6, width=0.4, conflict=0.1, anchors=few)
    add(w, 1.02, 0.3, width=0.8, conflict=0.4, anchors=many)
    after = w.run(breed_carriers, backend=backend)
    assert after.count == 2
    assert after.bank.counts[rows.MERGED] == 1
    expected = [1.02 / 3 + 2 / 3, 0.8 / 3 + 0.8 / 3, (0.36 + 0.09) / 0.9, 0.0, 0.2]
    assert np.allclose(after.bank.real[:5, 1], expected, rtol=1e-15, atol=1e-16)
    assert list(after.anchors(1)) == [1, 5, 8, 2, 6, 3, 9, 4]
    assert after.anchors(1)[2] == (-0.2, 0.5), "the better of two memories of one oscillator"
    assert after.anchors(0) == w.anchors(0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_crystallized_carrier_takes_in_and_stays_what_it_was(backend):
    w = world(np.arange(4.0), np.ones(4), 4)
    add(w, 1.0, 0.9, anchors={0: (0.0, 0.5)})
    add(w, 1.0, 0.2, state=rows.CRYSTALLIZED, anchors={1: (0.0, 0.1)})
    add(w, 1.01, 0.5, state=rows.CRYSTALLIZED)
    after = w.run(breed_carriers, backend=backend)
    assert after.bank.counts[rows.MERGED] == 1
    assert np.array_equal(after.bank.real[:, :2], w.bank.real[:, 1:3])
    assert np.array_equal(after.bank.whole[:, :2], w.bank.whole[:, 1:3])


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_a_chain_only_those_next_to_its_head_merge(backend):
    """0.00 (largest) – 0.05 – 0.10 (smallest), merging within 0.0875: the last waits for another step."""
    w = world(np.arange(4.0), np.ones(4), 4)
    for frequency, size in ((0.05, 0.5), (0.10, 0.2), (0.0, 0.9)):
        add(w, frequency, size)
    after = w.run(breed_carriers, backend=backend)
    assert after.bank.counts[rows.MERGED] == 1
    assert after.bank.whole[rows.IDENTITY, :2].tolist() == [1, 2]
    assert after.bank.real[rows.FREQUENCY, 0] == 0.10


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_silent_carrier_has_no_phase_and_merges_with_nobody(backend):
    w = world(np.arange(4.0), np.ones(4), 4)
    add(w, 1.0, 0.0)
    add(w, 1.0, 0.0)
    add(w, 1.0, 1.0)
    assert w.run(breed_carriers, backend=backend).count == 3


@settings(max_examples=40)
@given(SEEDS, FAST)
def test_those_who_stay_keep_their_order_and_all_they_have(seed, backend):
    w = random_world(seed)
    w.law = APART
    w.bank.whole[rows.QUIET] *= 10**5
    w.spectrum.found[:] = rows.EMPTY
    gone = (w.bank.whole[rows.STATE] == rows.VOLATILE) & (w.bank.whole[rows.QUIET] >= 10**6)
    gone = gone[: w.count]
    after = w.run(breed_carriers, backend=backend)
    kept = np.flatnonzero(~gone)
    assert np.array_equal(after.bank.real[:, : len(kept)], w.bank.real[:, kept])
    assert np.array_equal(after.bank.whole[:, : len(kept)], w.bank.whole[:, kept])
    assert (after.bank.whole[rows.ANCHOR_UID :, len(kept) : w.count] == rows.EMPTY).all()
    assert after.bank.counts[rows.PRUNED] == gone.sum()


@settings(max_examples=30)
@given(SEEDS, st.floats(0, 2 * np.pi), FAST)
def test_a_common_rotation_changes_no_decision(seed, angle, backend):
    """Frequencies and widths to a few roundings: weights |C| are computed from turned numbers."""
    w = random_world(seed)
    turned = w.run(lambda *a, **k: None)
    turned.oscillators = replace(w.oscillators, phase=(w.oscillators.phase + angle) % (2 * np.pi))
    c = w.c * np.exp(1j * angle)
    turned.bank.real[rows.REAL, : w.count], turned.bank.real[rows.IMAG, : w.count] = c.real, c.imag
    for op in (breed_carriers, spawn_carriers):
        w, turned = (x.run(op, backend=backend) for x in (w, turned))
    assert np.array_equal(w.bank.whole, turned.bank.whole)
    assert np.array_equal(w.bank.counts, turned.bank.counts)
    same = [row for row in range(rows.REALS) if row not in (rows.REAL, rows.IMAG)]
    assert np.allclose(w.bank.real[same], turned.bank.real[same], rtol=0, atol=1e-14)
    assert np.allclose(w.c * np.exp(1j * angle), turned.c, rtol=0, atol=1e-14)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("n", [0, 3])
def test_no_carriers_and_no_oscillators_are_no_trouble(backend, n):
    w = world(np.arange(n) * 1.0, np.ones(n), 2)
    after = w.run(breed_carriers, backend=backend)
    assert np.array_equal(after.bank.real, w.bank.real)
    assert np.array_equal(after.bank.counts, w.bank.counts)
    after = w.run(spawn_carriers, backend=backend, rounds=0)
    assert after.bank.counts.tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    assert w.run(spawn_carriers, backend=backend).count == min(n, 2)


def test_a_negative_number_of_rounds_is_refused_in_words():
    with pytest.raises(InputError, match="rounds must be 0 or more, got -1"):
        world([1.0], [1.0], 2).run(spawn_carriers, rounds=-1)


def test_a_bank_larger_than_a_block_breeds_in_three_launches():
    """The simulated GPU has small blocks: this bank takes the way of one of more than 256 carriers."""
    from stnb_kernels.breed import cuda

    w = random_world(11, capacity=50, count=40)
    assert w.bank.capacity > (cuda.ONE_BLOCK if cuda.THREADS == 32 else 0)
    expected, got = (w.run(breed_carriers, backend=b) for b in ("reference", "cuda"))
    assert expected.bank.counts[rows.MERGED] > 0
    assert np.array_equal(expected.bank.whole, got.bank.whole)
    assert np.allclose(expected.bank.real, got.bank.real, rtol=0, atol=1e-14)
    assert parity.check("breed", "cuda", cases=2, seed=8, small=True).green
