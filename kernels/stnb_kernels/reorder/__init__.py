"""Reorder: put the particles into another order, in place.

    columns[:, q] ← columns[:, order[q]],   uid[q] ← uid[order[q]]

Shapes: columns (rows, n), float32 or float64, and uid (n,), int32; order (n,), int32, is a permutation of 0 … n−1, which
is not checked. The values go through scratch (rows, n or more) and uid_scratch (n or more), whose contents are lost.
A row lies in one piece; rows may be apart from each other, as in the first n columns of a larger block. Values are
moved and never computed with, so every back end gives the same bits. The torch version is for devices without a kernel
and allocates a copy of the columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stnb._core.errors import CapacityError, InputError
from stnb_kernels.arrays import FLOATS, dtype_name, kind, require
from stnb_kernels.registry import Op

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

__all__ = ["OP", "flat_rows", "reorder_particles"]

OP = Op("reorder", ("cuda", "metal", "torch", "cpu", "reference"))


def steps(array: Any) -> tuple[int, ...]:
    """Strides in elements."""
    if kind(array) == "numpy":
        return tuple(s // array.itemsize for s in array.strides)
    return tuple(array.stride())


def flat_rows(block: Any) -> tuple[Any, int]:
    """The memory of a block of rows as one row, and the distance from a row to the next: no copy.

    Kernels index it with `row·distance + column`, so that they are compiled once for blocks and for their views.
    """
    rows, n = block.shape
    pitch = steps(block)[0]
    span = (rows - 1) * pitch + n
    if kind(block) != "numpy":
        return block.as_strided((span,), (1,)), pitch
    import numpy as np

    return np.lib.stride_tricks.as_strided(block, (span,), (block.itemsize,)), pitch


def require_rows(name: str, block: Any) -> None:
    """Refuse a block whose rows are in pieces or overlap."""
    if min(block.shape) == 0:
        return
    rows, n = block.shape
    pitch, step = steps(block)
    if (n > 1 and step != 1) or (rows > 1 and pitch < n):
        raise InputError(
            f"{name} has the strides {(pitch, step)}; each row must lie in one piece, so copy it once"
        )


def reorder_particles(
    columns: Float[Any, "rows n"],
    uid: Int32[Any, " n"],
    order: Int32[Any, " n"],
    scratch: Float[Any, "rows capacity"],
    uid_scratch: Int32[Any, " uid_capacity"],
    *,
    backend: str | None = None,
) -> None:
    """Gather every column of every row, and the uid, by `order`.

    Args:
        columns: One row per quantity, one column per particle.
        uid: The particles' names.
        order: Where each new place takes its particle from.
        scratch: Room for the columns.
        uid_scratch: Room for the names.
        backend: Force a back end.
    """
    if len(columns.shape) != 2:
        raise InputError(f"columns has shape {tuple(columns.shape)}, expected (rows, n)")
    rows, n = (int(s) for s in columns.shape)
    require("columns", columns, (rows, n), FLOATS)
    require("uid", uid, (n,), ("int32",))
    require("order", order, (n,), ("int32",))
    room = min(int(scratch.shape[-1]), int(uid_scratch.shape[-1]))
    if room < n:
        raise CapacityError(
            f"{n} particles do not fit scratch for {room}; allocate it as large as the columns"
        )
    require("scratch", scratch, (rows, scratch.shape[-1]), (dtype_name(columns),))
    require("uid_scratch", uid_scratch, (uid_scratch.shape[-1],), ("int32",))
    require_rows("columns", columns)
    require_rows("scratch", scratch)
    OP.run(columns, columns, uid, order, scratch, uid_scratch, backend=backend)
