"""The two ways to sum over oscillators: the bound holds, far gates are nothing, the choice is the cheaper one."""

from __future__ import annotations

import numpy as np
import pytest
import stnb_kernels as kernels
from hypothesis import given, settings
from hypothesis import strategies as st
from stnb_kernels.bank import Bank
from stnb_kernels.spectrum import CHUNK, ORDERS, TOLERANCE, Spectrum, moment_bound, shift_bound

from stnb._core.errors import InputError
from tests.spectral_world import QUIET, SpectralWorld


def exact(made, k):
    """The four sums of a carrier in float64."""
    z = np.sqrt(made.o.energy) * np.exp(1j * made.o.phase)
    away = made.o.frequency - made.frequencies[k]
    heard = np.exp(-((away / made.bank.real[1, k]) ** 2))
    weight = heard * np.abs(z)
    return np.array([(heard * z).real.sum(), (heard * z).imag.sum(), weight.sum(), (weight * away).sum()])


def tuned(made, algorithm):
    kernels.tune_carriers(made.o, made.bank, made.spectrum, algorithm=algorithm, backend="cpu")
    return made.spectrum.sums[:, : made.count].copy()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 2000),
    st.floats(1e-4, 0.4),
    st.floats(0.08, 1.25),
    st.floats(-2, 2),
)
def test_the_moments_keep_their_bound(seed, n, band, width, away):
    rng = np.random.default_rng(seed)
    made = SpectralWorld(rng.uniform(0, band, n), energy=rng.exponential(1, n), seed=seed)
    made.found(away, width=width)
    s = made.spectrum
    narrow = s.wide[: s.chunks] == 0
    firsts = np.arange(0, n, CHUNK)
    ends = np.append(firsts[1:], n) - 1
    reach = np.maximum(
        made.o.frequency[ends] - s.centre[: s.chunks], s.centre[: s.chunks] - made.o.frequency[firsts]
    )
    weight = np.add.reduceat(np.sqrt(made.o.energy), firsts)
    allowed = (moment_bound(reach, width, s.order) * weight)[narrow].sum()
    shifted = (shift_bound(reach, width, s.order) * weight)[narrow].sum()
    error = np.abs(tuned(made, "moments")[:, 0] - exact(made, 0))
    rounding = 1e-13 * weight.sum()
    assert (error[:3] <= allowed + rounding).all()
    assert error[3] <= shifted + rounding * (1 + abs(away))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("far", [30.0, 1e5, 1e15])
def test_gates_out_of_hearing_are_zero_and_nothing_overflows(far, dtype):
    made = SpectralWorld(np.linspace(0, 0.01, 2000), dtype=dtype)
    made.found(far, width=0.08, c=0.5)
    assert made.spectrum.wide_chunks == 0
    assert np.array_equal(tuned(made, "moments"), np.zeros((4, 1)))
    before = made.o.phase.copy()
    kernels.swing_oscillators(
        made.o, made.bank, made.spectrum, QUIET, seed=0, algorithm="moments", backend="cpu"
    )
    assert np.array_equal(made.spectrum.coverage, np.zeros(2000))
    assert np.allclose(made.o.phase, (before + 0.1 * made.o.frequency) % (2 * np.pi), atol=1e-6)


def test_the_lowest_order_that_serves_is_taken_and_what_none_serves_is_summed_one_by_one():
    spectrum = Spectrum.allocate(4 * CHUNK, 8, np.zeros(0))
    orders = []
    for band in (1e-4, 0.01, 0.02, 0.04, 10.0):
        spectrum.arrange(np.linspace(0, band, 4 * CHUNK), width_min=0.08)
        orders.append((spectrum.order, spectrum.wide_chunks))
        assert spectrum.bound <= TOLERANCE
    assert [o for o, _ in orders[:4]] == sorted(o for o, _ in orders[:4])
    assert {o for o, _ in orders} <= set(ORDERS)
    assert orders[0] == (2, 0)
    assert orders[-1][1] == 4


def test_few_pairs_are_summed_by_brute_force_and_many_by_moments():
    few, many = (Spectrum.allocate(n, 64, np.zeros(0)) for n in (200, 200_000))
    few.arrange(np.linspace(0, 2, 200), width_min=0.08)
    many.arrange(np.linspace(0, 2, 200_000), width_min=0.08)
    assert (few.algorithm, many.algorithm) == ("brute", "moments")


def test_an_unknown_algorithm_and_a_bank_without_room_are_refused():
    made = SpectralWorld(np.linspace(0, 1, 10))
    with pytest.raises(InputError, match=r"unknown algorithm 'moment'.*moments"):
        tuned(made, "moment")
    with pytest.raises(InputError, match="capacity must be 1 or more carriers, got 0"):
        Bank.allocate(0, np.zeros(0))
