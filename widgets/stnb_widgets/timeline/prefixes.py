"""Where to stop while a run is told from its start: how many samples each picture of a growing run holds."""

from __future__ import annotations

import numpy as np

__all__ = ["prefixes"]


def prefixes(rows: int, most: int, buckets: int) -> list[int]:
    """At most `most` rising numbers of samples, evenly spread, the last of them `rows`.

    All but the last are multiples of s, the least power of two with ceil(rows / s) <= buckets: the buckets of a prefix
    are s samples long or shorter, so that none of them reaches into what came later.
    """
    size = 1
    while -(-rows // size) > buckets:
        size *= 2
    even = np.arange(1, most) * rows / most
    stops = np.unique(np.ceil(even / size).astype(np.int64) * size)
    return [*stops[stops < rows].tolist(), rows] if rows else []
