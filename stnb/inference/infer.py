"""A decoded latent corrected by partial observations, with how far they were from it and how far to trust that."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import InvalidValue
from stnb._core.numbers import finite
from stnb.inference.decode import ZSpaceDecoded, barycentric_of, decode_zspace_embedding, unit_gradient
from stnb.inference.frozen import Frozen, plain
from stnb.inference.metrics import ZMetrics
from stnb.inference.names import BASE, GRADIENT
from stnb.inference.partials import blend_zspace_partials, counted
from stnb.inference.telemetry import ZSpaceTelemetryFrame, merge_telemetry, reliability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ZSpaceInference",
    "fraction",
    "infer_from_partial",
    "infer_with_partials",
    "inference_to_mapping",
    "inference_to_zmetrics",
    "project",
]


@dataclass(frozen=True)
class ZSpaceInference:
    """A latent's metrics after its partial observations: see `infer_from_partial`.

    Attributes:
        metrics: the decoded metrics, those that were observed in place of them, and auxiliary ones.
        gradient: the observed gradient, or the decoded one.
        barycentric: shares of speed, memory and stability.
        residual: root mean square of observed − decoded over the observed base metrics.
        confidence: e^{−residual}·reliability of the telemetry, in (0, 1].
        prior: the latent as it decodes without observations.
        applied: what was observed.
        telemetry: the readings that were taken into account.
        telemetry_reliability: their factor of the confidence, in (0, 1].
    """

    metrics: Mapping[str, float]
    gradient: tuple[float, ...]
    barycentric: tuple[float, float, float]
    residual: float
    confidence: float
    prior: ZSpaceDecoded
    applied: Mapping[str, Any]
    telemetry: ZSpaceTelemetryFrame | None = None
    telemetry_reliability: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """Every field, ready for `json`."""
        nested = {
            "prior": self.prior.as_dict(),
            "telemetry": None if self.telemetry is None else self.telemetry.as_dict(),
        }
        return {name: plain(value) for name, value in vars(self).items()} | nested


def infer_from_partial(
    z_state: Any, partial: Any = None, *, alpha: float = 0.35, smoothing: float = 0.35, telemetry: Any = None
) -> ZSpaceInference:
    """Metrics of z with one partial observation in place of what z itself says; a convention of this project.

    residual = RMS of (observed − decoded) over the observed base metrics, confidence = e^{−residual}·reliability, and
    barycentric = s·decoded + (1 − s)·observed shares, s the smoothing. Telemetry of the partial and of the call, later
    names over earlier ones, gives the reliability (`stnb.inference.telemetry`), which never exceeds 1.

    Args:
        z_state: the latent, a series of numbers.
        partial: a mapping of metrics, `ZMetrics`, a bundle, or None for no observation.
        alpha: order of the fractional energy.
        smoothing: s ∈ [0, 1]; 1 keeps the decoded shares.
        telemetry: a mapping, a frame or a partial.

    Raises:
        EmptyInput: without a value of z.
        NonFiniteValue: for NaN and infinities.
        InvalidValue: for a smoothing outside [0, 1].
        UnknownMetricError: for a metric that nobody knows.
        TypeError: for telemetry that is no mapping.

    >>> found = infer_from_partial([0.2, -0.1, 0.45, -0.05], {"speed": 0.3, "stab": 0.7})
    >>> dict(found.applied), round(found.confidence, 4)
    ({'speed': 0.3, 'stability': 0.7}, 0.8985)
    """
    return infer_with_partials(z_state, partial, alpha=alpha, smoothing=smoothing, telemetry=telemetry)


def infer_with_partials(
    z_state: Any,
    *partials: Any,
    alpha: float = 0.35,
    smoothing: float = 0.35,
    strategy: str = "mean",
    weights: Sequence[Any] | None = None,
    telemetry: Any = None,
    gradient_alignment: str = "strict",
) -> ZSpaceInference:
    """`infer_from_partial` with the blend of several partials (`blend_zspace_partials`).

    A partial whose weight is not above 0 is left out, with its telemetry.
    """
    share = fraction("smoothing", smoothing)
    bundles = counted(partials, weights)
    observed = blend_zspace_partials(bundles, strategy=strategy, gradient_alignment=gradient_alignment)
    payload = merge_telemetry(*bundles, telemetry)
    return project(decode_zspace_embedding(z_state, alpha=alpha), observed, payload, share)


def inference_to_mapping(
    inference: ZSpaceInference, *, prefer_applied: bool = True, include_gradient: bool = True
) -> dict[str, Any]:
    """Metrics of an inference as one dictionary: what was observed if anything was and that is preferred, else all."""
    chosen = inference.applied if prefer_applied and inference.applied else inference.metrics
    found = {name: value for name, value in chosen.items() if name != GRADIENT}
    return found | {GRADIENT: list(inference.gradient)} if include_gradient else found


def inference_to_zmetrics(inference: ZSpaceInference, *, prefer_applied: bool = False) -> ZMetrics:
    """The primary metrics of an inference, with its gradient and its telemetry."""
    found = inference_to_mapping(inference, prefer_applied=prefer_applied)
    primary = {
        name: found[name] for name in ("speed", "memory", "stability", "drs", GRADIENT) if name in found
    }
    frame = inference.telemetry
    return ZMetrics(**primary, telemetry=None if frame is None else dict(frame.payload))


def fraction(name: str, value: Any) -> float:
    """A number in [0, 1]."""
    share = finite(name, value)
    if not 0.0 <= share <= 1.0:
        raise InvalidValue(f"{name} = {share}; give a number from 0 to 1.")
    return share


def project(
    prior: ZSpaceDecoded, observed: Mapping[str, Any], payload: Mapping[str, float], smoothing: float
) -> ZSpaceInference:
    """The inference from a decoded latent, blended observations and flat telemetry."""
    applied = dict(observed)
    if GRADIENT in applied:
        applied[GRADIENT] = _fitted(applied[GRADIENT], len(prior.z_state))
    metrics = {**prior.metrics, **{name: value for name, value in applied.items() if name != GRADIENT}}
    residual = _rms([applied[name] - prior.metrics[name] for name in BASE if name in applied])
    frame = ZSpaceTelemetryFrame(payload) if payload else None
    factor = reliability(frame)
    return ZSpaceInference(
        metrics=Frozen(metrics),
        gradient=applied.get(GRADIENT, prior.gradient),
        barycentric=_mixed(prior, metrics, smoothing),
        residual=residual,
        confidence=max(math.exp(-residual) * factor, sys.float_info.min),
        prior=prior,
        applied=Frozen(applied),
        telemetry=frame,
        telemetry_reliability=factor,
    )


def _rms(values: Sequence[float]) -> float:
    """Without squares that overflow; 0 of nothing."""
    return math.hypot(*(value / math.sqrt(len(values)) for value in values))


def _mixed(
    prior: ZSpaceDecoded, metrics: Mapping[str, float], smoothing: float
) -> tuple[float, float, float]:
    observed = barycentric_of(metrics)
    if smoothing == 1.0 or observed == prior.barycentric:
        return prior.barycentric
    mixed = [smoothing * p + (1.0 - smoothing) * o for p, o in zip(prior.barycentric, observed, strict=True)]
    total = sum(mixed)
    return mixed[0] / total, mixed[1] / total, mixed[2] / total


def _fitted(gradient: Sequence[float], n: int) -> tuple[float, ...]:
    """Cut off or continued by zeros to n values, and divided by max(1, its largest magnitude)."""
    fitted = np.zeros(n)
    fitted[: len(gradient)] = gradient[:n]
    return tuple(unit_gradient(fitted).tolist())
