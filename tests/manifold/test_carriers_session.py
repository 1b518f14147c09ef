"""Carriers as a session offers them."""

import numpy as np
import pytest

from stnb import ManifoldSession
from stnb._core.errors import CheckpointError, ConfigError, InputError
from stnb.manifold.carriers.portrait import centroids


def lattice(n, box=8.0):
    return np.random.default_rng(0).uniform(2, box - 2, (n, 3))


@pytest.fixture(scope="module")
def grown():
    """A default session, long enough to crystallize."""
    made = ManifoldSession(600, 16, seed=2, device="cpu")
    made.run(900, progress=False)
    return made


def test_a_default_session_goes_from_volatile_to_stable_to_crystallized(grown):
    h = grown.history
    for name in ("volatile", "stable", "crystallized"):
        assert h[name].max() > 0, name
    first = [int(np.argmax(h[name] > 0)) for name in ("volatile", "stable", "crystallized")]
    assert first == sorted(first)
    assert h["crystallized"][-1] >= 3
    assert np.all(np.diff(h["crystallized"]) >= 0)
    assert h["born"][-1] - h["died"][-1] == h["carriers"][-1] == grown.carriers.count


def test_the_pump_is_the_energy_supply_and_without_it_the_oscillators_fade():
    kept, faded = (ManifoldSession(300, 16, seed=2, device="cpu", pump=pump) for pump in (0.075, 0.0))
    for made in (kept, faded):
        made.run(600, progress=False)
    assert kept.history["oscillator"][-1] == pytest.approx(kept.history["oscillator"][0], rel=0.05)
    assert faded.history["oscillator"][-1] == pytest.approx(
        np.exp(-0.6) * faded.history["oscillator"][0], rel=0.02
    )
    assert kept.ledger.flows["pump"] == pytest.approx(300 * 0.075 * 6.0)
    assert faded.ledger.flows["pump"] == 0


def test_every_joule_of_the_spectral_layer_is_booked():
    made = ManifoldSession(
        400, 16, seed=3, device="cpu", dtype="float64", gravity=0.0, coupling=4.0, thermal_coupling=2.0
    )
    made.run(600, progress=False)
    made.idle("explore", 40)
    ledger = made.ledger
    assert made.carriers.state.max() == 2
    assert ledger.flows["topdown"] > 0
    assert abs(ledger.residual) < 600 * 1e-10 * ledger.total


def test_matter_cannot_change_a_carrier():
    """Frozen places, velocities and heat against a box full of gravity, collisions and heat: the same to the bit."""

    def spectrum(**matter):
        made = ManifoldSession(500, 16, seed=4, device="cpu", **matter)
        made.run(300, progress=False)
        frame = made.carriers
        return {name: getattr(frame, name) for name in ("frequencies", "amplitudes", "phases", "anchors")}

    still = {"gravity": 0.0, "speed": 0.0, "contact_model": "none", "gas_constant": 0.0, "conductivity": 0.0}
    moving, frozen = spectrum(gravity=0.01, temperature=5.0), spectrum(**still)
    for name, value in moving.items():
        assert np.array_equal(value, frozen[name]), name


def test_with_the_thermal_coupling_it_can():
    def energies(temperature):
        made = ManifoldSession(
            200, 16, seed=4, device="cpu", thermal_coupling=5.0, temperature=temperature, pump=0.0
        )
        made.run(100, progress=False)
        return made.engine.column("energy")

    assert not np.array_equal(energies(0.0), energies(50.0))


def test_a_resumed_run_is_the_same_to_the_bit(grown, tmp_path):
    grown.save(tmp_path / "a.stnb")
    one, two = (ManifoldSession.load(tmp_path / "a.stnb") for _ in range(2))
    one.run(60, progress=False)
    two.run(25, progress=False)
    two.save(tmp_path / "b.stnb")
    two = ManifoldSession.load(tmp_path / "b.stnb")
    two.run(35, progress=False)
    for name, value in one.carriers.arrays().items():
        assert np.array_equal(value, getattr(two.carriers, name)), name
    assert one.ledger.residual == two.ledger.residual


@pytest.mark.parametrize("mode", ["consolidate", "disambiguate", "explore", "stabilize"])
def test_idling_moves_carriers_and_leaves_matter_alone(grown, tmp_path, mode):
    grown.save(tmp_path / "a.stnb")
    made = ManifoldSession.load(tmp_path / "a.stnb")
    before, phases, places, heat = made.carriers, made.engine.column("phase"), made.positions, made.heat
    made.idle(mode, 30)
    assert not np.array_equal(made.engine.column("phase"), phases)
    assert not np.array_equal(made.carriers.phases, before.phases)
    assert np.array_equal(made.positions, places)
    assert np.array_equal(made.heat, heat)
    assert made.step_index == 900
    assert abs(made.ledger.residual - grown.ledger.residual) < 1e-4


def test_disambiguating_parts_carriers_that_overlap():
    made = ManifoldSession(0, 16, device="cpu", phase_noise=0.0, recentre_rate=0.0, merge_distance=0.0)
    made.add(
        lattice(200), energy=1.0, frequencies=np.repeat([1.0, 1.06], 100), phases=np.repeat([0.0, 3.0], 100)
    )
    made.step()
    bank = made.engine.spectral.bank
    bank.real[0, :2], bank.real[1, :2], bank.counts[0] = (1.0, 1.06), 0.35, 2
    bank.real[2, :2] = (1.0, -1.0)
    gaps = [float(np.ptp(made.carriers.frequencies))]
    made.idle("disambiguate", 40)
    gaps.append(float(np.ptp(made.carriers.frequencies[:2])))
    assert gaps[1] > gaps[0] + 0.01


def test_files_have_frequencies_of_their_own():
    made = ManifoldSession(300, 16, seed=5, device="cpu")
    made.inject("cluster", 200)
    made.inject("line", 200)
    frequency = made.engine.column("frequency")
    first, second = frequency[300:500], frequency[500:]
    assert frequency[:300].min() >= 0
    assert frequency[:300].max() < 2
    for batch in (first, second):
        assert batch.std() == pytest.approx(0.05, rel=0.2)
    assert abs(first.mean() - second.mean()) > 0.05


def test_oscillators_of_ones_own_keep_their_numbers():
    made = ManifoldSession(50, 16, device="cpu")
    made.add(lattice(3), energy=[1, 2, 3], frequencies=[1.5, 0.5, 1.0], phases=[0.1, 7.0, 3.0])
    assert np.allclose(made.engine.column("frequency")[50:], [1.5, 0.5, 1.0])
    assert np.allclose(made.engine.column("phase")[50:], [0.1, 7.0 - 2 * np.pi, 3.0], atol=1e-6)
    assert np.allclose(made.engine.column("energy")[50:], [1, 2, 3])
    made.set_phases([0.25, 0.5], [52, 50])
    assert np.allclose(made.engine.column("phase")[50:], [0.5, 7.0 - 2 * np.pi, 0.25], atol=1e-6)


def test_centroids_are_means_weighted_by_the_tuning():
    places = np.array([[0.0, 0, 0], [2, 0, 0], [0, 4, 0]])
    found = centroids(np.array([1.0, 1.0, 5.0]), places, np.array([1.0, 9.0]), np.array([0.3, 0.1]))
    assert np.allclose(found[0], [1, 0, 0])
    assert np.allclose(found[1], places.mean(axis=0))  # hears nobody


def test_frames_say_what_was_born_and_what_died(grown):
    made = ManifoldSession(600, 16, seed=2, device="cpu")
    made.step()
    early, late = made.carriers, grown.carriers
    born, died = late.since(early)
    assert set(born) == set(late.identity) - set(early.identity)
    assert set(died) == set(early.identity) - set(late.identity)
    assert late.born == late.split + late.spawned
    assert late.count == late.born - late.merged - late.pruned
    assert len(late.states) == late.count
    assert "crystallized" in repr(late)


def test_plots_show_every_carrier(grown):
    spectrum, waves, order = grown.plot_spectrum(), grown.plot_waves(2), grown.plot_order()
    heads = [t for t in spectrum.data if getattr(t, "mode", "") == "markers"]
    assert sum(len(t.x) for t in heads) == grown.carriers.count
    strongest = grown.carriers.amplitudes.max()
    assert sum(t.line.width == 3 for t in waves.data) == 2
    first = next(t for t in waves.data if t.line.width == 3)
    assert first.y.max() == pytest.approx(strongest, rel=0.02)
    assert {t.name for t in order.data} >= {"volatile", "stable", "crystallized"}


def test_cadence_zero_leaves_the_carriers_out():
    made = ManifoldSession(100, 8, cadence=0, device="cpu")
    energy = made.engine.column("energy")
    made.run(30, progress=False)
    assert made.carriers.count == 0
    assert np.array_equal(made.engine.column("energy"), energy)
    with pytest.raises(InputError, match="step the session first"):
        made.plot_waves()
    with pytest.raises(InputError, match="cadence > 0"):
        made.plot_order()


def test_numbers_of_carriers_stay_within_their_capacity():
    made = ManifoldSession(500, 16, seed=6, device="cpu", carriers=3, frequency_range=20.0)
    made.run(200, progress=False)
    assert made.carriers.count == 3
    assert made.carriers.refused > 0


BAD = [
    ({"gate_width": 0.0}, ConfigError, r"gate_width = 0.0 rad/s is outside its range"),
    ({"gate_width": -0.1}, ConfigError, r"gate_width = -0.1"),
    ({"gate_width": 2.0}, ConfigError, r"gate_width = 2 rad/s lies outside gate_width_min"),
    ({"carriers": 0}, ConfigError, r"carriers = 0 is outside its range"),
    ({"tuning": "momets"}, ConfigError, r"moments"),
    ({"thermalization_tau": 0.0}, ConfigError, r"thermalization_tau = 0.0"),
]


@pytest.mark.parametrize(("setting", "error", "message"), BAD)
def test_settings_that_make_no_sense_are_refused(setting, error, message):
    with pytest.raises(error, match=message):
        ManifoldSession(10, 8, device="cpu", **setting)


def test_bad_input_changes_nothing():
    made = ManifoldSession(50, 16, device="cpu")
    made.run(30, progress=False)
    before = (made.carriers.arrays(), made.engine.spectral.state())
    calls = [
        (lambda: made.idle("dream", 5), r"unknown idle mode 'dream'"),
        (lambda: made.idle("explor", 5), r"explore"),
        (lambda: made.idle("explore", -1), r"got -1"),
        (lambda: made.add(lattice(2), phases=[0.0, np.nan]), r"phases\[1\] = .*nan.*finite"),
        (lambda: made.add(lattice(2), energy=[0.0, np.nan]), r"energy\[1\] = .*nan.*finite"),
        (lambda: made.add(lattice(2), frequencies=np.inf), r"frequencies\[0\] = .*inf.*finite"),
        (lambda: made.set_phases(np.nan), r"phases\[0\] = .*nan"),
        (lambda: made.set_phases([1.0], [50]), r"uids\[0\] = 50; the oscillators are numbered 0 … 49"),
        (lambda: made.set_phases([1.0], [0.5]), r"whole numbers"),
    ]
    for call, message in calls:
        with pytest.raises(InputError, match=message):
            call()
    after = (made.carriers.arrays(), made.engine.spectral.state())
    for old, new in zip(before, after, strict=True):
        assert all(np.array_equal(old[name], new[name]) for name in old)


DAMAGE = [
    (lambda a: a.update(bank_real=a["bank_real"][:, :-1]), r"bank_real has shape"),
    (lambda a: a.pop("phase"), r"lacks the columns phase; it is not of this version"),
    (lambda a: a["oscillator_uid"].__setitem__(0, a["oscillator_uid"][1]), r"no permutation"),
    (
        lambda a: a.update(energy=a["energy"][:-1]),
        r"energy has shape \(599,\) in the file, expected \(600,\)",
    ),
    (lambda a: a["frequency"].__setitem__(3, np.nan), r"frequency holds NaN"),
]


@pytest.mark.parametrize(("damage", "message"), DAMAGE)
def test_a_damaged_checkpoint_is_refused(grown, damage, message):
    arrays, meta = grown.engine.state(), grown.engine.meta()
    damage(arrays)
    with pytest.raises(CheckpointError, match=message):
        type(grown.engine).restore(grown.config, arrays, meta)


def test_a_refused_arrival_leaves_the_next_injection_as_it_would_have_been():
    def run(*, refused):
        made = ManifoldSession(50, 16, device="cpu", dt=0.5, speed=0.01)
        if refused:
            with pytest.raises(ConfigError):
                made.add(lattice(1), velocities=1e6)
        made.inject("cluster", 20)
        return made.frequencies

    assert np.array_equal(run(refused=False), run(refused=True))
