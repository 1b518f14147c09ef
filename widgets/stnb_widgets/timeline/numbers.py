"""What a frame of a Timeline that travelled says, in the units of its channels again.

A code between the bounds of its channel is a place along the channel's axis; a channel's value is what lies there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.quantize import dequantise
from stnb_widgets.timeline.axis import unwarp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stnb_widgets.parcel import Parcel

__all__ = ["along_axes", "channel_numbers", "steps"]

BOUNDS = {
    "low": "bounds",
    "mean": "bounds",
    "high": "bounds",
    "whole_low": "whole_bounds",
    "whole_high": "whole_bounds",
}


def steps(parcel: Parcel, name: str) -> np.ndarray:
    """Where the buckets begin, and where the last one ends, as steps: `edges` of the window, `whole_edges` of all."""
    return parcel.header["origin"] + parcel.arrays[name].astype(np.int64) * parcel.header["stride"]


def along_axes(parcel: Parcel, name: str) -> np.ndarray:
    """Places of low, mean, high, whole_low or whole_high along the axes (channels, buckets); NaN where there is none."""
    low, high = np.array(parcel.header[BOUNDS[name]], float).T.tolist()
    return dequantise(parcel.arrays[name].T, tuple(low), tuple(high)).T


def channel_numbers(parcel: Parcel, units: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Every array of a frame by name, rows in the order of `channels`.

    `channels` with their `units` and `latest` samples; `low`, `mean` and `high` of every bucket, `holes` where one has
    a sample that is not finite; `edges` and `edge_times`, steps and times at which the buckets begin and the last one
    ends; `whole_low`, `whole_high` and `whole_edges` of the whole run; `event_steps`, `event_labels`, `event_kinds`.
    """
    header = parcel.header
    shown, events = header["shown"], header["events"]
    first, last = header["times"]
    return {
        "channels": np.array(shown, str),
        "units": np.array([units[name] for name in shown], str),
        "latest": np.array(header["latest"], float),
        **{name: _values(parcel, name) for name in BOUNDS},
        "holes": _holes(parcel),
        "edges": steps(parcel, "edges"),
        "edge_times": dequantise(parcel.arrays["times"][:, None], (first,), (last,))[:, 0],
        "whole_edges": steps(parcel, "whole_edges"),
        "event_steps": np.array([step for step, _, _ in events], np.int64),
        "event_labels": np.array([label for _, label, _ in events], str),
        "event_kinds": np.array([header["kinds"][kind] for _, _, kind in events], str),
    }


def _values(parcel: Parcel, name: str) -> np.ndarray:
    places = along_axes(parcel, name)
    axes = zip(places, parcel.header["scales"], parcel.header["knees"], strict=True)
    rows = [unwarp(row, scale, knee) for row, scale, knee in axes]
    return np.array(rows).reshape(places.shape)


def _holes(parcel: Parcel) -> np.ndarray:
    """Whether a bucket holds a sample that is not finite, (channels, buckets)."""
    buckets = parcel.arrays["low"].shape[1]
    return np.unpackbits(parcel.arrays["holes"], axis=1, count=buckets, bitorder="little").astype(bool)
