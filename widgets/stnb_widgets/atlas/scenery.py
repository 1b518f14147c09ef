"""What stands around the particles of a frame, owned, encoded, and cut to the room that is left for it.

Arrays, each only where there is something to say: marks (k, 4) f4: x, y, z and the share of the largest size;
mark_kinds (k,) u1; mark_ids (k,) u4; links (l,) u2: rows of marks; link_ends (l, 3) u2: coded as positions are;
districts (d, 4) f4: x, y, radius, value; field (rows, columns) u1: low + code * (high - low) / 254, 255 is not finite.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from stnb_widgets.atlas.marks import Markers, Slice
    from stnb_widgets.atlas.points import Points
    from stnb_widgets.quantize import Codes

__all__ = ["MOST_LINKS", "Scenery"]

MOST_LINKS = 4000
MOST_SIDE = 1024
FIELD_TOP = 254
_BYTES_PER_MARK = 21
_BYTES_PER_LINK = 8


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """`words` go into the header; the marks are sorted by size and the links by weight, so that a prefix is the best."""

    words: dict[str, Any]
    marks: dict[str, np.ndarray]
    links: dict[str, np.ndarray]
    districts: np.ndarray
    field: np.ndarray

    @classmethod
    def own(cls, points: Points, positions: Codes) -> Scenery:
        """Encode everything; the arrays of `points` may be overwritten afterwards."""
        marks, links, kinds = _marks(points.carriers, positions)
        field, about = _field(points.field)
        words = {
            "kinds": kinds,
            "field": about,
            "districts": [[district.name, district.note] for district in points.districts],
            "badge": [[name, _finite(value)] for name, value in points.badge.items()],
        }
        places = [[place.x, place.y, place.radius, place.value] for place in points.districts]
        return cls(words, marks, links, np.array(places, np.float32).reshape(-1, 4), field)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays when nothing is cut."""
        arrays = (*self.marks.values(), *self.links.values(), self.districts, self.field)
        return sum(array.nbytes for array in arrays)

    def summary(self) -> list[str]:
        """What stands around the particles, in words."""
        parts = []
        if len(self.marks["marks"]):
            tied = f" with {len(self.links['links']):,} links" if len(self.links["links"]) else ""
            parts.append(f"{len(self.marks['marks']):,} markers{tied}")
        if self.words["field"]:
            low, high = self.words["field"]["range"]
            parts.append(f"{self.words['field']['name']} on a plane from {low:.3g} to {high:.3g}")
        if self.words["districts"]:
            parts.append("districts " + ", ".join(name for name, _ in self.words["districts"][:8]))
        known = ((name, value) for name, value in self.words["badge"] if value is not None)
        return parts + [f"{name} {value:.3g}" for name, value in known]

    def fit(self, room: int) -> tuple[dict[str, np.ndarray], int]:
        """Arrays for a frame of `room` bytes, of which they take half at most, and the bytes gone with the words."""
        marks = min(len(self.marks["marks"]), room // 6 // _BYTES_PER_MARK)
        kept = {name: array[:marks] for name, array in self.marks.items()}
        likely = self.links["links"] < marks
        most = min(MOST_LINKS, room // 6 // _BYTES_PER_LINK)
        links = {name: array[likely][:most] for name, array in self.links.items()}
        stride = 1
        while self.field[::stride, ::stride].nbytes > room // 6 and stride < MOST_SIDE:
            stride += 1
        field = np.ascontiguousarray(self.field[::stride, ::stride])
        everything = {**kept, **links, "districts": self.districts, "field": field}
        arrays = {name: array for name, array in everything.items() if array.size}
        text = len(json.dumps(self.words)) if any(self.words.values()) else 0
        return arrays, text + sum(array.nbytes for array in arrays.values())


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _marks(
    markers: Markers | None, positions: Codes
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], list[str]]:
    if markers is None:
        marks = {"marks": np.empty((0, 4), np.float32)}
        return marks, {"links": np.empty(0, np.uint16)}, []
    sizes = np.asarray(markers.sizes)
    order = np.argsort(-sizes, kind="stable")
    places = np.zeros((len(sizes), 4), np.float32)
    places[:, : np.asarray(markers.positions).shape[1]] = markers.positions
    places[:, 3] = sizes / (sizes.max(initial=0.0) or 1.0)
    kinds = list(dict.fromkeys([*markers.order, *(markers.kinds or ())]))
    codes = np.array([kinds.index(kind) for kind in markers.kinds or ()], np.uint8)
    ids = np.arange(len(sizes), dtype=np.uint32) if markers.ids is None else np.asarray(markers.ids)
    marks = {"marks": places[order], "mark_kinds": codes[order], "mark_ids": ids[order]}
    return marks, _ends(np.asarray(markers.links), order, positions), kinds


def _ends(links: np.ndarray, order: np.ndarray, positions: Codes) -> dict[str, np.ndarray]:
    """Where links start, as rows of the sorted markers, and end, as codes; the heaviest first."""
    heaviest = links[np.argsort(-links[:, 2], kind="stable")]
    row_of = np.empty(len(order), np.uint16)
    row_of[order] = np.arange(len(order))
    ends = np.zeros((len(heaviest), 3), np.uint16)
    ends[:, : positions.codes.shape[1]] = positions.codes[heaviest[:, 1].astype(int)]
    return {"links": row_of[heaviest[:, 0].astype(int)], "link_ends": ends}


def _field(plane: Slice | None) -> tuple[np.ndarray, dict[str, Any] | None]:
    """Codes 0 ... 254 of a slice thinned to 1024 x 1024 at most, and what the header says of it."""
    if plane is None:
        return np.empty((0, 0), np.uint8), None
    whole = np.asarray(plane.values)
    strides = [-(-length // MOST_SIDE) for length in whole.shape]
    values = whole[:: strides[0], :: strides[1]].astype(float)
    finite = np.isfinite(values)
    low, high = (float(values[finite].min()), float(values[finite].max())) if finite.any() else (0.0, 0.0)
    gain = FIELD_TOP / (high - low) if high > low else 0.0
    codes = np.full(values.shape, FIELD_TOP + 1, np.uint8)
    codes[finite] = np.rint((values[finite] - low) * gain)
    about = {
        "name": str(plane.name),
        "unit": str(plane.unit),
        "axis": plane.axis,
        "at": float(plane.at),
        "range": [low, high],
        "lost": int((~finite).sum()),
    }
    return codes, about
