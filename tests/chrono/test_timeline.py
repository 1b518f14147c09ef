"""Frames by their definitions; a ring that forgets the oldest and keeps counting; refusals that leave no trace."""

import copy
import dataclasses
import itertools
import json
import math
import pickle
import threading

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stnb import SpiralSession, Tensor
from stnb._core.errors import (
    DataLength,
    EmptyInput,
    InvalidValue,
    NonFiniteValue,
    NonHyperbolicCurvature,
    TensorError,
    UnknownNameError,
)
from stnb.chrono.frame import COLUMNS, ChronoFrame, observe_curvature
from stnb.chrono.ring import Ring
from stnb.chrono.timeline import Timeline
from stnb.geometry import TENSOR_MARGIN, Ball

BANDS = ("homotopy", "functor", "recursive", "projection", "infinity")
ENERGY = st.floats(0, 1e6)
FIVE = st.lists(ENERGY, min_size=5, max_size=5)
DT = st.floats(1e-3, 10.0)


class Resonance:
    """Five energies, as a resonance gives them."""

    def __init__(self, *energies):
        self._energies = dict(zip(BANDS, energies, strict=True))

    def energies(self):
        return self._energies


def worked_resonance():
    session = SpiralSession(device="cpu", curvature=-1.0)
    S, G, D = Tensor(1, 2, [0.4, 0.6]), Tensor(1, 2, [0.1, -0.2]), Tensor(1, 2, [0.05, 0.07])
    trace = session.trace(S).deform(G, D).via(Tensor(2, 2, [1, 0.5, -0.25, 1.25]))
    densities = [Tensor(1, 2, [0.6, 0.4]), Tensor(1, 2, [0.5, 0.5])]
    return trace.with_barycenter_from([0.6, 0.4], densities).with_infinity(densities[:1]).resonate()


def test_a_frame_names_its_bands_and_its_decay():
    line = Timeline()
    line.append(dt=0.5, homotopy_energy=3.0, functor_energy=2.0, recursive_energy=1.0)
    line.append(dt=0.5, homotopy_energy=1.0)
    first, second = line.frames()
    assert first.band_energy == (3.0, 2.0, 1.0)
    assert second.decay == second.energy_decay == pytest.approx(10.0)


def test_a_worked_resonance():
    frame = Timeline(curvature=-1.0).record(worked_resonance(), 0.1)
    assert (frame.step, frame.timestamp, frame.dt) == (0, 0.1, 0.1)
    assert frame.homotopy_energy == pytest.approx(0.507421, rel=1e-6)
    assert frame.recursive_energy == pytest.approx(0.020326468064, rel=1e-6)
    assert frame.total_energy == pytest.approx(1.331859968064, rel=1e-6)
    assert frame.flow_norm == pytest.approx(0.712334893, rel=1e-6)
    assert frame.observed_curvature == pytest.approx(-1.567731794, rel=1e-6)
    assert (frame.curvature_drift, frame.energy_decay) == (0.0, 0.0)
    assert frame.projection_ratio() == pytest.approx(0.52 / 1.331859968064)


@given(st.floats(-10, -0.01), st.floats(1e-3, 3), st.floats(-6, 3))
def test_the_observed_curvature_is_measured_in_the_ball(curvature, size, power):
    """κ(d(0, h)/(2‖h‖))² of the flow as the ball admits it."""
    norm = size * 10.0**power
    ball = Ball(curvature)
    flow = torch.tensor([[0.6 * norm, 0.8 * norm]], dtype=torch.float64)
    h = ball.admit(flow, margin=TENSOR_MARGIN).points
    length = float(h.norm())
    stretch = float(ball.distance(torch.zeros_like(h), h)) / (2 * length)
    near_the_margin = abs(math.sqrt(-curvature) * norm - 1 + TENSOR_MARGIN) < 1e-12
    if not near_the_margin:
        assert observe_curvature(curvature, norm) == pytest.approx(curvature * stretch**2, rel=1e-8)


def test_the_observed_curvature_is_continuous_at_the_origin_and_grows_towards_the_rim():
    seen = [observe_curvature(-2.0, r / math.sqrt(2.0)) for r in np.linspace(0, 1 - 2e-5, 200)]
    assert seen[0] == -2.0
    assert observe_curvature(-2.0, 1e-9) == pytest.approx(-2.0, rel=1e-15)
    assert all(b < a for a, b in itertools.pairwise(seen))


@given(st.lists(st.tuples(FIVE, DT), min_size=1, max_size=12), st.floats(-5, -0.1))
def test_frames_follow_their_definitions(recorded, curvature):
    timeline = Timeline(curvature=curvature)
    made = [timeline.record(Resonance(*energies), dt) for energies, dt in recorded]
    assert timeline.frames() == made
    time, before = 0.0, None
    for step, (frame, (energies, dt)) in enumerate(zip(made, recorded, strict=True)):
        time += dt
        assert (frame.step, frame.timestamp, frame.dt) == (step, time, dt)
        assert [getattr(frame, f"{band}_energy") for band in BANDS] == energies
        assert frame.total_energy == pytest.approx(math.fsum(energies), rel=1e-14)
        assert frame.flow_norm == math.sqrt(energies[0])
        assert frame.observed_curvature == observe_curvature(curvature, math.sqrt(energies[0]))
        drift = frame.observed_curvature - before.observed_curvature if before else 0.0
        decay = (before.total_energy - frame.total_energy) / dt if before else 0.0
        assert (frame.curvature_drift, frame.energy_decay) == (drift, decay)
        ratios = [getattr(frame, f"{band}_ratio")() for band in BANDS]
        assert all(0 <= ratio <= 1 for ratio in ratios)
        assert sum(ratios) == pytest.approx(float(frame.total_energy > float(np.finfo(np.float32).eps)))
        before = frame


def test_ratios_of_next_to_nothing_are_zero():
    eps = float(np.finfo(np.float32).eps)
    assert Timeline().record(Resonance(eps, 0, 0, 0, 0), 1).homotopy_ratio() == 0.0
    assert Timeline().record(Resonance(2 * eps, 0, 0, 0, 0), 1).homotopy_ratio() == 1.0
    frame = ChronoFrame(0, 1.0, 1.0, -1.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0)
    assert frame.homotopy_ratio() == 1.0
    assert json.loads(json.dumps(frame.as_dict()))["flow_norm"] == math.sqrt(3.0)
    assert pickle.loads(pickle.dumps(frame)) == copy.deepcopy(frame) == frame
    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.dt = 2.0


@given(st.integers(1, 700), st.integers(0, 1500), st.integers(1, 800))
def test_the_oldest_are_dropped_and_steps_go_on(capacity, recorded, wanted):
    timeline = Timeline(capacity)
    for step in range(recorded):
        timeline.append(dt=0.5, total_energy=float(step))
    kept = min(capacity, recorded)
    first = recorded - min(kept, wanted)
    assert len(timeline) == kept
    columns = timeline.columns(wanted)
    assert columns["step"].dtype == np.int64
    assert columns["step"].tolist() == list(range(first, recorded))
    assert columns["total_energy"].tolist() == columns["step"].tolist()
    assert columns["timestamp"].tolist() == [0.5 * (step + 1) for step in range(first, recorded)]
    assert [frame.step for frame in timeline.frames(wanted)] == columns["step"].tolist()
    timestamps, energies, drifts = timeline.animate(wanted)
    assert (timestamps, energies) == (columns["timestamp"].tolist(), columns["total_energy"].tolist())
    assert drifts == [0.0] * len(energies)


def test_a_ring_of_several_pages_turns_over():
    ring = Ring(("a", "b"), 40_000)
    for value in range(90_000):
        ring.append((float(value), -float(value)))
    a, b = ring.tail(("a", "b"), 10**9)
    assert np.array_equal(a, np.arange(50_000.0, 90_000.0))
    assert np.array_equal(b, -a)
    ring.extend(np.stack([np.arange(10.0), np.arange(10.0)]))
    assert ring.tail(("b",), 11)[0].tolist() == [-89_999.0, *range(10)]


def test_memory_is_taken_as_frames_come():
    timeline = Timeline(10**12)
    timeline.append(dt=1.0)
    assert len(timeline) == 1
    assert timeline.columns()["step"].tolist() == [0]


def test_what_was_read_stays_and_an_empty_timeline_says_so():
    timeline = Timeline(4)
    assert timeline.frames() == []
    assert (timeline.summary(), timeline.harmonics(), timeline.loop_signal()) == (None, None, None)
    assert timeline.animate() == ([], [], [])
    assert set(timeline.columns()) == {"step", *COLUMNS, "flow_norm"}
    timeline.append(dt=1, homotopy_energy=np.float32(0.25))
    assert timeline.harmonics() is None
    columns = timeline.columns()
    columns["total_energy"][:] = 7.0
    timeline.append(dt=torch.tensor(1.0), total_energy=2)
    assert timeline.columns()["total_energy"].tolist() == [0.25, 2.0]
    assert columns["step"].tolist() == [0]
    timeline.clear()
    assert len(timeline) == 0
    assert timeline.record(Resonance(1, 0, 0, 0, 0), 2.0) == timeline.frames()[0]
    assert timeline.frames()[0].timestamp == 2.0


@given(st.integers(1, 40), st.integers(0, 90))
def test_saving_and_going_on(capacity, recorded):
    timeline = Timeline(capacity, -2.0)
    for step in range(recorded):
        timeline.record(Resonance(0.01 * (step % 7), 1, 2, 3, step), 0.1)
    for other in (Timeline.from_dict(timeline.to_dict()), copy.deepcopy(timeline)):
        assert other.frames() == timeline.frames()
        assert (other.capacity, other.curvature) == (capacity, -2.0)
        more = Resonance(0.3, 1, 1, 1, 1)
        expected = copy.deepcopy(timeline).record(more, 0.2)
        assert other.record(more, 0.2) == expected
        assert expected.step == recorded


NAN = math.nan


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda t: t.record(Resonance(1, 1, 1, 1, 1), 0.0), InvalidValue, "dt = 0.0"),
        (lambda t: t.record(Resonance(1, 1, 1, 1, 1), NAN), InvalidValue, "dt = nan"),
        (lambda t: t.record(Resonance(1, 1, 1, 1, 1), 1e-200), InvalidValue, "dt = 1e-200"),
        (lambda t: t.record(Resonance(1, 1, 1, 1, 1), "1"), TypeError, "dt"),
        (lambda t: t.record(Resonance(1, NAN, 1, 1, 1), 1), NonFiniteValue, "functor_energy = nan"),
        (lambda t: t.record(Resonance(1, 1, 1, 1, -1), 1), InvalidValue, "infinity_energy = -1.0"),
        (lambda t: t.record("resonance", 1), TypeError, "of type str"),
        (lambda t: t.append(dt=math.inf), InvalidValue, "dt = inf"),
        (lambda t: t.append(dt=-1), InvalidValue, "dt = -1.0"),
        (lambda t: t.append(dt=True), TypeError, "dt = True"),
        (lambda t: t.append(dt=1.0, homotopy_energy=NAN), NonFiniteValue, "homotopy_energy = nan"),
        (lambda t: t.append(dt=1.0, curvature_drift=math.inf), NonFiniteValue, "curvature_drift = inf"),
        (lambda t: t.append(dt=1.0, observed_curvature=NAN), NonFiniteValue, "observed_curvature = nan"),
        (lambda t: t.append(dt=1.0, energy_decay=-math.inf), NonFiniteValue, "energy_decay = -inf"),
        (lambda t: t.append(dt=1.0, total_energy=NAN), NonFiniteValue, "total_energy = nan"),
        (lambda t: t.append(dt=1.0, total_energy=-1.0), InvalidValue, "total_energy = -1.0"),
        (lambda t: t.append(dt=1.0, functor_energy=1e200), InvalidValue, "functor_energy = 1e"),
        (lambda t: t.append(dt=1e-130, total_energy=1e20), InvalidValue, "energy_decay = -1e"),
        (lambda t: t.append(dt=1.0, infinity_energy=None), TypeError, "infinity_energy = None"),
        (lambda t: t.append(dt=1.0, total_energy="1"), TypeError, "total_energy = '1'"),
        (lambda t: t.append(dt=1.0, energy=1.0), TypeError, "energy"),
        (lambda t: t.frames(0), InvalidValue, "timesteps = 0"),
        (lambda t: t.columns(-1), InvalidValue, "timesteps = -1"),
        (lambda t: t.summary(0), InvalidValue, "timesteps = 0"),
        (lambda t: t.harmonics(0), InvalidValue, "timesteps = 0"),
        (lambda t: t.harmonics(bins=0), InvalidValue, "bins = 0"),
        (lambda t: t.loop_signal(0), InvalidValue, "timesteps = 0"),
        (lambda t: t.loop_signal(bins=0), InvalidValue, "bins = 0"),
        (lambda t: t.animate(0), InvalidValue, "timesteps = 0"),
        (lambda t: t.frames(1.5), TypeError, "timesteps"),
    ],
)
def test_refusals_leave_no_trace(call, error, words):
    timeline = Timeline()
    timeline.append(dt=0.5, homotopy_energy=0.1)
    untouched = copy.deepcopy(timeline)
    with pytest.raises(error, match=words) as caught:
        call(timeline)
    assert isinstance(caught.value, (TensorError, TypeError))
    assert timeline.frames() == untouched.frames()
    timeline.append(dt=0.5, homotopy_energy=0.2)
    untouched.append(dt=0.5, homotopy_energy=0.2)
    assert timeline.frames() == untouched.frames()


def test_a_field_that_is_not_finite_is_named():
    resonance = worked_resonance()
    resonance._fields["functor_linearisation"].torch()[0, 1] = NAN
    timeline = Timeline()
    with pytest.raises(NonFiniteValue, match=r"functor_linearisation\[1\] = nan"):
        timeline.record(resonance, 0.1)
    assert len(timeline) == 0


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda s: s.pop("curvature"), UnknownNameError, "lacks 'curvature'"),
        (lambda s: s.update(kurvature=1), UnknownNameError, "did you mean 'curvature'"),
        (lambda s: s.update(curvature=1.0), NonHyperbolicCurvature, "1.0"),
        (lambda s: s.update(capacity=0), InvalidValue, "capacity = 0"),
        (lambda s: s["columns"].pop("dt"), EmptyInput, "lacks dt"),
        (lambda s: s["columns"].update(dd=[1]), UnknownNameError, "no column 'dd'"),
        (lambda s: s["columns"].update(dt=[0.5]), DataLength, r"dt has shape \(1,\) for 2"),
        (lambda s: s["columns"].update(step=[0, 2]), InvalidValue, "follow one another"),
        (lambda s: s["columns"].update(step=[0.0, 1.0]), InvalidValue, "float64"),
        (lambda s: s["columns"].update(dt=[0.5, 0.0]), InvalidValue, "dt = 0.0 at step 1"),
        (lambda s: s["columns"].update(timestamp=[2.0, 1.0]), InvalidValue, "timestamp = 1.0 at step 1"),
        (lambda s: s["columns"].update(functor_energy=[NAN, 0]), NonFiniteValue, "functor_energy = nan"),
        (lambda s: s["columns"].update(total_energy=[0, -1]), InvalidValue, "total_energy = -1.0 at step 1"),
    ],
)
def test_damaged_savings_are_refused(change, error, words):
    timeline = Timeline()
    timeline.append(dt=0.5)
    timeline.append(dt=0.5)
    saved = timeline.to_dict()
    change(saved)
    with pytest.raises(error, match=words):
        Timeline.from_dict(saved)


def test_recording_from_several_threads_loses_nothing():
    timeline, reads = Timeline(5000), []

    def write():
        for _ in range(1000):
            timeline.append(dt=0.25, total_energy=1.0)

    def read():
        for _ in range(50):
            columns = timeline.columns()
            reads.append(np.array_equal(columns["timestamp"], 0.25 * (columns["step"] + 1)))

    threads = [threading.Thread(target=job) for job in (write, write, write, write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(timeline) == 4000
    assert len(reads) == 50
    assert all(reads)
    assert timeline.columns()["timestamp"][-1] == 1000.0
