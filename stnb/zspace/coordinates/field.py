"""What an atlas says about a series and about some of its cells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from stnb.zspace.coordinates.features import SpectralFeatureSample

if TYPE_CHECKING:
    from stnb.zspace.coordinates.frame import ZIndex

__all__ = ["ZFieldSample"]


@dataclass(frozen=True)
class ZFieldSample(SpectralFeatureSample):
    """The features of a series, and the density and topology of the cells that were asked for.

    Attributes:
        density: share of all energy in the atlas that lies in those cells.
        homology: number of the connected component that holds the cell, 1 being the heaviest; 0 for the background,
            and where several cells were asked for.
        betti0: number of connected components of the atlas, β₀.
        cell: the cell, where it is a single one.
    """

    density: float = 0.0
    homology: int = 0
    betti0: int = 0
    cell: ZIndex | None = None

    @classmethod
    def of(
        cls,
        features: SpectralFeatureSample,
        *,
        density: float,
        homology: int,
        betti0: int,
        cell: ZIndex | None,
    ) -> ZFieldSample:
        """The features of a series with a look at the atlas."""
        own = {name: getattr(features, name) for name in SpectralFeatureSample.__dataclass_fields__}
        return cls(**own, density=density, homology=homology, betti0=betti0, cell=cell)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers by name; the cell as a dict or None."""
        return asdict(self)
