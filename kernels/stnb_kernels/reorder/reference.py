"""The definition: one gather."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float, Int32

__all__ = ["run"]


def run(
    columns: Float[np.ndarray, "rows n"],
    uid: Int32[np.ndarray, " n"],
    order: Int32[np.ndarray, " n"],
    scratch: Float[np.ndarray, "rows capacity"],
    uid_scratch: Int32[np.ndarray, " uid_capacity"],
) -> None:
    del scratch, uid_scratch
    columns[:] = columns[:, order]
    uid[:] = uid[order]
