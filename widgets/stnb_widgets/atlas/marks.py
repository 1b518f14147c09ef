"""What an Atlas can show beside particles: markers with links, a slice of a field, districts; and what people picked."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

__all__ = ["MOST_KINDS", "MOST_MARKERS", "District", "Markers", "Selection", "Slice", "real", "whole"]

MOST_MARKERS = 65_535
MOST_KINDS = 256
MOST_ID = 2**32 - 1
AXES = ("x", "y", "z")


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """Things at places among the particles, such as carriers at their centroids.

    Attributes:
        positions: (k, 2) or (k, 3) real numbers; a marker whose place is not finite is counted and not drawn.
        sizes: (k,) numbers >= 0; the largest is drawn largest. None: all alike.
        kinds: a name for each; every kind has a shape and a colour of its own. None: all alike.
        ids: (k,) whole numbers by which other widgets know them. None: their places in the list.
        links: (l, 2) rows (marker, particle), or (l, 3) rows (marker, particle, weight), both counted from 0 in
            the order in which they are given; when there are too many, those of the largest weight are drawn.
        order: kinds in the order in which they get shapes and colours, so that these stay the same from frame to
            frame; kinds that are not in it follow as they come.
    """

    positions: ArrayLike
    sizes: ArrayLike | None = None
    kinds: Sequence[str] | None = None
    ids: ArrayLike | None = None
    links: ArrayLike | None = None
    order: Sequence[str] = ()

    def __post_init__(self) -> None:
        positions = real(self.positions, "the positions of the markers")
        if positions.ndim != 2 or positions.shape[1] not in (2, 3) or len(positions) > MOST_MARKERS:
            raise ValueError(
                f"the positions of the markers have shape {positions.shape}; pass one row of x, y or x, y, z per "
                f"marker, {MOST_MARKERS:,} at most: an array of shape (k, 3)"
            )
        rows = len(positions)
        kinds = list(self.kinds) if self.kinds is not None else [""] * rows
        if len(kinds) != rows or len({*self.order, *kinds}) > MOST_KINDS:
            raise ValueError(
                f"{len(kinds)} kinds ({len({*self.order, *kinds})} different ones) for {rows} markers; "
                f"pass one name per marker, {MOST_KINDS} different ones at most"
            )
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "sizes", _sizes(self.sizes, rows))
        object.__setattr__(self, "kinds", [str(kind) for kind in kinds])
        object.__setattr__(self, "ids", whole(self.ids, rows, "the ids of the markers"))
        object.__setattr__(self, "links", _links(self.links, rows))


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """A field on a plane across the box: `values[i, j]` at the i-th place along the first of the two other axes.

    Attributes:
        values: real numbers, one row per place along the first of the axes that lie in the plane (x before y before
            z), one column per place along the second; the outer ones touch the sides of the box. NaN is left open.
        axis: 0, 1, 2 or "x", "y", "z": the axis that the plane stands across. A flat picture shows it from above.
        at: where on that axis.
        name: shown beside the colour bar.
        unit: of the values.
    """

    values: ArrayLike
    axis: int | str = 2
    at: float = 0.0
    name: str = "field"
    unit: str = ""

    def __post_init__(self) -> None:
        values = real(self.values, "the values of a slice")
        if values.ndim != 2 or 0 in values.shape:
            raise ValueError(
                f"the values of a slice have shape {values.shape}; a plane has two axes: pass field[:, :, k]"
            )
        axis = AXES.index(self.axis) if self.axis in AXES else self.axis
        if axis not in (0, 1, 2):
            raise ValueError(
                f"axis is {self.axis!r}; a slice stands across 0, 1, 2 or 'x', 'y', 'z': pass one"
            )
        if not isfinite(self.at):
            raise ValueError(
                f"at is {self.at}; the place of a slice on its axis must be finite: pass a number"
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "axis", axis)


@dataclass(frozen=True, slots=True)
class District:
    """A named circle on the map; `value` fills its ring, `note` is shown when asked for."""

    name: str
    x: float
    y: float
    radius: float
    value: float = float("nan")
    note: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a district has an empty name; its name is its label: give it one")
        if not (isfinite(self.x) and isfinite(self.y)):
            raise ValueError(f"district {self.name!r} lies at ({self.x}, {self.y}); pass a finite place")
        if not (isfinite(self.radius) and self.radius > 0):
            raise ValueError(f"district {self.name!r} has radius {self.radius}; pass a finite number > 0")


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Particles that somebody picked.

    Attributes:
        ids: their ids, uint32 and rising.
        kind: how: lasso, box, ring, clear, or python.
        shown: particles that the picture held when they were picked; the others could not be picked.
        total: particles that there were.
    """

    ids: np.ndarray
    kind: str
    shown: int
    total: int

    def __len__(self) -> int:
        return len(self.ids)


def real(values: ArrayLike, what: str) -> np.ndarray:
    """An array of real numbers, or a TypeError that says what to do."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{what} has dtype {array.dtype}; real numbers are needed: "
            f"pass a NumPy array of floats (of a torch tensor: tensor.cpu().numpy())"
        )
    return array


def whole(values: ArrayLike | None, rows: int, what: str) -> np.ndarray | None:
    """One whole number of 32 bits per row as uint32; None stays None."""
    if values is None:
        return None
    array = np.asarray(values)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"{what} have dtype {array.dtype}; whole numbers are needed: pass integers")
    if array.shape != (rows,):
        raise ValueError(f"{what} have shape {array.shape}; pass one each: shape ({rows},)")
    if rows and (array.min() < 0 or array.max() > MOST_ID):
        raise ValueError(
            f"{what} run from {array.min()} to {array.max()}; they travel in 32 bits: pass 0 to {MOST_ID}"
        )
    return array.astype(np.uint32)


def _sizes(sizes: ArrayLike | None, rows: int) -> np.ndarray:
    array = np.ones(rows) if sizes is None else real(sizes, "the sizes of the markers").astype(float)
    if array.shape != (rows,):
        raise ValueError(f"the sizes of the markers have shape {array.shape}; pass one each: shape ({rows},)")
    if not (array >= 0).all() or not np.isfinite(array).all():
        wrong = array[~(np.isfinite(array) & (array >= 0))][0]
        raise ValueError(f"a marker has size {wrong}; pass finite numbers >= 0")
    return array


def _links(links: ArrayLike | None, rows: int) -> np.ndarray:
    array = np.empty((0, 3)) if links is None or not np.size(links) else real(links, "links").astype(float)
    if array.ndim != 2 or array.shape[1] not in (2, 3):
        raise ValueError(
            f"links has shape {array.shape}; pass rows of marker, particle or marker, particle, weight"
        )
    if array.shape[1] == 2:
        array = np.column_stack([array, np.ones(len(array))])
    ends = array[:, :2]
    if not np.isfinite(array).all() or (ends != np.floor(ends)).any() or (ends < 0).any():
        raise ValueError(
            "links holds numbers that count nothing; marker and particle are whole numbers from 0 on"
        )
    if len(array) and ends[:, 0].max() >= rows:
        raise ValueError(
            f"a link starts at marker {int(ends[:, 0].max())} of {rows}; markers are counted from 0 to {rows - 1}"
        )
    return array
