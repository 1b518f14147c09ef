"""Four rules, each of which may call for a tighter scale or for a new plan, and the report that joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite
from stnb.chrono.loop import hints_of, synthesise
from stnb.chrono.maintainer.config import MaintainerConfig
from stnb.chrono.maintainer.report import SEVERITY, MaintainerReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["assess"]

READ = (
    "duration",
    "mean_drift",
    "mean_abs_drift",
    "drift_std",
    "mean_energy",
    "energy_std",
    "mean_decay",
    "min_energy",
    "max_energy",
)
LEAST_ENERGY = 1e-12
EMPTY = "dormant: no frames yet; record some with resonate_over_time"


class Finding(NamedTuple):
    """What one rule calls for; every number but the reason may be absent."""

    status: str
    reason: str
    max_scale: float | None = None
    pressure: float | None = None


class Measures(NamedTuple):
    """What the rules read: means and deviations over the window, and its two peaks."""

    drift: float
    energy: float
    decay: float
    spread: str
    drift_peak: Any | None
    energy_peak: Any | None


def assess(config: MaintainerConfig, summary: Any | None, harmonics: Any | None = None) -> MaintainerReport:
    """Judge a window of a timeline; the status is the gravest that a rule calls for. Nothing is changed.

    With a = mean |drift|, Ē = mean energy, g = max(0, −mean decay) and m the magnitude of a peak:

        jitter        a > J                clamp    scale low + (high − low)·J/a, pressure step·(1 + a/J)
        growth        g > Γ                rewrite  pressure step·(1 + g/Γ)
        drift peak    m > J                clamp    scale low + (high − low)·J/m
        energy peak   m/(Ē + 1e-12) > Γ_h  rewrite  pressure step·(1 + m/(Ē Γ_h))

    `low` and `high` are `clamp_min` and `clamp_max`; of several scales the smallest and of several pressures the largest
    is suggested, the latter up to 1. Where no rule fires, a mean energy up to `energy_floor` is dormant and all else is
    stable. All of this is a convention of this project.

    The script holds the same hints as a loop signal of the window (see `stnb.chrono.loop.hints_of`): radix,
    segments and tile_cols, with kl for a drift peak and wg for an energy peak. It does not hold the suggestions: scale
    and pressure are for the geometry controller, which is no part of a plan.

    Args:
        config: thresholds.
        summary: what the frames of the window amount to, such as a `ChronoSummary`; None when there are none.
        harmonics: the spectra of the window, such as `ChronoHarmonics`; None for fewer than two frames.
    """
    if not isinstance(config, MaintainerConfig):
        raise TypeError(f"config is of type {type(config).__name__}; give a MaintainerConfig.")
    if summary is None:
        _refuse_orphan(harmonics)
        return MaintainerReport("dormant", 0.0, 0.0, 0.0, None, None, None, None, EMPTY, None)
    seen = _measures(summary, harmonics)
    findings = list(_findings(config, seen))
    status = max((finding.status for finding in findings), key=SEVERITY.index, default=_calm(config, seen))
    return MaintainerReport(
        status=status,
        average_drift=seen.drift,
        mean_energy=seen.energy,
        mean_decay=seen.decay,
        drift_peak=seen.drift_peak,
        energy_peak=seen.energy_peak,
        suggested_max_scale=min(_given(finding.max_scale for finding in findings), default=None),
        suggested_pressure=max(_given(finding.pressure for finding in findings), default=None),
        diagnostic="; ".join(finding.reason for finding in findings) or _calm_words(config, seen),
        spiralk_script=synthesise("", hints_of(summary, harmonics)),
    )


def _findings(config: MaintainerConfig, seen: Measures) -> Iterator[Finding]:
    """What each rule calls for, in the order of the table above."""
    jitter = seen.drift / config.jitter_threshold
    if seen.drift > config.jitter_threshold:
        reason = _exceeds("mean |drift|", seen.drift, "jitter_threshold", config.jitter_threshold)
        yield Finding("clamp", reason, _scale(config, jitter), _pressure(config, jitter))
    growth = max(0.0, -seen.decay)
    if growth > config.growth_threshold:
        reason = _exceeds("energy growth", growth, "growth_threshold", config.growth_threshold)
        yield Finding("rewrite", reason, pressure=_pressure(config, growth / config.growth_threshold))
    swing = _magnitude(seen.drift_peak)
    if swing > config.jitter_threshold:
        reason = _exceeds("drift peak", swing, "jitter_threshold", config.jitter_threshold)
        yield Finding("clamp", reason, _scale(config, swing / config.jitter_threshold))
    share, limit = _magnitude(seen.energy_peak) / (seen.energy + LEAST_ENERGY), config.harmonic_threshold
    if share > limit:
        reason = _exceeds("energy peak over mean energy", share, "harmonic_threshold", limit)
        yield Finding("rewrite", reason, pressure=_pressure(config, share / limit))


def _magnitude(peak: Any | None) -> float:
    """How strong a peak is; 0 where there is none."""
    if peak is None:
        return 0.0
    _reading(peak, "frequency")
    return _reading(peak, "magnitude")


def _scale(config: MaintainerConfig, excess: float) -> float:
    """`clamp_max` at the threshold, towards `clamp_min` as the excess grows."""
    low, high = config.clamp_min, config.clamp_max
    return min(max(low + (high - low) / excess, low), high)


def _pressure(config: MaintainerConfig, excess: float) -> float:
    return min(1.0, config.pressure_step * (1.0 + excess))


def _calm(config: MaintainerConfig, seen: Measures) -> str:
    return "dormant" if seen.energy <= config.energy_floor else "stable"


def _calm_words(config: MaintainerConfig, seen: Measures) -> str:
    if _calm(config, seen) == "dormant":
        return f"dormant: mean energy is within energy_floor {config.energy_floor:.6g}, with {seen.spread}"
    return f"stable: no threshold exceeded, with {seen.spread}"


def _exceeds(what: str, value: float, threshold: str, limit: float) -> str:
    """Value and limit in as many digits as it takes to tell them apart."""
    short, bound = f"{value:.6g}", f"{limit:.6g}"
    if short == bound:
        short, bound = repr(value), repr(limit)
    return f"{what} {short} exceeds {threshold} {bound}"


def _measures(summary: Any, harmonics: Any | None) -> Measures:
    known = {name: _reading(summary, name) for name in READ}
    for name in ("mean_abs_drift", "mean_energy"):
        if known[name] < 0:
            raise InvalidValue(f"{name} = {known[name]!r} is negative; give the summary of recorded frames.")
    if known["min_energy"] > known["max_energy"]:
        raise InvalidValue(
            f"min_energy = {known['min_energy']!r} is above max_energy = {known['max_energy']!r}; "
            "give the summary of recorded frames."
        )
    spread = (
        f"energy {known['mean_energy']:.6g} ± {known['energy_std']:.6g} "
        f"and drift {known['mean_drift']:+.6g} ± {known['drift_std']:.6g}"
    )
    return Measures(
        known["mean_abs_drift"], known["mean_energy"], known["mean_decay"], spread, *_peaks(harmonics)
    )


def _peaks(harmonics: Any | None) -> tuple[Any | None, Any | None]:
    if harmonics is None:
        return None, None
    try:
        return harmonics.dominant_drift, harmonics.dominant_energy
    except AttributeError:
        raise TypeError(
            f"harmonics is of type {type(harmonics).__name__}; give the harmonics of a timeline, or None."
        ) from None


def _reading(record: Any, name: str) -> float:
    try:
        value = getattr(record, name)
    except AttributeError:
        raise TypeError(
            f"{type(record).__name__} has no {name}; give the summary and the harmonics of a timeline."
        ) from None
    return finite(name, value)


def _refuse_orphan(harmonics: Any | None) -> None:
    if harmonics is not None:
        raise InvalidValue(
            "harmonics were given without a summary; give both for the same frames, or neither."
        )


def _given(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
