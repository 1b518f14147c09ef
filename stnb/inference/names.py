"""Names of metrics: five that a latent vector decodes to, a gradient, and families that only pass through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidValue, UnknownMetricError, nearest
from stnb._core.numbers import finite
from stnb.zspace.intake import vector

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BASE", "GRADIENT", "PRIMARY", "canonical_metrics", "canonical_name"]

BASE = ("speed", "memory", "stability", "frac", "drs")
GRADIENT = "gradient"
PRIMARY = ("speed", "memory", "stability", "drs", GRADIENT)
FAMILIES = ("canvas_", "hypergrad_", "realgrad_", "coherence_", "import_", "elliptic_")
REGION = (
    "spin_alignment",
    "normalized_radius",
    "curvature_radius",
    "geodesic_radius",
    "sheet_index",
    "sheet_count",
    "topological_sector",
)
ALIASES = {name: name for name in (*BASE, GRADIENT)} | {
    "velocity": "speed",
    "mem": "memory",
    "stab": "stability",
    "frac_reg": "frac",
    "fractality": "frac",
    "drift": "drs",
    "grad": GRADIENT,
}
"""Other names of the six, a convention of this project."""
KNOWN = ALIASES | {name: f"elliptic_{name}" for name in REGION}


def canonical_name(name: Any, *, primary: bool = False) -> str:
    """The one name behind an alias in any case; auxiliary names (`canvas_energy`, …) stand for themselves.

    Raises:
        TypeError: when the name is not text.
        UnknownMetricError: for a name that nobody knows, or one outside the five primary metrics if those are asked for.

    >>> canonical_name("Velocity"), canonical_name("canvas_energy"), canonical_name("sheet_index")
    ('speed', 'canvas_energy', 'elliptic_sheet_index')
    """
    if not isinstance(name, str):
        raise TypeError(
            f"a metric is named {name!r}, of type {type(name).__name__}; give text such as 'speed'."
        )
    lower = name.strip().lower()
    found = KNOWN.get(lower)
    if found is None and any(lower.startswith(family) and lower != family for family in FAMILIES):
        found = lower
    if found is None or (primary and found not in PRIMARY):
        known = [alias for alias, base in ALIASES.items() if not primary or base in PRIMARY]
        families = "" if primary else f" Families: {', '.join(f'{f}*' for f in FAMILIES)}."
        raise UnknownMetricError(
            f"{name!r} is no metric that is read here; {nearest(lower, known)}{families}"
        )
    return found


def canonical_metrics(metrics: Mapping[Any, Any], *, primary: bool = False) -> dict[str, Any]:
    """Canonical names with floats, the gradient as a tuple; entries that are None were not observed and go.

    Raises:
        UnknownMetricError: for an unknown name.
        TypeError: for a value that is no number.
        NonFiniteValue: for NaN and infinities.
        InvalidValue: when two aliases of one metric are both given.
    """
    found: dict[str, Any] = {}
    for name, value in metrics.items():
        key = canonical_name(name, primary=primary)
        if value is None:
            continue
        if key in found:
            raise InvalidValue(f"{key!r} is given twice, the second time as {name!r}; keep one of them.")
        found[key] = tuple(vector(name, value).tolist()) if key == GRADIENT else finite(name, value)
    return found
