"""How a selection comes from the browser: {kind, by, shown, total, form, data}, the numbers in base64.

`form` is "ids": uint32, lowest byte first, or "mask": one bit per id from 0 on, lowest bit first; the browser takes the
shorter one, so a million particles are 170 kB at most.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from stnb_widgets.atlas.marks import Selection, whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["read_selection", "rising_ids"]

KINDS = ("lasso", "box", "ring", "clear")


def read_selection(value: Any) -> tuple[str, Selection]:
    """The view that picked, and what it picked."""
    if not isinstance(value, dict) or value.get("kind") not in KINDS:
        raise ValueError(f"a selection is {{kind, by, shown, total, form, data}} with kind one of {KINDS}")
    data = base64.b64decode(str(value["data"]), validate=True)
    if value["form"] == "mask":
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        ids = np.flatnonzero(bits).astype(np.uint32)
    elif value["form"] == "ids":
        ids = np.unique(np.frombuffer(data, "<u4")).astype(np.uint32)
    else:
        raise ValueError(f"form is {value['form']!r}; ids and mask are known")
    return str(value["by"]), Selection(ids, value["kind"], int(value["shown"]), int(value["total"]))


def rising_ids(ids: ArrayLike, total: int) -> Selection:
    """A selection made in Python: each id once, in rising order."""
    array = np.atleast_1d(np.asarray(ids))
    if array.ndim != 1:
        raise ValueError(f"ids has shape {array.shape}; pass one row of ids")
    checked = whole(array, array.size, "ids")
    kept = np.empty(0, np.uint32) if checked is None else np.unique(checked)
    return Selection(kept, "python", total, total)
