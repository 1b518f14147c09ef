"""Series of real numbers from whatever holds them, and their energy shared out among bands and sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stnb._core.errors import EmptyInput, InvalidDimensions, NonFiniteValue
from stnb.zspace.spectrum import one_sided

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from stnb.zspace.coordinates.frame import ZFrame

__all__ = ["as_series", "band_of", "compact", "numbers", "spread"]


def numbers(label: str, values: Any) -> Float[np.ndarray, "*_"]:
    """Values as float64 of their own shape: torch on any device, NumPy, lists, and all that NumPy can read.

    Refused are an empty input, complex numbers, texts, ragged lists, NaN, and numbers whose squares overflow.
    """
    if isinstance(values, torch.Tensor):
        if values.is_complex():
            raise TypeError(f"{label} holds complex numbers; give their real part or their modulus.")
        array = values.detach().to("cpu", torch.float64).numpy()
    else:
        array = _read(label, values)
    if array.size == 0:
        raise EmptyInput(f"{label} has shape {array.shape} and holds nothing; give at least one number.")
    with np.errstate(over="ignore", invalid="ignore"):
        energy = float(np.vdot(array, array))
    if not np.isfinite(energy):
        _refuse(label, array)
    return array


def as_series(label: str, values: Any) -> Float[np.ndarray, " n"]:
    """`numbers` in one row, the last axis running fastest."""
    return numbers(label, values).reshape(-1)


def compact(series: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """A copy of its own, in float32 where that loses nothing."""
    with np.errstate(over="ignore", under="ignore"):
        short = series.astype(np.float32)
    return short if np.array_equal(short, series) else series.copy()


def windows(series: Float[np.ndarray, " n"], sheets: int) -> list[Float[np.ndarray, "_ _"]]:
    """The series cut into min(sheets, n) stretches of ⌈n/sheets⌉ entries: all whole ones, then the shorter rest."""
    n = len(series)
    width = -(-n // min(sheets, n))
    whole = n // width
    rest = series[whole * width :]
    return [series[: whole * width].reshape(whole, width), *([rest[None]] if len(rest) else [])]


def band_of(frequencies: Float[np.ndarray, " k"], frame: ZFrame) -> Int[np.ndarray, " k"]:
    """Which band each frequency ω ∈ [0, 1] falls into; the upper end of the highest band belongs to it."""
    rising = sorted(frame.bands, key=lambda band: band.low)
    order = np.array([band.index for band in rising])
    return order[np.searchsorted([band.low for band in rising], frequencies, side="right") - 1]


def spread(series: Float[np.ndarray, " n"], frame: ZFrame) -> Float[np.ndarray, "bands sheets"]:
    """Energy by band and sheet: the one-sided spectrum of each stretch of the series, summed within bands.

    By Parseval's identity everything together is Σ x².
    """
    bands, sheets, _ = frame.shape
    cells = np.zeros((bands, sheets))
    first = 0
    for stretches in windows(series, sheets):
        frequencies, power = one_sided(stretches)
        homes = band_of(frequencies, frame)
        for band in range(bands):
            cells[band, first : first + len(stretches)] = power[:, homes == band].sum(axis=1)
        first += len(stretches)
    return cells


def _read(label: str, values: Any) -> Float[np.ndarray, "*_"]:
    if isinstance(values, (list, tuple)):
        values = [item.detach().cpu() if isinstance(item, torch.Tensor) else item for item in values]
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InvalidDimensions(f"{label} is ragged: {error}. Give rows of one length.") from error
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"{label} is of type {type(values).__name__} with entries of dtype {array.dtype}; give real numbers."
        )
    return array.astype(np.float64)


def _refuse(label: str, array: Float[np.ndarray, "*_"]) -> None:
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        place = ", ".join(map(str, wrong[0]))
        raise NonFiniteValue(
            f"{label}[{place}] = {array[tuple(wrong[0])]!r} is not finite; give finite numbers."
        )
    raise NonFiniteValue(
        f"the energy of {label} overflows, its largest entry is {np.abs(array).max():g}; scale it."
    )
