"""What an Atlas frame that travelled says, in the units of the session again.

A coordinate or value is low + code * (high - low) / 65534, a number of the field low + code * (high - low) / 254; the
codes 65535 and 255 are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.atlas.frame import fair_order
from stnb_widgets.atlas.scenery import FIELD_TOP
from stnb_widgets.quantize import dequantise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stnb_widgets.parcel import Parcel

__all__ = ["link_ends", "particle_ids", "particle_numbers", "places", "values"]


def places(parcel: Parcel) -> np.ndarray:
    """Coordinates (count, 3), or (count, 2) of a flat picture; a particle that is lost has NaN."""
    return _placed(parcel, parcel.arrays["positions"])


def values(parcel: Parcel) -> np.ndarray | None:
    """The attribute that colours (count,), or None where none does."""
    if not parcel.header["colour"]:
        return None
    low, high = parcel.header["range"]
    return dequantise(parcel.arrays["values"][:, None], (low,), (high,))[:, 0]


def link_ends(parcel: Parcel) -> np.ndarray:
    """Where the links end, as coordinates (l, 3); a flat picture has height 0."""
    return _placed(parcel, parcel.arrays.get("link_ends", np.empty((0, 3), np.uint16)))


def particle_ids(parcel: Parcel) -> np.ndarray:
    """By what the particles are known (count,): their own numbers, or their places in what was offered."""
    count, total = parcel.header["count"], parcel.header["total"]
    if "ids" in parcel.arrays:
        return parcel.arrays["ids"]
    return (
        np.arange(total, dtype=np.uint32) if count == total else fair_order(total)[:count].astype(np.uint32)
    )


def particle_numbers(parcel: Parcel, units: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Every array of a frame by name, and what colours the particles in which unit.

    There are `positions`, `ids`, and, each where the frame has it, `values` with `colour` and `unit`, `selected`,
    `marks` (x, y, z and the share of the largest size) with `mark_ids` and `mark_kinds`, `links` (rows of marks) with
    `link_ends`, `districts` (x, y, radius, value) with `district_names`, `field` and `badge` with `badge_names`.
    """
    header, arrays = parcel.header, parcel.arrays
    found = {"positions": places(parcel), "ids": particle_ids(parcel)}
    coloured = values(parcel)
    if coloured is not None:
        name = header["colour"]
        found |= {"values": coloured, "colour": np.array(name), "unit": np.array(units.get(name, ""))}
    if "mask" in arrays:
        found["selected"] = np.unpackbits(arrays["mask"], count=header["count"], bitorder="little").astype(
            bool
        )
    found |= {name: arrays[name] for name in ("marks", "mark_ids", "links", "districts") if name in arrays}
    if "mark_kinds" in arrays:
        found["mark_kinds"] = np.array(header["kinds"])[arrays["mark_kinds"]]
    if "links" in arrays:
        found["link_ends"] = link_ends(parcel)
    if "districts" in arrays:
        found["district_names"] = np.array([name for name, _ in header["districts"]])
    if "field" in arrays:
        found["field"] = _field(parcel)
    if header["badge"]:
        found["badge"] = np.array([value for _, value in header["badge"]], float)
        found["badge_names"] = np.array([name for name, _ in header["badge"]])
    return found


def _placed(parcel: Parcel, codes: np.ndarray) -> np.ndarray:
    width = codes.shape[1]
    low, high = (tuple(parcel.header[end][:width]) for end in ("low", "high"))
    return dequantise(codes, low, high)


def _field(parcel: Parcel) -> np.ndarray:
    low, high = parcel.header["field"]["range"]
    codes = parcel.arrays["field"]
    return np.where(codes > FIELD_TOP, np.nan, low + codes * ((high - low) / FIELD_TOP))
