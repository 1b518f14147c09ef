"""Partial observations: some metrics, how much they count, where they come from; and many of them made one."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stnb._core.errors import DataLength, InvalidValue, ShapeMismatch, nearest
from stnb._core.numbers import finite
from stnb.inference.frozen import Frozen, plain
from stnb.inference.metrics import ZMetrics
from stnb.inference.names import GRADIENT, canonical_metrics
from stnb.inference.telemetry import merge_telemetry

__all__ = ["ZSpacePartialBundle", "blend_zspace_partials", "counted", "partial"]

ALIGNMENTS = ("strict", "pad_zero")


@dataclass(frozen=True)
class ZSpacePartialBundle:
    """Metrics under their canonical names with a weight, an origin and flat telemetry. It never changes.

    A bundle whose weight is not above 0 is left out of every blend.

    >>> ZSpacePartialBundle({"velocity": 0.5}, weight=2.0).resolved()
    {'speed': 0.5}
    """

    metrics: Mapping[str, Any]
    weight: float = 1.0
    origin: str | None = None
    telemetry: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if self.origin is not None and not isinstance(self.origin, str):
            raise TypeError(f"origin = {self.origin!r} is of type {type(self.origin).__name__}; give text.")
        flat = None if self.telemetry is None else Frozen(merge_telemetry(self.telemetry))
        object.__setattr__(self, "metrics", Frozen(canonical_metrics(_readings(self.metrics))))
        object.__setattr__(self, "weight", finite("weight", self.weight))
        object.__setattr__(self, "telemetry", flat)

    def resolved(self) -> dict[str, Any]:
        """The metrics as a dictionary of their own, the gradient as a list."""
        return plain(self.metrics)

    def telemetry_payload(self) -> Mapping[str, float] | None:
        """Flat telemetry, or None."""
        return self.telemetry

    def as_dict(self) -> dict[str, Any]:
        """Every field, ready for `json`."""
        return {
            "metrics": self.resolved(),
            "weight": self.weight,
            "origin": self.origin,
            "telemetry": plain(self.telemetry),
        }


def partial(
    source: Any = None, *, weight: Any = None, origin: Any = None, telemetry: Any = None, **metrics: Any
) -> ZSpacePartialBundle:
    """An observation from a mapping, `ZMetrics` or another bundle; keywords override what it says.

    Raises:
        UnknownMetricError: for a metric that nobody knows.
        TypeError: for a source or a value of another kind.
        NonFiniteValue: for NaN and infinities.

    >>> partial({"mem": 0.2}, speed=0.5, telemetry={"psi": {"mean": 1}}).as_dict()["telemetry"]
    {'psi.mean': 1.0}
    """
    base = _bundle({} if source is None else source)
    told = base.telemetry is not None or telemetry is not None
    return ZSpacePartialBundle(
        {**base.metrics, **canonical_metrics(metrics)},
        weight=base.weight if weight is None else weight,
        origin=base.origin if origin is None else origin,
        telemetry=merge_telemetry(base.telemetry, telemetry) if told else None,
    )


def counted(partials: Iterable[Any], weights: Sequence[Any] | None = None) -> list[ZSpacePartialBundle]:
    """The partials that count, as bundles that carry the weight with which they do.

    `weights[i]` goes before a bundle's own weight; None keeps that. None for a partial, or a weight that is not above
    0, leaves it out.

    Raises:
        DataLength: when there are not as many weights as partials.
    """
    given = list(partials)
    own = [None] * len(given) if weights is None else list(weights)
    if len(own) != len(given):
        raise DataLength(f"{len(own)} weights for {len(given)} partials; give one weight for each.")
    bundles = [
        partial(_bundle(source), weight=weight)
        for source, weight in zip(given, own, strict=True)
        if source is not None
    ]
    return [bundle for bundle in bundles if bundle.weight > 0]


def blend_zspace_partials(
    partials: Iterable[Any],
    *,
    weights: Sequence[Any] | None = None,
    strategy: str = "mean",
    gradient_alignment: str = "strict",
) -> dict[str, Any]:
    """One observation out of several: each metric over those partials that define it.

    Args:
        partials: mappings, `ZMetrics`, bundles, or None for none.
        weights: one weight for each partial, in place of the bundles' own.
        strategy: "mean" is weighted; "last", "max", "min", "median" and "sum" only ask whether a weight is above 0.
        gradient_alignment: gradients are averaged with the weights under every strategy. Those of different lengths
            are refused, or with "pad_zero" continued by zeros.

    Raises:
        InvalidValue: for an unknown strategy or alignment.
        DataLength: when there are not as many weights as partials.
        ShapeMismatch: for gradients of different lengths.

    >>> blend_zspace_partials([{"speed": 0.0}, {"speed": 1.0, "mem": 0.5}], weights=[1, 3])
    {'speed': 0.75, 'memory': 0.5}
    """
    combine = _chosen("strategy", strategy, STRATEGIES)
    _chosen("gradient_alignment", gradient_alignment, dict.fromkeys(ALIGNMENTS))
    return blended(counted(partials, weights), combine, gradient_alignment)


def blended(bundles: Sequence[ZSpacePartialBundle], combine: Any, alignment: str) -> dict[str, Any]:
    """`blend_zspace_partials` of bundles that all count."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(name for bundle in bundles for name in bundle.metrics):
        holders = [bundle for bundle in bundles if name in bundle.metrics]
        values = [bundle.metrics[name] for bundle in holders]
        weights = [bundle.weight for bundle in holders]
        found[name] = (
            _mean_gradient(values, weights, alignment) if name == GRADIENT else combine(values, weights)
        )
    return found


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted by parts of the largest weight, so that scales cancel; kept within the values against rounding."""
    shares = _shares(weights)
    mean = sum(share * value for share, value in zip(shares, values, strict=True))
    return min(max(mean, min(values)), max(values))


def _shares(weights: Sequence[float]) -> list[float]:
    largest = max(weights)
    parts = [weight / largest for weight in weights]
    total = sum(parts)
    return [part / total for part in parts]


def _mean_gradient(
    gradients: Sequence[Sequence[float]], weights: Sequence[float], alignment: str
) -> list[float]:
    lengths = [len(gradient) for gradient in gradients]
    if alignment == "strict" and len(set(lengths)) > 1:
        raise ShapeMismatch(
            f"gradients of {sorted(set(lengths))} values do not align; make them equally long, "
            "or pass gradient_alignment='pad_zero'."
        )
    rows = np.zeros((len(gradients), max(lengths)))
    for row, gradient in zip(rows, gradients, strict=True):
        row[: len(gradient)] = gradient
    return (np.array(_shares(weights)) @ rows).tolist()


Combine = Callable[[Sequence[float], Sequence[float]], float]
STRATEGIES: dict[str, Combine] = {
    "mean": _mean,
    "last": lambda values, _: values[-1],
    "max": lambda values, _: max(values),
    "min": lambda values, _: min(values),
    "median": lambda values, _: statistics.median(values),
    "sum": lambda values, _: sum(values),
}


def _chosen(label: str, name: Any, known: Mapping[str, Any]) -> Any:
    if not isinstance(name, str) or name not in known:
        raise InvalidValue(f"{label} = {name!r} is unknown; {nearest(str(name), known)}")
    return known[name]


def _bundle(source: Any) -> ZSpacePartialBundle:
    if isinstance(source, ZSpacePartialBundle):
        return source
    return ZSpacePartialBundle(source, telemetry=source.telemetry if isinstance(source, ZMetrics) else None)


def _readings(source: Any) -> Mapping[Any, Any]:
    if isinstance(source, ZMetrics):
        return source.readings()
    if isinstance(source, ZSpacePartialBundle):
        return source.metrics
    if isinstance(source, Mapping):
        return source
    raise TypeError(
        f"a partial of type {type(source).__name__}; give a mapping of metrics, ZMetrics or a ZSpacePartialBundle."
    )
