"""The 256 colours that stand best for all pictures of a film."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST_COLOURS", "indexed"]

MOST_COLOURS = 256


def indexed(pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """A palette (at most 256, 3) and every picture (h, w, 3) as places in it (h, w); exact where 256 are enough."""
    whole = [_whole(picture) for picture in pictures]
    counted = [np.unique(numbers, return_counts=True) for numbers in whole]
    known, place = np.unique(np.concatenate([colours for colours, _ in counted]), return_inverse=True)
    weights = np.bincount(place, np.concatenate([counts for _, counts in counted]))
    palette, box = _median_cut(_parts(known), weights, MOST_COLOURS)
    return palette, [box[np.searchsorted(known, numbers)] for numbers in whole]


def _median_cut(colours: np.ndarray, weights: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Split the box of colours that varies most, at its mean, until there are `most`; each box shows its mean colour."""
    whole = np.arange(len(colours))
    number = itertools.count()
    boxes = [(*_spread(colours, weights), next(number), whole)]
    while len(boxes) < most and boxes[0][0] < 0:
        _, axis, _, members = heapq.heappop(boxes)
        channel = colours[members, axis]
        low = channel <= np.average(channel, weights=weights[members])
        for part in (members[low], members[~low]):
            heapq.heappush(boxes, (*_spread(colours[part], weights[part]), next(number), part))
    palette, box = np.empty((len(boxes), 3), np.uint8), np.empty(len(colours), np.uint8)
    for place, (*_, members) in enumerate(boxes):
        palette[place] = np.rint(np.average(colours[members], axis=0, weights=weights[members]))
        box[members] = place
    return palette, box


def _spread(colours: np.ndarray, weights: np.ndarray) -> tuple[float, int]:
    """Minus the weighted squares around the mean along the channel where they are largest, and that channel."""
    away = colours - np.average(colours, axis=0, weights=weights)
    squares = weights @ away**2
    axis = int(squares.argmax())
    alike = (colours == colours[0]).all()
    return (0.0 if alike else -float(squares[axis])), axis


def _whole(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)


def _parts(whole: np.ndarray) -> np.ndarray:
    return np.stack([whole >> 16, whole >> 8 & 255, whole & 255], axis=1).astype(float)
