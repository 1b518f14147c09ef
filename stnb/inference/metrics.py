"""Five primary metrics as one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stnb.inference.frozen import plain
from stnb.inference.names import canonical_metrics
from stnb.inference.telemetry import merge_telemetry

__all__ = ["ZMetrics", "z_metrics"]


@dataclass
class ZMetrics:
    """Speed, memory, stability and drift response, with a gradient and telemetry where there are any.

    The numbers are kept as they are given; nothing is clipped. Telemetry is flattened.
    """

    speed: float = 0.0
    memory: float = 0.0
    stability: float = 0.0
    gradient: list[float] | None = None
    drs: float = 0.0
    telemetry: dict[str, float] | None = None

    def __post_init__(self) -> None:
        known = canonical_metrics(self.readings(), primary=True)
        for name in ("speed", "memory", "stability", "drs"):
            setattr(self, name, known.get(name, 0.0))
        self.gradient = list(known["gradient"]) if "gradient" in known else None
        self.telemetry = None if self.telemetry is None else merge_telemetry(self.telemetry)

    def readings(self) -> dict[str, Any]:
        """What these metrics say as an observation: all four numbers, and the gradient if there is one."""
        found: dict[str, Any] = {
            name: getattr(self, name) for name in ("speed", "memory", "stability", "drs")
        }
        return found if self.gradient is None else found | {"gradient": self.gradient}

    def as_dict(self) -> dict[str, Any]:
        """Every field, ready for `json`."""
        return plain(self.readings() | {"gradient": self.gradient, "telemetry": self.telemetry})


def z_metrics(
    speed: Any = None,
    memory: Any = None,
    stability: Any = None,
    drs: Any = None,
    gradient: Any = None,
    *,
    telemetry: Any = None,
    **aliases: Any,
) -> ZMetrics:
    """Metrics by any of their names: `velocity`, `mem`, `stab`, `drift` and `grad` too; what is missing is 0.

    Raises:
        UnknownMetricError: for another name; `frac` is decoded, not observed.
        TypeError: for a value that is no number.
        NonFiniteValue: for NaN and infinities.
        InvalidValue: when a metric is given under two names.

    >>> z_metrics(speed=0.5, mem=0.2, grad=[0.1, 0.2]).memory
    0.2
    """
    named = {"speed": speed, "memory": memory, "stability": stability, "drs": drs, "gradient": gradient}
    given = {name: value for name, value in named.items() if value is not None}
    return ZMetrics(**canonical_metrics(given | aliases, primary=True), telemetry=telemetry)
