"""The decoding of a latent: worked cases, bounds, Parseval, symmetry, and the values at the ends."""

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stnb._core.errors import InvalidValue, NonFiniteValue
from stnb.inference import decode_zspace_embedding

from .cases import LATENT, case

ALPHA = st.floats(0.0, 3.0)


@pytest.mark.parametrize(
    "name", ["decode_zspace_embedding", "decode_zspace_embedding_alpha0.5", "decode_zspace_embedding_scalar"]
)
def test_decode__matches_worked_cases(name):
    given_, expected, tolerance = case(name)
    found = decode_zspace_embedding(given_["z"], alpha=given_.get("alpha", 0.35)).as_dict()
    assert found.pop("z_state") == given_["z"]
    expected.pop("gradient_basis")
    expected.pop("parseval_relative_error")
    assert found.pop("parseval_relative_error") <= 1e-12
    for field, value in expected.items():
        assert found.pop(field) == pytest.approx(value, abs=tolerance), field
    assert not found


@given(LATENT, ALPHA)
def test_decode__is_the_formula(z, alpha):
    """Written out with a plain Fourier sum."""
    found, n, z = decode_zspace_embedding(z, alpha=alpha), len(z), np.array(z)
    energy = float(sum(z * z))
    v = float(np.mean([abs(z[i + 1] - z[i]) for i in range(n - 1)])) if n > 1 else 0.0
    q = float(np.mean([abs(z[i + 1] - 2 * z[i] + z[i - 1]) for i in range(1, n - 1)])) if n > 2 else 0.0
    power = []
    for k in range(n // 2 + 1):
        x = sum(z * np.exp(-2j * np.pi * k * np.arange(n) / n))
        power.append((1 if k == 0 or 2 * k == n else 2) * abs(x) ** 2 / n)
    omega = [2 * k / n for k in range(n // 2 + 1)]
    share = sum(w ** (2 * max(alpha, 1e-6)) * p for w, p in zip(omega, power, strict=True))
    high = sum(p for w, p in zip(omega, power, strict=True) if w >= 0.5)
    assert found.energy == pytest.approx(energy, rel=1e-12)
    assert found.frac_energy == pytest.approx(share, rel=1e-9, abs=1e-12 * energy)
    assert found.metrics["speed"] == pytest.approx(math.tanh(v + 0.25 * math.sqrt(energy) / n), abs=1e-12)
    assert found.metrics["memory"] == pytest.approx(math.tanh(z.mean() + 0.25 * energy / n), abs=1e-12)
    stability = math.tanh(1.5 * (1 / (1 + q) + 1 / (1 + v)) - 1)
    assert found.metrics["stability"] == pytest.approx(stability, abs=1e-12)
    if energy > 1e-200:
        assert found.metrics["frac"] == pytest.approx(math.tanh(share / energy), abs=1e-9)
        tilt = (2 * high - energy) / energy if n > 1 else 0.0
        assert found.metrics["drs"] == pytest.approx(math.tanh(tilt), abs=1e-9)


@given(st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=60), st.floats(-5.0, 50.0))
def test_decode__stays_within_its_bounds(z, alpha):
    found = decode_zspace_embedding(z, alpha=alpha)
    assert all(-1.0 < value < 1.0 for value in found.metrics.values())
    assert all(share > 0 for share in found.barycentric)
    assert sum(found.barycentric) == pytest.approx(1.0, abs=1e-15)
    assert found.parseval_relative_error <= 1e-12
    assert 0.0 <= found.fractional_energy_ratio <= 1.0 + 1e-12
    assert 0.0 <= found.spectral_centroid <= 1.0
    assert max(map(abs, found.gradient)) <= 1.0
    assert len(found.gradient) == len(found.z_state) == len(z)
    assert found.spectral_bins == len(z) // 2 + 1


@given(st.integers(1, 50))
def test_decode__of_zero_is_at_rest(n):
    found = decode_zspace_embedding([0.0] * n)
    still = {"speed": 0.0, "memory": 0.0, "stability": math.tanh(2.0), "frac": 0.0, "drs": 0.0}
    assert found.metrics == still
    assert found.gradient == (0.0,) * n
    assert (found.energy, found.spectral_energy, found.frac_energy) == (0.0, 0.0, 0.0)


@given(LATENT)
def test_decode__of_the_negative_changes_memory_and_the_gradients_sign(z):
    there, back = decode_zspace_embedding(z), decode_zspace_embedding([-x for x in z])
    for name in ("speed", "stability", "frac", "drs"):
        assert back.metrics[name] == there.metrics[name]
    assert back.gradient == tuple(-g for g in there.gradient)
    mean = math.fsum(z) / len(z)
    if abs(mean) > 1e-9 and abs(mean) + there.energy / len(z) < 10:
        assert back.metrics["memory"] != there.metrics["memory"]


def test_decode__keeps_shares_where_squares_underflow():
    tiny, plain = (decode_zspace_embedding([s * 0.25, s * -0.5, s * 1.0]) for s in (2.0**-600, 1.0))
    assert tiny.energy == 0.0
    assert tiny.metrics["frac"] == plain.metrics["frac"]
    assert tiny.spectral_centroid == plain.spectral_centroid


def test_decode__refuses_energies_beyond_float64():
    with pytest.raises(InvalidValue, match=r"latent reaches 1e\+200.*divide"):
        decode_zspace_embedding([1e200, 0.0])


def test_alpha__is_finite_and_floored():
    z = [0.3, -0.2, 0.5]
    floor = decode_zspace_embedding(z, alpha=1e-6)
    assert decode_zspace_embedding(z, alpha=0.0) == decode_zspace_embedding(z, alpha=-3.0) == floor
    assert decode_zspace_embedding(z, alpha=1e-3) != floor
    for bad in (math.nan, math.inf):
        with pytest.raises(NonFiniteValue, match="alpha"):
            decode_zspace_embedding(z, alpha=bad)
    with pytest.raises(TypeError, match="alpha"):
        decode_zspace_embedding(z, alpha="0.5")


def test_record__is_frozen_and_travels():
    found = decode_zspace_embedding([0.1, 0.4])
    with pytest.raises(AttributeError):
        found.energy = 0.0
    with pytest.raises(TypeError, match="does not change"):
        found.metrics["speed"] = 0.0
    assert pickle.loads(pickle.dumps(found)) == found
    assert hash(found) == hash(decode_zspace_embedding([0.1, 0.4]))
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == found.as_dict()
