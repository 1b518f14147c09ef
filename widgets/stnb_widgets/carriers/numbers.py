"""What a frame of carriers that travelled says, in the units of the session again.

A number is low + code * (high - low) / 65534 of its column, NaN for the code 65535; the weight of a link is
code / 255, a share of the loudest link of its carrier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stnb_widgets.carriers.frame import COLUMNS, TONES
from stnb_widgets.quantize import LOST, dequantise

if TYPE_CHECKING:
    from stnb_widgets.parcel import Parcel

__all__ = ["carrier_numbers", "columns"]

NOBODY = -1


def columns(parcel: Parcel) -> dict[str, np.ndarray]:
    """Every number of the carriers (count,) by name."""
    return dict(zip(COLUMNS, _decoded(parcel.arrays["numbers"], parcel.header["bounds"]), strict=True))


def carrier_numbers(parcel: Parcel) -> dict[str, np.ndarray]:
    """Every array of a frame by name.

    Of the carriers, in the order of their frequencies, `uid`, `state` and what `columns` gives; of the oscillators
    `tone_uid`, `tone_omega`, `tone_phase` and `tone_energy`; `links`, places among the oscillators, -1 for none, with
    their `weights`; the `band` of frequencies, the `mean_order`, and the newest events as `event_kinds`, `event_steps`
    and `event_numbers`.
    """
    header, arrays = parcel.header, parcel.arrays
    tones = _decoded(arrays["tones"], header["tone_bounds"])
    links = arrays["links"].astype(np.int64)
    events = header["events"]
    return {
        **{name: arrays[name] for name in ("uid", "state", "tone_uid")},
        **columns(parcel),
        **{f"tone_{name}": column for name, column in zip(TONES, tones, strict=True)},
        "links": np.where(links == LOST, NOBODY, links),
        "weights": arrays["weights"] / 255,
        "band": np.array(header["band"], float),
        "mean_order": np.array(header["order"], float),
        "event_kinds": np.array([kind for kind, _, _ in events], str),
        "event_steps": np.array([step for _, step, _ in events], np.int64),
        "event_numbers": np.array([number for _, _, number in events], np.int64),
    }


def _decoded(codes: np.ndarray, bounds: list[list[float]]) -> np.ndarray:
    """One row of numbers for each column of codes."""
    low, high = np.array(bounds, float).T.tolist()
    return dequantise(codes, tuple(low), tuple(high)).T
