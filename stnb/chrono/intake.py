"""What a timeline lets in: numbers that are finite, energies that are not negative, nothing too large to square."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from stnb._core.errors import DataLength, EmptyInput, InvalidValue, NonFiniteValue, UnknownNameError, nearest
from stnb._core.numbers import finite, positive
from stnb.chrono.frame import COLUMNS, ENERGIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jaxtyping import Float64

__all__ = ["LARGEST", "SHORTEST", "energies_of", "refuse", "require_dt", "saved_columns"]

LARGEST = 1e140
SHORTEST = 1e-140
BANDS = {
    "homotopy": "homotopy_flow",
    "functor": "functor_linearisation",
    "recursive": "recursive_objective",
    "projection": "infinity_projection",
    "infinity": "infinity_energy",
}


def require_dt(value: Any) -> float:
    """A time step that is finite and above 0."""
    dt = positive("dt", value)
    if not SHORTEST <= dt <= LARGEST:
        raise InvalidValue(
            f"dt = {dt!r} is beyond what floats can divide by; give {SHORTEST:g} … {LARGEST:g}."
        )
    return dt


def energies_of(resonance: Any) -> tuple[float, ...]:
    """The five energies of a resonance; a field that holds NaN or an infinity is refused by its name."""
    energies = getattr(resonance, "energies", None)
    if not callable(energies):
        raise TypeError(
            f"resonance is of type {type(resonance).__name__}, which has no energies(); give what "
            "trace.resonate() gives."
        )
    try:
        found: Any = energies()
    except NonFiniteValue as error:
        _refuse_field(resonance, error)
    missing = [band for band in BANDS if band not in found]
    if missing:
        raise EmptyInput(f"the energies of the resonance lack {', '.join(missing)}; give all five.")
    return tuple(finite(f"{band}_energy", found[band]) for band in BANDS)


def refuse(step: int, row: Sequence[float]) -> NoReturn:
    """Say which number of a row that cannot be recorded is to blame: what others follow from comes first."""
    values = dict(zip(COLUMNS, row, strict=True))
    order = (*COLUMNS[6:], *COLUMNS[2:6], "timestamp")
    for name in order:
        if not math.isfinite(values[name]):
            raise NonFiniteValue(
                f"{name} = {values[name]!r} at step {step} is not finite; the timeline keeps finite numbers only. "
                "Look at the last good frame with timeline.frames(1)."
            )
        if name in ENERGIES and values[name] < 0:
            raise InvalidValue(f"{name} = {values[name]!r} at step {step} is negative; energies are ≥ 0.")
    name = next(name for name in order if abs(values[name]) >= LARGEST / len(row))
    raise InvalidValue(
        f"{name} = {values[name]!r} at step {step} is beyond what floats can square; stay below {LARGEST:g}."
    )


def saved_columns(columns: Mapping[str, Any]) -> tuple[int, Float64[np.ndarray, "c t"]]:
    """The first step and the rows that `Timeline.to_dict` wrote, or a refusal that names the damage."""
    names = ("step", *COLUMNS)
    for name in columns:
        if name not in names:
            raise UnknownNameError(f"no column {name!r} in a timeline; {nearest(str(name), names)}")
    missing = [name for name in names if name not in columns]
    if missing:
        raise EmptyInput(f"the saved timeline lacks {', '.join(missing)}; give every column.")
    steps = np.asarray(columns["step"])
    if steps.ndim != 1 or (steps.size and steps.dtype.kind not in "iu"):
        raise InvalidValue(
            f"step has shape {steps.shape} and type {steps.dtype}; give one column of whole numbers."
        )
    first = int(steps[0]) if steps.size else 0
    if first < 0 or not np.array_equal(steps, np.arange(first, first + len(steps))):
        raise InvalidValue("the saved steps do not follow one another from 0 on; the columns are damaged.")
    rows = np.empty((len(COLUMNS), len(steps)))
    for row, name in zip(rows, COLUMNS, strict=True):
        values = np.asarray(columns[name], np.float64)
        if values.shape != row.shape:
            raise DataLength(f"{name} has shape {values.shape} for {len(steps)} steps; give {row.shape}.")
        row[:] = values
    for name, row in zip(COLUMNS, rows, strict=True):
        _require_recordable(name, row, first)
    return first, rows


def _require_recordable(name: str, row: Float64[np.ndarray, " t"], first: int) -> None:
    low, high = _bounds(name)
    wrong = ~((row >= low) & (row <= high))
    if name == "timestamp" and not wrong.any():
        wrong[1:] = np.diff(row) < 0
    if wrong.any():
        at = int(wrong.argmax())
        kind = InvalidValue if math.isfinite(row[at]) else NonFiniteValue
        raise kind(f"{name} = {float(row[at])!r} at step {first + at} is none that a timeline records.")


def _bounds(name: str) -> tuple[float, float]:
    if name == "dt":
        return SHORTEST, LARGEST
    return (0.0 if name in ENERGIES or name == "timestamp" else -LARGEST), LARGEST


def _refuse_field(resonance: Any, error: NonFiniteValue) -> NoReturn:
    for field in BANDS.values():
        for place, value in enumerate(getattr(resonance, field)().data()):
            if not math.isfinite(value):
                raise NonFiniteValue(
                    f"{field}[{place}] = {value!r} is not finite; leave this resonance out."
                ) from error
    raise error
