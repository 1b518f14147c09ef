"""Batches as plain rows of float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stnb._core.errors import NonFiniteValue

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["rows_of"]


def rows_of(label: str, values: Any) -> Float[np.ndarray, "n d"]:
    """A tensor, an array or nested lists of any shape (n, …) as n rows; a series is one row.

    Raises:
        TypeError: for what holds no numbers.
        NonFiniteValue: for NaN and infinities, with their place.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().double()
    try:
        array = np.asarray(values)
        plain = array.astype(np.float64) if array.dtype.kind in "iuf" else None
    except ValueError:
        plain = None
    if plain is None:
        raise TypeError(f"{label} is of type {type(values).__name__}; give a tensor or an array of numbers.")
    rows = plain.reshape(len(plain), -1) if plain.ndim > 1 and plain.size else np.atleast_2d(plain)
    if not np.isfinite(rows).all():
        i, j = (int(k) for k in np.argwhere(~np.isfinite(rows))[0])
        raise NonFiniteValue(f"{label}[{i}, {j}] = {rows[i, j]} is not finite; give finite numbers.")
    return rows
