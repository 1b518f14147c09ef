"""What the maintainer found, in numbers and in one sentence."""

from __future__ import annotations

import dataclasses
import html
from typing import Any

from stnb._core.errors import InvalidValue, nearest

__all__ = ["SEVERITY", "MaintainerReport"]

SEVERITY = ("dormant", "stable", "clamp", "rewrite")
"""Every status, from the mildest to the gravest."""
PEAK = ("frequency", "magnitude", "phase", "amplitude")


@dataclasses.dataclass(frozen=True)
class MaintainerReport:
    """The state of a session over the window of its maintainer.

    Attributes:
        status: "dormant" (hardly any energy), "stable", "clamp" (curvature jitters: tighten the scale) or "rewrite"
            (energy grows or swings: plan anew).
        average_drift: mean |curvature drift|.
        mean_energy: mean total energy.
        mean_decay: mean loss of energy per unit of time; below 0 while energy grows.
        drift_peak: strongest oscillation of the drift, or None.
        energy_peak: strongest oscillation of the energy, or None.
        suggested_max_scale: scale for the geometry controller, or None where none is needed.
        suggested_pressure: increment of density pressure in (0, 1], or None where none is needed.
        diagnostic: every reason with its value and its threshold.
        spiralk_script: soft rules of SpiralK for the window, or None without frames.
    """

    status: str
    average_drift: float
    mean_energy: float
    mean_decay: float
    drift_peak: Any | None
    energy_peak: Any | None
    suggested_max_scale: float | None
    suggested_pressure: float | None
    diagnostic: str
    spiralk_script: str | None

    def __post_init__(self) -> None:
        if self.status not in SEVERITY:
            raise InvalidValue(
                f"status = {self.status!r} is no status; {nearest(str(self.status), SEVERITY)}"
            )

    def should_rewrite(self) -> bool:
        """Whether the status is "rewrite"."""
        return self.status == "rewrite"

    def as_dict(self) -> dict[str, Any]:
        """Every attribute by name, the peaks as dicts of numbers; ready for JSON."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return values | {name: _plain(values[name]) for name in ("drift_peak", "energy_peak")}

    def _repr_html_(self) -> str:
        rows = (
            ("mean |drift|", _number(self.average_drift)),
            ("mean energy", _number(self.mean_energy)),
            ("mean decay", _number(self.mean_decay)),
            ("drift peak", _peak(self.drift_peak)),
            ("energy peak", _peak(self.energy_peak)),
            ("suggested max scale", _number(self.suggested_max_scale)),
            ("suggested pressure", _number(self.suggested_pressure)),
            ("diagnostic", self.diagnostic),
        )
        cells = "".join(f"<tr><th>{name}</th><td>{html.escape(shown)}</td></tr>" for name, shown in rows)
        script = (
            "" if self.spiralk_script is None else f"<pre>{html.escape(self.spiralk_script.strip())}</pre>"
        )
        return f"<table><caption>maintainer: {html.escape(self.status)}</caption>{cells}</table>{script}"


def _plain(peak: Any | None) -> Any:
    if peak is None:
        return None
    convert: Any = getattr(peak, "as_dict", None)
    return convert() if callable(convert) else {name: getattr(peak, name) for name in PEAK}


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"


def _peak(peak: Any | None) -> str:
    return "–" if peak is None else f"{peak.magnitude:.6g} at {peak.frequency:.6g}"
