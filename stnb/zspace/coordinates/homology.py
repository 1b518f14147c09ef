"""Connected components of where the energy is: a box of cells whose last axis is a circle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

__all__ = ["components", "unit_scaled"]


def unit_scaled(mass: Float[np.ndarray, "*_"]) -> Float[np.ndarray, "*_"]:
    """The same proportions with the largest entry in [½, 1): divided by a power of two, so nothing is rounded."""
    _, exponent = math.frexp(float(mass.max(initial=0.0)))
    return np.ldexp(mass, -exponent)


def components(mass: Float[np.ndarray, "bands sheets echoes"]) -> Int[np.ndarray, "bands sheets echoes"]:
    """Numbers of the connected components of {mass ≥ mean mass}, 0 outside.

    Cells touch when they differ by one in band, in sheet or in echo, and the last echo touches the first. Components
    are numbered from 1 on by falling mass, equals by their first cell. Their count is the Betti number β₀ of the
    superlevel set. Where there is no mass there is no component.
    """
    scaled = unit_scaled(mass)
    total = math.fsum(scaled.ravel())
    labels = np.zeros(mass.shape, np.int64)
    if total == 0:
        return labels
    high = scaled * mass.size >= total
    found = _connected(high)[high.ravel()]
    names, first, member = np.unique(found, return_index=True, return_inverse=True)
    heaviest = np.lexsort((first, -np.bincount(member, weights=scaled[high])))
    rank = np.empty(len(names), np.int64)
    rank[heaviest] = np.arange(1, len(names) + 1)
    labels[high] = rank[member]
    return labels


def _connected(high: Bool[np.ndarray, "bands sheets echoes"]) -> Int[np.ndarray, " n"]:
    cells = np.arange(high.size).reshape(high.shape)
    pairs = [
        (cells[:-1], cells[1:]),
        (cells[:, :-1], cells[:, 1:]),
        (cells, np.roll(cells, -1, axis=2)),
    ]
    one, other = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    both = high.ravel()[one] & high.ravel()[other]
    joined = coo_array((np.ones(int(both.sum()), bool), (one[both], other[both])), shape=(high.size,) * 2)
    return connected_components(joined, directed=False)[1]
