"""The columns of a timeline as a history, which plots, files and views of every session know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stnb._core.history import History
from stnb.chrono.frame import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from jaxtyping import Shaped

__all__ = ["SHOWN", "as_history"]

SHOWN = tuple(name for name in COLUMNS if name not in {"timestamp", "dt"})
"""What a history holds beside step and time."""


def as_history(columns: Mapping[str, Shaped[np.ndarray, " t"]]) -> History:
    """What `Timeline.columns` gives, with the timestamp as time."""
    kept = {name: columns[name] for name in SHOWN}
    return History.from_dict({"step": columns["step"], "time": columns["timestamp"], **kept})
