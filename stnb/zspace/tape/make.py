"""Tapes made to fit: by rows and columns, by a shape, or by the weights themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb._core.errors import InvalidDimensions
from stnb.zspace.tape.flat import Realgrad
from stnb.zspace.tape.hyperbolic import Hypergrad
from stnb.zspace.topos import OpenTopos

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["hypergrad", "hypergrad_topos", "realgrad"]


def hypergrad(
    *sizes: Any,
    curvature: float = -1.0,
    learning_rate: float = 0.05,
    shape: Sequence[int] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    topos: OpenTopos | None = None,
) -> Hypergrad:
    """A hyperbolic tape: `hypergrad(1, 2)`, `hypergrad((1, 2))`, `hypergrad(tensor)`, `hypergrad(shape=(1, 2))`.

    >>> hypergrad(1, 2).shape()
    (1, 2)
    """
    return Hypergrad(curvature, learning_rate, *_shape(sizes, shape, rows, cols), topos)


def realgrad(
    *sizes: Any,
    learning_rate: float = 0.01,
    shape: Sequence[int] | None = None,
    rows: int | None = None,
    cols: int | None = None,
) -> Realgrad:
    """A flat tape, made like `hypergrad`."""
    return Realgrad(learning_rate, *_shape(sizes, shape, rows, cols))


def hypergrad_topos(
    curvature: float = -1.0,
    tolerance: float = 1e-3,
    saturation: float = 1.0,
    max_depth: int = 64,
    max_volume: int = 512,
) -> OpenTopos:
    """A topos with tight limits."""
    return OpenTopos(curvature, tolerance, saturation, max_depth, max_volume)


def _shape(
    sizes: tuple[Any, ...], shape: Sequence[int] | None, rows: int | None, cols: int | None
) -> tuple[int, int]:
    given = [
        *([sizes] if sizes else []),
        *([shape] if shape is not None else []),
        *([(rows, cols)] if rows is not None or cols is not None else []),
    ]
    if len(given) != 1:
        raise TypeError(f"the shape is given {len(given)} times; give it once, such as hypergrad(1, 2).")
    found: Any = given[0]
    if len(found) == 1:
        found = found[0]
        if hasattr(found, "shape"):
            found = found.shape() if callable(found.shape) else found.shape
    if not hasattr(found, "__len__") or len(found) != 2 or None in tuple(found):
        raise InvalidDimensions(f"the shape {found!r} is no pair; give rows and columns, such as (1, 2).")
    return found[0], found[1]
