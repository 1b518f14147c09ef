"""Rows of numbers from what a session passes: every channel in its place, refused with the name of what is wrong."""

from __future__ import annotations

from operator import index, itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from stnb_widgets.timeline.sight import Channels

__all__ = ["Readings", "step_of", "window_of"]


class Readings:
    """Knows the order of the channels."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._names = channels.names
        self._pick = itemgetter(*channels.names)

    def row(self, values: Mapping[str, float]) -> np.ndarray:
        """One number per channel; NaN for those that are not named."""
        if len(values) == len(self._names):
            try:
                found = self._pick(values)
            except KeyError:
                self._channels.check(list(values))
            else:
                return _numbers(found if len(self._names) > 1 else (found,), self._names)
        self._channels.check(list(values))
        return _numbers(tuple(values.get(name, np.nan) for name in self._names), self._names)

    def block(self, steps: ArrayLike, values: Mapping[str, ArrayLike]) -> tuple[np.ndarray, np.ndarray]:
        """Steps (n,) and rows (n, channels), NaN for channels that are not named."""
        places = np.asarray(steps)
        if places.dtype.kind not in "iu" or places.ndim != 1:
            raise TypeError(
                f"steps has dtype {places.dtype} and shape {places.shape}; a row of whole numbers is needed"
            )
        if places.size:
            step_of(places[0])
        self._channels.check(list(values))
        block = np.full((len(places), len(self._names)), np.nan)
        for name, column in values.items():
            array = np.asarray(column)
            if array.dtype.kind not in "biuf":
                raise TypeError(f"channel {name!r} has dtype {array.dtype}; real numbers are needed")
            if array.shape != places.shape:
                raise ValueError(
                    f"channel {name!r} has shape {array.shape}, steps has {places.shape}; give one number per step"
                )
            block[:, self._channels.places[name]] = array
        return places, block


def step_of(step: Any) -> int:
    """A whole number from 0 on."""
    step = index(step)
    if step < 0:
        raise ValueError(f"step is {step}; pass the number of steps done so far, 0 or more")
    return step


def window_of(value: Any) -> tuple[float, float]:
    """Two finite steps, the lower one first."""
    first, last = (float(end) for end in value)
    if not (np.isfinite(first) and np.isfinite(last) and first <= last):
        raise ValueError(
            f"the window runs from {first} to {last}; two finite steps are needed, the lower one first"
        )
    return first, last


def _numbers(row: Sequence[Any], names: Sequence[str]) -> np.ndarray:
    array = np.asarray(row)
    if array.dtype.kind in "biuf" and array.ndim == 1:
        return array
    wrong = next((i for i, value in enumerate(row) if not _is_number(value)), 0)
    raise TypeError(f"channel {names[wrong]!r} has {row[wrong]!r}; give one real number per channel")


def _is_number(value: Any) -> bool:
    return np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biuf"
