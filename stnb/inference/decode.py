"""A latent vector read as five bounded metrics, a gradient and a place among speed, memory and stability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite
from stnb.inference.frozen import Frozen, plain
from stnb.zspace.intake import vector
from stnb.zspace.spectrum import one_sided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float

__all__ = [
    "ZSpaceDecoded",
    "barycentric_of",
    "bounded_tanh",
    "decode_zspace_embedding",
    "floored_alpha",
    "unit_gradient",
]

SMALLEST_ALPHA = 1e-6
BELOW_ONE = math.nextafter(1.0, 0.0)
LINEAR = -37.0
"""Below this ln softplus(x) is x to the last bit."""
SHARES = (
    "frac_energy",
    "spectral_energy",
    "parseval_relative_error",
    "fractional_energy_ratio",
    "spectral_centroid",
    "tilt",
)


@dataclass(frozen=True)
class ZSpaceDecoded:
    """What a latent vector says: see `decode_zspace_embedding`."""

    z_state: tuple[float, ...]
    metrics: Mapping[str, float]
    gradient: tuple[float, ...]
    barycentric: tuple[float, float, float]
    energy: float
    frac_energy: float
    spectral_energy: float
    parseval_relative_error: float
    fractional_energy_ratio: float
    spectral_centroid: float
    spectral_bins: int

    def as_dict(self) -> dict[str, Any]:
        """Every field, ready for `json`."""
        return {name: plain(value) for name, value in vars(self).items()}


def decode_zspace_embedding(latent: Any, *, alpha: float = 0.35) -> ZSpaceDecoded:
    """Five metrics in (−1, 1) from z of n values, a convention of this project.

    With V = mean|z_{i+1} − z_i|, Q = mean|z_{i+1} − 2z_i + z_{i−1}|, E = Σz², μ = mean z, and the one-sided spectrum
    P at frequencies ω = 2k/n (`stnb.zspace.spectrum`):

        speed     = tanh(V + ¼√E/n)          stability = tanh(1.5·(1/(1 + Q) + 1/(1 + V)) − 1)
        memory    = tanh(μ + ¼E/n)           frac      = tanh(Σω^{2α}P/E)
        drs       = tanh((hi − lo)/(hi + lo)), lo = Σ P over ω < ½, hi the rest
        gradient  = ½(z_{i+1} − z_{i−1}) with zeros outside, divided by max(1, its largest magnitude)
        barycentric = softplus of speed, memory, stability, normalised to sum 1

    They describe a series of numbers; nothing here measures physical speed or anyone's memory.

    Args:
        latent: a series: list, NumPy, torch, DLPack, or one row of a matrix.
        alpha: order of the fractional energy, at least 10⁻⁶.

    Raises:
        EmptyInput: without a value.
        NonFiniteValue: for NaN and infinities.
        ShapeMismatch: for several rows.
        InvalidValue: for values whose squares exceed float64.

    >>> round(decode_zspace_embedding([0.12, -0.03, 0.48, -0.2]).metrics["speed"], 9)
    0.446302461
    """
    order = floored_alpha(alpha)
    z = vector("latent", latent)
    n = len(z)
    energy = _energy(z)
    variation, bend = _roughness(z, 1), _roughness(z, 2)
    spectral = _spectral(z, order)
    metrics = {
        "speed": bounded_tanh(variation + 0.25 * math.sqrt(energy) / n),
        "memory": bounded_tanh(float(z.mean()) + 0.25 * energy / n),
        "stability": bounded_tanh(1.5 * (1.0 / (1.0 + bend) + 1.0 / (1.0 + variation)) - 1.0),
        "frac": bounded_tanh(spectral["fractional_energy_ratio"]),
        "drs": bounded_tanh(spectral.pop("tilt")),
    }
    return ZSpaceDecoded(
        z_state=tuple(z.tolist()),
        metrics=Frozen(metrics),
        gradient=tuple(unit_gradient(_central(z)).tolist()),
        barycentric=barycentric_of(metrics),
        energy=energy,
        spectral_bins=n // 2 + 1,
        **spectral,
    )


def floored_alpha(alpha: Any) -> float:
    """A finite order of the fractional energy, at least 10⁻⁶."""
    return max(SMALLEST_ALPHA, finite("alpha", alpha))


def bounded_tanh(x: float) -> float:
    """Tanh x inside the open interval (−1, 1), where a float would round it to ±1."""
    return min(max(math.tanh(x), -BELOW_ONE), BELOW_ONE)


def unit_gradient(gradient: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Divided by max(1, its largest magnitude)."""
    return gradient / max(1.0, float(np.abs(gradient).max()))


def barycentric_of(metrics: Mapping[str, float]) -> tuple[float, float, float]:
    """Softplus ln(1 + eˣ) of speed, memory and stability, divided by its sum; worked out in logarithms."""
    logs = [_log_softplus(metrics[name]) for name in ("speed", "memory", "stability")]
    parts = [math.exp(value - max(logs)) for value in logs]
    total = sum(parts)
    return parts[0] / total, parts[1] / total, parts[2] / total


def _log_softplus(x: float) -> float:
    if x < LINEAR:
        return x
    return math.log(max(x, 0.0) + math.log1p(math.exp(-abs(x))))


def _energy(z: Float[np.ndarray, " n"]) -> float:
    with np.errstate(over="ignore"):
        energy = float(z @ z)
    if not math.isfinite(energy):
        raise InvalidValue(
            f"latent reaches {float(np.abs(z).max()):g} and its energy exceeds float64; divide it by its largest value."
        )
    return energy


def _roughness(z: Float[np.ndarray, " n"], order: int) -> float:
    """Mean magnitude of the differences of an order, 0 where there are none."""
    return float(np.abs(np.diff(z, order)).mean()) if len(z) > order else 0.0


def _central(z: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    padded = np.pad(z, 1)
    return 0.5 * (padded[2:] - padded[:-2])


def _spectral(z: Float[np.ndarray, " n"], alpha: float) -> dict[str, Any]:
    """Energies and shares of the spectrum; shares are taken of z over a power of 2 near its largest value."""
    exponent = math.frexp(float(np.abs(z).max()))[1]
    scaled, unit = np.ldexp(z, -exponent), math.ldexp(1.0, exponent)
    frequency, power = one_sided(scaled)
    total, whole = float(power.sum()), float(scaled @ scaled)
    if whole == 0.0:
        return dict.fromkeys(SHARES, 0.0)
    fractional = float(frequency ** (2.0 * alpha) @ power)
    low = float(power[frequency < 0.5].sum())
    high = float(power[frequency >= 0.5].sum())
    return {
        "frac_energy": fractional * unit * unit,
        "spectral_energy": total * unit * unit,
        "parseval_relative_error": abs(total - whole) / whole,
        "fractional_energy_ratio": fractional / whole,
        "spectral_centroid": float(frequency @ power) / total,
        "tilt": (high - low) / (high + low) if len(z) > 1 else 0.0,
    }
