"""Statistics of a window: bounds that hold to the bit, and the formulas."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb.chrono.timeline import Timeline

ROW = st.tuples(st.floats(1e-3, 10), st.floats(-1e9, 1e9), st.floats(0, 1e12), st.floats(-1e6, 1e6))


def filled(rows):
    timeline = Timeline()
    for dt, drift, energy, decay in rows:
        timeline.append(dt=dt, curvature_drift=drift, total_energy=energy, energy_decay=decay)
    return timeline


@given(st.lists(ROW, min_size=1, max_size=40))
def test_bounds_and_formulas(rows):
    found = filled(rows).summary()
    dt, drift, energy, decay = np.array(rows).T
    assert found.frames == len(rows)
    assert found.duration == pytest.approx(math.fsum(dt))
    assert found.latest_timestamp == pytest.approx(math.fsum(dt))
    assert (found.min_energy, found.max_energy) == (energy.min(), energy.max())
    assert found.min_energy <= found.mean_energy <= found.max_energy
    assert abs(found.mean_drift) <= found.mean_abs_drift
    assert found.drift_std >= 0
    assert found.energy_std >= 0
    scale = np.abs(drift).max()
    assert found.mean_drift == pytest.approx(math.fsum(drift) / len(rows), abs=1e-14 * scale)
    assert found.mean_abs_drift == pytest.approx(math.fsum(np.abs(drift)) / len(rows))
    assert found.mean_energy == pytest.approx(math.fsum(energy) / len(rows))
    assert found.mean_decay == pytest.approx(math.fsum(decay) / len(rows), abs=1e-14 * np.abs(decay).max())
    exact = math.sqrt(math.fsum((drift - math.fsum(drift) / len(rows)) ** 2) / len(rows))
    assert found.drift_std == pytest.approx(exact, rel=1e-9, abs=1e-13 * scale)


@given(ROW, st.integers(1, 50))
def test_frames_that_are_alike_do_not_deviate(row, count):
    found = filled([row] * count).summary()
    assert (found.drift_std, found.energy_std) == (0.0, 0.0)
    assert (found.mean_drift, found.mean_abs_drift, found.mean_energy) == (row[1], abs(row[1]), row[2])


@given(st.lists(ROW, min_size=2, max_size=20), st.integers(1, 30))
def test_a_window_is_the_newest_frames(rows, window):
    found, alone = filled(rows).summary(window), filled(rows[-window:]).summary()
    assert found.frames == min(window, len(rows))
    assert found.energy_std == alone.energy_std
    assert found.duration == alone.duration
    assert found.latest_timestamp == filled(rows).frames()[-1].timestamp


def test_a_deviation_survives_a_large_mean():
    """Σx² − (Σx)² would leave nothing of it."""
    found = filled([(1.0, 0.0, 1e9 + step % 2, 0.0) for step in range(100)]).summary()
    assert found.energy_std == 0.5


def test_worked_decay():
    timeline = Timeline()
    for energy in (2.0, 2.01, 2.02, 2.03):
        timeline.append(dt=0.1, total_energy=energy)
    assert timeline.summary().mean_decay == pytest.approx(-0.075, rel=1e-12)
    assert timeline.summary().mean_energy == pytest.approx(2.015)


def test_a_summary_is_a_record():
    found = filled([(0.5, -1.0, 2.0, 0.0), (0.5, 1.0, 4.0, -4.0)]).summary()
    assert json.loads(json.dumps(found.as_dict())) == found.as_dict()
    assert found.as_dict()["mean_abs_drift"] == 1.0
    assert pickle.loads(pickle.dumps(found)) == found
    assert found._repr_html_().count("<tr>") == 11
    assert "timeline of 2 frames" in found._repr_html_()
