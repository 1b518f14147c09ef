"""What an Atlas is given: one `Points` per moment, one `Slider` per parameter that people may change."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as _field
from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.atlas.marks import real, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from stnb_widgets.atlas.marks import District, Markers, Slice

__all__ = ["Points"]


MOST_DISTRICTS = 64
MOST_BADGES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Particles at one moment, and what is shown with them.

    Attributes:
        step: number of the step, >= 0.
        time: time of the simulation, in the units of the session.
        positions: (n, 3) real numbers, or (n, 2) for a flat picture; rows with NaN or infinities are counted as lost
            and not drawn, and so are those that do not lie inside the unit disk where that is the picture.
        attributes: one (n,) array of real numbers per name; NaN is drawn in grey.
        status: one short line shown beside the step.
        ids: (n,) different whole numbers by which particles are known; None: their places in the array.
        carriers: markers among the particles, and their links to them.
        field: a field on a plane.
        districts: named circles on the map, 64 at most.
        badge: quantities that should be conserved, 8 at most, shown in a corner.
    """

    step: int
    time: float
    positions: ArrayLike
    attributes: Mapping[str, ArrayLike] = _field(default_factory=dict)
    status: str = ""
    ids: ArrayLike | None = None
    carriers: Markers | None = None
    field: Slice | None = None
    districts: Sequence[District] = ()
    badge: Mapping[str, float] = _field(default_factory=dict)

    def __post_init__(self) -> None:
        positions = real(self.positions, "positions")
        if positions.ndim != 2 or positions.shape[1] not in (2, 3):
            raise ValueError(
                f"positions has shape {positions.shape}; one row of x, y, z (or x, y) per particle is needed: "
                f"pass an array of shape (n, 3)"
            )
        if self.step < 0:
            raise ValueError(f"step is {self.step}; pass the number of steps done so far, 0 or more")
        columns = {name: real(values, f"attribute {name!r}") for name, values in self.attributes.items()}
        for name, values in columns.items():
            if values.shape != (len(positions),):
                raise ValueError(
                    f"attribute {name!r} has shape {values.shape}, positions has {positions.shape}; "
                    f"pass one number per particle: shape ({len(positions)},)"
                )
        _check_company(self, len(positions))
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "attributes", columns)
        object.__setattr__(self, "ids", whole(self.ids, len(positions), "ids"))
        object.__setattr__(self, "districts", tuple(self.districts))
        object.__setattr__(self, "badge", {str(name): float(value) for name, value in self.badge.items()})

    def __len__(self) -> int:
        return len(np.asarray(self.positions))


def _check_company(points: Points, particles: int) -> None:
    if len(points.districts) > MOST_DISTRICTS:
        raise ValueError(
            f"{len(points.districts)} districts are more than a map can label; pass {MOST_DISTRICTS} at most"
        )
    if len(points.badge) > MOST_BADGES:
        raise ValueError(f"the badge has {len(points.badge)} quantities; pass {MOST_BADGES} at most")
    ends = np.empty(0) if points.carriers is None else np.asarray(points.carriers.links)[:, 1]
    if len(ends) and ends.max() >= particles:
        raise ValueError(
            f"a link ends at particle {int(ends.max())} of {particles}; "
            f"particles are counted from 0 to {particles - 1}"
        )
