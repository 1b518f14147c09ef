"""Carriers against what is known of coupled oscillators."""

import numpy as np
import pytest
from stnb_kernels.bank import CRYSTALLIZED, STABLE, VOLATILE

from tests.spectral_world import QUIET, SpectralWorld

OPEN = 1e12  # a gate so wide that it hears everybody alike


def kuramoto(ratio, *, n=10_000, spread=0.5, steps=6000):
    """The mean order of one carrier over Lorentzian frequencies at quantiles, at K = ratio·K_c, K_c = 2·spread."""
    frequency = spread * np.tan(np.pi * ((np.arange(n) + 0.5) / n - 0.5))
    phase = np.random.default_rng(0).vonmises(0, 1, n) % (2 * np.pi)
    made = SpectralWorld(frequency, phase=phase, carriers=1)
    made.set(
        dt=0.05, coupling=2 * spread * ratio, follow_stable=5.0, damping=0.0, hunger=0.0, recentre_rate=0.0
    )
    made.set(width_min=OPEN, width_max=OPEN, crystal_support=np.inf)
    made.found(0.0, width=OPEN, c=0.5, state=STABLE)
    orders = []
    for _ in range(steps):
        made.flow()
        orders.append(made.order[0])
    return float(np.mean(orders[steps // 2 :]))


def test_order_above_the_threshold_follows_the_square_root_law_and_the_threshold_is_where_it_should_be():
    ratios = np.array([1.1, 1.2, 1.4, 1.7, 2.0])
    squared = np.array([kuramoto(ratio) for ratio in ratios]) ** 2
    assert np.abs(squared - (1 - 1 / ratios)).max() < 0.02
    fitted = (ratios * (1 - squared))[ratios >= 1.2]  # K_c = K (1 − r²), in units of 2·spread
    assert abs(fitted.mean() - 1) < 0.03


def test_there_is_no_order_below_the_threshold():
    assert kuramoto(0.8, steps=3000) < 3 / np.sqrt(10_000)


def potential(made):
    """U of `stnb_kernels.evolve`."""
    law = made.law
    z = np.sqrt(made.o.energy) * np.exp(1j * made.o.phase)
    rows = made.bank.real[1, : made.count, None]
    tuning = np.exp(-(((made.o.frequency[None] - made.frequencies[:, None]) / rows) ** 2))
    support = (tuning * np.abs(z)).sum(axis=1) + law.support_floor
    follow = np.array([law.follow_volatile, law.follow_stable])[made.state]
    well = 0.5 * support * (1 + law.damping / follow) * np.abs(made.c) ** 2
    return float((well - (tuning * z[None] * made.c.conj()[:, None]).real.sum(axis=1)).sum())


@pytest.mark.parametrize("seed", range(4))
def test_the_flow_descends_its_potential(seed):
    """Frequencies and gates are scaled down together, so that gates are as they are and nothing rotates."""
    tiny = 1e-9
    rng = np.random.default_rng(seed)
    law = QUIET.__class__(
        dt=0.02,
        temperature=0.0,
        hunger=0.0,
        recentre_rate=0.0,
        width_min=0.05 * tiny,
        crystal_support=np.inf,
        stable_after=10**6,
    )
    made = SpectralWorld(rng.uniform(0, 2 * tiny, 300), energy=rng.uniform(0.1, 1, 300), law=law, seed=seed)
    for k in range(6):
        c = complex(*rng.normal(0, 0.5, 2))
        made.found(rng.uniform(0, 2 * tiny), width=rng.uniform(0.08, 0.6) * tiny, c=c, state=k % 2)
    values = [potential(made)]
    for _ in range(300):
        made.flow()
        values.append(potential(made))
    fall = np.diff(values)
    assert fall.max() <= 1e-12 * abs(values[-1])
    assert values[-1] < values[0] - 10


def test_without_the_frozen_conditions_the_potential_is_no_lyapunov_function():
    rng = np.random.default_rng(1)
    made = SpectralWorld(rng.uniform(0, 2, 300), law=QUIET, seed=1)
    for _ in range(5):
        made.found(rng.uniform(0, 2), c=complex(*rng.normal(0, 0.5, 2)), state=STABLE)
    made.set(crystal_support=np.inf)
    values = []
    for _ in range(100):
        made.flow()
        values.append(potential(made))
    assert np.diff(values).max() > 0


def test_two_populations_split_into_two_carriers():
    rng = np.random.default_rng(2)
    frequency = np.concatenate([rng.normal(0.8, 0.03, 300), rng.normal(1.2, 0.03, 300)])
    made = SpectralWorld(frequency, energy=0.75)
    made.set(temperature=0.01)
    made.found(1.0)
    for _ in range(250):
        made.step()
    assert made.count == 2
    assert np.allclose(np.sort(made.frequencies), [0.8, 1.2], atol=0.03)  # within a population's own spread
    assert (made.order > 0.9).all()


def test_halving_the_step_halves_the_error():
    def state(steps):
        rng = np.random.default_rng(3)
        made = SpectralWorld(rng.uniform(0.8, 1.2, 200), seed=3)
        made.set(dt=1.0 / steps, crystal_support=np.inf, stable_after=10**6)
        made.found(1.0, c=0.3)
        for _ in range(steps):
            made.flow()
        return np.concatenate([np.exp(1j * made.o.phase), made.c])

    fine = state(3200)
    errors = [np.abs(state(steps) - fine).max() for steps in (50, 100, 200)]
    ratios = np.array(errors[:-1]) / errors[1:]
    assert ((ratios > 1.8) & (ratios < 2.3)).all()


def test_states_move_only_along_the_arrows_and_crystals_stay_as_they_are():
    rng = np.random.default_rng(4)
    made = SpectralWorld(rng.uniform(0, 2, 600), energy=rng.uniform(0.5, 1, 600), law=QUIET)
    made.set(temperature=0.01, anchor_chance=0.05)
    seen, frozen, steps_up = {}, {}, set()
    for _ in range(300):
        made.step()
        real, whole = made.bank.real[:, : made.count], made.bank.whole[:, : made.count]
        for k, identity in enumerate(whole[3].tolist()):
            before, now = seen.get(identity, VOLATILE), int(whole[0, k])
            assert now - before in (0, 1)
            steps_up.add((before, now))
            seen[identity] = now
            if now == CRYSTALLIZED:
                kept = (*real[[0, 1], k], *real[7:, k], *whole[5:, k])
                assert frozen.setdefault(identity, kept) == kept
        assert (made.bank.real[4] >= 0).all()
        assert (made.bank.real[4] <= 1).all()
    assert steps_up >= {(VOLATILE, STABLE), (STABLE, CRYSTALLIZED)}
    assert len(frozen) > 2


def test_a_common_turn_of_everything_changes_no_decision():
    def run(turn):
        rng = np.random.default_rng(5)
        phase = (rng.uniform(0, 2 * np.pi, 200) + turn) % (2 * np.pi)
        made = SpectralWorld(rng.uniform(0, 2, 200), phase=phase)
        for _ in range(60):
            made.step()
        return made

    plain, turned = run(0.0), run(1.234)
    assert np.array_equal(plain.bank.whole, turned.bank.whole)
    assert np.array_equal(plain.bank.counts, turned.bank.counts)
    assert np.allclose(plain.conflict, turned.conflict, atol=1e-9)
    assert np.allclose(plain.c * np.exp(1.234j), turned.c, atol=1e-9)


def test_algorithms_and_back_ends_agree_over_a_run():
    """Decisions are the same as long as the sums agree to more digits than the margins of the decisions."""

    def run(**how):
        made = SpectralWorld(np.random.default_rng(6).uniform(0, 0.05, 3000))
        made.spectrum.arrange(made.o.frequency, width_min=made.law.width_min)
        for _ in range(20):
            made.step(**how)
        return made

    brute, moments, reference = (
        run(backend="cpu", algorithm="brute"),
        run(backend="cpu", algorithm="moments"),
        run(backend="reference", algorithm="brute"),
    )
    assert moments.spectrum.wide_chunks == 0
    for other in (moments, reference):
        assert np.array_equal(brute.bank.whole[:5], other.bank.whole[:5])
        assert np.allclose(brute.c, other.c, atol=1e-5)


def test_nothing_and_nobody_are_fine():
    empty = SpectralWorld(np.zeros(0))
    empty.step()
    assert empty.count == 0
    assert int(empty.bank.counts[1]) == 1
    alone = SpectralWorld(np.ones(1))
    alone.step()
    assert alone.count == 1
    assert alone.frequencies[0] == 1
